"""The terminal's numbers: a scan, the start and the memory, each of the real program on a line of 20x16."""

from __future__ import annotations

import os
import re
import select
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench_rows import Row, row_of

from floor.store_process import StoreProcess
from tests.days.released import SITE, release_orders, store_with_orders
from tests.house.tree import REPOSITORY
from tests.store.order_files import DAYS, csv_bytes, row
from tests.terminal_process.by_hand import BADGE, FLOOR, TERMINAL, TOTE, hold_open_lines, stops
from tests.terminal_process.screen import OnScreen

WARM_UP = 30
SCANS = 600
SCANS_BEFORE_MEMORY = 200
STARTS = 20
OPEN_LINES = 500
SCAN_PAUSE_S = 0.02
"""Between an answer and the next scan: a hand is slower, and a queue of scans is not what is measured."""


@contextmanager
def store(url: str, folder: Path) -> Iterator[str]:
    with StoreProcess(url, SITE, log=folder / "store.log", enrol_loopback=True) as process:
        yield process.url


def terminal(folder: Path, store_url: str) -> OnScreen:
    """The program as it is started at a hand-held with a plain keyboard wedge."""
    command: list[str | Path] = [FLOOR, "terminal", "--store", store_url, "--id", TERMINAL, "--data", folder]
    return OnScreen(command, cwd=REPOSITORY)


def scan_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        store_with_orders(url, ("order.csv", csv_bytes([row(quantity=str(WARM_UP + SCANS + 10))])))
        release_orders(url)
        [(location, item, pieces)] = stops(url)
        with store(url, folder) as store_url, closing(terminal(folder / "terminal", store_url)) as screen:
            go_to_the_line(screen, location)
            with closing(Scans(screen, folder / "terminal", item, pieces)) as scans:
                scans.make(WARM_UP)
                took_ms = scans.make(SCANS_BEFORE_MEMORY - WARM_UP)
                memory = memory_mib(screen.program.pid)
                took_ms += scans.make(SCANS - len(took_ms))
    what = "last byte of a scan to the painted answer, durable before"
    return [
        row_of(what, "ms", took_ms, median_limit=16, p99_limit=50),
        row_of(f"resident memory of a terminal after {SCANS_BEFORE_MEMORY} scans", "MiB", [memory[0]],
               median_limit=90, with_p99=False),
        row_of("its proportional share (PSS)", "MiB", [memory[1]], with_p99=False),
    ]  # fmt: skip


def go_to_the_line(screen: OnScreen, location: str) -> None:
    screen.until_shown("Scan your badge")
    screen.until(lambda: screen.grid.rows()[-1].startswith("OK"), "the link to the store")
    screen.type(f"{BADGE}\r")
    screen.until_shown("1 Pick")
    screen.type("1")
    screen.until_shown("Scan an empty tote")
    time.sleep(0.5)  # a scan that follows a typed digit within a blink is taken for the rest of a broken one
    screen.type(f"{TOTE}\r")
    screen.until_shown("Scan the location", "Scan location")
    screen.type(f"{location}\r")
    screen.until_shown("Scan the item", "Scan item")


class Scans:
    """Scans one item again and again, and looks into the ledger after each answer."""

    def __init__(self, screen: OnScreen, folder: Path, item: str, pieces: int) -> None:
        self._screen, self._item, self._pieces = screen, item, pieces
        self._ledger = sqlite3.connect(f"file:{folder / 'ledger.sqlite'}?mode=ro", uri=True)
        self._done = 0

    def close(self) -> None:
        self._ledger.close()

    def make(self, count: int) -> list[float]:
        took_ms = []
        before = self._recorded()
        for number in range(1, count + 1):
            self._done += 1
            took_ms.append(self._one())
            if self._recorded() != before + number:
                raise AssertionError(f"scan {self._done} was painted, and the ledger does not have it")
            time.sleep(SCAN_PAUSE_S)
        return took_ms

    def _one(self) -> float:
        while self._screen.read(0) and select.select([self._screen.line], [], [], 0)[0]:
            pass  # what was painted besides, such as the link
        answer = re.compile(rf"(?<!\d){self._done} of {self._pieces}(?!\d)".encode())
        painted = b""
        os.write(self._screen.line, self._item.encode())
        begun = time.perf_counter()
        os.write(self._screen.line, b"\r")
        while not answer.search(painted):
            if not select.select([self._screen.line], [], [], 10)[0]:
                raise AssertionError(f"no answer to scan {self._done}: {painted[-500:]!r}")
            painted += os.read(self._screen.line, 65536)
        return (time.perf_counter() - begun) * 1000

    def _recorded(self) -> int:
        [(count,)] = self._ledger.execute("SELECT count(*) FROM entry").fetchall()
        return int(count)


def memory_mib(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process."""
    said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kib = {name: int(value) for name, value in re.findall(r"^(Rss|Pss):\s+(\d+) kB", said, re.MULTILINE)}
    return round(kib["Rss"] / 1024, 1), round(kib["Pss"] / 1024, 1)


def start_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        store_with_orders(url, (DAYS[1].name, DAYS[1].read_bytes()))
        release_orders(url)
        with store(url, folder) as store_url:
            lines = hold_open_lines(url, store_url, folder / "terminal", OPEN_LINES)
            took_s = [one_start(folder / "terminal", store_url) for _ in range(STARTS + 2)][2:]
    what = f"floor terminal from exec to the first prompt, {lines} open lines"
    return [row_of(what, "s", took_s, median_limit=1.0, with_p99=False)]


def one_start(folder: Path, store_url: str) -> float:
    begun = time.perf_counter()
    with closing(terminal(folder, store_url)) as screen:
        while b"badge" not in screen.printed:
            if not screen.read(10):
                raise AssertionError(f"it ended: {screen.printed!r}")
        return time.perf_counter() - begun
