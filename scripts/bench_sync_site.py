"""The site that the bench of the agreement works on: seven real days, released, and ledgers that walk their lists."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from sqlalchemy import select

from sync.record.facts import (
    ClaimedList,
    Entry,
    Fact,
    How,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    Picked,
    PutInTote,
    Stamp,
    ToteBound,
)
from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    PickLineId,
    PickListId,
    StreamId,
    TerminalId,
    ToteCode,
)
from sync.store import tables as t
from sync.store.access.enrolling import enrol_key
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.importers.importing import import_file
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.schema import create_or_upgrade
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import demo_warehouse
from sync.store.warehouse.people import DEMO_WORKERS
from sync.terminal.identity import Identity
from sync.wire.codec import chain, encode_entry
from sync.wire.messages import GENESIS
from tests.days.released import ONLINE_RETAIL, SITE
from tests.store.order_files import day_files

MOST_TERMINALS = 200
OBSERVED = 999
"""The number of the terminal whose facts the others are watched for."""
PICKER = DEMO_WORKERS[0].worker_id
TOKEN = 2
"""Of a released list that was claimed once."""
MOST_SCANS = 200
"""Pieces of a line that are scanned one by one; a number is typed for the rest."""
BEGUN_AT = datetime(2010, 12, 9, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    line_id: PickLineId
    item_id: ItemId
    location: LocationCode
    lot: LotCode | None
    asked: int


@dataclass(slots=True)
class Ledger:
    """What one terminal wrote: canonical bodies and the hash after each of them."""

    terminal_id: TerminalId
    stream_id: StreamId
    identity: Identity
    bodies: list[bytes] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)

    def write(self, fact: Fact) -> None:
        number = len(self.bodies) + 1
        stamp = Stamp(
            event_id=EventId(f"{self.stream_id[:20]}{number:012x}"),
            site_id=SITE,
            terminal_id=self.terminal_id,
            worker_id=PICKER,
            at=BEGUN_AT + timedelta(seconds=number),
            boot_id="boot",
            since_boot_ms=number * 1000,
        )
        self.bodies.append(encode_entry(Entry(stamp=stamp, fact=fact)))
        self.hashes.append(chain(self.h(number - 1), self.bodies[-1]))

    def h(self, seq: int) -> str:
        return self.hashes[seq - 1] if seq else GENESIS


def make_site(url: str) -> None:
    """Seven days in an empty database: a demo warehouse with all their goods, their orders on pick lists."""
    files = day_files()
    create_or_upgrade(url)
    database = Database(url)
    try:
        found(database)
        with database.write(SITE) as work:
            demo_warehouse(work, read_catalogue(ONLINE_RETAIL, files))
        for file in files:
            with database.write(SITE) as work:
                import_file(work, ONLINE_RETAIL, *file)
        with database.write(SITE) as work:
            allocate(work)
            release(work)
        with database.write(SITE) as work:
            for number in (*range(MOST_TERMINALS), OBSERVED):
                terminal = empty_ledger(number)
                enrol_key(work, terminal.terminal_id, terminal.identity.public_key, (), "the bench")
    finally:
        database.close()


def lists_of(url: str) -> dict[PickListId, list[Line]]:
    """The pick lists of the site with their lines, in walking order."""
    lists: dict[PickListId, list[Line]] = defaultdict(list)
    database = Database(url)
    try:
        with database.read() as conn:
            p = t.pick_line.c
            for row in conn.execute(select(t.pick_line).where(p.site_id == SITE).order_by(p.list_id, p.position)):
                line = Line(row.line_id, row.item_id, row.location, LotCode(row.lot) if row.lot else None, row.asked)
                lists[PickListId(row.list_id)].append(line)
    finally:
        database.close()
    return lists


def empty_ledger(number: int) -> Ledger:
    terminal_id = TerminalId(f"HH-{number:03}")
    drawn = hashlib.sha256(terminal_id.encode()).hexdigest()
    return Ledger(
        terminal_id,
        StreamId(drawn[:32]),
        Identity(site_id=SITE, terminal_id=terminal_id, private_key=drawn),
    )


def ledgers_of(lists: dict[PickListId, list[Line]], terminals: int, at_most: int) -> list[Ledger]:
    """The lists dealt out to so many terminals, each walking its own until its ledger has ``at_most`` entries."""
    ledgers = [empty_ledger(number) for number in range(terminals)]
    shortest = [(0, number) for number in range(terminals)]
    for list_id, lines in lists.items():
        length, number = heappop(shortest)
        if length < at_most:
            for fact in walk(list_id, lines):
                ledgers[number].write(fact)
        heappush(shortest, (len(ledgers[number].bodies), number))
    for ledger in ledgers:
        del ledger.bodies[at_most:], ledger.hashes[at_most:]
    return ledgers


def walk(list_id: PickListId, lines: Sequence[Line]) -> Iterator[Fact]:
    """A whole list, each line passed by once, then located, scanned piece by piece and put."""
    tote = ToteCode(f"T-{list_id}")
    yield from begin(list_id)
    for line in lines:
        yield located(line)
        yield LineSkipped(line_id=line.line_id, token=TOKEN)
        yield located(line)
        scans = min(line.asked, MOST_SCANS)
        for number in range(1, scans + 1):
            yield picked(line, line.asked - scans + 1 if number == scans else 1)
        yield PutInTote(line_id=line.line_id, token=TOKEN, tote=tote, quantity=line.asked, how=How.SCANNED)
    yield ListHandedOver(list_id=list_id, token=TOKEN, place=LocationCode("PACK01"), how=How.SCANNED)


def begin(list_id: PickListId) -> Iterator[Fact]:
    yield ClaimedList(list_id=list_id)
    yield ToteBound(list_id=list_id, token=TOKEN, tote=ToteCode(f"T-{list_id}"), how=How.SCANNED)


def located(line: Line) -> LocationConfirmed:
    return LocationConfirmed(line_id=line.line_id, token=TOKEN, location=line.location, how=How.SCANNED)


def picked(line: Line, quantity: int) -> Picked:
    return Picked(
        line_id=line.line_id,
        token=TOKEN,
        item_id=line.item_id,
        location=line.location,
        quantity=quantity,
        how=How.SCANNED if quantity == 1 else How.TYPED,
        code="5000000000000" if quantity == 1 else "",
        lot=line.lot,
    )
