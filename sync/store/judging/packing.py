"""Judging what packers did: verified, reported, labelled, closed."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from sync.record.codes.sscc import is_sscc
from sync.record.facts import (
    CartonClosed,
    LabelProven,
    LabelRefused,
    LabelSent,
    PackReported,
    PieceVerified,
    PrintVerdict,
    SsccAssigned,
    Stamp,
    Verdict,
)
from sync.record.ids import ItemId, OrderLineId, Sscc
from sync.record.packing import GONE
from sync.record.rows import ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.carrying import share_of_weight
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined, refused
from sync.store.judging.serials import serials_follow
from sync.store.judging.totes import settle_tote, touch_packing
from sync.store.orders.carrier_labels import end_carrier_label, take_carrier_label
from sync.store.orders.intake import set_status
from sync.store.orders.order_rules import ADDRESS
from sync.store.places import LOST, in_carton, in_tote
from sync.store.unit_of_work import PACK_STATIONS

HEAVIEST_G = 1_000_000


def judge_verified(bench: Bench, stamp: Stamp, fact: PieceVerified) -> Verdict:
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return quarantined("unknown-tote")
    left = fact.quantity
    for content in _to_pack(bench, tote, fact.order_line_id, fact.item_id):
        step = min(left, content["quantity"] - content["verified"])
        bench.tote_contents.change(content, verified=content["verified"] + step)
        left -= step
    touch_packing(bench, tote)
    if not left:
        return ACCEPTED
    text = f"{left} of {fact.item_id} more in {fact.tote} than the record says: put them back"
    _tell(bench, stamp, "surplus", text, tote, fact.item_id, left)
    return discrepancy("surplus")


def _to_pack(bench: Bench, tote: RowDict, order_line_id: OrderLineId, item_id: ItemId | None) -> list[RowDict]:
    """What a tote that was handed over holds of an order line, lot by lot."""
    if tote["status"] != ToteStatus.TO_PACK:
        return []
    rows = bench.tote_contents.where(tote=tote["tote"])
    mine = (row for row in rows if row["order_line_id"] == order_line_id and item_id in (None, row["item_id"]))
    return sorted(mine, key=lambda row: str(row["lot"]))


def _tell(
    bench: Bench, stamp: Stamp, kind: str, text: str, tote: RowDict, item_id: ItemId | None, quantity: int
) -> None:
    bench.discrepancy(
        stamp.event_id,
        kind,
        text,
        quantity=quantity,
        order_id=tote["order_id"],
        item_id=item_id,
        place=in_tote(tote["tote"]),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )


def judge_reported(bench: Bench, stamp: Stamp, fact: PackReported) -> Verdict:
    """Missing and damaged pieces leave the order's account; surplus and wrong ones are put back."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return quarantined("unknown-tote")
    text = f"{fact.quantity} of {fact.item_id} in {fact.tote}: {fact.problem}"
    _tell(bench, stamp, f"pack-{fact.problem}", text, tote, fact.item_id, fact.quantity)
    if fact.problem in GONE and fact.order_line_id is not None:
        _write_off(bench, stamp, fact, tote, fact.order_line_id)
    return ACCEPTED


def _write_off(bench: Bench, stamp: Stamp, fact: PackReported, tote: RowDict, order_line_id: OrderLineId) -> None:
    line = bench.order_lines.get(order_line_id)
    if line is None:
        return
    left = fact.quantity
    for content in _to_pack(bench, tote, order_line_id, fact.item_id):
        step = min(left, content["quantity"] - content["verified"])
        if step:
            bench.tote_contents.change(content, quantity=content["quantity"] - step)
            _move(bench, stamp, content, step, LOST, str(fact.problem))
            left -= step
    gone = fact.quantity - left
    bench.order_lines.change(line, picked=line["picked"] - gone, short=line["short"] + gone)
    if gone:
        settle_tote(bench, tote)


def _move(bench: Bench, stamp: Stamp, content: RowDict, quantity: int, target: str, reason: str) -> None:
    bench.move(
        stamp.event_id,
        item_id=content["item_id"],
        lot=content["lot"],
        quantity=quantity,
        source=in_tote(content["tote"]),
        target=target,
        reason=reason,
    )


