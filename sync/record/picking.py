"""How a pick list changes by what happens to it: the same fold at the terminal and at the store."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.record.facts import (
    Fact,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    Picked,
    PutInTote,
    ReleasedList,
    ToteBound,
)
from sync.record.ids import PickLineId
from sync.record.rows import ListStatus, PickLineRow, PickListRow

LineFact = LocationConfirmed | Picked | PutInTote | LineSkipped | LineShorted
ListFact = ToteBound | ListHandedOver | ReleasedList


@dataclass(frozen=True, slots=True)
class Walk:
    """A pick list with its lines, as the worker at this terminal sees it."""

    head: PickListRow
    lines: tuple[PickLineRow, ...]

    def line(self, line_id: PickLineId) -> PickLineRow | None:
        return next((line for line in self.lines if line.line_id == line_id), None)


def has_tote(head: PickListRow) -> bool:
    """Whoever walks the list has a tote to put into."""
    return bool(head.totes) and not head.tote_gone


def open_pieces(line: PickLineRow) -> int:
    """Pieces that are still to be picked."""
    return line.asked - line.picked - line.shorted


def is_done(line: PickLineRow, *, confirm_tote: bool) -> bool:
    """Nothing is left to pick of the line and, where the site wants it, all of it was confirmed into the tote."""
    return open_pieces(line) <= 0 and (not confirm_tote or line.put >= line.picked)


def next_line(walk: Walk, *, confirm_tote: bool) -> PickLineRow | None:
    """The line to work on now: the started one, else the nearest on the path; skipped ones come last."""
    todo = [line for line in walk.lines if not is_done(line, confirm_tote=confirm_tote)]
    return min(todo, key=lambda line: (not line.located, line.passes, line.position, line.line_id), default=None)


def missing_pieces(walk: Walk) -> int:
    """Pieces that the walk leaves owing: reported short, and not asked for again at another location."""
    missing = 0
    for line in walk.lines:
        if not line.shorted:
            continue
        later = [
            other for other in walk.lines if other.order_line_id == line.order_line_id and other.line_id > line.line_id
        ]
        missing += max(0, line.shorted - sum(other.asked for other in later))
    return missing


def recovered(walk: Walk) -> Walk:
    """The walk with demand back where its pieces were found.

    A location may be withdrawn while the picker stands there: the store moves the line's demand to another location and
    does not know yet that the pieces are in the hand. Once it hears of them it takes the demand back (its own rule does
    the same); until then nobody must be sent for the same pieces again.
    """
    lines = {line.line_id: line for line in walk.lines}
    for over in [line for line in walk.lines if open_pieces(line) < 0]:
        surplus = -open_pieces(over)
        for other in [line for line in lines.values() if _replaces(line, over)]:
            back = min(surplus, other.asked)
            lines[other.line_id] = replace(other, asked=other.asked - back)
            lines[over.line_id] = replace(lines[over.line_id], asked=lines[over.line_id].asked + back)
            surplus -= back
    return Walk(walk.head, tuple(lines.values()))


def _replaces(line: PickLineRow, over: PickLineRow) -> bool:
    """A later line for the same demand that nobody has begun."""
    is_later = line.order_line_id == over.order_line_id and line.line_id > over.line_id
    return is_later and not (line.picked or line.shorted or line.located)


def fold_line(line: PickLineRow, fact: LineFact) -> PickLineRow:
    """The line after the fact."""
    match fact:
        case LocationConfirmed():
            return replace(line, located=True)
        case Picked():
            return replace(line, picked=line.picked + fact.quantity)
        case PutInTote():
            return replace(line, put=line.put + fact.quantity)
        case LineSkipped():
            return replace(line, passes=line.passes + 1, located=False)
        case LineShorted():
            return replace(line, shorted=line.shorted + fact.quantity)


def unfold_line(line: PickLineRow, fact: LineFact) -> PickLineRow:
    """The line as if the fact had not happened: what an undo leaves."""
    match fact:
        case LocationConfirmed():
            return replace(line, located=False)
        case Picked():
            return replace(line, picked=line.picked - fact.quantity)
        case PutInTote():
            return replace(line, put=line.put - fact.quantity)
        case LineSkipped():
            return replace(line, passes=line.passes - 1)
        case LineShorted():
            return replace(line, shorted=line.shorted - fact.quantity)


def fold_head(head: PickListRow, fact: ListFact) -> PickListRow:
    match fact:
        case ToteBound():
            others = tuple(tote for tote in head.totes if tote != fact.tote)
            return replace(head, totes=(*others, fact.tote), tote_gone=False)
        case ListHandedOver():
            return replace(head, status=ListStatus.HANDED_OVER)
        case ReleasedList():
            return replace(head, status=ListStatus.OPEN, terminal_id=None, worker_id=None, moving=False, move_to=None)


def fold_walk(walk: Walk, fact: Fact, *, undone: bool = False) -> Walk:
    """The walk after the fact (``undone``: after the fact was taken back); the same walk when it is not concerned."""
    match fact:
        case LocationConfirmed() | Picked() | PutInTote() | LineSkipped() | LineShorted():
            change = unfold_line if undone else fold_line
            lines = tuple(change(line, fact) if line.line_id == fact.line_id else line for line in walk.lines)
            return Walk(walk.head, lines)
        case ToteBound() if undone and fact.list_id == walk.head.list_id:
            totes = tuple(tote for tote in walk.head.totes if tote != fact.tote)
            return Walk(replace(walk.head, totes=totes), walk.lines)
        case ToteBound() | ListHandedOver() | ReleasedList() if fact.list_id == walk.head.list_id:
            return Walk(walk.head if undone else fold_head(walk.head, fact), walk.lines)
        case _:
            return walk
