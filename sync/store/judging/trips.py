"""The zones' parts of one order: which of them is next, where their totes come together, when the last one has come.

Whatever ends a list of a trip (handed over, cancelled, nothing left to pick), `settle` brings the rest into order: so
that no tote waits for a zone that never comes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from sync.record.facts import Stamp
from sync.record.ids import LocationCode, PickListId, ToteCode, TripId
from sync.record.rows import ListKind, ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging import carts
from sync.store.judging.batches import list_put_down
from sync.store.judging.lines_at_hand import WALKED, note_trip
from sync.store.judging.totes import belongs_to, holds_pieces, set_free, to_pack, touch_packing
from sync.store.unit_of_work import UnitOfWork

SPLIT = "consolidation-split"
"""Totes of one order stand at two places: two terminals without a link have each pinned one."""


def put_down(bench: Bench, stamp: Stamp, pick_list: RowDict, place: LocationCode) -> bool:
    """The list was handed over and its totes stand at ``place``; True: others of its order stand somewhere else."""
    if pick_list["batch_id"] is not None:
        list_put_down(bench, pick_list, place)
        return False
    if pick_list["trip_id"] is None:
        if pick_list["kind"] == ListKind.BATCH:
            carts.put_down(bench, pick_list)
            return False
        for code in pick_list["totes"]:
            to_pack(bench, pick_list, code)
        return False
    in_parallel = pick_list["kind"] == ListKind.ZONE_PARALLEL
    arrived = False
    for code in pick_list["totes"]:
        tote = belongs_to(bench, pick_list, code)
        if tote is None:
            continue
        if not holds_pieces(bench, tote):
            set_free(bench, tote)
            continue
        status = ToteStatus.CONSOLIDATING if in_parallel else ToteStatus.PASSED
        bench.totes.change(tote, status=str(status), place=place)
        bench.work.touch("tote", code)
        arrived = True
    note_trip(bench, pick_list)
    return in_parallel and arrived and not _pinned(bench, stamp, pick_list, place)


def _pinned(bench: Bench, stamp: Stamp, pick_list: RowDict, place: LocationCode) -> bool:
    """The first tote to arrive says where all others come; False: this one stands somewhere else."""
    trip = bench.trips.get(pick_list["trip_id"])
    if trip is None:
        raise LookupError(f"list {pick_list['list_id']} is of trip {pick_list['trip_id']}, and there is none")
    for sister in bench.lists.where(trip_id=pick_list["trip_id"]):
        if sister["status"] == ListStatus.OPEN:
            bench.lists.change(sister, hurried=True)
    if trip["place"] is None:
        bench.trips.change(trip, place=place)
        return True
    if trip["place"] == place:
        return True
    bench.discrepancy(
        stamp.event_id,
        SPLIT,
        f"totes of one order stand at {trip['place']} and at {place}: bring them together before they are packed",
        order_id=pick_list["order_id"],
        place=f"location:{place}",
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        other={"terminal_id": None, "worker_id": None, "says": f"the first tote was put down at {trip['place']}"},
    )
    return False


def take_along(bench: Bench, pick_list: RowDict) -> None:
    """Who has scanned one of the totes that came for this list has taken all of them."""
    for code in pick_list["totes"]:
        tote = bench.totes.get(code)
        if tote is not None and tote["status"] == ToteStatus.PASSED and tote["list_id"] == pick_list["list_id"]:
            bench.totes.change(tote, status=str(ToteStatus.PICKING), place=None)
            bench.work.touch("tote", code)


def settle_changed(bench: Bench) -> None:
    """Bring every trip into order of which a list has changed."""
    while bench.trips_changed:
        settle(bench, bench.trips_changed.pop())


def settle_trips_of(work: UnitOfWork, list_ids: Collection[PickListId]) -> None:
    """The same for lists that were changed in the database itself."""
    p = t.pick_list.c
    of_lists = select(p.trip_id).where(p.site_id == work.site_id, p.list_id.in_(list_ids), p.trip_id.is_not(None))
    trip_ids = sorted(set(work.conn.scalars(of_lists)))
    if trip_ids:
        bench = Bench(work)
        bench.trips_changed.update(TripId(trip_id) for trip_id in trip_ids)
        settle_changed(bench)
        bench.flush()


def settle(bench: Bench, trip_id: TripId) -> None:
    """Open the next leg when none is picked; let the totes go to packing when nobody picks for the order any more."""
    lists = sorted(bench.lists.where(trip_id=trip_id), key=lambda one: (one["leg"], one["list_id"]))
    live = [one for one in lists if one["status"] in WALKED]
    if not any(one["status"] != ListStatus.WAITING for one in live):
        on_the_way = list(_on_the_way(bench, lists))
        if live:
            _open(bench, live[0], on_the_way)
        else:
            for code in on_the_way:
                to_pack(bench, lists[-1], code)
    for one in live:  # what is still to come, and where, stands in each head
        bench.work.touch("pick_list", str(one["list_id"]))


def _on_the_way(bench: Bench, lists: Iterable[RowDict]) -> Iterable[ToteCode]:
    """The totes of a trip that nobody picks into, the one that was in use last behind the others."""
    status_of = {one["list_id"]: one["status"] for one in lists}
    codes = dict.fromkeys(ToteCode(code) for one in lists for code in one["totes"])
    for code in codes:
        tote = bench.totes.get(code)
        if tote is None or tote["list_id"] not in status_of:
            continue
        # A list may end under its picker's hands: its order was cancelled, and the tote had come from another zone.
        is_left = tote["status"] == ToteStatus.PICKING and status_of[tote["list_id"]] not in WALKED
        if is_left or tote["status"] in (ToteStatus.PASSED, ToteStatus.CONSOLIDATING):
            yield code


def _open(bench: Bench, leg: RowDict, totes: list[ToteCode]) -> None:
    """The next zone may take the totes over; without any it begins with a tote of its own."""
    begun = bool(totes)
    bench.lists.change(
        leg, status=str(ListStatus.OPEN), totes=list(totes), tote_gone=begun, hurried=leg["hurried"] or begun
    )
    for code in totes:
        tote = bench.totes.get(code)
        if tote is not None:
            bench.totes.change(tote, status=str(ToteStatus.PASSED), list_id=leg["list_id"])
            bench.work.touch("tote", code)
            touch_packing(bench, tote)