def judge_sscc_assigned(bench: Bench, stamp: Stamp, fact: SsccAssigned) -> Verdict:
    """A number that was never leased to its terminal may be on another carton too: a lead hears of it."""
    tote = bench.totes.get(fact.tote)
    if tote is None or not is_sscc(fact.sscc):
        return quarantined("unknown-tote" if tote is None else "sscc")
    if tote["status"] != ToteStatus.TO_PACK:
        return quarantined("not-handed-over")
    bench.totes.change(tote, sscc=fact.sscc, labels_sent=0, label_proven=False, carrier_label=None)
    used_twice = take_carrier_label(bench, tote, fact)
    touch_packing(bench, tote)
    if used_twice is not None:
        _tell(bench, stamp, "carrier-label-used", used_twice, tote, None, 0)
        return discrepancy("carrier-label-used")
    if _is_leased(bench, stamp, fact.sscc):
        return ACCEPTED
    text = f"carton number {fact.sscc} on {fact.tote} was never leased to {stamp.terminal_id}: look for it twice"
    _tell(bench, stamp, "sscc-not-leased", text, tote, None, 0)
    return discrepancy("sscc-not-leased")


def _is_leased(bench: Bench, stamp: Stamp, sscc: Sscc) -> bool:
    s, r = t.site.c, t.sscc_range.c
    conn = bench.work.conn
    prefix = "0" + conn.execute(select(s.company_prefix).where(s.site_id == bench.site_id)).scalar_one()
    if not sscc.startswith(prefix):
        return False
    serial_ref = int(sscc[len(prefix) : -1])
    leased = select(r.range_id).where(
        r.site_id == bench.site_id,
        r.terminal_id == stamp.terminal_id,
        r.first <= serial_ref,
        r.last >= serial_ref,
    )
    return conn.execute(leased.limit(1)).first() is not None


def judge_label_sent(bench: Bench, fact: LabelSent) -> Verdict:
    if not is_sscc(fact.sscc):
        return quarantined("sscc")
    label = _label(bench, fact.sscc)
    bench.labels.change(label, sent=label["sent"] + 1, last_outcome=str(fact.outcome), printer=fact.printer)
    for tote in bench.totes.where(sscc=fact.sscc):
        # A lost label never came out: the next one is the first.
        bench.totes.change(tote, labels_sent=tote["labels_sent"] + int(fact.outcome is not PrintVerdict.LOST))
        touch_packing(bench, tote)
    return ACCEPTED


def judge_label_refused(bench: Bench, stamp: Stamp, fact: LabelRefused) -> Verdict:
    """The order waits until somebody has corrected its address or brought the font: nothing leaves with half a name."""
    tote = bench.totes.get(fact.tote)
    if tote is None or tote["order_id"] is None:
        return quarantined("unknown-tote")
    fields = ", ".join(fact.fields)
    text = f"The label cannot be printed: {stamp.terminal_id} has no font for the letters of {fields}."
    what_to_do = "Correct the address or install a font that has them, then release it."
    _tell(bench, stamp, "label-unprintable", f"{text} {what_to_do}", tote, None, 0)
    bench.flush()
    hold = {"order_id": tote["order_id"], "reason": ADDRESS, "text": f"{text} {what_to_do}", "raised_at": bench.now}
    bench.work.upsert(t.order_hold, [{**hold, "released_at": None, "released_by": None}])
    set_status(bench.work, [tote["order_id"]])
    bench.forget()
    return ACCEPTED


def judge_label_proven(bench: Bench, fact: LabelProven) -> Verdict:
    if not is_sscc(fact.sscc):
        return quarantined("sscc")
    bench.labels.change(_label(bench, fact.sscc), proven_at=bench.now)
    for tote in bench.totes.where(sscc=fact.sscc):
        bench.totes.change(tote, label_proven=True)
        touch_packing(bench, tote)
    return ACCEPTED


def _label(bench: Bench, sscc: Sscc) -> RowDict:
    return bench.labels.get_or_add(sscc=sscc, sent=0, proven_at=None, last_outcome="", printer="")


