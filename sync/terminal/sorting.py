"""The bulk tote in hand of this terminal: the store's row with what was done here since folded over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.record.facts import ClaimedSort, Fact, PutInCubby, ReleasedSort, SortProblem, SortReported, Undone
from sync.record.ids import EventId, TerminalId, ToteCode
from sync.record.rows import SortingRow
from sync.record.sorting import fold_sorting
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.replica import NewRow, Replica

SORT_CLAIM = "sort-claim"
"""What claims of bulk totes are about in the ledger's index."""
SortFact = ClaimedSort | PutInCubby | SortReported | ReleasedSort


def about_sorting(fact: SortFact) -> str:
    return SORT_CLAIM if isinstance(fact, ClaimedSort) else _of(fact.tote)


def _of(tote: ToteCode) -> str:
    return f"sort:{tote}"


class Sorting:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(
        self, ledger: Ledger, replica: Replica, terminal_id: TerminalId, reflected_seq: Callable[[], int]
    ) -> None:
        """``reflected_seq``: up to where in the ledger the rows contain what is in it."""
        self._ledger = ledger
        self._replica = replica
        self._terminal_id = terminal_id
        self._reflected_seq = reflected_seq
        self._in_hand: SortingRow | None = None
        self._is_fresh = False

    def forget(self) -> None:
        """Fold anew at the next look: rows were taken over, or the ledger goes on under another stream."""
        self._is_fresh = False

    def page_taken(self, rows: Sequence[NewRow], *, before_seq: int, now_seq: int, reset: bool) -> None:
        """Rows have been taken over, and facts up to another number may now be reflected in them."""
        if reset or now_seq != before_seq or any(row.kind == "sorting" for row in rows):
            self._is_fresh = False

    def recorded(self, new: Sequence[NewEntry]) -> None:
        """Move the tote in hand on by entries that have just become durable."""
        for item in new:
            if item.about == SORT_CLAIM:
                self._is_fresh = False
            elif self._in_hand is not None and item.about == _of(self._in_hand.tote):
                self._in_hand = self._fold(self._in_hand, item.entry.fact)
                self._is_fresh = self._is_fresh and self._is_mine(self._in_hand)

    def in_hand(self) -> SortingRow | None:
        """The tote that the store has given to this terminal and that was not left here since."""
        if not self._is_fresh:
            rows = [row for row in self._replica.find("sorted_by", self._terminal_id) if isinstance(row, SortingRow)]
            mine = (row for row in map(self._folded, rows) if self._is_mine(row))
            self._in_hand = next(mine, None)
            self._is_fresh = True
        return self._in_hand

    def sorting(self, tote: ToteCode) -> SortingRow | None:
        row = self._replica.get("sorting", tote)
        return self._folded(row) if isinstance(row, SortingRow) else None

    def last_undoable(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        """The newest own put or report of the tote in hand that was not taken back; none behind a return to stock."""
        in_hand = self.in_hand()
        if in_hand is None or in_hand.tote != tote:
            return None
        undone: set[EventId] = set()
        for entry in self._ledger.newest_first(_of(tote)):
            match entry.fact:
                case Undone(undoes=event_id):
                    undone.add(event_id)
                case ReleasedSort() | SortReported(problem=SortProblem.RETURNED):
                    return None
                case PutInCubby() | SortReported() as fact if fact.batch_id != in_hand.batch_id:
                    return None
                case PutInCubby() | SortReported() if entry.stamp.event_id not in undone:
                    return entry.stamp.event_id, entry.fact
                case _:
                    pass
        return None

    def _is_mine(self, row: SortingRow) -> bool:
        return row.terminal_id == self._terminal_id

    def _folded(self, row: SortingRow) -> SortingRow:
        for entry in self._ledger.since(_of(row.tote), self._reflected_seq()):
            row = self._fold(row, entry.fact)
        return row

    def _fold(self, row: SortingRow, fact: Fact) -> SortingRow:
        if not isinstance(fact, Undone):
            return fold_sorting(row, fact)
        undone = self._ledger.entry(fact.undoes)
        return row if undone is None else fold_sorting(row, undone.fact, undone=True)
