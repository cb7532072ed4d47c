"""What can happen to a world, each in one function: while everybody works, and with the damage undone at its end.

Each counts that it struck. None looks at what came of it: that is for the checker, when all is quiet.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.faults.checker import Row
from tests.faults.proxy import BY_CHANCE, SECOND_PROCESS, Fault
from tests.faults.world import Refused, StoreRun, TerminalRun, World

Disaster = Callable[[World], None]
A_MOMENT_S = 0.4
DEADLOCK_TRIES = 5


def some_time(world: World, longest_s: float = 2 * A_MOMENT_S) -> None:
    """Let things happen for a time by chance. Nothing waits for it: it is the disaster that lasts."""
    time.sleep(world.chance.uniform(0.05, longest_s))


def somebody(world: World) -> TerminalRun:
    return world.terminals[world.chance.choice(sorted(name for name, run in world.terminals.items() if run.is_on()))]


# The network.


def bad_weather(world: World) -> None:
    """Any request may be struck by anything."""
    chances: dict[Fault, float] = {fault: world.chance.uniform(0.01, 0.06) for fault in BY_CHANCE}
    world.proxy.weather(chances)
    some_time(world, 6 * A_MOMENT_S)
    world.proxy.heal()


def one_fault_again_and_again(world: World) -> None:
    fault = world.chance.choice(BY_CHANCE)
    for method in ("POST", "GET"):
        world.proxy.plan(fault, world.chance.randrange(1, 5), method)
    some_time(world, 3 * A_MOMENT_S)
    world.proxy.heal()


def line_stands_wrong(world: World) -> None:
    """Off-line in one of the ways in which a line can be."""
    whole = [fault for fault in Fault if fault not in (Fault.LATE, Fault.OLD_AGAIN, Fault.TWICE, Fault.CACHED)]
    stands_wrong(world, world.chance.choice(whole))


def stands_wrong(world: World, fault: Fault) -> None:
    before = world.sometimes.struck(fault)
    world.proxy.stand(fault)
    world.everybody("work")
    world.until(lambda: world.sometimes.struck(fault) > before, f"the fault {fault}")
    some_time(world, 3 * A_MOMENT_S)
    world.proxy.heal()


@contextmanager
def off_line(world: World, terminal: TerminalRun) -> Iterator[None]:
    """One terminal finds no name (DNS is away), and its connections are cut."""
    mark = terminal.folder.with_name(f"{terminal.folder.name}.no-names")
    mark.touch()
    seen = _problems(terminal, "resolution")
    world.proxy.cut_all()
    terminal.tell("work")
    world.until(lambda: _problems(terminal, "resolution") > seen, "a name that is not found")
    world.sometimes.strike("DNS failure")
    yield
    mark.unlink()


def names_are_not_found(world: World) -> None:
    with off_line(world, somebody(world)):
        some_time(world)


def _problems(terminal: TerminalRun, word: str) -> int:
    return sum(word in (line.get("problem") or "") for line in terminal.lines())


# The store.


def store_is_killed(world: World) -> None:
    world.kill_store()
    some_time(world)
    world.start_store()


def store_is_killed_between_commit_and_answer(world: World) -> None:
    world.proxy.before_next_answer(world.kill_store)
    world.everybody("work")
    world.until(lambda: not world.store.is_up(), "a push to be answered")
    world.sometimes.strike("store killed between commit and answer")
    some_time(world)
    world.start_store()


def store_dies_at_a_statement(world: World) -> None:
    """SIGKILL before one of the statements of its transactions, or before a commit."""
    world.store.kill()
    world.start_store(die_at_statement=world.chance.randrange(1, 80))
    world.everybody("work")
    world.until(lambda: not world.store.is_up(), "the store's death at a statement")
    world.sometimes.strike("store killed before a statement")
    some_time(world)
    world.start_store()


def a_second_process_serves(world: World) -> None:
    """Beside the first one, over the same database; pushes come twice, to both; one of them is killed."""
    second = StoreRun(world.store.database_url, world.folder / "store-2.log")
    second.start()
    try:
        world.proxy.aim(world.store.url, second.url)
        seen = world.sometimes.struck(SECOND_PROCESS), world.sometimes.struck(Fault.TWICE)
        world.proxy.plan(Fault.TWICE, 2)
        world.everybody("work")
        world.until(lambda: world.sometimes.struck(Fault.TWICE) > seen[1], "a push at both")
        world.until(lambda: world.sometimes.struck(SECOND_PROCESS) > seen[0] + 3, "requests at the second process")
        world.sometimes.strike("a push at two processes of the store at once")
        world.chance.choice([world.store, second]).kill()
        world.sometimes.strike("one of two processes of the store killed by SIGKILL")
        some_time(world)
    finally:
        second.kill()
    if world.store.is_up():
        world.proxy.aim(world.store.url)
    else:
        world.start_store()


def store_goes_back(world: World) -> None:
    """Restored from yesterday's copy, and the administrator says so."""
    name = f"yesterday{world.sometimes.struck('backups')}"
    world.sometimes.strike("backups")
    world.back_up(name)
    world.everybody("work")
    some_time(world, 4 * A_MOMENT_S)
    world.put_back(name, told=True)


