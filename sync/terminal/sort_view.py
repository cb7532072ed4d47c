"""What a terminal's session says of put walls: bulk totes, the one in hand, cubbies."""

from __future__ import annotations

from sync.record.facts import Fact
from sync.record.ids import EventId, LocationCode, ToteCode, WallId
from sync.record.rows import CubbyRow, SortingRow
from sync.terminal.local_record import LocalRecord
from sync.terminal.sorting import SORT_CLAIM


class SortView:
    """A part of `sync.terminal.session.TerminalSession`."""

    _record: LocalRecord

    def sorting(self, tote: ToteCode) -> SortingRow | None:
        with self._record.changed:
            return self._record.overlay.sorting.sorting(tote)

    def sorting_in_hand(self) -> SortingRow | None:
        with self._record.changed:
            return self._record.overlay.sorting.in_hand()

    def sort_claim_pending(self) -> bool:
        with self._record.changed:
            return self._record.verdicts.claim_pending(SORT_CLAIM, self._record.overlay.reflected_seq())

    def last_undoable_sort(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        with self._record.changed:
            return self._record.overlay.sorting.last_undoable(tote)

    def cubby(self, code: ToteCode) -> CubbyRow | None:
        with self._record.changed:
            row = self._record.replica.get("cubby", code)
        return row if isinstance(row, CubbyRow) else None

    def walls(self) -> tuple[WallId, ...]:
        with self._record.changed:
            return tuple(map(WallId, self._record.replica.values("wall")))

    def wall_at(self, location: LocationCode) -> WallId | None:
        with self._record.changed:
            rows = self._record.replica.find("wall_at", location)
            return next((row.wall for row in rows if isinstance(row, CubbyRow)), None)
