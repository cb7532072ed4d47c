"""The pick lists of this terminal as its worker sees them: the store's rows with the terminal's own facts folded over.

A long walk is not read and folded anew for every scan: the rows of the list in hand are kept as they came, the fold
moves on with each fact, and is made again from the kept rows when the store has sent others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sync.record.facts import (
    CartToteBound,
    Fact,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    OrderHandedOver,
    Picked,
    PutInTote,
    ToteBound,
    Undone,
    ZeroChecked,
)
from sync.record.ids import EventId, ItemId, PickLineId, PickListId, Serial, TerminalId, ToteCode, WorkerId
from sync.record.picking import LineFact, Walk, fold_walk, has_tote, recovered
from sync.record.rows import ListKind, ListOrderRow, ListStatus, PickLineRow, PickListRow, ToteRow, ToteStatus
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.replica import NewRow, Replica


def about_list(list_id: PickListId) -> str:
    """What facts of a pick list are about in the ledger's index."""
    return f"list:{list_id}"


@dataclass(slots=True)
class _Rows:
    """The lines and orders of one list as the store sent them."""

    list_id: PickListId
    lines: dict[PickLineId, PickLineRow]
    orders: tuple[ListOrderRow, ...]

    def walk(self, head: PickListRow) -> Walk:
        return Walk(head, tuple(self.lines.values()), self.orders)

    def take(self, new: NewRow) -> bool:
        """Take a changed row over; False where the whole list has to be read anew."""
        match new.row:
            case PickLineRow(line_id=line_id, list_id=self.list_id) if line_id in self.lines:
                self.lines[line_id] = new.row
                return True
            case PickLineRow(line_id=line_id, list_id=list_id):
                return list_id != self.list_id and line_id not in self.lines
            case _:
                return False