def sessions_are_cut(world: World) -> None:
    for _ in range(3):
        assert world.postgres is not None
        world.postgres.cut_sessions()
        world.sometimes.strike("database sessions terminated")
        some_time(world)


def database_session_is_killed(world: World) -> None:
    assert world.postgres is not None
    if world.postgres.kill_session():
        world.sometimes.strike("database session killed by SIGKILL, and recovery")
    some_time(world)


def database_is_killed(world: World) -> None:
    assert world.postgres is not None
    world.postgres.kill()
    world.sometimes.strike("PostgreSQL killed by SIGKILL")
    some_time(world)
    world.postgres.start()


def database_is_restarted(world: World) -> None:
    assert world.postgres is not None
    world.postgres.stop(at_once=world.chance.random() < 0.5)
    world.sometimes.strike("PostgreSQL stopped and started")
    some_time(world)
    world.postgres.start()


def tables_are_locked(world: World) -> None:
    """Somebody holds a lock on what every push needs, in a transaction that does not end soon."""
    assert world.postgres is not None
    for _ in range(DEADLOCK_TRIES):
        # A push takes them in another order: whoever is ended of the two, nobody holds them then.
        with world.postgres.connect() as conn, suppress(psycopg.errors.DeadlockDetected):
            conn.execute("LOCK TABLE stream, pick_line, feed_head IN ACCESS EXCLUSIVE MODE")
            world.sometimes.strike("tables locked by somebody else")
            some_time(world, 4 * A_MOMENT_S)
            return


def a_transaction_deadlocks(world: World) -> None:
    """Somebody holds the feed's counter and wants a stream that a push holds which wants the counter."""
    assert world.postgres is not None
    for _ in range(DEADLOCK_TRIES):
        with world.postgres.connect() as conn, suppress(psycopg.errors.DeadlockDetected):
            conn.execute("SET LOCAL deadlock_timeout = '30s'")  # whoever looks first is the one that is ended
            conn.execute("SELECT n FROM feed_head FOR UPDATE")
            world.everybody("work")
            world.until(lambda: _waits_for(world, conn.info.backend_pid), "a push behind the lock")
            conn.execute("SELECT hwm FROM stream FOR UPDATE")
            world.sometimes.strike("the store lost a deadlock")
            return


def _waits_for(world: World, pid: int) -> bool:
    assert world.postgres is not None
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))"
    with world.postgres.connect() as conn:
        found = conn.execute(waiting, (pid,)).fetchone()
    return found is not None and found[0] > 0


def a_transaction_does_not_end(world: World) -> None:
    """It has read and written, and stays open: what came in since must reach everybody all the same."""
    assert world.postgres is not None
    with world.postgres.connect() as conn:
        conn.execute("SELECT count(*) FROM feed")
        conn.execute("CREATE TABLE IF NOT EXISTS beside (n integer)")
        conn.execute("INSERT INTO beside VALUES (1)")
        world.sometimes.strike("a long transaction")
        some_time(world, 4 * A_MOMENT_S)


def fails_over(world: World, *, told: bool = True) -> None:
    """The primary dies; a standby that lags becomes the store's database."""
    primary = world.postgres
    assert primary is not None
    standby = primary.standby()
    world.until(lambda: standby.is_level_with(primary), "the standby")
    standby.stop_following()
    world.everybody("work")
    some_time(world, 4 * A_MOMENT_S)
    world.store.kill()
    primary.kill()
    standby.promote()
    world.postgres = standby
    world.store.database_url = standby.url
    world.gone_back(told=told)
    world.sometimes.strike("failed over to a standby that lagged" + ("" if told else ", and nobody said so"))
    primary.close()


# The terminals.


def terminal_is_killed(world: World) -> None:
    terminal = somebody(world)
    terminal.kill()
    world.sometimes.strike("terminal killed by SIGKILL")
    terminal.start(clock_days=world.chance.choice([0, 0, 0, -20000, 3650]))
    terminal.tell("work")


