"""What would answer the prompt that stands: for the demo's keys and for `floor work-day`, never for real work."""

from __future__ import annotations

from dataclasses import dataclass

from floor.work.batch_pick import lines_to_put
from floor.work.carrier_label import barcode_instead
from floor.work.cycle_count import CountStep, count_step
from floor.work.pack import PackStep, pack_step, packing_at
from floor.work.pack_problem import line_at
from floor.work.pick_steps import PickStep, line_in_hand, step_of
from floor.work.put_back import line_to_put_back
from floor.work.put_wall_steps import SortStep, line_to_return, pieces_in_hand, step_at_wall
from floor.work.reply import Activity, Asking, Desk
from floor.work.view import RecordView
from floor.work.zone_pick import tote_to_fetch
from sync.record.codes.own import barcode_of, location_barcode
from sync.record.ids import ItemId, LocationCode, ToteCode
from sync.record.picking import Walk
from sync.record.rows import ListKind, PackingRow
from sync.record.sorting import to_put


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies within the worker's reach: a badge, an empty tote, a full one, a place to put totes down."""

    badge: str | None
    empty_tote: ToteCode | None
    tote_to_pack: ToteCode | None
    place: LocationCode | None
    staging: LocationCode | None = None
    """Where totes of one order may come together."""
    tote_to_sort: ToteCode | None = None


def expected_scan(desk: Desk, view: RecordView, around: Surroundings) -> str | None:
    """The barcode that answers the prompt; None where the answer is a key or nothing is asked."""
    if view.signed_in() is None:
        return None if around.badge is None or desk.asking is Asking.PIN else barcode_of(around.badge)
    if desk.asking in (Asking.ZERO, Asking.ZERO_LEFT):
        return None
    if desk.activity is Activity.COUNT:
        count = view.count_in_hand()
        return location_barcode(count.location) if count and count_step(desk, view) is CountStep.GO_TO else None
    if desk.activity is Activity.SORT:
        return _sort(desk, view, around)
    walk = view.held_walk()
    if desk.activity is Activity.PICK and walk is not None:
        return _pick(desk, view, walk, around)
    if desk.activity is Activity.PACK:
        return _pack(desk, view, around)
    return None


def _pick(desk: Desk, view: RecordView, walk: Walk, around: Surroundings) -> str | None:
    line = line_in_hand(walk, view)
    step = step_of(view)
    fetched = tote_to_fetch(walk.head, view)
    if step is PickStep.BIND_TOTE and fetched is not None:
        return barcode_of(fetched)
    if step is PickStep.BIND_TOTE or desk.asking is Asking.NEW_TOTE:
        return None if around.empty_tote is None else barcode_of(around.empty_tote)
    if desk.asking is Asking.HANDED_OVER:
        return None
    if line is None or desk.asking is Asking.CART_PLACE:
        in_parallel = walk.head.kind is ListKind.ZONE_PARALLEL and walk.head.to_come
        place = walk.head.consolidation or (around.staging if in_parallel else around.place)
        return None if place is None else location_barcode(place)
    if desk.asking is Asking.LOT:
        return line.lot
    if desk.asking is not None:
        return None
    match step:
        case PickStep.GO_TO:
            return location_barcode(line.location)
        case PickStep.PUT:
            return _tote_to_put_in(walk, view)
        case _:
            return item_barcode(view, line.item_id)


def _tote_to_put_in(walk: Walk, view: RecordView) -> str | None:
    """On a cart the tote of the order whose pieces are put next."""
    if walk.head.kind is not ListKind.BATCH:
        return barcode_of(walk.head.totes[-1])
    puts = lines_to_put(walk, view)
    order = walk.order(puts[0].order_id) if puts else None
    return barcode_of(order.totes[-1]) if order is not None and order.totes else None


def _pack(desk: Desk, view: RecordView, around: Surroundings) -> str | None:
    packing = packing_at(desk, view)
    match pack_step(desk, view):
        case PackStep.TOTE:
            return None if around.tote_to_pack is None else barcode_of(around.tote_to_pack)
        case PackStep.PIECE if packing is not None and desk.asking is None:
            return item_barcode(view, line_at(desk, packing).item_id)
        case PackStep.PUT_BACK if packing is not None:
            line = line_to_put_back(desk, packing)
            return None if line is None or line.home is None else location_barcode(line.home)
        case PackStep.LABEL if desk.asking is not Asking.PRINTING and packing is not None:
            return _label(view, packing)
        case _:
            return None


def _sort(desk: Desk, view: RecordView, around: Surroundings) -> str | None:
    sorting = view.sorting_in_hand()
    step = step_at_wall(desk, view, sorting)
    if sorting is None or desk.asking is not None:
        return barcode_of(around.tote_to_sort) if step is SortStep.TOTE and around.tote_to_sort is not None else None
    line = pieces_in_hand(desk, sorting)
    match step:
        case SortStep.ITEM:
            return item_barcode(view, to_put(sorting)[0].item_id)
        case SortStep.PUT if line is not None and line.cubby is not None:
            return barcode_of(line.cubby)
        case SortStep.RETURN if (back := line_to_return(desk, sorting)) is not None and back.home is not None:
            return location_barcode(back.home)
        case _:
            return None


def _label(view: RecordView, packing: PackingRow) -> str | None:
    """What the scanner reads off the carton: there is nothing to read before a label was sent."""
    if packing.sscc is None or not packing.labels_sent:
        return None
    return barcode_instead(view, packing) or f"00{packing.sscc}"


def item_barcode(view: RecordView, item_id: ItemId) -> str | None:
    """The each's barcode as an EAN-13 scanner sends it."""
    item = view.item(item_id)
    if item is None:
        return None
    gtin = next((barcode.gtin for barcode in item.barcodes if barcode.pieces == 1), None)
    return None if gtin is None else gtin.removeprefix("0")
