"""What the worker sees: the store's rows with the terminal's own facts folded over them that the rows do not contain.

Nothing is merged in: the walk and the packing in hand are kept as folded, move on with each fact, and are folded anew
from rows and ledger when a page has touched them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sync.record.facts import (
    CartonClosed,
    ClaimedList,
    ClaimedSsccs,
    Entry,
    Fact,
    LabelProven,
    LabelRefused,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    PackReported,
    Picked,
    PieceVerified,
    PutBack,
    PutInTote,
    ReleasedList,
    SsccAssigned,
    ToteBound,
    Undone,
)
from sync.record.ids import (
    EventId,
    ItemId,
    OrderId,
    PickLineId,
    PickListId,
    Serial,
    Sscc,
    TerminalId,
    ToteCode,
    WorkerId,
)
from sync.record.packing import fold_packing
from sync.record.picking import LineFact, Walk, fold_walk, recovered
from sync.record.rows import CartonRow, ListStatus, PackingRow, PickListRow, ToteRow, ToteStatus
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.replica import NewRow, Replica
from sync.terminal.verdicts import Verdicts

LIST_CLAIM = "claim"
SSCC_CLAIM = "sscc-claim"
"""What claims are about in the ledger's index."""


class Overlay:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(self, ledger: Ledger, verdicts: Verdicts, replica: Replica, terminal_id: TerminalId) -> None:
        self._ledger = ledger
        self._verdicts = verdicts
        self._replica = replica
        self._terminal_id = terminal_id
        self._walk: Walk | None = None
        self._walk_is_fresh = False
        self._packing: tuple[ToteCode, PackingRow | None] | None = None

    def reflected_seq(self) -> int:
        """Up to here the rows contain what is in the ledger."""
        picture = self._replica.picture()
        said = picture.reflected_seq if picture.stream_id == self._ledger.stream_id() else 0
        return max(said, self._ledger.reflected_floor(picture.incarnation))

    # What is about to be written.

    def place(self, entries: Sequence[Entry]) -> list[NewEntry]:
        """Say of new entries what they are about, so that they are found again."""
        placed: list[NewEntry] = []
        abouts: dict[EventId, str | None] = {}
        totes: dict[Sscc, ToteCode] = {}
        for entry in entries:
            fact = entry.fact
            if isinstance(fact, SsccAssigned):
                totes[fact.sscc] = fact.tote
            if isinstance(fact, Undone) and fact.undoes in abouts:
                about = abouts[fact.undoes]
            else:
                about = self._about(fact, totes)
            abouts[entry.stamp.event_id] = about
            order_id: OrderId | None = None
            if isinstance(fact, PieceVerified | PackReported | SsccAssigned):
                packing = self.packing(fact.tote)
                order_id = None if packing is None else packing.order_id
            placed.append(NewEntry(entry, about, order_id))
        return placed

    def _about(self, fact: Fact, totes: dict[Sscc, ToteCode]) -> str | None:
        match fact:
            case ClaimedList(list_id=list_id):
                walk = self.held_walk()
                taken_over = walk is not None and walk.head.list_id == list_id
                return _list(walk.head.list_id) if walk is not None and taken_over else LIST_CLAIM
            case ClaimedSsccs():
                return SSCC_CLAIM
            case ToteBound() | ListHandedOver() | ReleasedList():
                return _list(fact.list_id)
            case LocationConfirmed() | Picked() | PutInTote() | LineSkipped() | LineShorted():
                walk = self.held_walk()
                known = walk is not None and walk.line(fact.line_id) is not None
                list_id = walk.head.list_id if walk and known else self._replica.list_of_line(fact.line_id)
                return None if list_id is None else _list(list_id)
            case Undone():
                return self._ledger.about_of(fact.undoes)
            case PieceVerified() | PackReported() | SsccAssigned() | CartonClosed() | PutBack() | LabelRefused():
                return _tote(fact.tote)
            case LabelSent() | LabelProven():
                tote = totes.get(fact.sscc) or self._tote_of(fact.sscc)
                return None if tote is None else _tote(tote)
            case _:
                return None

    def _tote_of(self, sscc: Sscc) -> ToteCode | None:
        in_hand = self.packing_in_hand()
        if in_hand is not None and in_hand.sscc == sscc:
            return in_hand.tote
        own = self._ledger.own_sscc(sscc)
        return None if own is None else own[0]

    # What has changed.

    def recorded(self, new: Sequence[NewEntry]) -> None:
        """Move what is in hand on by entries that have just become durable."""
        for item in new:
            fact = item.entry.fact
            if self._walk is not None and item.about == _list(self._walk.head.list_id):
                self._walk = self._fold(self._walk, fact)
                if self._walk.head.status is not ListStatus.HELD:
                    self._walk_is_fresh = False
            tote, packing = self._packing or (None, None)
            if tote is not None and packing is not None and item.about == _tote(tote):
                self._packing = (tote, self._fold_packed(packing, fact))

    def page_taken(self, rows: Sequence[NewRow], *, before_seq: int, reset: bool) -> None:
        """Rows have been taken over, and facts up to a higher number than ``before_seq`` may now be reflected."""
        now_seq = self.reflected_seq()
        if reset or now_seq < before_seq or any(self._touches_walk(row) for row in rows):
            self._walk_is_fresh = False
        if self._walk is not None and self._ledger.has_between(_list(self._walk.head.list_id), before_seq, now_seq):
            self._walk_is_fresh = False
        if reset or now_seq != before_seq or any(row.kind == "packing" for row in rows):
            self._packing = None

    def forget(self) -> None:
        """Fold everything anew at the next look: the ledger goes on under another stream."""
        self._walk_is_fresh = False
        self._packing = None

    def _touches_walk(self, new: NewRow) -> bool:
        if new.kind == "pick_list":
            mine = isinstance(new.row, PickListRow) and new.row.terminal_id == self._terminal_id
            return mine or (self._walk is not None and new.key == str(self._walk.head.list_id))
        return new.kind == "pick_line"

    # What is seen.

    def held_walk(self) -> Walk | None:
        if not self._walk_is_fresh:
            self._walk = next((walk for walk in self._walks() if walk.head.status is ListStatus.HELD), None)
            self._walk_is_fresh = True
        return self._walk

    def held_lists(self) -> tuple[PickListRow, ...]:
        """The heads of what this terminal holds and has neither handed over nor given back, in their order."""
        reflected = self.reflected_seq()
        heads = (self._folded(Walk(head, ()), reflected).head for head in self._in_order())
        return tuple(head for head in heads if head.status is ListStatus.HELD)

    def _walks(self) -> Iterator[Walk]:
        reflected = self.reflected_seq()
        return (self._folded(self._replica.walk(head), reflected) for head in self._in_order())

    def _in_order(self) -> list[PickListRow]:
        """What the store says is held here: begun lists in front, so that none pushes in before them; else urgency."""
        heads = self._replica.held_lists(self._terminal_id)
        begun = {head.list_id: self._ledger.first_about(_list(head.list_id)) for head in heads}

        def order(head: PickListRow) -> tuple[bool, int, bool, str, int]:
            first = begun[head.list_id]
            cut_off = "" if head.cut_off is None else head.cut_off.isoformat()
            return first is None, first or 0, head.cut_off is None, cut_off, head.list_id

        return sorted(heads, key=order)

    def _folded(self, walk: Walk, reflected: int) -> Walk:
        head, lines = walk.head, {line.line_id: line for line in walk.lines}
        for entry in self._ledger.since(_list(head.list_id), reflected):
            # Only the line that the fact may concern: a long walk is not copied for each of many facts.
            concerned = lines.get(line_id) if (line_id := self._line_of(entry.fact)) is not None else None
            folded = self._fold(Walk(head, () if concerned is None else (concerned,)), entry.fact)
            head = folded.head
            lines.update((line.line_id, line) for line in folded.lines)
        return recovered(Walk(head, tuple(lines.values())))

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
        return self._folded(Walk(row, ()), self.reflected_seq()).head if isinstance(row, PickListRow) else None

    def tote(self, tote: ToteCode) -> ToteRow | None:
        """The tote, with the list that this terminal has bound it to."""
        row = self._replica.get("tote", tote)
        if not isinstance(row, ToteRow):
            return None
        head = next((head for head in self._heads() if tote in head.totes), None)
        if head is None or row.status is ToteStatus.TO_PACK:
            return row
        status = ToteStatus.TO_PACK if head.status is ListStatus.HANDED_OVER else ToteStatus.PICKING
        return replace(row, status=status, order_ref=head.order_ref, list_id=head.list_id)

    def _heads(self) -> Iterator[PickListRow]:
        """The heads of the lists that the store says are held here: first the one in hand, it answers most often."""
        walk = self.held_walk()
        if walk is not None:
            yield walk.head
        reflected = self.reflected_seq()
        for head in self._replica.held_lists(self._terminal_id):
            if walk is None or head.list_id != walk.head.list_id:
                yield self._folded(Walk(head, ()), reflected).head

    def packing(self, tote: ToteCode) -> PackingRow | None:
        if self._packing is None or self._packing[0] != tote:
            row = self._replica.get("packing", tote)
            packing = row if isinstance(row, PackingRow) else None
            if packing is not None:
                for entry in self._ledger.since(_tote(tote), self.reflected_seq()):
                    packing = self._fold_packed(packing, entry.fact)
            self._packing = (tote, packing)
        return self._packing[1]

    def _fold_packed(self, packing: PackingRow, fact: Fact) -> PackingRow:
        if not isinstance(fact, Undone):
            return fold_packing(packing, fact)
        undone = self._ledger.entry(fact.undoes)
        return packing if undone is None else fold_packing(packing, undone.fact, undone=True)

    def packing_in_hand(self) -> PackingRow | None:
        begun = self._ledger.packing_begun()
        if begun is None:
            return None
        tote, order_id = begun
        packing = self.packing(tote)
        if packing is None or packing.order_id != order_id:
            return None
        unfinished = packing.sscc is not None or any(line.in_tote > 0 for line in packing.lines)
        return packing if unfinished else None

    def carton(self, sscc: Sscc) -> CartonRow | None:
        """A closed carton: one that the store knows, or one of our own that it has not refused."""
        row = self._replica.get("carton", sscc)
        if isinstance(row, CartonRow):
            return row
        own = self._ledger.own_sscc(sscc)
        closing = None if own is None or own[1] is None else self._ledger.entry(own[1])
        if own is None or closing is None:
            return None
        if (self._verdicts.verdict(closing.stamp.event_id) or "").startswith("refused"):
            return None
        packed = self._replica.get("packing", own[0])
        order_ref = packed.order_ref if isinstance(packed, PackingRow) else ""
        return CartonRow(sscc=sscc, order_ref=order_ref, closed_at=closing.stamp.at)

    def last_undoable(self, list_id: PickListId) -> tuple[EventId, Fact] | None:
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(_list(list_id)):
            match entry.fact:
                case ListHandedOver():
                    return None
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case Picked() | PutInTote() | LineShorted() | LineSkipped() if entry.stamp.event_id not in undone:
                    return entry.stamp.event_id, entry.fact
                case ToteBound(tote=tote) if entry.stamp.event_id not in undone:
                    return None if self._times_bound(list_id, tote) > 1 else (entry.stamp.event_id, entry.fact)
                case _:
                    pass
        return None

    def _times_bound(self, list_id: PickListId, tote: ToteCode) -> int:
        bound: set[EventId] = set()
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(_list(list_id)):
            if isinstance(entry.fact, Undone):
                undone.add(entry.fact.undoes)
            elif isinstance(entry.fact, ToteBound) and entry.fact.tote == tote:
                bound.add(entry.stamp.event_id)
        return len(bound - undone)

    def last_undoable_packing(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        in_hand = self.packing_in_hand()
        if in_hand is None or in_hand.tote != tote:
            return None
        first, undone = self._ledger.packing_first(), set[EventId]()
        for entry in self._ledger.newest_first(_tote(tote)):
            match entry.fact:
                case SsccAssigned() | CartonClosed() | PutBack():
                    return None
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case PieceVerified() | PackReported() if entry.stamp.event_id not in undone:
                    return entry.stamp.event_id, entry.fact
                case _:
                    pass
            if entry.stamp.event_id == first:
                break
        return None

    def walk_worker(self) -> WorkerId | None:
        walk = self.held_walk()
        if walk is None:
            return None
        last = next(self._ledger.newest_first(_list(walk.head.list_id)), None)
        return walk.head.worker_id if last is None else last.stamp.worker_id

    def has_picked(self, list_id: PickListId, item_id: ItemId, serial: Serial) -> bool:
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(_list(list_id)):
            match entry.fact:
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case Picked(item_id=picked, serial=number) if (picked, number) == (item_id, serial):
                    if entry.stamp.event_id not in undone:
                        return True
                case _:
                    pass
        return False


def _list(list_id: PickListId) -> str:
    return f"list:{list_id}"


def _tote(tote: ToteCode) -> str:
    return f"tote:{tote}"