def judge_closed(bench: Bench, stamp: Stamp, fact: CartonClosed) -> Verdict:
    """Refused where the carton must not go; then a lead hears of it, since the tape may be on already."""
    tote = bench.totes.get(fact.tote)
    order = None if tote is None or tote["order_id"] is None else bench.orders.get(tote["order_id"])
    if tote is None or order is None:
        return _refuse(bench, stamp, fact, None, "unknown-tote")
    reason = _why_not(bench, fact, tote, order)
    if reason is not None:
        return _refuse(bench, stamp, fact, order, reason)
    bench.orders.change(order, cartons_closed=order["cartons_closed"] + 1)
    bench.cartons.add(
        sscc=fact.sscc,
        order_id=order["order_id"],
        carton_no=order["cartons_closed"],
        tote=fact.tote,
        weight_g=fact.weight_g,
        closed_at=bench.now,
        shipped_at=None,
    )
    for order_line_id, quantity in _packed(fact).items():
        _into_carton(bench, stamp, fact, tote, order_line_id, quantity)
    serials_follow(bench, bench.tote_contents.where(tote=fact.tote), in_tote(fact.tote), in_carton(fact.sscc))
    if tote["carrier_label"] is not None:
        end_carrier_label(bench, tote)
    bench.totes.change(tote, sscc=None, labels_sent=0, label_proven=False, carrier_label=None)
    bench.work.touch("carton", fact.sscc, PACK_STATIONS)
    for other in bench.totes.where(order_id=order["order_id"]):  # the next carton of the order has another number
        touch_packing(bench, other)
    settle_tote(bench, tote)
    return ACCEPTED


def _refuse(bench: Bench, stamp: Stamp, fact: CartonClosed, order: RowDict | None, reason: str) -> Verdict:
    if is_sscc(fact.sscc):
        bench.discrepancy(
            stamp.event_id,
            "carton-refused",
            f"carton {fact.sscc} from {fact.tote} was refused ({reason}): stop it before it leaves",
            order_id=None if order is None else order["order_id"],
            place=in_carton(fact.sscc),
            terminal_id=stamp.terminal_id,
            worker_id=stamp.worker_id,
        )
    return refused(reason)


def _packed(fact: CartonClosed) -> Counter[OrderLineId]:
    packed: Counter[OrderLineId] = Counter()
    for one in fact.contents:
        packed[one.order_line_id] += one.quantity
    return packed


def _why_not(bench: Bench, fact: CartonClosed, tote: RowDict, order: RowDict) -> str | None:
    if tote["status"] != ToteStatus.TO_PACK:
        return "not-handed-over"
    if order["status"] in ("cancelled", "held"):
        return f"order-{order['status']}"
    label = bench.labels.get(
        fact.sscc
    )  # locked first: of two that close one number at once, one sees the other's carton
    if bench.cartons.get(fact.sscc) is not None:
        return "sscc-used"
    if tote["sscc"] != fact.sscc:
        return "sscc-not-assigned"  # the label was made for something else, perhaps for another address
    if label is None or label["proven_at"] is None:
        return "label-unproven"
    if fact.weight_g is not None and not 0 < fact.weight_g <= HEAVIEST_G:
        return "weight"
    return _why_not_these(bench, fact, tote, order)


def _why_not_these(bench: Bench, fact: CartonClosed, tote: RowDict, order: RowDict) -> str | None:
    if not fact.contents:
        return "empty"
    if any(one.quantity <= 0 for one in fact.contents):
        return "not-verified"
    for order_line_id, quantity in _packed(fact).items():
        line = bench.order_lines.get(order_line_id)
        if line is None or line["order_id"] != order["order_id"]:
            return "other-order"
        if quantity > sum(row["verified"] for row in _to_pack(bench, tote, order_line_id, None)):
            return "not-verified"
    return None


def _into_carton(
    bench: Bench, stamp: Stamp, fact: CartonClosed, tote: RowDict, order_line_id: OrderLineId, quantity: int
) -> None:
    left = quantity
    for content in _to_pack(bench, tote, order_line_id, None):
        step = min(left, content["verified"])
        if not step:
            continue
        weight_g = share_of_weight(content, step)
        bench.tote_contents.change(
            content,
            quantity=content["quantity"] - step,
            verified=content["verified"] - step,
            weight_g=content["weight_g"] - weight_g,
        )
        bench.carton_contents.add(
            sscc=fact.sscc,
            order_line_id=order_line_id,
            lot=content["lot"],
            item_id=content["item_id"],
            quantity=step,
            weight_g=weight_g,
        )
        _move(bench, stamp, content, step, in_carton(fact.sscc), "pack")
        left -= step
    line = bench.order_lines.get(order_line_id)
    if line is not None:
        bench.order_lines.change(line, packed=line["packed"] + quantity)
