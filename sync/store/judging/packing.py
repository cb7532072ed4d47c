"""Judging what packers did: verified, reported, labelled, closed."""

from __future__ import annotations

from sync.record.codes.sscc import is_sscc
from sync.record.facts import (
    CartonClosed,
    LabelProven,
    LabelSent,
    PackReported,
    PieceVerified,
    SsccAssigned,
    Stamp,
    Verdict,
)
from sync.record.packing import GONE
from sync.record.rows import ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined
from sync.store.judging.lists import refused
from sync.store.places import LOST, in_carton, in_tote
from sync.store.unit_of_work import PACK_STATIONS


def judge_verified(bench: Bench, stamp: Stamp, fact: PieceVerified) -> Verdict:
    left = fact.quantity
    for content in _contents(bench, fact.tote, fact.order_line_id):
        step = min(left, content["quantity"] - content["verified"])
        bench.tote_contents.change(content, verified=content["verified"] + step)
        left -= step
    bench.work.touch("packing", fact.tote, PACK_STATIONS)
    if left <= 0:
        return ACCEPTED
    bench.discrepancy(
        stamp.event_id,
        "surplus",
        f"{left} of {fact.item_id} more in {fact.tote} than the record says: put them back",
        quantity=left,
        item_id=fact.item_id,
        place=in_tote(fact.tote),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy("surplus")


def _contents(bench: Bench, tote: str, order_line_id: int) -> list[RowDict]:
    rows = bench.tote_contents.where(tote=tote, order_line_id=order_line_id)
    return sorted(rows, key=lambda row: str(row["lot"]))


def judge_reported(bench: Bench, stamp: Stamp, fact: PackReported) -> Verdict:
    """Missing and damaged pieces leave the order's account; surplus and wrong ones are put back."""
    if fact.problem in GONE and fact.order_line_id is not None:
        _write_off(bench, stamp, fact)
    bench.discrepancy(
        stamp.event_id,
        f"pack-{fact.problem}",
        f"{fact.quantity} of {fact.item_id} in {fact.tote}: {fact.problem}",
        quantity=fact.quantity,
        item_id=fact.item_id,
        place=in_tote(fact.tote),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    bench.work.touch("packing", fact.tote, PACK_STATIONS)
    return ACCEPTED


def _write_off(bench: Bench, stamp: Stamp, fact: PackReported) -> None:
    left = fact.quantity
    for content in _contents(bench, fact.tote, fact.order_line_id or 0):
        step = min(left, content["quantity"] - content["verified"])
        if step <= 0:
            continue
        bench.tote_contents.change(content, quantity=content["quantity"] - step)
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
    line = bench.order_lines.get(fact.order_line_id)
    if line is not None:
        gone = fact.quantity - left
        bench.order_lines.change(line, picked=line["picked"] - gone, short=line["short"] + gone)
    _free_if_empty(bench, fact.tote)


def judge_sscc_assigned(bench: Bench, fact: SsccAssigned) -> Verdict:
    tote = bench.totes.get(fact.tote)
    if tote is None or not is_sscc(fact.sscc):
        return quarantined("unknown-tote" if tote is None else "sscc")
    bench.totes.change(tote, sscc=fact.sscc, labels_sent=0, label_proven=False)
    bench.work.touch("packing", fact.tote, PACK_STATIONS)
    return ACCEPTED


def judge_label_sent(bench: Bench, fact: LabelSent) -> Verdict:
    label = bench.labels.get(fact.sscc) or bench.labels.add(
        sscc=fact.sscc, sent=0, proven_at=None, last_outcome="", printer=""
    )
    bench.labels.change(label, sent=label["sent"] + 1, last_outcome=str(fact.outcome), printer=fact.printer)
    for tote in bench.totes.where(sscc=fact.sscc):
        bench.totes.change(tote, labels_sent=tote["labels_sent"] + 1)
        bench.work.touch("packing", tote["tote"], PACK_STATIONS)
    return ACCEPTED


def judge_label_proven(bench: Bench, fact: LabelProven) -> Verdict:
    label = bench.labels.get(fact.sscc) or bench.labels.add(
        sscc=fact.sscc, sent=0, proven_at=None, last_outcome="", printer=""
    )
    bench.labels.change(label, proven_at=bench.now)
    for tote in bench.totes.where(sscc=fact.sscc):
        bench.totes.change(tote, label_proven=True)
        bench.work.touch("packing", tote["tote"], PACK_STATIONS)
    return ACCEPTED


def judge_closed(bench: Bench, stamp: Stamp, fact: CartonClosed) -> Verdict:
    """Refused where the carton must not go; then a lead hears of it, since the tape may be on already."""
    tote = bench.totes.get(fact.tote)
    order = None if tote is None or tote["order_id"] is None else bench.orders.get(tote["order_id"])
    reason = _why_not(bench, fact, tote, order)
    if tote is None or order is None or reason is not None:
        bench.discrepancy(
            stamp.event_id,
            "carton-refused",
            f"carton {fact.sscc} from {fact.tote} was refused ({reason or 'unknown-tote'}): stop it before it leaves",
            order_id=None if order is None else order["order_id"],
            place=in_carton(fact.sscc),
            terminal_id=stamp.terminal_id,
            worker_id=stamp.worker_id,
        )
        return refused(reason or "unknown-tote")
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
    for packed in fact.contents:
        _into_carton(bench, stamp, fact, packed.order_line_id, packed.quantity)
    bench.totes.change(tote, sscc=None, labels_sent=0, label_proven=False)
    bench.work.touch("carton", fact.sscc, PACK_STATIONS)
    bench.work.touch("packing", fact.tote, PACK_STATIONS)
    _free_if_empty(bench, fact.tote)
    return ACCEPTED


def _why_not(bench: Bench, fact: CartonClosed, tote: RowDict | None, order: RowDict | None) -> str | None:
    if tote is None or order is None:
        return "unknown-tote"
    if order["status"] in ("cancelled", "held"):
        return f"order-{order['status']}"
    if bench.cartons.get(fact.sscc) is not None:
        return "sscc-used"
    label = bench.labels.get(fact.sscc)
    if label is None or label["proven_at"] is None:
        return "label-unproven"
    for packed in fact.contents:
        verified = sum(row["verified"] for row in _contents(bench, fact.tote, packed.order_line_id))
        if not 0 < packed.quantity <= verified:
            return "not-verified"
    return None if fact.contents else "empty"


def _into_carton(bench: Bench, stamp: Stamp, fact: CartonClosed, order_line_id: int, quantity: int) -> None:
    left = quantity
    for content in _contents(bench, fact.tote, order_line_id):
        step = min(left, content["verified"])
        if step <= 0:
            continue
        bench.tote_contents.change(content, quantity=content["quantity"] - step, verified=content["verified"] - step)
        bench.carton_contents.add(
            sscc=fact.sscc, order_line_id=order_line_id, lot=content["lot"], item_id=content["item_id"], quantity=step
        )
        bench.move(
            stamp.event_id,
            item_id=content["item_id"],
            lot=content["lot"],
            quantity=step,
            source=in_tote(fact.tote),
            target=in_carton(fact.sscc),
            reason="pack",
        )
        left -= step
    line = bench.order_lines.get(order_line_id)
    if line is not None:
        bench.order_lines.change(line, packed=line["packed"] + quantity)


def _free_if_empty(bench: Bench, code: str) -> None:
    """An empty tote is free for the next order and no packer's business any more."""
    tote = bench.totes.get(code)
    if tote is None or any(content["quantity"] for content in bench.tote_contents.where(tote=code)):
        return
    bench.totes.change(
        tote, status=str(ToteStatus.EMPTY), list_id=None, order_id=None, sscc=None, labels_sent=0, label_proven=False
    )
    bench.work.touch("tote", code)
    bench.work.touch("packing", code, PACK_STATIONS, deleted=True)
