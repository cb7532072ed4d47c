"""Judging what sorters do at a put wall: what they say they did with pieces is done, whoever holds the tote."""

from __future__ import annotations

from sqlalchemy import update

from sync.record.facts import (
    ClaimedSort,
    PutInCubby,
    ReleasedSort,
    SortProblem,
    SortReported,
    Stamp,
    Verdict,
)
from sync.record.ids import BatchId, EventId, LocationCode, OrderId, OrderLineId
from sync.record.rows import ToteStatus
from sync.record.sorting import GONE
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import count, settle_batch, settle_order, tell_sorters, touch_sorting
from sync.store.judging.carrying import carry, share_of_weight
from sync.store.judging.cubbies import judge_claim, judge_release
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined
from sync.store.judging.serials import serials_follow
from sync.store.leading.putting_back import CANCELLED_PICKED, PUT_BACK, after_taking_out, take_out
from sync.store.places import LOST, in_tote

NOT_THE_SORTER = "sorted-by-another"
WRONG_CUBBY = "wrong-cubby"
MORE = "sort-more"
"""More pieces than the record has in the tote for the order."""


def judge(bench: Bench, stamp: Stamp, fact: ClaimedSort | PutInCubby | SortReported | ReleasedSort) -> Verdict:
    match fact:
        case ClaimedSort():
            return judge_claim(bench, stamp, fact)
        case ReleasedSort():
            return judge_release(bench, stamp, fact)
        case PutInCubby():
            return _judge_put(bench, stamp, fact)
        case SortReported():
            return _judge_reported(bench, stamp, fact)


def contents_for(bench: Bench, fact: PutInCubby | SortReported) -> list[RowDict]:
    """What the tote, while it is of the fact's batch, holds for the order line: the lot that the fact names first."""
    tote = bench.totes.get(fact.tote)
    if tote is None or tote["batch_id"] != fact.batch_id:
        return []
    rows = [
        row
        for row in bench.tote_contents.where(tote=fact.tote)
        if (row["order_line_id"], row["item_id"]) == (fact.order_line_id, fact.item_id)
    ]
    return sorted(rows, key=lambda row: (row["lot"] != (fact.lot or ""), str(row["lot"])))


def _judge_put(bench: Bench, stamp: Stamp, fact: PutInCubby) -> Verdict:
    line = bench.order_lines.get(fact.order_line_id)
    unknown = _unknown(bench, fact, line)
    if unknown is None and bench.cubbies.get(fact.cubby) is None:
        unknown = "unknown-cubby"
    if unknown is not None or line is None:
        return quarantined(unknown or "unknown-line")
    left = fact.quantity
    for content in contents_for(bench, fact):
        step = min(left, int(content["quantity"]))
        if step:
            carry(bench, stamp.event_id, content, fact.cubby, step, "sort")
            left -= step
    count(bench, fact.batch_id, put=fact.quantity - left)
    wrong = _stand_in_cubby(bench, stamp, fact, line, fact.quantity - left)
    _note_serial(bench, fact, left)
    _after(bench, fact, OrderId(line["order_id"]))
    return _told(bench, stamp, fact, line, left, wrong=wrong)


def _unknown(bench: Bench, fact: PutInCubby | SortReported, line: RowDict | None) -> str | None:
    if bench.batches.get(fact.batch_id) is None:  # and locks it, before anything of it is looked at
        return "unknown-batch"
    if bench.totes.get(fact.tote) is None:
        return "unknown-tote"
    return "unknown-line" if line is None and fact.order_line_id is not None else None


