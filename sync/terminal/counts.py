"""The count in hand of this terminal: what the store asks for, and what has been found here and not been ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.record.counting import Count
from sync.record.facts import ClaimedCount, Counted, CountEnded, ReleasedCount, Undone
from sync.record.ids import EventId, TerminalId, WorkerId
from sync.record.rows import CountStatus, CountTaskRow
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.replica import Replica

COUNT_CLAIM = "count-claim"
COUNT = "count"
"""What facts of counts are about in the ledger's index; a terminal does one count at a time."""


def about_count(fact: ClaimedCount | Counted | CountEnded | ReleasedCount) -> str:
    return COUNT_CLAIM if isinstance(fact, ClaimedCount) else COUNT


class Counts:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(
        self, ledger: Ledger, replica: Replica, terminal_id: TerminalId, reflected_seq: Callable[[], int]
    ) -> None:
        """``reflected_seq``: up to where in the ledger the rows contain what is in it."""
        self._ledger = ledger
        self._replica = replica
        self._terminal_id = terminal_id
        self._reflected_seq = reflected_seq
        self._finds: list[tuple[EventId, Counted]] | None = None

    def forget(self) -> None:
        """Read everything anew at the next look: the ledger goes on under another stream."""
        self._finds = None

    def recorded(self, new: Sequence[NewEntry]) -> None:
        """Go on with entries that have just become durable."""
        for item in new:
            if item.about != COUNT or self._finds is None:
                continue
            match item.entry.fact:
                case Counted() as find:
                    self._finds.append((item.entry.stamp.event_id, find))
                case Undone(undoes=event_id):
                    self._finds = [one for one in self._finds if one[0] != event_id]
                case _:
                    self._finds = []

    def in_hand(self) -> Count | None:
        """What was begun here or, where nothing was, what the store has given to this terminal."""
        finds = [find for _, find in self._found()]
        if finds:
            last = finds[-1]
            task = None if last.task_id is None else self._replica.get("count_task", str(last.task_id))
            only = task.item_id if isinstance(task, CountTaskRow) else None
            here = tuple(one for one in finds if (one.task_id, one.location) == (last.task_id, last.location))
            return Count(last.task_id, last.location, only, here)
        given = self._given()
        return None if given is None else Count(given.task_id, given.location, given.item_id)

    def _found(self) -> list[tuple[EventId, Counted]]:
        """Finds since a count was last ended or given back, without those that were taken back."""
        if self._finds is None:
            undone: set[EventId] = set()
            found: list[tuple[EventId, Counted]] = []
            for entry in self._ledger.newest_first(COUNT):
                match entry.fact:
                    case Undone(undoes=event_id):
                        undone.add(event_id)
                    case Counted() as find if entry.stamp.event_id not in undone:
                        found.append((entry.stamp.event_id, find))
                    case CountEnded() | ReleasedCount():
                        break
                    case _:
                        pass
            self._finds = found[::-1]
        return self._finds

    def _given(self) -> CountTaskRow | None:
        over = {
            entry.fact.task_id
            for entry in self._ledger.since(COUNT, self._reflected_seq())
            if isinstance(entry.fact, CountEnded | ReleasedCount)
        }
        held = [row for row in self._replica.find("count_held_by", self._terminal_id) if isinstance(row, CountTaskRow)]
        return next((row for row in sorted(held, key=lambda row: row.task_id) if row.task_id not in over), None)

    def last_undoable(self) -> tuple[EventId, Counted] | None:
        found = self._found()
        return found[-1] if found else None

    def open_to(self, worker_id: WorkerId | None) -> int:
        """How many counts wait that this worker may do."""
        rows = self._replica.find("count_status", CountStatus.OPEN)
        return sum(isinstance(row, CountTaskRow) and (row.not_by is None or row.not_by != worker_id) for row in rows)
