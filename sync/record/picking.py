"""How a pick list changes by what happens to it: the same fold at the terminal and at the store."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.record.facts import (
    CartToteBound,
    Fact,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    OrderHandedOver,
    Picked,
    PutInTote,
    ReleasedList,
    ToteBound,
)
from sync.record.ids import OrderId, PickLineId, ToteCode
from sync.record.rows import ListOrderRow, ListStatus, PickLineRow, PickListRow

LineFact = LocationConfirmed | Picked | PutInTote | LineSkipped | LineShorted
ListFact = ToteBound | ListHandedOver | ReleasedList
CartFact = CartToteBound | OrderHandedOver


@dataclass(frozen=True, slots=True)
class Walk:
    """A pick list with its lines, as the worker at this terminal sees it."""

    head: PickListRow
    lines: tuple[PickLineRow, ...]
    orders: tuple[ListOrderRow, ...] = ()
    """Of a batch on a cart, by position."""

    def __hash__(self) -> int:
        """By identity: what was worked out about a walk of hundreds of lines is found again without reading them."""
        return id(self)

    def order(self, order_id: OrderId) -> ListOrderRow | None:
        return next((order for order in self.orders if order.order_id == order_id), None)

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
    return replace(walk, lines=tuple(lines.values()))


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
            return replace(head, totes=_with(head.totes, fact.tote), tote_gone=False)
        case ListHandedOver():
            return replace(head, status=ListStatus.HANDED_OVER)
        case ReleasedList():
            return replace(head, status=ListStatus.OPEN, terminal_id=None, worker_id=None, moving=False, move_to=None)


def carries(order: ListOrderRow) -> bool:
    """A tote for the order stands on the cart."""
    return bool(order.totes) and not order.tote_gone and not order.handed_over


def fold_cart(orders: tuple[ListOrderRow, ...], fact: CartFact) -> tuple[ListOrderRow, ...]:
    """The orders of a cart after the fact, by position.

    A tote that was put at another position than planned takes that position for its order; an order that has no tote
    yet and was planned there gets the other's.
    """
    before = next((order for order in orders if order.order_id == fact.order_id), None)
    if before is None:
        return orders
    if isinstance(fact, OrderHandedOver):
        return tuple(replace(order, handed_over=True) if order is before else order for order in orders)
    after: list[ListOrderRow] = []
    for order in orders:
        if order is before:
            totes = _with(order.totes, fact.tote)
            after.append(replace(order, position=fact.position, totes=totes, tote_gone=False, handed_over=False))
        elif order.position == fact.position and not carries(order):
            after.append(replace(order, position=before.position))
        else:
            after.append(order)
    return tuple(sorted(after, key=lambda order: (order.position, order.order_id)))


def unfold_cart(orders: tuple[ListOrderRow, ...], fact: CartToteBound) -> tuple[ListOrderRow, ...]:
    """The orders as if the tote had not been bound; positions stay as they are."""
    return tuple(
        replace(order, totes=tuple(tote for tote in order.totes if tote != fact.tote))
        if order.order_id == fact.order_id
        else order
        for order in orders
    )


def _with(totes: tuple[ToteCode, ...], tote: ToteCode) -> tuple[ToteCode, ...]:
    """The totes with this one in use."""
    return (*(other for other in totes if other != tote), tote)


def fold_walk(walk: Walk, fact: Fact, *, undone: bool = False) -> Walk:
    """The walk after the fact (``undone``: after the fact was taken back); the same walk when it is not concerned."""
    match fact:
        case LocationConfirmed() | Picked() | PutInTote() | LineSkipped() | LineShorted():
            if walk.line(fact.line_id) is None:
                return walk
            change = unfold_line if undone else fold_line
            lines = tuple(change(line, fact) if line.line_id == fact.line_id else line for line in walk.lines)
            return replace(walk, lines=lines)
        case CartToteBound() | OrderHandedOver() if fact.list_id == walk.head.list_id:
            return _fold_cart_of(walk, fact, undone=undone)
        case ToteBound() if undone and fact.list_id == walk.head.list_id:
            totes = tuple(tote for tote in walk.head.totes if tote != fact.tote)
            return replace(walk, head=replace(walk.head, totes=totes))
        case ToteBound() | ListHandedOver() | ReleasedList() if fact.list_id == walk.head.list_id:
            return walk if undone else replace(walk, head=fold_head(walk.head, fact))
        case _:
            return walk


def _fold_cart_of(walk: Walk, fact: CartFact, *, undone: bool) -> Walk:
    """Of a cart the head names all totes, whatever their order."""
    if not isinstance(fact, CartToteBound):
        return walk if undone else replace(walk, orders=fold_cart(walk.orders, fact))
    if undone:
        totes = tuple(tote for tote in walk.head.totes if tote != fact.tote)
        return replace(walk, head=replace(walk.head, totes=totes), orders=unfold_cart(walk.orders, fact))
    head = replace(walk.head, totes=_with(walk.head.totes, fact.tote), tote_gone=False)
    return replace(walk, head=head, orders=fold_cart(walk.orders, fact))
