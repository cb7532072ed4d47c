"""Measures what the agreement between terminals and store takes and prints it beside its limits."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
from bench_rows import Row, as_json, machine, row_of, table
from bench_sync_load import Connection, Follower, Pusher, close, pushers
from bench_sync_raw import SETTINGS, begin_capture, captured, replay_s
from bench_sync_site import OBSERVED, Ledger, begin, empty_ledger, ledgers_of, lists_of, make_site

from sync.record.ids import PickListId
from tests.days.released import SITE
from tests.postgres import running_server

TERMINALS = 200
LOAD_S = 12.0
WARM_UP_S = 3.0
PACE_S = 4.0
BEGIN_S = 2 * PACE_S
"""Then every terminal has its list and two scans behind it."""
FACTS_A_SECOND = 100
"""At each terminal under load: more than the store takes, so that the batches are what a busy store lets grow."""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Bench:
    """A PostgreSQL with a site in a database that is copied for each measurement."""

    server: Path
    workers: int

    def url(self, name: str, scheme: str = "postgresql") -> str:
        return f"{scheme}://floorhand@/{name}?host={self.server}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """A copy of the site; gives the name of its database."""
        name = f"bench_{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE site")
        try:
            yield name
        finally:
            with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
                conn.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def store(self, name: str) -> Iterator[int]:
        """The store over a database, as a process of its own; gives its port."""
        command = [sys.executable, "-m", "sync.store", "--db", self.url(name), "--site", SITE, "--json", "serve"]
        command += ["--port", "0", *(["--workers", str(self.workers)] if self.workers > 1 else [])]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            said = ""
            while not said.endswith("}\n"):
                line = (process.stdout or iter(())).__next__()
                said += line
            yield int(json.loads(said)["url"].rpartition(":")[2])
        finally:
            process.terminate()
            process.communicate(timeout=30)


def load_rows(bench: Bench) -> list[Row]:
    """Facts accepted per second, and the raw rate of the same rows in the same transactions."""
    ledgers = ledgers_of(lists_of(bench.url("site", "postgresql+psycopg")), TERMINALS, 1_000)
    with bench.database() as name:
        with bench.store(name) as port:
            begin_capture(bench.url(name))
            terminals = pushers(ledgers, port)
            begun, ended = asyncio.run(_under_load(terminals))
        pushes = [(at, size) for terminal in terminals for at, size in terminal.pushes]
        counted = [size for at, size in pushes if begun <= at <= ended]
        facts_s = sum(counted) / (ended - begun)
        transactions = captured(bench.url(name))
        raw_s = replay_s(bench.url(name), transactions, bench.workers)
        raw_facts_s = sum(size for _, size in pushes) / raw_s
    rows = sum(map(len, transactions))
    print(
        f"  {len(pushes)} pushes, {statistics.mean(counted):.0f} facts in each at the mean, in {len(transactions)} "
        f"transactions of {rows} rows; bare they take {raw_s:.1f} s",
        file=sys.stderr,
    )
    return [
        row_of("facts accepted, 200 terminals", "1/s", [facts_s], with_p99=False),
        row_of("raw insert rate of the same rows", "facts/s", [raw_facts_s], with_p99=False),
        # 0.4 of the raw rate at least, the other way round: every limit of a row is one at most.
        row_of("raw rate / facts accepted", "times", [raw_facts_s / facts_s], median_limit=2.5, with_p99=False),
    ]


async def _under_load(terminals: list[Pusher]) -> tuple[float, float]:
    """All push what they have; returns from when to when it counts."""
    start = time.perf_counter()
    ends_at = start + WARM_UP_S + LOAD_S

    def has() -> int:
        return int((time.perf_counter() - start) * FACTS_A_SECOND)

    def of(terminal: Pusher) -> Callable[[], int]:
        return lambda: min(has(), len(terminal.ledger.bodies))

    await asyncio.gather(*(terminal.deliver(of(terminal), ends_at) for terminal in terminals))
    close(terminals)
    last = max(at for terminal in terminals for at, _ in terminal.pushes)
    return start + WARM_UP_S, min(ends_at, last)


def confirm_rows(bench: Bench) -> list[Row]:
    """One confirmation of one line: from the first byte sent to the verdict read."""
    rows = []
    for clients, each, limit in ((1, 400, 15), (32, 60, 50)):
        ledgers = ledgers_of(lists_of(bench.url("site", "postgresql+psycopg")), clients, each + 30)
        with bench.database() as name, bench.store(name) as port:
            terminals = pushers(ledgers, port)
            took = asyncio.run(_one_by_one(terminals))
        what = f"one confirmation on-line, {clients} client{'s' * (clients > 1)}"
        rows.append(row_of(what, "ms", [one * 1000 for one in took], p99_limit=limit))
        print(f"  {clients}: {len(took) / sum(took) * clients:.0f} a second", file=sys.stderr)
    return rows


async def _one_by_one(terminals: list[Pusher]) -> list[float]:
    async def confirm(terminal: Pusher) -> list[float]:
        for _ in range(30):
            await terminal.push(1)
        return [await terminal.push(1) for _ in range(len(terminal.ledger.bodies) - terminal.acked)]

    took = [took for mine in await asyncio.gather(*map(confirm, terminals)) for took in mine]
    close(terminals)
    return took


def visible_rows(bench: Bench) -> list[Row]:
    """A claimed list, which everybody is told of, at each of the other terminals, while all work and follow.

    In the first rounds each terminal claims the list that it works on, so that everybody is told of 200 in seconds.
    """
    lists = list(lists_of(bench.url("site", "postgresql+psycopg")).items())
    working = ledgers_of(dict(lists[:600]), TERMINALS, 200)
    with bench.database() as name, bench.store(name) as port:
        waits = asyncio.run(_seen(working, [list_id for list_id, _ in lists[600:650]], port))
    what = "a fact at another terminal after it was accepted, 200 terminals"
    return [
        row_of(f"{what} at work", "ms", [ms for at_s, ms in waits if at_s >= BEGIN_S], p99_limit=1000),
        row_of(f"{what} that begin at once", "ms", [ms for at_s, ms in waits if at_s < BEGIN_S]),
    ]


async def _seen(working: list[Ledger], claimed: list[PickListId], port: int) -> list[tuple[float, float]]:
    """Of each claim: seconds from the begin until it was accepted, and milliseconds from then to its row at each."""
    accepted: dict[str, float] = {}
    arrived: list[tuple[str, float]] = []
    all_told = asyncio.Event()
    wanted = {str(list_id) for list_id in claimed}

    def seen(kind: str, key: str, row: bytes, at: float) -> None:
        if kind == "pick_list" and key in wanted and b'"held"' in row:
            arrived.append((key, at))
            if len(arrived) == len(claimed) * len(followers):
                all_told.set()

    followers = [Follower(ledger, Connection(port, ledger.identity), seen) for ledger in working]
    await followers[0].catch_up()
    for follower in followers:
        follower.cursor = followers[0].cursor  # as a snapshot leaves them
    following = [asyncio.create_task(follower.follow()) for follower in followers]
    terminals = pushers(working, port)
    picking = [asyncio.create_task(_at_a_walking_pace(one, n / len(terminals))) for n, one in enumerate(terminals)]
    (observed,) = pushers([empty_ledger(OBSERVED)], port)
    begun = time.perf_counter()
    for list_id in claimed:
        for fact in begin(list_id):
            observed.ledger.write(fact)
        await observed.push(1)
        accepted[str(list_id)] = time.perf_counter()
        await observed.push(1)
        await asyncio.sleep(0.5)
    with suppress(TimeoutError):
        await asyncio.wait_for(all_told.wait(), 10)
    for task in (*following, *picking):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    close([*terminals, *followers, observed])
    print(f"  {sum(one.acked for one in terminals)} facts meanwhile", file=sys.stderr)
    if len(arrived) < len(claimed) * len(followers):
        raise RuntimeError(f"only {len(arrived)} of {len(claimed) * len(followers)} were told within 10 s")
    return [(accepted[key] - begun, (at - accepted[key]) * 1000) for key, at in arrived]


async def _at_a_walking_pace(terminal: Pusher, offset_s: float) -> None:
    """A scan every few seconds."""
    await asyncio.sleep(offset_s * PACE_S)
    while terminal.acked < len(terminal.ledger.bodies):
        await terminal.push(1)
        await asyncio.sleep(PACE_S)


def backlog_rows(bench: Bench) -> list[Row]:
    """2,000 facts that a terminal has kept for a day, from the first byte to the last verdict."""
    rows = []
    lists = lists_of(bench.url("site", "postgresql+psycopg"))
    for terminals, runs, limit in ((1, 5, 5), (100, 1, 60)):
        ledgers = ledgers_of(lists, terminals, 2_000)
        took = []
        for _ in range(runs):
            with bench.database() as name, bench.store(name) as port:
                (warm,) = pushers([empty_ledger(OBSERVED)], port)
                for fact in begin(list(lists)[-1]):
                    warm.ledger.write(fact)
                asyncio.run(_deliver_all([warm]))
                took.append(asyncio.run(_deliver_all(pushers(ledgers, port))))
        what = f"a backlog of 2,000 facts, {terminals} terminal{'s' * (terminals > 1)}"
        rows.append(row_of(what, "s", took, median_limit=limit, with_p99=False))
    return rows


async def _deliver_all(terminals: list[Pusher]) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*(one.deliver(partial(len, one.ledger.bodies), begun + 600) for one in terminals))
    close(terminals)
    return time.perf_counter() - begun


PARTS = {"load": load_rows, "confirm": confirm_rows, "visible": visible_rows, "backlog": backlog_rows}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the agreement. Exit code 1: a limit does not hold.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given several times")
    parser.add_argument("--workers", type=int, default=1, help="how many processes the store runs as")
    chosen = parser.parse_args()
    on = machine()
    rows = []
    with running_server(*SETTINGS) as server:
        bench = Bench(server, chosen.workers)
        print("making the site", file=sys.stderr)
        with psycopg.connect(bench.url("postgres"), autocommit=True) as conn:
            conn.execute("CREATE DATABASE site")
        make_site(bench.url("site", "postgresql+psycopg"))
        with psycopg.connect(bench.url("site"), autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")  # a server that has run for some minutes has done so by itself
        for name in chosen.only or PARTS:
            print(f"measuring: {name}", file=sys.stderr)
            rows += PARTS[name](bench)
    print(table(rows, on))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(as_json(rows, on), indent=2) + "\n", "utf-8")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
