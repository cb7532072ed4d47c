"""How a bulk tote at the put wall changes by what happens to it: the same fold at the terminal and at the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.record.facts import ClaimedSort, Fact, PutInCubby, ReleasedSort, SortProblem, SortReported
from sync.record.ids import OrderId, OrderLineId
from sync.record.rows import SortingRow, SortLine

GONE = (SortProblem.MISSING, SortProblem.DAMAGED)
"""What takes pieces out of the tote's account; surplus and wrong pieces never were in it."""
_TAKES_OUT = (*GONE, SortProblem.RETURNED)


def pieces_left(sorting: SortingRow) -> int:
    return sum(line.in_tote for line in sorting.lines)


def to_put(sorting: SortingRow) -> list[SortLine]:
    """The lines whose pieces go into cubbies; first those that leave the least of their order in the tote."""
    lines = [line for line in sorting.lines if line.in_tote > 0 and not line.stopped]
    left = {order_id: _pieces_of(lines, order_id) for order_id in {line.order_id for line in lines}}
    return sorted(lines, key=lambda line: (left[line.order_id] - line.in_tote, line.order_line_id, line.lot or ""))


def _pieces_of(lines: Sequence[SortLine], order_id: OrderId) -> int:
    return sum(line.in_tote for line in lines if line.order_id == order_id)


def to_return(sorting: SortingRow) -> list[SortLine]:
    """The lines of cancelled orders: their pieces go back to a location."""
    return [line for line in sorting.lines if line.in_tote > 0 and line.stopped]


def fold_sorting(sorting: SortingRow, fact: Fact, *, undone: bool = False) -> SortingRow:
    """The tote after the fact (``undone``: after it was taken back); the same when it is not concerned."""
    match fact:
        case PutInCubby(tote=tote) if tote == sorting.tote:
            return _each(sorting, fact, fact.quantity if undone else -fact.quantity)
        case SortReported(tote=tote) if tote == sorting.tote and fact.problem in _TAKES_OUT:
            return _each(sorting, fact, fact.quantity if undone else -fact.quantity)
        case ReleasedSort(tote=tote) if tote == sorting.tote and not undone:
            return replace(sorting, terminal_id=None)
        case ClaimedSort() | _:
            return sorting


def _each(sorting: SortingRow, fact: PutInCubby | SortReported, pieces: int) -> SortingRow:
    """``pieces`` more (below zero: fewer) of the order line: of the fact's own lot first, and never below none."""
    if pieces > 0:
        return _put_in_again(sorting, fact, pieces)
    mine = [line for line in sorting.lines if line.order_line_id == fact.order_line_id]
    left, lines = -pieces, list(sorting.lines)
    for line in sorted(mine, key=lambda line: (line.lot != fact.lot, line.lot or "")):
        step = min(left, line.in_tote)
        lines[lines.index(line)] = replace(line, in_tote=line.in_tote - step)
        left -= step
    return replace(sorting, lines=tuple(lines))


def _put_in_again(sorting: SortingRow, fact: PutInCubby | SortReported, pieces: int) -> SortingRow:
    mine = [line for line in sorting.lines if line.order_line_id == fact.order_line_id]
    known = next((line for line in mine if line.lot == fact.lot), None)
    if known is not None:
        back = replace(known, in_tote=known.in_tote + pieces)
        return replace(sorting, lines=tuple(back if line is known else line for line in sorting.lines))
    if fact.order_line_id is None:
        return sorting
    # The store has left the line out, since nothing of it was in the tote any more. Where none of its order is there
    # either, whose it is comes with the store's next row.
    like = mine[0] if mine else _unnamed(fact.order_line_id, fact)
    return replace(sorting, lines=(*sorting.lines, replace(like, lot=fact.lot, in_tote=pieces)))


def _unnamed(order_line_id: OrderLineId, fact: PutInCubby | SortReported) -> SortLine:
    return SortLine(
        order_line_id=order_line_id,
        order_id=OrderId(0),
        order_ref="",
        item_id=fact.item_id,
        lot=None,
        in_tote=0,
        cubby=fact.cubby if isinstance(fact, PutInCubby) else None,
    )
