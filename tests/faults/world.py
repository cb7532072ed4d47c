"""A little world: the real store as a process, real terminals as processes, and a line between them that fails."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from floor.enrolling import enrol_directly
from sync.record.ids import TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import RESCUE
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.schema import create_or_upgrade
from sync.store.unit_of_work import UnitOfWork
from tests.faults.checker import Evidence, Violation, read_evidence, read_lines, violations
from tests.faults.postgres_run import PostgresRun
from tests.faults.proxy import FaultProxy
from tests.faults.sometimes import Sometimes
from tests.faults.terminal_program import Options
from tests.house.tree import REPOSITORY
from tests.store.small_site import CUT_OFF, SITE, _line_row, _order_row, small_site

PATIENCE_S = 60.0
_LOOK_S = 0.05
ITEMS = ("MUG", "TEA", "CUP")


def lay_out(url: str, *, orders: int, pieces: int = 3, stock: int = 100_000) -> None:
    """Make the store's tables and a site with so many orders, each released as a pick list of three lines."""
    create_or_upgrade(url)
    database = Database(url)
    try:
        found(database)
    finally:
        database.close()
    with small_site(url) as site:
        for number, item in enumerate(ITEMS, start=1):
            site.stock(f"A{number}", item, stock, position=number * 10)
        for number in range(1, 10):
            site.worker(f"F{number}", "picker", "lead")
        with site.write() as work:
            for number in range(1, 10):
                work.touch("worker", f"F{number}")
            work.touch("site", SITE)
    more_orders(url, "first", orders, pieces)


def more_orders(url: str, name: str, orders: int, pieces: int = 3) -> None:
    database = Database(url)
    try:
        with database.write(SITE) as work:
            _orders(work, name, orders, pieces)
            allocate(work)
            release(work)
    finally:
        database.close()


def _orders(work: UnitOfWork, name: str, orders: int, pieces: int) -> None:
    for number in range(orders):
        order_id = work.allot("order")
        work.insert(t.orders, [_order_row(order_id, f"{name}-{number}", 5, CUT_OFF, "NEXTDAY", "open")])
        first = work.allot("order_line", len(ITEMS))
        lines = [_line_row(first + place, order_id, place + 1, item, pieces) for place, item in enumerate(ITEMS)]
        work.insert(t.order_line, lines)


class StoreRun:
    """The store as a process that can be killed; ``url`` is where it serves now."""

    def __init__(self, database_url: str, log: Path) -> None:
        self.database_url = database_url
        self.url = ""
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, die_at_statement: int = 0) -> None:
        """``die_at_statement``: once it serves, SIGKILL before this one of those that write; 0: live."""
        self.kill()  # of one that died by itself the pipes are still open
        program = ["tests.faults.dying_store", str(die_at_statement)] if die_at_statement else ["sync.store"]
        command = [sys.executable, "-m", *program, "--db", self.database_url, "--site", SITE, "--json"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "serve", "--port", "0"], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        said = b""
        while not said.rstrip().endswith(b"}"):
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError(f"the store did not start: {said!r} {self._log.read_text()[-2000:]}")
            said += line
        self.url = json.loads(said)["url"]
        if die_at_statement:
            self._process.send_signal(signal.SIGUSR1)

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, at whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None