def _stand_in_cubby(bench: Bench, stamp: Stamp, fact: PutInCubby, line: RowDict, pieces: int) -> bool:
    """Pieces stand in a cubby, and whose cubby it is decides what follows; True: it is another order's."""
    cubby, tote = bench.cubbies.get(fact.cubby), bench.totes.get(fact.cubby)
    if cubby is None or tote is None:
        raise LookupError(f"cubby {fact.cubby} is no tote")
    if cubby["order_id"] is None and pieces:
        # It was taken from the order meanwhile, and nobody has it: it is the order's again.
        bench.cubbies.change(cubby, batch_id=fact.batch_id, order_id=line["order_id"])
        bench.totes.change(tote, status=str(ToteStatus.PICKING), order_id=line["order_id"])
        bench.work.touch("cubby", fact.cubby)
        bench.work.touch("tote", fact.cubby)
    if tote["status"] == ToteStatus.TO_PACK:
        bench.work.touch("packing", fact.cubby, "pack")
    order = bench.orders.get(line["order_id"])
    if pieces and order is not None and order["status"] == "cancelled":
        _cancelled_in_cubby(bench, stamp, fact, order, pieces)
    return bool(cubby["order_id"] not in (None, line["order_id"]))


def _cancelled_in_cubby(bench: Bench, stamp: Stamp, fact: PutInCubby, order: RowDict, pieces: int) -> None:
    bench.discrepancy(
        f"{stamp.event_id}.back",
        CANCELLED_PICKED,
        f"{pieces} pieces of cancelled order {order['order_ref']} are in {fact.cubby}: put them back",
        quantity=pieces,
        order_id=order["order_id"],
        place=in_tote(fact.cubby),
    )
    bulk = bench.totes.get(fact.tote)
    if bulk is not None:
        after_taking_out(bench, bulk, by=str(stamp.worker_id or stamp.terminal_id), how="sort")


def _note_serial(bench: Bench, fact: PutInCubby, left: int) -> None:
    if fact.serial is not None and not left:
        s = t.serial.c
        this = (s.site_id == bench.site_id, s.item_id == fact.item_id, s.serial == fact.serial)
        bench.work.conn.execute(update(t.serial).where(*this).values(place=in_tote(fact.cubby)))
    serials_follow(bench, bench.tote_contents.where(tote=fact.tote), in_tote(fact.tote), in_tote(fact.cubby))


def _after(bench: Bench, fact: PutInCubby | SortReported, order_id: OrderId | None) -> None:
    tote = bench.totes.get(fact.tote)
    if tote is not None:
        touch_sorting(bench, tote)
    if order_id is not None:
        settle_order(bench, order_id)
    settle_batch(bench, fact.batch_id)


def _told(bench: Bench, stamp: Stamp, fact: PutInCubby, line: RowDict, left: int, *, wrong: bool) -> Verdict:
    tote = bench.totes.get(fact.tote)
    if left:
        text = f"{left} of {fact.item_id} more went from {fact.tote} into {fact.cubby} than the record says: count it"
        return _open(bench, stamp, fact, MORE, text, line["order_id"], left)
    if wrong:
        text = f"{fact.quantity} of {fact.item_id} are in {fact.cubby}, which is another order's: take them out"
        return _open(bench, stamp, fact, WRONG_CUBBY, text, line["order_id"], fact.quantity)
    if tote is not None and tote["terminal_id"] != stamp.terminal_id:
        return _by_another(bench, stamp, fact, tote, line["order_id"])
    return ACCEPTED


def _by_another(
    bench: Bench, stamp: Stamp, fact: PutInCubby | SortReported, tote: RowDict, order_id: int | None
) -> Verdict:
    holder = tote["terminal_id"]
    other = None if holder is None else {"terminal_id": holder, "worker_id": None, "says": f"sorts {fact.tote}"}
    text = f"{stamp.terminal_id} sorted out of {fact.tote}, which {holder or 'nobody'} held: it counts; look in it"
    return _open(bench, stamp, fact, NOT_THE_SORTER, text, order_id, 0, other=other)


def _open(
    bench: Bench,
    stamp: Stamp,
    fact: PutInCubby | SortReported,
    kind: str,
    text: str,
    order_id: int | None,
    quantity: int,
    **about: object,
) -> Verdict:
    bench.discrepancy(
        stamp.event_id,
        kind,
        text,
        quantity=quantity,
        order_id=order_id,
        item_id=fact.item_id,
        place=in_tote(fact.tote if isinstance(fact, SortReported) else fact.cubby),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        **about,
    )
    return discrepancy(kind)


