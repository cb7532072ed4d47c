"""A terminal that comes back after days without a network, with all that was done there meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sync.record.facts import ClaimedList, Fact, How, LineSkipped, LocationConfirmed, SignedIn
from sync.record.ids import SiteId, TerminalId, WorkerId
from sync.record.picking import Walk
from sync.terminal.session import TerminalSession, open_session
from tests.faults.world import PATIENCE_S, World
from tests.store.small_site import SITE

NAME = "HH-9"
WORKER = WorkerId("F9")
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Delivered:
    facts: int
    written_s: float
    delivered_s: float


def long_off_line(world: World, facts: int) -> Delivered:
    """Write so many facts with no way to the store, then let them drain; how long both took."""
    terminal = world.terminal(NAME)
    walk = _with_a_list(world)
    begun = time.monotonic()
    session = _open(world, None)
    for first in range(0, facts, AT_ONCE):
        session.record([_fact(walk, first + n) for n in range(min(AT_ONCE, facts - first))], worker_id=WORKER)
    session.close()
    written = time.monotonic()
    session = _open(world, world.proxy.url)
    session.start()
    try:
        assert session.drain(max(PATIENCE_S, facts / 50)), f"not delivered: {session.link()}"
        took_s = time.monotonic() - written
        assert session._record.ledger.verify().seq == facts + 2
    finally:
        session.close()
    world.sometimes.strike("facts of days without a network", facts)
    del world.terminals[terminal.name]
    return Delivered(facts, written - begun, took_s)


def _open(world: World, url: str | None) -> TerminalSession:
    return open_session(world.terminals[NAME].folder, site_id=SiteId(SITE), terminal_id=TerminalId(NAME), store_url=url)


def _with_a_list(world: World) -> Walk:
    """Signed in, and a list in hand."""
    session = _open(world, world.proxy.url)
    session.start()
    try:
        session.record([SignedIn()], worker_id=WORKER)
        assert session.wait_for(lambda: session.open_list_count() > 0, PATIENCE_S)
        session.record([ClaimedList(list_id=None)], worker_id=WORKER)
        assert session.drain(PATIENCE_S)
        walk = session.held_walk()
        assert walk is not None
        return walk
    finally:
        session.close()


def _fact(walk: Walk, number: int) -> Fact:
    """To the shelf and past it, again and again."""
    line, token = walk.lines[number // 2 % len(walk.lines)], walk.head.token
    if number % 2:
        return LineSkipped(line_id=line.line_id, token=token)
    return LocationConfirmed(line_id=line.line_id, token=token, location=line.location, how=How.SCANNED)
