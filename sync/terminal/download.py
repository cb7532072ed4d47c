"""One round of following the store: a page of changed rows, with what they contain of the terminal's own facts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sync.record.ids import StreamId
from sync.terminal.client import Interrupted, Refused, StoreClient, Unknown
from sync.terminal.local_record import LocalRecord
from sync.terminal.replica import NewRow, Picture, make_ready
from sync.terminal.sync_loop import Backoff, Pace, Rest
from sync.wire.messages import Changes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    stream_id: StreamId
    cursor: str | None
    acked: int
    reflected_seq: int
    wait_s: int


class Downloader:
    """Rounds are made by one thread. ``owes`` is called when a page shows that the store lacks facts of ours."""

    def __init__(
        self, record: LocalRecord, client: StoreClient, pace: Pace, scopes: tuple[str, ...], owes: Callable[[], None]
    ) -> None:
        self._record = record
        self._client = client
        self._pace = pace
        self._scopes = scopes
        self._owes = owes
        self._backoff = Backoff(pace)
        self._staged_cursor: str | None = None
        self._resetting = False
        self._from_nothing = False
        # The first answer says that the store is there: it must not take as long as news do.
        self._no_wait = True
        self._fruitless = False
        self._unswept = True

    def expect(self) -> None:
        """Facts have been delivered: the rows that they change are to be had."""
        self._fruitless = False

    def hurry(self) -> None:
        """Ask at once, even while the store keeps a question open."""
        self._no_wait = True
        self._client.interrupt()

    def round(self) -> Rest:
        question = self._question()
        if question is None:
            return Rest(self._pace.first_s)
        asked_at = time.monotonic()
        answer = self._client.changes(
            question.stream_id,
            question.cursor,
            reflected_seq=question.reflected_seq,
            wait_s=question.wait_s,
            scopes=self._scopes,
        )
        match answer:
            case Interrupted():
                return Rest(0.0)
            case Unknown(reason):
                return self._not_now(f"The store cannot be reached: {reason}", answered=False)
            case Refused(code, reason):
                self._from_nothing = self._from_nothing or code == "bad_cursor"
                return self._not_now(f"The store refuses to tell this terminal what is new: {reason}", answered=True)
            case Changes():
                return self._believed(question, answer, asked_at)

    def failed(self, error: Exception) -> Rest:
        """A round has raised: say so, and begin the catch-up anew later."""
        _log.warning("following the store failed", exc_info=error)
        self._forget_staged()
        return self._not_now(f"What is new at the store cannot be taken over: {error}", answered=False)

    def _question(self) -> _Question | None:
        with self._record.changed:
            if self._record.closed or self._record.resending:
                return None
            acked = self._record.ledger.acked()
            reflected_seq = self._record.overlay.reflected_seq()
            behind = reflected_seq < acked
            at_once = self._no_wait or self._staged_cursor is not None or (behind and not self._fruitless)
            self._no_wait = False
            cursor = self._staged_cursor or self._record.replica.picture().cursor
            return _Question(
                self._record.ledger.stream_id(),
                None if self._from_nothing else cursor,
                acked,
                reflected_seq,
                0 if at_once else self._pace.poll_s,
            )

    def _believed(self, question: _Question, page: Changes, asked_at: float) -> Rest:
        if page.more and page.cursor == question.cursor:
            return self._not_now("The store says that there is more, and does not send it.", answered=True)
        if page.reset and question.cursor is not None and not page.changes and not page.more:
            self._forget_staged()
            self._from_nothing = True
            return Rest(0.0)
        rows, unreadable = make_ready(page.changes)
        with self._record.changed:
            if self._record.closed or question.stream_id != self._record.ledger.stream_id():
                return Rest(0.0)
            reset = self._resetting or page.reset or question.cursor is None
            if page.more:
                first = self._staged_cursor is None or page.reset or question.cursor is None
                self._record.replica.stage(rows, first=first)
                self._staged_cursor, self._resetting, self._from_nothing = page.cursor, reset, False
                return Rest(0.0)
            before_seq = self._record.overlay.reflected_seq()
            self._finish(question, page, rows, reset=reset)
            self._fruitless = self._record.overlay.reflected_seq() <= before_seq
            owing = self._record.ledger.batch(at_most=1) is not None
        if owing:
            self._owes()
        self._sweep()
        self._backoff.succeeded()
        problem = f"{unreadable} rows of the store cannot be read here: update this terminal." if unreadable else None
        if self._record.note_exchange("down", answered=True, problem=problem) or rows or not self._fruitless:
            self._record.tell_change()
        # A store, or something before it, that does not wait when asked to must not be asked without pause.
        hasty = question.wait_s > 0 and not rows and self._fruitless and time.monotonic() - asked_at < 0.5
        return Rest(self._pace.first_s) if hasty else Rest(0.0)

    def _finish(self, question: _Question, page: Changes, rows: list[NewRow], *, reset: bool) -> None:
        """Take the catch-up over; where the store's mark is not on our chain, go on under a new stream."""
        record = self._record
        ours = record.ledger.hash_at(page.hwm) == page.head_h
        if reset and not ours:
            # Which facts these rows contain is known only when all of them were offered under the new stream.
            self._forget_staged()
            record.start_new_stream()
            return
        before_seq = record.overlay.reflected_seq()
        # Facts whose verdict was here before the question are in the rows, whoever else writes under our name.
        reflected_seq = page.hwm if ours else max(before_seq, question.acked)
        picture = Picture(page.incarnation, page.cursor, question.stream_id, reflected_seq)
        whole = reset or self._staged_cursor is not None
        record.replica.finish(rows, picture, reset=reset)
        self._unswept = self._unswept or whole
        self._staged_cursor, self._resetting, self._from_nothing = None, False, False
        if ours:
            record.verdicts.heed(page.hwm)
        record.overlay.page_taken(rows, before_seq=before_seq, reset=whole)
        if not ours:
            record.start_new_stream()

    def _forget_staged(self) -> None:
        self._staged_cursor, self._resetting, self._unswept = None, False, True
        self._record.replica.forget_staged()

    def _sweep(self) -> None:
        while self._unswept:
            with self._record.changed:
                self._unswept = not self._record.closed and self._record.replica.sweep()

    def _not_now(self, problem: str, *, answered: bool) -> Rest:
        if self._record.note_exchange("down", answered=answered, problem=problem):
            self._record.tell_change()
        self._no_wait = True
        return Rest(self._backoff.failed(), self._pace.first_s)
