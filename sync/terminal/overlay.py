"""What the worker sees: the store's rows with the terminal's own facts folded over them that the rows do not contain.

Nothing is merged in: the walk (`sync.terminal.walks`) and the packing in hand are kept as folded, move on with each
fact, and are folded anew from rows and ledger when a page has touched them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.record.facts import (
    CartonClosed,
    CartToteBound,
    ClaimedCount,
    ClaimedList,
    ClaimedSort,
    ClaimedSsccs,
    ClaimedTote,
    Counted,
    CountEnded,
    Entry,
    Fact,
    LabelProven,
    LabelRefused,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    OrderHandedOver,
    PackReported,
    Picked,
    PieceVerified,
    PutBack,
    PutInCubby,
    PutInTote,
    ReleasedCount,
    ReleasedList,
    ReleasedSort,
    SortReported,
    SsccAssigned,
    ToteBound,
    Undone,
    ZeroChecked,
    ZoneChosen,
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
from sync.record.picking import Walk
from sync.record.rows import CarrierLabelRow, CartonRow, PackingRow, PickListRow, ToteRow
from sync.terminal.counts import Counts, about_count
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.replica import NewRow, Replica
from sync.terminal.sorting import Sorting, about_sorting
from sync.terminal.verdicts import Verdicts
from sync.terminal.walks import Walks, about_list

LIST_CLAIM = "claim"
SSCC_CLAIM = "sscc-claim"
ZONE = "zone"
"""What claims, and choices of a zone, are about in the ledger's index."""


class Overlay:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(self, ledger: Ledger, verdicts: Verdicts, replica: Replica, terminal_id: TerminalId) -> None:
        self._ledger = ledger
        self._verdicts = verdicts
        self._replica = replica
        self._walks = Walks(ledger, replica, terminal_id, self.reflected_seq)
        self.sorting = Sorting(ledger, replica, terminal_id, self.reflected_seq)
        self.counts = Counts(ledger, replica, terminal_id, self.reflected_seq)
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
                return about_list(walk.head.list_id) if walk is not None and taken_over else LIST_CLAIM
            case ClaimedTote():
                return LIST_CLAIM
            case ZoneChosen():
                return ZONE
            case ClaimedSsccs():
                return SSCC_CLAIM
            case ToteBound() | CartToteBound() | OrderHandedOver() | ListHandedOver() | ReleasedList():
                return about_list(fact.list_id)
            case ClaimedCount() | Counted() | CountEnded() | ReleasedCount():
                return about_count(fact)
            case LocationConfirmed() | Picked() | PutInTote() | LineSkipped() | LineShorted() | ZeroChecked():
                walk = self.held_walk()
                known = walk is not None and walk.line(fact.line_id) is not None
                list_id = walk.head.list_id if walk and known else self._replica.list_of_line(fact.line_id)
                return None if list_id is None else about_list(list_id)
            case Undone():
                return self._ledger.about_of(fact.undoes)
            case PieceVerified() | PackReported() | SsccAssigned() | CartonClosed() | PutBack() | LabelRefused():
                return _tote(fact.tote)
            case ClaimedSort() | PutInCubby() | SortReported() | ReleasedSort():
                return about_sorting(fact)
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
        self._walks.recorded(new)
        self.counts.recorded(new)
        self.sorting.recorded(new)
        for item in new:
            fact = item.entry.fact
            tote, packing = self._packing or (None, None)
            if tote is not None and packing is not None and item.about == _tote(tote):
                self._packing = (tote, self._fold_packed(packing, fact))

    def page_taken(self, rows: Sequence[NewRow], *, before_seq: int, reset: bool) -> None:
        """Rows have been taken over, and facts up to a higher number than ``before_seq`` may now be reflected."""
        now_seq = self.reflected_seq()
        self._walks.page_taken(rows, before_seq=before_seq, now_seq=now_seq, reset=reset)
        self.sorting.page_taken(rows, before_seq=before_seq, now_seq=now_seq, reset=reset)
        if reset or now_seq != before_seq or any(row.kind == "packing" for row in rows):
            self._packing = None

    def forget(self) -> None:
        """Fold everything anew at the next look: the ledger goes on under another stream."""
        self._walks.forget()
        self.counts.forget()
        self.sorting.forget()
        self._packing = None

    # What is seen.

    def held_walk(self) -> Walk | None:
        return self._walks.held_walk()

    def held_lists(self) -> tuple[PickListRow, ...]:
        return self._walks.held_lists()

    def pick_list(self, list_id: PickListId) -> PickListRow | None:
        return self._walks.pick_list(list_id)

    def tote(self, tote: ToteCode) -> ToteRow | None:
        """The tote, with the list that this terminal has bound it to."""
        row = self._replica.get("tote", tote)
        return self._walks.bound(row) if isinstance(row, ToteRow) else None

    def left_at(self, line_id: PickLineId) -> int | None:
        return self._walks.left_at(line_id)

    def last_undoable(self, list_id: PickListId) -> tuple[EventId, Fact] | None:
        return self._walks.last_undoable(list_id)

    def done_with(self, list_id: PickListId, event_id: EventId) -> tuple[EventId, ...]:
        return self._walks.done_with(list_id, event_id)

    def walk_worker(self) -> WorkerId | None:
        return self._walks.walk_worker()

    def has_picked(self, list_id: PickListId, item_id: ItemId, serial: Serial) -> bool:
        return self._walks.has_picked(list_id, item_id, serial)

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

    def carrier_labels(self, order_id: OrderId) -> tuple[CarrierLabelRow, ...]:
        """The carrier's labels of the order by carton, with the cartons that have got them here."""
        packings = (row for row in self._replica.find("packing_of", str(order_id)) if isinstance(row, PackingRow))
        own = {
            entry.fact.carrier_label: entry.fact.sscc
            for packing in packings
            for entry in self._ledger.since(_tote(packing.tote), self.reflected_seq())
            if isinstance(entry.fact, SsccAssigned)
        }
        found = self._replica.find("carrier_label_of", str(order_id))
        rows = (row for row in found if isinstance(row, CarrierLabelRow))
        taken = (replace(row, sscc=row.sscc or own.get(row.carton_no)) for row in rows)
        return tuple(sorted(taken, key=lambda row: row.carton_no))

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


def _tote(tote: ToteCode) -> str:
    return f"tote:{tote}"
