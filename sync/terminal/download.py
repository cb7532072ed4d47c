"""One round of following the store: a page of changed rows, all rows at once, or a look whether they still add up."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sync.record.delivery import StorageFailed
from sync.record.ids import StreamId
from sync.record.rows import ROW_KINDS
from sync.terminal.client import Asker, BrokenOff, Refused, StoreClient
from sync.terminal.connection import Interrupted, Unknown
from sync.terminal.local_record import LocalRecord
from sync.terminal.replica import NewRow, Picture, make_ready
from sync.terminal.snapshot import SnapshotFile
from sync.terminal.sync_loop import Backoff, Pace, Rest
from sync.wire.digests import RowSums
from sync.wire.messages import FAR_BEHIND, Changes, Checksums, SnapshotEnd

_ROWS_AT_ONCE = 500
"""Read with the lock held: few enough that a scan does not wait for them."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    asker: Asker
    cursor: str | None
    acked: int
    reflected_seq: int
    wait_s: int

    @property
    def stream_id(self) -> StreamId:
        return self.asker.stream_id


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
        self._check_at_s = self._next_check_s()

    def expect(self) -> None:
        """Facts have been delivered: the rows that they change are to be had."""
        self._fruitless = False

    def hurry(self) -> None:
        """Ask at once, even while the store keeps a question open."""
        self._no_wait = True
        self._client.interrupt()

    def check_soon(self) -> None:
        """Compare the rows here with the store's in the next round: something says that they may differ."""
        self._check_at_s = 0.0

    def round(self) -> Rest:
        question = self._question()
        if question is None:
            return Rest(self._pace.first_s)
        if question.cursor is None:
            taken = self._take_snapshot(question)
            if taken is not None:
                return taken
        elif self._staged_cursor is None and self._client.has_snapshots and time.monotonic() >= self._check_at_s:
            return self._compare(question, question.cursor)
        return self._follow(question)

    def failed(self, error: Exception) -> Rest:
        """A round has raised: say so, and begin the catch-up anew later."""
        _log.warning("following the store failed", exc_info=error)
        self._forget_staged()
        # A replica that cannot be read is fetched again; nothing in it is ours alone.
        self._from_nothing = self._from_nothing or isinstance(error, StorageFailed)
        return self._not_now(f"What is new at the store cannot be taken over: {error}", answered=None)

    def _question(self) -> _Question | None:
        with self._record.changed:
            if self._record.closed or self._record.resending:
                return None
            acked = self._record.ledger.acked()
            reflected_seq = 0 if self._from_nothing else self._record.overlay.reflected_seq()
            behind = reflected_seq < acked
            at_once = self._no_wait or self._staged_cursor is not None or (behind and not self._fruitless)
            self._no_wait = False
            cursor = None if self._from_nothing else self._staged_cursor or self._record.replica.picture().cursor
            return _Question(
                Asker(stream_id=self._record.ledger.stream_id(), scopes=self._scopes, owing=self._record.owing()),
                cursor,
                acked,
                reflected_seq,
                0 if at_once else self._pace.poll_s,
            )

    # Changes, page by page.

    def _follow(self, question: _Question) -> Rest:
        asked_at = time.monotonic()
        answer = self._client.changes(
            question.asker, question.cursor, reflected_seq=question.reflected_seq, wait_s=question.wait_s
        )
        return self._believed(question, answer, asked_at) if isinstance(answer, Changes) else self._no_answer(answer)

    def _believed(self, question: _Question, page: Changes, asked_at: float) -> Rest:
        if page.more and page.cursor == question.cursor:
            return self._not_now("The store says that there is more, and does not send it.", answered=True)
        if question.cursor is not None and self._begins_anew(page):
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
        if (
            self._record.note_exchange("down", answered=True, problem=_unread(unreadable))
            or rows
            or not self._fruitless
        ):
            self._record.tell_change()
        # A store, or something before it, that does not wait when asked to must not be asked without pause.
        hasty = question.wait_s > 0 and not rows and self._fruitless and time.monotonic() - asked_at < 0.5
        return Rest(self._pace.first_s) if hasty else Rest(0.0)

    def _begins_anew(self, page: Changes) -> bool:
        """Whether all rows at once are to be had and better than what this page begins."""
        if self._client.has_snapshots:
            return page.reset or page.behind > FAR_BEHIND
        return page.reset and not page.changes and not page.more

    def _finish(self, question: _Question, page: Changes, rows: list[NewRow], *, reset: bool) -> None:
        """Take the catch-up over; where the store's mark is not on our chain, go on under a new stream."""
        record = self._record
        ours = record.ledger.hash_at(page.hwm) == page.head_h
        if reset and not ours:
            # Which facts these rows contain is known only when all of them were offered under the new stream.
            self._forget_staged()
            record.start_new_stream()
            return
        if page.hwm < question.acked:
            self.check_soon()  # the store has gone back: rows may be here that it no longer has
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

    # All rows at once.

    def _take_snapshot(self, question: _Question) -> Rest | None:
        """Fetch all rows into a new replica and put it into the old one's place. None: the store has no snapshots."""
        file = SnapshotFile(self._record.replica.file.path.with_name("replica-new.sqlite"))
        try:
            answer = self._client.snapshot(question.asker, file.take)
            if isinstance(answer, Refused) and answer.code == "no_snapshots":
                return None
            if answer is not None:
                return self._no_answer(answer)
            end = file.end()
            file.seal(Picture(end.incarnation, end.cursor, question.stream_id, end.hwm))
            owing = self._swap(question, end, file)
        except BrokenOff as error:
            return self._not_now(f"The store's data did not come whole: {error}. It is asked for again.", answered=True)
        finally:
            file.drop()
        if owing:
            self._owes()
        self._backoff.succeeded()
        self._record.note_exchange("down", answered=True, problem=_unread(file.unreadable))
        self._record.tell_change()
        return Rest(0.0)

    def _swap(self, question: _Question, end: SnapshotEnd, file: SnapshotFile) -> bool:
        """Take the new replica over, if what it holds of our facts is known; returns whether facts are owed."""
        record = self._record
        with record.changed:
            if record.closed or question.stream_id != record.ledger.stream_id():
                return False
            if record.ledger.hash_at(end.hwm) != end.head_h:
                record.start_new_stream()
                return True
            record.replica.replace_by(file.path)
            self._staged_cursor, self._resetting, self._from_nothing = None, False, False
            self._unswept, self._fruitless = False, False
            record.verdicts.heed(end.hwm)
            record.overlay.page_taken([], before_seq=0, reset=True)
            return record.ledger.batch(at_most=1) is not None

    # Whether the rows still add up.

    def _compare(self, question: _Question, cursor: str) -> Rest:
        self._no_wait = True
        self._check_at_s = self._next_check_s()
        answer = self._client.checksums(question.asker, cursor)
        if not isinstance(answer, Checksums):
            return self._no_answer(answer)
        if not answer.comparable or answer.cursor != cursor:
            return Rest(0.0)  # the next page says why
        own = self._sums(set(answer.left_out))
        differing = [
            part
            for part in sorted(own.keys() | answer.sums.keys())
            if own.get(part) != answer.sums.get(part) and part.partition("/")[0] in ROW_KINDS
        ]
        if not differing:
            return Rest(0.0)
        _log.warning("the rows here differ from the store's at %s: %s", cursor, ", ".join(differing))
        self._from_nothing = True
        problem = f"The copy of the store's data was not right ({', '.join(differing)}): it is fetched anew."
        self._record.note_exchange("down", answered=True, problem=problem)
        self._record.tell_change()
        return Rest(0.0)

    def _sums(self, left_out: Collection[str]) -> dict[str, str]:
        sums = RowSums()
        kind = key = ""
        while True:
            with self._record.changed:
                if self._record.closed:
                    return {}
                rows = self._record.replica.rows_behind(kind, key, _ROWS_AT_ONCE)
            for kind, key, data in rows:
                if f"{kind}/{key}" not in left_out:
                    sums.add(kind, key, data)
            if len(rows) < _ROWS_AT_ONCE:
                return sums.by_part()

    def _next_check_s(self) -> float:
        # Terminals that were started together do not all ask together.
        return time.monotonic() + self._pace.check_s * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load

    # What went wrong.

    def _forget_staged(self) -> None:
        self._staged_cursor, self._resetting, self._unswept = None, False, True
        self._record.replica.forget_staged()

    def _sweep(self) -> None:
        while self._unswept:
            with self._record.changed:
                self._unswept = not self._record.closed and self._record.replica.sweep()

    def _no_answer(self, answer: Refused | Unknown | Interrupted) -> Rest:
        match answer:
            case Interrupted():
                return Rest(0.0)
            case Unknown(reason, retry_after_s):
                return self._not_now(f"The store cannot be reached: {reason}", answered=False, wait_s=retry_after_s)
            case Refused(code, reason):
                self._from_nothing = self._from_nothing or code == "bad_cursor"
                wait_s = self._pace.longest_s if answer.is_for_the_sender else 0.0
                said = f"The store refuses to tell this terminal what is new: {reason}"
                return self._not_now(said, answered=True, wait_s=wait_s)

    def _not_now(self, problem: str, *, answered: bool | None, wait_s: float = 0.0) -> Rest:
        if self._record.note_exchange("down", answered=answered, problem=problem):
            self._record.tell_change()
        self._no_wait = True
        return self._backoff.rest(wait_s)


def _unread(unreadable: int) -> str | None:
    return f"{unreadable} rows of the store cannot be read here: update this terminal." if unreadable else None