def terminal_dies_within_a_commit(world: World) -> None:
    """Before one step of its files, counted from the first scan: each step of a commit is such a moment."""
    step = world.chance.randrange(1, 40)
    terminal = _restarted(world, die_at_step=step)
    _until_it_dies(world, terminal)
    world.sometimes.strike("terminal killed at a step of its files")


def terminal_dies_around_a_tone(world: World) -> None:
    scan = world.chance.randrange(1, 5) * world.chance.choice([-1, 1])
    terminal = _restarted(world, die_around_tone=scan)
    _until_it_dies(world, terminal)
    world.sometimes.strike("terminal killed " + ("after its tone" if scan > 0 else "between commit and tone"))


def _restarted(world: World, **options: int) -> TerminalRun:
    terminal = somebody(world)
    terminal.end()
    terminal.start(**options)
    terminal.tell("work")
    return terminal


def _until_it_dies(world: World, terminal: TerminalRun) -> None:
    """Where there is nothing to scan just now it goes on living, and is killed from outside in the end."""
    deadline = time.monotonic() + 5
    while terminal.is_on() and time.monotonic() < deadline:
        time.sleep(0.02)
    if terminal.is_on():
        terminal.kill()
    else:
        assert terminal.ended_by() == -signal.SIGKILL
    terminal.start()
    terminal.tell("work")


def clock_is_wrong(world: World) -> None:
    """A terminal comes up in 1970, or ten years ahead."""
    terminal = somebody(world)
    terminal.end()
    days = world.chance.choice([-20000, 3650])
    terminal.start(clock_days=days)
    terminal.tell("work")
    world.sometimes.strike("clock in 1970" if days < 0 else "clock ten years ahead")
    some_time(world, 3 * A_MOMENT_S)


def device_is_copied(world: World) -> None:
    """Two devices from one image; both go on."""
    first = somebody(world)
    copy = f"{first.name}.{len(world.terminals) + 1}"
    first.end()
    second = world.copy_device(first.name, copy)
    for terminal in (first, second):
        terminal.start()
        terminal.tell("work")


def own_old_image(world: World) -> None:
    """A device whose storage was saved, that went on, delivered all, and is set back to what was saved."""
    world.settle()
    terminal = somebody(world)
    terminal.end()
    saved = terminal.folder.with_name(f"{terminal.folder.name}.saved")
    shutil.copytree(terminal.folder, saved)
    terminal.start()
    terminal.tell("work")
    some_time(world, 3 * A_MOMENT_S)
    world.settle()
    terminal.end()
    shutil.rmtree(terminal.folder)
    saved.rename(terminal.folder)
    world.sometimes.strike("a device set back to its own old image")
    terminal.start()
    world.everybody("work")


def terminal_is_newer(world: World) -> None:
    """It comes up with a later release, writes what the store does not know, and goes back to this one in the end."""
    before = _of_newer_kind(world)
    terminal = _restarted(world, newer=True)
    world.until(lambda: _of_newer_kind(world) > before or not terminal.is_on(), "a fact of a newer kind")
    world.sometimes.strike("poison: a kind that the store does not know")
    terminal.end()
    terminal.start()
    terminal.tell("work")


def _of_newer_kind(world: World) -> int:
    return sum(line.get("kind") == "looked_up@1" for run in world.terminals.values() for line in run.lines())


# Trust.


def terminal_is_shut_out(world: World) -> None:
    """Its key is revoked while it works; a person looks at what it brought, lets it count and lets it in again."""
    terminal = _the_only_one_of_its_name(world)
    if terminal is None:
        return
    quarantined = _quarantined(world)
    world.administer("revoke", terminal.terminal_id, "--by", "lead")
    world.everybody("work")
    if _soon(lambda: _quarantined(world) > quarantined):
        world.sometimes.strike("a terminal that was shut out delivered into quarantine")
    terminal.end()
    world.enrol(terminal)
    world.sometimes.strike("a key revoked while its terminal worked")
    terminal.start()
    terminal.tell("work")
    some_time(world)
    world.administer("quarantine", "--replay", "--reason", "revoked")


def _soon(is_true: Callable[[], bool], longest_s: float = 5.0) -> bool:
    """Whether it came: where there is nothing to scan just now it does not."""
    deadline = time.monotonic() + longest_s
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_true()


def _quarantined(world: World) -> int:
    return sum(event["verdict"] == "quarantined" for event in world.evidence().tables["events"])