class TerminalRun:
    """A terminal: its folder, its history, and its process while it is switched on."""

    def __init__(self, name: str, terminal_id: str, folder: Path, url: str, options: Options) -> None:
        self.name = name
        self.terminal_id = terminal_id
        self.folder = folder
        self.history = folder.with_name(f"{folder.name}.history")
        self.options = options
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **changed: Any) -> None:
        """Switch it on; ``changed`` are options for this time."""
        options = replace(self.options, **changed)
        command = [sys.executable, "-m", "tests.faults.terminal_program", str(self.folder), self.terminal_id]
        with self.history.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, self._url, str(self.history), options.as_argument()],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def tell(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{word}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it has died, and its end is looked at elsewhere

    def lines(self) -> list[dict[str, Any]]:
        return read_lines(self.history)

    def tones(self) -> int:
        return sum(line["what"] == "tone" for line in self.lines())

    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ended_by(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for its end; the signal or the status that it ended with."""
        assert self._process is not None
        status = self._process.wait(timeout_s)
        self._let_go()
        return status

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._let_go()

    def end(self) -> None:
        if self._process is not None:
            self.tell("end")
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._let_go()

    def _let_go(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            try:
                process.stdin.close()
            except BrokenPipeError:
                return  # words that it did not come to read


class World:
    def __init__(self, folder: Path, database_url: str, seed: int, postgres: PostgresRun | None = None) -> None:
        self.folder = folder
        self.postgres = postgres
        self.sometimes = Sometimes()
        self.chance = random.Random(seed)
        self.proxy = FaultProxy(seed, self.sometimes)
        self.store = StoreRun(database_url, folder / "store.log")
        self.terminals: dict[str, TerminalRun] = {}
        self._course = folder / "course"
        self._seed = seed

    def note(self, what: str, **more: object) -> None:
        with self._course.open("ab") as course:
            course.write(json.dumps({"what": what, "at": time.time(), **more}).encode() + b"\n")

    # The store.

    def start_store(self, *, die_at_statement: int = 0) -> None:
        self.store.start(die_at_statement=die_at_statement)
        self.proxy.aim(self.store.url)

    def kill_store(self) -> None:
        self.store.kill()
        self.sometimes.strike("store killed by SIGKILL")

    def back_up(self, name: str) -> None:
        """A copy of the store's database, to be put back later. On SQLite while it serves."""
        if self.postgres is not None:
            self.store.kill()
            self.postgres.copy_database(name)
            self.start_store()
            return
        source = sqlite3.connect(str(make_url(self.store.database_url).database))
        target = sqlite3.connect(self.folder / f"{name}.backup")
        with target:
            source.backup(target)
        source.close()
        target.close()

    def put_back(self, name: str, *, told: bool) -> None:
        """Kill the store, put the older copy in the place of its database, start it; ``told``: and say so."""
        self.store.kill()
        if self.postgres is not None:
            self.postgres.put_back(name)
        else:
            path = Path(str(make_url(self.store.database_url).database))
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            shutil.copyfile(self.folder / f"{name}.backup", path)
        self.gone_back(told=told)
        self.sometimes.strike("store restored from an older copy" + ("" if told else ", and nobody said so"))

    def gone_back(self, *, told: bool) -> None:
        """The store is an older one now: say so, or not, and start it."""
        self.note("restored", told=told)
        if told:
            self.say_restored()
        self.start_store()
        self.note("opened again")

    def say_restored(self) -> None:
        """As an administrator does after a backup was put back or a standby promoted."""
        self.administer("restored", "--by", "administrator", "--alone", "a test")

    def administer(self, *words: str) -> str:
        """A command of the store, given by somebody who may open its database; raises `Refused`."""
        return _said([sys.executable, "-m", "sync.store", "--db", self.store.database_url, "--site", SITE, *words])

    def rescue(self, folder: Path) -> str:
        """Deliver what a device has recorded, from a workstation that may."""
        desk = self.folder / "desk"
        if not desk.exists():
            self._enrol("DESK-1", desk, (RESCUE,))
        words = ["--data", str(folder), "--store", self.proxy.url, "--identity", str(desk)]
        return _said([sys.executable, "-m", "floor", "terminal", "rescue", *words])

    # The terminals.

    def terminal(self, name: str, *, terminal_id: str | None = None, **options: Any) -> TerminalRun:
        """A terminal of that name, switched off; made and enrolled when there is none yet."""
        if name not in self.terminals:
            number = len(self.terminals) + 1
            made = Options(site=SITE, worker=f"F{number}", seed=self._seed * 1000 + number, **options)
            run = TerminalRun(name, terminal_id or name, self.folder / name, self.proxy.url, made)
            self.terminals[name] = run
            self.enrol(run)
        return self.terminals[name]

    def enrol(self, terminal: TerminalRun) -> None:
        """Make a terminal known to the store, with a new key."""
        self._enrol(terminal.terminal_id, terminal.folder, ())

    def _enrol(self, terminal_id: str, folder: Path, scopes: tuple[str, ...]) -> None:
        database = Database(self.store.database_url)
        try:
            enrol_directly(database, SITE, TerminalId(terminal_id), folder, scopes)
        finally:
            database.close()

    def copy_device(self, name: str, copy: str) -> TerminalRun:
        """A second device from the image of a first one that is switched off."""
        first = self.terminals[name]
        shutil.copytree(first.folder, self.folder / copy)
        second = TerminalRun(copy, first.terminal_id, self.folder / copy, self.proxy.url, first.options)
        second.options = replace(first.options, seed=first.options.seed + 500_000)
        self.terminals[copy] = second
        self.sometimes.strike("a device was copied")
        return second

    def everybody(self, word: str) -> None:
        for terminal in self.terminals.values():
            if terminal.is_on():
                terminal.tell(word)

    def until_tones(self, more: int, *names: str) -> None:
        """Until each of these terminals (none named: all) has confirmed so many scans more."""
        wanted = {name: self.terminals[name].tones() + more for name in names or self.terminals}
        self.until(lambda: all(self.terminals[name].tones() >= least for name, least in wanted.items()), "scans")

    def until(self, is_true: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not is_true():
            assert time.monotonic() < deadline, f"{what} did not come in {timeout_s:.0f} s"
            time.sleep(_LOOK_S)

    # The end of a run.

    def heal(self) -> None:
        self.proxy.heal()
        self.note("healed")

    def settle(self) -> list[Violation]:
        """Let everybody rest on a good line until all is delivered and shown; returns what is wrong then.

        Nobody touches a terminal: they are only asked to say what they show.
        """
        self.everybody("rest")
        self.heal()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            wrong = self._look()
            if not wrong:
                self.note("drained")
                return self.check()
            if time.monotonic() > deadline:
                self.note("not drained", why="; ".join(map(str, wrong[:5])))
                return self.check()
            time.sleep(_LOOK_S * 4)

    def _look(self) -> list[Violation]:
        """What is shown at this moment, beside what the store has."""
        seen = {name: _screens(run) for name, run in self.terminals.items() if run.is_on()}
        self.everybody("show")
        self.until(
            lambda: all(_screens(self.terminals[name]) > count for name, count in seen.items()),
            "what is on the screens",
        )
        return self.check()

    def evidence(self) -> Evidence:
        histories = {name: terminal.history for name, terminal in self.terminals.items()}
        return read_evidence(self.store.database_url, SITE, histories, self._course)

    def check(self) -> list[Violation]:
        return violations(self.evidence())

    def close(self) -> None:
        for terminal in self.terminals.values():
            terminal.kill()
        self.store.stop()
        self.proxy.close()


class Refused(AssertionError):
    """A command was refused; the text is what it said."""


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused(done.stdout + done.stderr)
    return done.stdout


def _screens(terminal: TerminalRun) -> int:
    return sum(line["what"] == "screen" for line in terminal.lines())


@contextmanager
def world(
    folder: Path,
    database_url: str,
    seed: int,
    *,
    orders: int = 40,
    terminals: Sequence[str] = (),
    postgres: PostgresRun | None = None,
) -> Iterator[World]:
    """A world with a store that serves, and these terminals switched on and at rest; all of it ends with the block."""
    lay_out(database_url, orders=orders)
    made = World(folder, database_url, seed, postgres)
    try:
        made.start_store()
        for name in terminals:
            made.terminal(name).start()
        yield made
    finally:
        made.close()


@contextmanager
def postgres_world(folder: Path, seed: int, *, orders: int = 40, terminals: Sequence[str] = ()) -> Iterator[World]:
    """The same over a PostgreSQL server of its own, which may be killed."""
    server = PostgresRun()
    try:
        server.make()
        with world(folder, server.url, seed, orders=orders, terminals=terminals, postgres=server) as made:
            try:
                yield made
            finally:
                if made.postgres is not None and made.postgres is not server:
                    made.store.stop()
                    made.postgres.close()
    finally:
        server.close()


def assert_sound(wrong: Sequence[Violation], struck: Mapping[str, int]) -> None:
    assert not wrong, "\n".join(["", *map(str, wrong[:20]), f"faults struck: {dict(struck)}"])
