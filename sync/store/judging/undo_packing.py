"""Taking back what was done with a tote: its binding, a verified piece, a problem that was reported."""

from __future__ import annotations

from sync.record.facts import CartToteBound, PackReported, PieceVerified, Stamp, ToteBound, Verdict
from sync.record.ids import EventId
from sync.record.packing import GONE
from sync.record.rows import ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import ACCEPTED, is_walked, quarantined, touch_order
from sync.store.judging.taking_back import UNDO, move_back, too_late
from sync.store.judging.totes import set_free, touch_packing
from sync.store.places import LOST


def unbind(bench: Bench, stamp: Stamp, undoes: EventId, fact: ToteBound | CartToteBound) -> Verdict:
    """The tote is free again, as long as nothing is in it."""
    pick_list, tote = bench.lists.get(fact.list_id), bench.totes.get(fact.tote)
    if pick_list is None or tote is None:
        return quarantined("unknown-list" if pick_list is None else "unknown-tote")
    is_full = any(content["quantity"] for content in bench.tote_contents.where(tote=fact.tote))
    if is_full or not is_walked(pick_list) or tote["list_id"] != fact.list_id:
        text = f"{fact.tote} was taken off list {fact.list_id} when it had moved on: look what is in it"
        return too_late(bench, stamp, text, order_id=pick_list["order_id"])
    bench.lists.change(pick_list, totes=[code for code in pick_list["totes"] if code != fact.tote])
    order = bench.list_orders.get(fact.list_id, fact.order_id) if isinstance(fact, CartToteBound) else None
    if order is not None:
        bench.list_orders.change(order, totes=[code for code in order["totes"] if code != fact.tote])
        touch_order(bench, order)
    bench.work.touch("pick_list", str(fact.list_id))
    set_free(bench, tote)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    return ACCEPTED


def unverify(bench: Bench, stamp: Stamp, undoes: EventId, fact: PieceVerified) -> Verdict:
    """The pieces are in the tote again, and nobody has looked at them; what was surplus never was in it."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return quarantined("unknown-tote")
    opened = bench.opened_by(undoes)
    counted = fact.quantity - (0 if opened is None else int(opened["quantity"]))
    contents = [row for row in bench.tote_contents.where(tote=fact.tote) if row["order_line_id"] == fact.order_line_id]
    if tote["sscc"] is not None or sum(row["verified"] for row in contents) < counted:
        return too_late(bench, stamp, _moved_on(fact.tote), order_id=tote["order_id"], item_id=fact.item_id)
    for content in sorted(contents, key=lambda row: str(row["lot"]), reverse=True):
        step = min(counted, int(content["verified"]))
        bench.tote_contents.change(content, verified=content["verified"] - step)
        counted -= step
    touch_packing(bench, tote)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    return ACCEPTED


def _moved_on(tote: str) -> str:
    return f"an undo at packing came when the carton of {tote} had its number: check what is in it"


def unreport(bench: Bench, stamp: Stamp, undoes: EventId, fact: PackReported) -> Verdict:
    """What was reported as gone is in the tote again; a piece that was put aside is nobody's concern any more."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return quarantined("unknown-tote")
    gone = [move for move in bench.moves_of(undoes) if move["target"] == LOST]
    line = None if fact.order_line_id is None else bench.order_lines.get(fact.order_line_id)
    if fact.problem in GONE and gone and line is not None:
        pieces = sum(move["quantity"] for move in gone)
        if not _is_still_its_tote(tote, line) or line["short"] < pieces:
            return too_late(bench, stamp, _moved_on(fact.tote), order_id=line["order_id"], item_id=fact.item_id)
        for move in gone:
            _put_in_again(bench, fact, move)
        move_back(bench, stamp, gone)
        bench.order_lines.change(line, picked=line["picked"] + pieces, short=line["short"] - pieces)
        bench.totes.change(tote, status=str(ToteStatus.TO_PACK), order_id=line["order_id"])
        bench.work.touch("tote", fact.tote)
    touch_packing(bench, tote)
    bench.settle(undoes, by=UNDO, settlement=stamp.event_id)
    return ACCEPTED


def _is_still_its_tote(tote: RowDict, line: RowDict) -> bool:
    """It waits for the packer of this order, without a carton's number, or was free since it seemed empty."""
    if tote["status"] == ToteStatus.EMPTY:
        return True
    return bool(tote["status"] == ToteStatus.TO_PACK and tote["order_id"] == line["order_id"] and tote["sscc"] is None)


def _put_in_again(bench: Bench, fact: PackReported, move: RowDict) -> None:
    key = {"tote": fact.tote, "order_line_id": fact.order_line_id, "lot": move["lot"]}
    content = bench.tote_contents.get_or_add(**key, item_id=move["item_id"], quantity=0, verified=0)
    bench.tote_contents.change(content, quantity=content["quantity"] + move["quantity"])
