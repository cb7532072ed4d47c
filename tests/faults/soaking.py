"""A mixture of disasters, by chance, for as long as one likes; everything is checked each time that it is quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.checker import CHECKS, Violation
from tests.faults.disasters import BUSINESS, NETWORK, POSTGRES, RARE, STORE, TERMINAL, TRUST, Disaster, some_time
from tests.faults.world import World, more_orders

AT_ONCE = 3
"""Disasters between two looks at least."""
MOST_COPIES = 2
ORDERS = 30


@dataclass
class Soaked:
    """What a run has come to."""

    checks: int = 0
    tones: int = 0
    slowest_s: float = 0.0
    """From the healing of the line to when everything was delivered and shown, at worst."""
    wrong: list[Violation] = field(default_factory=list)


def soak(
    world: World, seconds: float, told: Callable[[str], None], disasters: Sequence[Disaster] | None = None
) -> Soaked:
    """Until the time is over, or something is wrong. Every disaster comes once before any comes twice."""
    done, deadline = Soaked(), time.monotonic() + seconds
    wanted = list(disasters or everything(world))
    left: list[Disaster] = []
    while time.monotonic() < deadline and not done.wrong:
        _work_for_everybody(world, done.checks)
        for _ in range(AT_ONCE):
            left = left or world.chance.sample(wanted, len(wanted))
            disaster = left.pop()
            if disaster in RARE and world.sometimes.struck("a device was copied") >= MOST_COPIES:
                continue
            told(disaster.__name__.replace("_", " "))
            world.everybody("work")
            disaster(world)
        some_time(world)
        begun = time.monotonic()
        done.wrong = world.settle()
        done.slowest_s = max(done.slowest_s, time.monotonic() - begun)
        done.checks += 1
        done.tones = sum(terminal.tones() for terminal in world.terminals.values())
        told(f"quiet: {done.tones} scans confirmed, {len(CHECKS)} invariants checked, {len(done.wrong)} violations")
    return done


def everything(world: World) -> list[Disaster]:
    return [*NETWORK, *STORE, *TERMINAL, *TRUST, *BUSINESS, *RARE, *(POSTGRES if world.postgres is not None else ())]


def _work_for_everybody(world: World, number: int) -> None:
    open_lists = sum(row["status"] in ("open", "held") for row in world.evidence().tables["lists"])
    if open_lists < ORDERS:
        more_orders(world.store.database_url, f"soak-{number}", ORDERS)
