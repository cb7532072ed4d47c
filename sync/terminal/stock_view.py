"""What a terminal's session says of stock: counts, what a pick leaves, the site's reasons, the date."""

from __future__ import annotations

from datetime import date

from sync.record.counting import Count
from sync.record.facts import Counted
from sync.record.ids import EventId, PickLineId, WorkerId
from sync.record.reasons import SHIPPED
from sync.record.rows import ReasonRow
from sync.terminal.counts import COUNT_CLAIM
from sync.terminal.local_record import LocalRecord


class StockView:
    """A part of `sync.terminal.session.TerminalSession`."""

    _record: LocalRecord

    def count_in_hand(self) -> Count | None:
        with self._record.changed:
            return self._record.overlay.counts.in_hand()

    def count_claim_pending(self) -> bool:
        with self._record.changed:
            return self._record.verdicts.claim_pending(COUNT_CLAIM, self._record.overlay.reflected_seq())

    def open_counts(self, worker_id: WorkerId | None) -> int:
        with self._record.changed:
            return self._record.overlay.counts.open_to(worker_id)

    def last_undoable_count(self) -> tuple[EventId, Counted] | None:
        with self._record.changed:
            return self._record.overlay.counts.last_undoable()

    def left_at(self, line_id: PickLineId) -> int | None:
        with self._record.changed:
            return self._record.overlay.left_at(line_id)

    def reasons(self) -> tuple[ReasonRow, ...]:
        with self._record.changed:
            rows = [row for row in self._record.replica.all("reason") if isinstance(row, ReasonRow)]
        return tuple(sorted(rows, key=lambda row: row.digit)) or SHIPPED

    def today(self) -> date:
        return self._record.stamper.now().date()