def _judge_reported(bench: Bench, stamp: Stamp, fact: SortReported) -> Verdict:
    """Missing and damaged pieces leave the order's account, returned ones stand in a location, others are put aside."""
    line = None if fact.order_line_id is None else bench.order_lines.get(fact.order_line_id)
    unknown = _unknown(bench, fact, line)
    if unknown is not None:
        return quarantined(unknown)
    if fact.problem is SortProblem.RETURNED:
        return _returned(bench, stamp, fact, line)
    order_id = None if line is None else OrderId(line["order_id"])
    gone = _write_off(bench, stamp, fact, line) if line is not None and fact.problem in GONE else fact.quantity
    text = f"{gone} of {fact.item_id} in {fact.tote} at the wall: {fact.problem}"
    _open(bench, stamp, fact, f"sort-{fact.problem}", text, order_id, gone)
    _after(bench, fact, order_id)
    tote = bench.totes.get(fact.tote)
    if tote is not None and tote["terminal_id"] != stamp.terminal_id:
        return _by_another(bench, stamp, fact, tote, order_id)
    return ACCEPTED


def _write_off(bench: Bench, stamp: Stamp, fact: SortReported, line: RowDict) -> int:
    """Pieces that are not there, or not fit to be sent, are short of their order; returns how many it came to."""
    left = fact.quantity
    for content in contents_for(bench, fact):
        step = min(left, int(content["quantity"]))
        if not step:
            continue
        bench.tote_contents.change(
            content,
            quantity=content["quantity"] - step,
            weight_g=content["weight_g"] - share_of_weight(content, step),
        )
        bench.move(
            stamp.event_id,
            item_id=content["item_id"],
            lot=content["lot"],
            quantity=step,
            source=in_tote(fact.tote),
            target=LOST,
            reason=str(fact.problem),
        )
        left -= step
    gone = fact.quantity - left
    order = bench.orders.get(line["order_id"])
    given_up = "cancelled" if order is not None and order["status"] == "cancelled" else "short"
    bench.order_lines.change(line, picked=line["picked"] - gone, **{given_up: line[given_up] + gone})
    count(bench, fact.batch_id, reported=gone)
    return gone


def _returned(bench: Bench, stamp: Stamp, fact: SortReported, line: RowDict | None) -> Verdict:
    """What stands in a location counts there, whatever the record thought of the tote."""
    place = fact.place
    if place is None or bench.locations.get(place) is None:
        return quarantined("unknown-location")
    tote = bench.totes.get(fact.tote)
    left = fact.quantity
    for content in contents_for(bench, fact):
        left -= take_out(bench, EventId(stamp.event_id), content, left, LocationCode(place))
    if tote is not None:
        after_taking_out(bench, tote, by=str(stamp.worker_id or stamp.terminal_id), how=PUT_BACK)
    order_id = None if line is None else OrderId(line["order_id"])
    _after(bench, fact, order_id)
    tell_sorters(bench, BatchId(fact.batch_id))
    if left:
        text = f"{left} of {fact.item_id} more than {fact.tote} held were put back at {place}: count it"
        return _open(bench, stamp, fact, "put-back-more", text, order_id, left)
    if tote is not None and tote["terminal_id"] != stamp.terminal_id:
        return _by_another(bench, stamp, fact, tote, order_id)
    return ACCEPTED


def order_at_the_wall(bench: Bench, order_id: OrderId) -> None:
    """The order was cancelled, or fewer of it are wanted: sorters and packers see what becomes of its pieces."""
    line_ids = [OrderLineId(line["order_line_id"]) for line in bench.order_lines.where(order_id=order_id)]
    batches: set[BatchId] = set()
    for line_id in line_ids:
        for content in bench.tote_contents.where(order_line_id=line_id):
            tote = bench.totes.get(content["tote"])
            if tote is not None and tote["batch_id"] is not None:
                touch_sorting(bench, tote)
                batches.add(BatchId(tote["batch_id"]))
    settle_order(bench, order_id)
    for batch_id in sorted(batches):
        settle_batch(bench, batch_id)
