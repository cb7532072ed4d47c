"""How a tote at the pack station changes by what happens to it: the same fold at the terminal and at the store."""

from __future__ import annotations

from dataclasses import replace

from sync.record.facts import (
    CartonClosed,
    Fact,
    LabelProven,
    LabelSent,
    PackedQuantity,
    PackProblem,
    PackReported,
    PieceVerified,
    PrintVerdict,
    PutBack,
    SsccAssigned,
)
from sync.record.rows import PackingRow, PackLine

GONE = (PackProblem.MISSING, PackProblem.DAMAGED)
"""What takes pieces out of the tote's account; surplus and wrong pieces never were in it."""

PackFact = PieceVerified | PackReported | SsccAssigned | LabelSent | LabelProven | CartonClosed | PutBack


def to_verify(line: PackLine) -> int:
    """Pieces of the line that are still to be scanned out of the tote."""
    return line.in_tote - line.verified


def all_verified(packing: PackingRow) -> bool:
    return all(to_verify(line) <= 0 for line in packing.lines)


def contents(packing: PackingRow) -> tuple[PackedQuantity, ...]:
    """What a carton closed now would hold."""
    return tuple(
        PackedQuantity(order_line_id=line.order_line_id, quantity=line.verified)
        for line in packing.lines
        if line.verified > 0
    )


def concerns(packing: PackingRow, fact: Fact) -> bool:
    match fact:
        case PieceVerified() | PackReported() | SsccAssigned() | CartonClosed() | PutBack():
            return fact.tote == packing.tote
        case LabelSent() | LabelProven():
            return packing.sscc is not None and fact.sscc == packing.sscc
        case _:
            return False


def fold_packing(packing: PackingRow, fact: Fact, *, undone: bool = False) -> PackingRow:
    """The tote after the fact (``undone``: after it was taken back); the same when it is not concerned."""
    if not concerns(packing, fact):
        return packing
    match fact:
        case PieceVerified() | PackReported() if undone:
            return _unfolded(packing, fact)
        case PieceVerified():
            return _each(packing, fact.order_line_id, verified=fact.quantity)
        case PackReported() if fact.problem in GONE and fact.order_line_id is not None:
            return _each(packing, fact.order_line_id, in_tote=-fact.quantity)
        case PutBack():
            return _each(packing, fact.order_line_id, in_tote=-fact.quantity)
        case SsccAssigned():
            return replace(packing, sscc=fact.sscc, labels_sent=0, label_proven=False, carrier_label=fact.carrier_label)
        case LabelSent():
            # A lost label never came out: the next one is the first.
            return replace(packing, labels_sent=packing.labels_sent + int(fact.outcome is not PrintVerdict.LOST))
        case LabelProven():
            return replace(packing, label_proven=True)
        case CartonClosed():
            for packed in fact.contents:
                packing = _each(packing, packed.order_line_id, in_tote=-packed.quantity, verified=-packed.quantity)
            after = replace(packing, carton_no=packing.carton_no + 1, carrier_label=None)
            return replace(after, sscc=None, labels_sent=0, label_proven=False)
        case _:
            return packing


def _unfolded(packing: PackingRow, fact: PieceVerified | PackReported) -> PackingRow:
    if isinstance(fact, PieceVerified):
        return _each(packing, fact.order_line_id, verified=-fact.quantity)
    if fact.problem not in GONE or fact.order_line_id is None:
        return packing
    if all(line.order_line_id != fact.order_line_id for line in packing.lines):
        # The store has left the line out, since nothing of it was in the tote any more.
        line = PackLine(order_line_id=fact.order_line_id, item_id=fact.item_id, in_tote=fact.quantity)
        return replace(packing, lines=(*packing.lines, line))
    return _each(packing, fact.order_line_id, in_tote=fact.quantity)


def _each(packing: PackingRow, order_line_id: int, *, in_tote: int = 0, verified: int = 0) -> PackingRow:
    lines = tuple(
        replace(line, in_tote=line.in_tote + in_tote, verified=line.verified + verified)
        if line.order_line_id == order_line_id
        else line
        for line in packing.lines
    )
    return replace(packing, lines=lines)
