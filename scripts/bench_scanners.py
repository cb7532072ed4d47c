"""Scanners: from the last byte of a scan to the collector, and wedge scans back to back through tmux.

As a program of its own it makes the long run: python scripts/bench_scanners.py --scans 10000
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from contextlib import aclosing, closing
from pathlib import Path

from bench_rows import Row, machine, row_of, table

from drivers.emulators.scanner import SerialEmulator
from drivers.readings import ScanFrame
from drivers.scanners.line_scanner import LineScanner
from drivers.scanners.places import SerialPlace
from drivers.scanners.wedge import WedgeSettings
from drivers.transport.serial_line import SerialSettings
from floor.app import FloorApp
from tests.drivers.wedge_run import has_tmux, run
from tests.house.tree import REPOSITORY
from tests.screens.play import Played
from tests.terminal_process.screen import OnScreen

WARM_UP, SCANS, RUN_SCANS = 20, 500, 500
PAUSE_S = 0.010
CODE = "]C1010400638133393110LOT7\x1d21S9"
_TERMINAL = "--terminal"


def scanner_rows(run_scans: int = RUN_SCANS) -> list[Row]:
    tmux = has_tmux()
    outcome = run(run_scans, seed=run_scans, tmux=tmux)
    through = "tmux" if tmux else "a pty"
    for what, codes in (("lost", outcome.lost), ("doubled", outcome.doubled), ("cut or foreign", outcome.strange)):
        for code in codes:
            print(f"  {what}: {code!r}", file=sys.stderr)
    for said in outcome.refused:
        print(f"  {said}", file=sys.stderr)
    print(f"  {len(outcome.held_up)} scans were held up by this machine while they were sent", file=sys.stderr)
    return [
        row_of("last byte of a serial scan to the collector", "ms", asyncio.run(serial_ms()), median_limit=1),
        row_of("last byte of a wedge scan to the collector", "ms", wedge_ms(), median_limit=4, p99_limit=35),
        row_of(f"lost, doubled or cut of {run_scans} wedge scans through {through}", "scans", [outcome.faults],
               median_limit=0, with_p99=False),
    ]  # fmt: skip


async def serial_ms() -> list[float]:
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name:
        path = Path(name) / "scanner"
        scanner = LineScanner("bench", SerialPlace(SerialSettings(str(path))))
        with closing(SerialEmulator(path)) as gun:
            async with aclosing(scanner.readings()) as readings:
                await anext(readings)  # it is there
                took_ms = []
                for _ in range(WARM_UP + SCANS):
                    gun.send_raw(CODE.encode())
                    await asyncio.sleep(PAUSE_S)
                    sending = asyncio.create_task(asyncio.to_thread(_end, gun))
                    reading = await anext(readings)
                    came_s = time.monotonic()
                    if not isinstance(reading, ScanFrame):
                        raise AssertionError(f"no scan came, but {reading}")
                    took_ms.append((came_s - await sending) * 1000)
                return took_ms[WARM_UP:]


def _end(gun: SerialEmulator) -> float:
    begun_s = time.monotonic()
    gun.send_raw(b"\r")
    return begun_s


class Timed(Played):
    """Notes when each scan came out of the collector."""

    def take_in(self, text: str, symbology: str | None) -> int:
        self._note("at", f"{time.monotonic():.6f}")
        return super().take_in(text, symbology)


def timed_terminal(log: Path) -> None:
    with log.open("w", encoding="ascii") as file:
        FloorApp(Timed("pick", "en", file), terminal="HH-07", wedge=WedgeSettings(prefix="\x1e")).run()


def wedge_ms() -> list[float]:
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name:
        log = Path(name) / "log"
        command = [sys.executable, str(Path(__file__)), _TERMINAL, str(log)]
        path = os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "scripts")))
        with closing(OnScreen(command, cwd=REPOSITORY, environment={"PYTHONPATH": path})) as screen:
            screen.until(lambda: b"A03" in screen.printed, "the first prompt")
            took_ms = []
            for number in range(WARM_UP + SCANS):
                screen.type(f"\x1e{CODE}")
                time.sleep(PAUSE_S)
                begun_s = time.monotonic()
                screen.type("\r")
                screen.until(lambda count=number + 1: len(_times_s(log)) == count, "the scan")  # type: ignore[misc]
                took_ms.append((_times_s(log)[-1] - begun_s) * 1000)
            return took_ms[WARM_UP:]


def _times_s(log: Path) -> list[float]:
    lines = log.read_text("ascii").splitlines()
    return [float(line[len("at '") : -1]) for line in lines if line.startswith("at ")]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures scanners. Exit code 1: a limit does not hold.")
    parser.add_argument("--scans", type=int, default=RUN_SCANS, help="wedge scans of the run; 10000 take 45 minutes")
    parser.add_argument(_TERMINAL, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.terminal is not None:
        timed_terminal(chosen.terminal)
        return 0
    rows = scanner_rows(chosen.scans)
    print(table(rows, machine()))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
