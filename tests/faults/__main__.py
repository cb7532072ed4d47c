"""The soak as a command: see scripts/soak."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from tests.faults.backlog import long_off_line
from tests.faults.checker import CHECKS
from tests.faults.soaking import Soaked, soak
from tests.faults.world import World, postgres_world, world

TERMINALS = ("HH-1", "HH-2", "HH-3")
KINDS = ("sqlite", "postgresql")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description="Every fault, by chance, and the checker behind it."
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=1, help="of what happens (1)")
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both", help="of the store (both, half each)")
    parser.add_argument("--backlog", type=int, default=0, help="first, one terminal comes back with so many facts (0)")
    parser.add_argument("--keep", type=Path, help="leave databases, ledgers and histories in this folder")
    return parser.parse_args()


def made(kind: str, folder: Path, seed: int) -> AbstractContextManager[World]:
    if kind == "postgresql":
        return postgres_world(folder, seed, terminals=TERMINALS)
    return world(folder, f"sqlite:///{folder / 'store.db'}", seed, terminals=TERMINALS)


def run(kind: str, folder: Path, seed: int, seconds: float, backlog: int) -> bool:
    """One world until its time is over; whether the agreement was kept."""
    folder.mkdir(parents=True)
    begun = time.monotonic()
    print(f"\n{kind}, seed {seed}, {seconds / 60:.1f} minutes, {len(TERMINALS)} terminals")
    with made(kind, folder, seed) as one:
        if backlog:
            back = long_off_line(one, backlog)
            print(
                f"{back.facts} facts written off-line in {back.written_s:.1f} s, delivered in {back.delivered_s:.1f} s"
            )
        done = soak(one, seconds, lambda said: print(f"{time.monotonic() - begun:8.1f} s  {said}", flush=True))
        table(done, one)
    return not done.wrong


def table(done: Soaked, one: World) -> None:
    print(f"\n{'struck':>8}  what")
    for name, count in sorted(one.sometimes.counts().items()):
        print(f"{count:8}  {name}")
    print(f"\n{done.tones} scans confirmed; looked at {done.checks} times when it was quiet")
    print(f"quiet and level with the store {done.slowest_s:.1f} s after the healing at the latest")
    print(f"{', '.join(CHECKS)}: {len(done.wrong) or 'no'} violations")
    for violation in done.wrong[:50]:
        print(f"  {violation}")


def main() -> int:
    asked = arguments()
    kinds = KINDS if asked.database == "both" else (asked.database,)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="floorhand-soak-") as name:
        folder = asked.keep or Path(name)
        kept = [run(kind, folder / kind, asked.seed, asked.minutes * 60 / len(kinds), asked.backlog) for kind in kinds]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