class Walks:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(
        self, ledger: Ledger, replica: Replica, terminal_id: TerminalId, reflected_seq: Callable[[], int]
    ) -> None:
        """``reflected_seq``: up to where in the ledger the rows contain what is in it."""
        self._ledger = ledger
        self._replica = replica
        self._terminal_id = terminal_id
        self._reflected_seq = reflected_seq
        self._walk: Walk | None = None
        self._walk_is_fresh = False
        self._rows: _Rows | None = None

    # What has changed.

    def recorded(self, new: Sequence[NewEntry]) -> None:
        """Move what is in hand on by entries that have just become durable."""
        for item in new:
            if self._walk is not None and item.about == about_list(self._walk.head.list_id):
                self._walk = self._fold(self._walk, item.entry.fact)
                if self._walk.head.status is not ListStatus.HELD:
                    self._walk_is_fresh = False

    def page_taken(self, rows: Sequence[NewRow], *, before_seq: int, now_seq: int, reset: bool) -> None:
        """Rows have been taken over, and they contain what is in the ledger up to ``now_seq``."""
        if reset or now_seq < before_seq:
            self.forget()
        for row in rows:
            if row.kind in ("pick_line", "list_order"):
                self._walk_is_fresh = False
                if self._rows is not None and not self._rows.take(row):
                    self._rows = None
            elif row.kind == "pick_list" and self._concerns_me(row):
                self._walk_is_fresh = False
        if self._walk is not None and self._ledger.has_between(
            about_list(self._walk.head.list_id), before_seq, now_seq
        ):
            self._walk_is_fresh = False

    def _concerns_me(self, new: NewRow) -> bool:
        mine = isinstance(new.row, PickListRow) and new.row.terminal_id == self._terminal_id
        return mine or (self._walk is not None and new.key == str(self._walk.head.list_id))

    def forget(self) -> None:
        """Read and fold everything anew at the next look."""
        self._walk_is_fresh = False
        self._rows = None

    # What is seen.

    def held_walk(self) -> Walk | None:
        if not self._walk_is_fresh:
            self._walk = next((walk for walk in self._walks() if walk.head.status is ListStatus.HELD), None)
            self._walk_is_fresh = True
        return self._walk

    def held_lists(self) -> tuple[PickListRow, ...]:
        """The heads of what this terminal holds and has neither handed over nor given back, in their order."""
        reflected = self._reflected_seq()
        heads = (self._folded(Walk(head, ()), reflected).head for head in self._in_order())
        return tuple(head for head in heads if head.status is ListStatus.HELD)

    def _walks(self) -> Iterator[Walk]:
        reflected = self._reflected_seq()
        return (self._folded(self._read(head), reflected) for head in self._in_order())

    def _read(self, head: PickListRow) -> Walk:
        """The rows of a list: those of the list in hand are kept."""
        if self._rows is None or self._rows.list_id != head.list_id:
            walk = self._replica.walk(head)
            self._rows = _Rows(head.list_id, {line.line_id: line for line in walk.lines}, walk.orders)
        return self._rows.walk(head)

    def _in_order(self) -> list[PickListRow]:
        """What the store says is held here: begun lists in front, so that none pushes in before them; else urgency."""
        heads = self._replica.held_lists(self._terminal_id)
        begun = {head.list_id: self._ledger.first_about(about_list(head.list_id)) for head in heads}

        def order(head: PickListRow) -> tuple[bool, int, bool, str, int]:
            first = begun[head.list_id]
            cut_off = "" if head.cut_off is None else head.cut_off.isoformat()
            return first is None, first or 0, head.cut_off is None, cut_off, head.list_id

        return sorted(heads, key=order)

    def _folded(self, walk: Walk, reflected: int) -> Walk:
        shell, lines = replace(walk, lines=()), {line.line_id: line for line in walk.lines}
        for entry in self._ledger.since(about_list(walk.head.list_id), reflected):
            # Only the line that the fact may concern: a long walk is not copied for each of many facts.
            concerned = lines.get(line_id) if (line_id := self._line_of(entry.fact)) is not None else None
            folded = self._fold(replace(shell, lines=() if concerned is None else (concerned,)), entry.fact)
            lines.update((line.line_id, line) for line in folded.lines)
            shell = replace(folded, lines=())
        return recovered(replace(shell, lines=tuple(lines.values())))

    def _line_of(self, fact: Fact) -> PickLineId | None:
        if isinstance(fact, Undone):
            undone = self._ledger.entry(fact.undoes)
            return None if undone is None or isinstance(undone.fact, Undone) else self._line_of(undone.fact)
        return fact.line_id if isinstance(fact, LineFact) else None

    def _fold(self, walk: Walk, fact: Fact) -> Walk:
        if not isinstance(fact, Undone):
            return fold_walk(walk, fact)
        undone = self._ledger.entry(fact.undoes)
        return walk if undone is None else fold_walk(walk, undone.fact, undone=True)

    def pick_list(self, list_id: PickListId) -> PickListRow | None:
        walk = self.held_walk()
        if walk is not None and walk.head.list_id == list_id:
            return walk.head
        row = self._replica.get("pick_list", str(list_id))
        return self._folded(Walk(row, ()), self._reflected_seq()).head if isinstance(row, PickListRow) else None

    def bound(self, row: ToteRow) -> ToteRow:
        """The tote with the list and order that this terminal has bound it to."""
        walk = next((walk for walk in self._heads() if row.tote in walk.head.totes), None)
        if walk is None or row.status is ToteStatus.TO_PACK:
            return row
        if row.status is ToteStatus.PASSED and not has_tote(walk.head):
            return row  # the zone before has put it down, and nobody has taken it
        order = next((order for order in walk.orders if row.tote in order.totes), None)
        gone = walk.head.status is ListStatus.HANDED_OVER or (order is not None and order.handed_over)
        status = ToteStatus.TO_PACK if gone else ToteStatus.PICKING
        order_ref = walk.head.order_ref if order is None else order.order_ref
        return replace(row, status=status, order_ref=order_ref, list_id=walk.head.list_id)

    def _heads(self) -> Iterator[Walk]:
        """The lists that the store says are held here, without lines: the one in hand first, it answers most often."""
        walk = self.held_walk()
        if walk is not None:
            yield walk
        reflected = self._reflected_seq()
        for head in self._replica.held_lists(self._terminal_id):
            if walk is None or head.list_id != walk.head.list_id:
                orders = self._replica.orders_of(head.list_id) if head.kind is ListKind.BATCH else ()
                yield self._folded(Walk(head, (), orders), reflected)

    def left_at(self, line_id: PickLineId) -> int | None:
        """Pieces of the line's item and lot that the record leaves at its location, what was picked here included.

        None where the line is not of the walk in hand. Each row says what was on hand when it was written: the newest
        says least, because walks only take away.
        """
        walk = self.held_walk()
        line = None if walk is None else walk.line(line_id)
        if walk is None or line is None or self._rows is None:
            return None
        spot = (line.location, line.item_id, line.lot)
        left, taken = line.on_hand, 0
        for other in walk.lines:
            row = self._rows.lines.get(other.line_id)
            if row is not None and (other.location, other.item_id, other.lot) == spot:
                left = min(left, row.on_hand)
                taken += other.picked - row.picked
        return left - taken

    # What was done here.

    def last_undoable(self, list_id: PickListId) -> tuple[EventId, Fact] | None:
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(about_list(list_id)):
            match entry.fact:
                case ListHandedOver() | OrderHandedOver():
                    return None
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case Picked() | PutInTote() | LineShorted() | LineSkipped() | ZeroChecked() if (
                    entry.stamp.event_id not in undone
                ):
                    return entry.stamp.event_id, entry.fact
                case ToteBound() if self._came_with_totes(list_id):
                    return None
                case ToteBound(tote=tote) | CartToteBound(tote=tote) if entry.stamp.event_id not in undone:
                    return None if self._times_bound(list_id, tote) > 1 else (entry.stamp.event_id, entry.fact)
                case _:
                    pass
        return None

    def _came_with_totes(self, list_id: PickListId) -> bool:
        """Its totes hold what other zones have picked: they are not put back unpicked."""
        head = self.pick_list(list_id)
        return head is not None and head.kind is ListKind.ZONE_PASS and head.leg > 0

    def _times_bound(self, list_id: PickListId, tote: ToteCode) -> int:
        bound: set[EventId] = set()
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(about_list(list_id)):
            if isinstance(entry.fact, Undone):
                undone.add(entry.fact.undoes)
            elif isinstance(entry.fact, ToteBound | CartToteBound) and entry.fact.tote == tote:
                bound.add(entry.stamp.event_id)
        return len(bound - undone)

    def done_with(self, list_id: PickListId, event_id: EventId) -> tuple[EventId, ...]:
        """This fact of the list and those of its kind that were recorded in the same step, the newest first."""
        first = self._ledger.entry(event_id)
        together: list[EventId] = []
        for entry in self._ledger.newest_first(about_list(list_id)):
            if first is None:
                break
            if (entry.stamp.at, entry.stamp.boot_id, entry.stamp.since_boot_ms, entry.fact.kind) == (
                first.stamp.at,
                first.stamp.boot_id,
                first.stamp.since_boot_ms,
                first.fact.kind,
            ):
                together.append(entry.stamp.event_id)
            elif together:
                break
        return tuple(together)

    def walk_worker(self) -> WorkerId | None:
        walk = self.held_walk()
        if walk is None:
            return None
        last = next(self._ledger.newest_first(about_list(walk.head.list_id)), None)
        return walk.head.worker_id if last is None else last.stamp.worker_id

    def has_picked(self, list_id: PickListId, item_id: ItemId, serial: Serial) -> bool:
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(about_list(list_id)):
            match entry.fact:
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case Picked(item_id=picked, serial=number) if (picked, number) == (item_id, serial):
                    if entry.stamp.event_id not in undone:
                        return True
                case _:
                    pass
        return False
