"""Where each piece with a serial number is. A number is one piece: seen a second time, somebody has to look."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update

from sync.record.facts import Picked, Stamp
from sync.record.ids import EventId, OrderId, ToteCode
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.places import SURPLUS, at_location, in_tote

SERIAL_TWICE = "serial-twice"


def take_serial(bench: Bench, stamp: Stamp, fact: Picked, order_id: OrderId, tote: ToteCode | None) -> bool:
    """Note where a picked piece is now; True where the record had it elsewhere, and a lead hears of both places."""
    if fact.serial is None:
        return False
    s = t.serial.c
    this = (s.site_id == bench.site_id) & (s.item_id == fact.item_id) & (s.serial == fact.serial)
    before = bench.work.conn.execute(select(s.place).where(this).with_for_update()).scalar_one_or_none()
    now = SURPLUS if tote is None else in_tote(tote)
    row = {"item_id": fact.item_id, "serial": fact.serial, "lot": fact.lot or "", "place": now}
    bench.work.upsert(t.serial, [row])
    if before is None or before == at_location(fact.location):
        return False
    bench.discrepancy(
        stamp.event_id,
        SERIAL_TWICE,
        f"serial {fact.serial} of {fact.item_id} was picked at {fact.location} into {now}, and the record has it in "
        f"{before}: look at both pieces",
        quantity=1,
        order_id=order_id,
        item_id=fact.item_id,
        place=before,
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return True


def give_serial_back(bench: Bench, undoes: EventId, fact: Picked) -> None:
    """The pick was taken back: the piece stands where it was picked, or is where the record had it before."""
    if fact.serial is None:
        return
    opened = bench.opened_by(undoes)
    was_twice = opened is not None and opened["kind"] == SERIAL_TWICE
    place = opened["place"] if opened is not None and was_twice else at_location(fact.location)
    s = t.serial.c
    bench.work.conn.execute(
        update(t.serial)
        .where(s.site_id == bench.site_id, s.item_id == fact.item_id, s.serial == fact.serial)
        .values(place=place)
    )


def serials_follow(bench: Bench, contents: Collection[RowDict], source: str, target: str) -> None:
    """The last pieces of some items have left ``source`` for ``target``: the numbers that are noted there go along.

    Args:
        contents: all that was at ``source``, with the quantities that are left.
    """
    there = {content["item_id"] for content in contents if content["quantity"]}
    gone = sorted({content["item_id"] for content in contents} - there)
    if not gone:
        return
    s = t.serial.c
    bench.work.conn.execute(
        update(t.serial).where(s.site_id == bench.site_id, s.item_id.in_(gone), s.place == source).values(place=target)
    )