def terminal_is_rescued_and_found(world: World) -> None:
    """Dead with facts that nobody has; a workstation delivers its ledger, twice, and then it is found and goes on."""
    terminal = _the_only_one_of_its_name(world)
    if terminal is None:
        return
    with off_line(world, terminal):
        tones = terminal.tones()
        if _soon(lambda: terminal.tones() > tones + 2):
            world.sometimes.strike("scans that only a dead terminal had")
        terminal.kill()
    for _ in range(2):
        world.rescue(terminal.folder)
    world.sometimes.strike("a dead terminal's ledger delivered by a workstation, twice")
    terminal.start()
    terminal.tell("work")
    world.sometimes.strike("a rescued terminal found again")


# The business.


def list_is_moved_while_its_holder_is_off_line(world: World) -> None:
    """Hard: two pick it, and may both take the last piece."""
    holder = _somebody_with_a_list(world)
    others = {run.terminal_id for run in world.terminals.values()} - {holder.terminal_id if holder else ""}
    if holder is None or not others:
        return
    words = ["--to", world.chance.choice(sorted(others)), "--hard", "--yes", "--by", "lead", "--alone", "a test"]
    name = "hard move while the holder was off-line"
    _lead_acts_while_off_line(world, holder, name, lambda row: ["move", str(row["list_id"]), *words])


def order_is_cancelled_while_its_picker_is_off_line(world: World) -> None:
    holder = _somebody_with_a_list(world)
    if holder is not None:
        name = "order cancelled while its picker was off-line"
        _lead_acts_while_off_line(world, holder, name, lambda row: ["cancel", str(row["order_ref"]), "--by", "lead"])


def _lead_acts_while_off_line(world: World, holder: TerminalRun, name: str, words: Callable[[Row], list[str]]) -> None:
    """What was under way when the line was cut may have handed the list over: then there is nothing to be done."""
    with off_line(world, holder):
        for pick_list in _held_by(world, holder)[:1]:
            try:
                world.administer(*words(pick_list))
                world.sometimes.strike(name)
            except Refused:
                if pick_list["list_id"] in {row["list_id"] for row in _held_by(world, holder)}:
                    raise
        world.everybody("work")
        some_time(world, 4 * A_MOMENT_S)


def _somebody_with_a_list(world: World) -> TerminalRun | None:
    """The only device of its name: a copy of it would hand the list over while the other one is off-line."""
    holders = [run for run in _of_one_name(world) if _held_by(world, run)]
    return world.chance.choice(holders) if holders else None


def _the_only_one_of_its_name(world: World) -> TerminalRun | None:
    """A copy would have its key, and would not be let in again with it."""
    found = _of_one_name(world)
    return world.chance.choice(found) if found else None


def _of_one_name(world: World) -> list[TerminalRun]:
    names = Counter(run.terminal_id for run in world.terminals.values())
    return [run for _, run in sorted(world.terminals.items()) if run.is_on() and names[run.terminal_id] == 1]


def _held_by(world: World, holder: TerminalRun) -> list[Row]:
    lists = world.evidence().tables["lists"]
    return [row for row in lists if (row["status"], row["terminal_id"]) == ("held", holder.terminal_id)]


NETWORK: tuple[Disaster, ...] = (bad_weather, one_fault_again_and_again, line_stands_wrong, names_are_not_found)
STORE: tuple[Disaster, ...] = (
    store_is_killed,
    store_is_killed_between_commit_and_answer,
    store_dies_at_a_statement,
    store_goes_back,
)
POSTGRES: tuple[Disaster, ...] = (
    sessions_are_cut,
    database_session_is_killed,
    database_is_killed,
    database_is_restarted,
    tables_are_locked,
    a_transaction_does_not_end,
    a_transaction_deadlocks,
    a_second_process_serves,
    fails_over,
)
TERMINAL: tuple[Disaster, ...] = (
    terminal_is_killed,
    terminal_dies_within_a_commit,
    terminal_dies_around_a_tone,
    clock_is_wrong,
    own_old_image,
    terminal_is_newer,
)
TRUST: tuple[Disaster, ...] = (terminal_is_shut_out, terminal_is_rescued_and_found)
BUSINESS: tuple[Disaster, ...] = (
    list_is_moved_while_its_holder_is_off_line,
    order_is_cancelled_while_its_picker_is_off_line,
)
RARE: tuple[Disaster, ...] = (device_is_copied,)
"""Twice in a run at most: each leaves one device more."""
