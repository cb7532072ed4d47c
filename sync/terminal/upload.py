"""One round of delivering: the oldest undelivered facts go up, their verdicts come back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sync.terminal.client import Forked, Gap, Refused, StoreClient
from sync.terminal.connection import Interrupted, Unknown
from sync.terminal.ledger import Batch
from sync.terminal.local_record import LocalRecord
from sync.terminal.sync_loop import Backoff, Pace, Rest
from sync.wire.messages import MAX_PUSH_ENTRIES, Pushed

_PURGE_EVERY_MS = 3600 * 1000
_log = logging.getLogger(__name__)

Answer = Pushed | Forked | Gap | Refused | Unknown | Interrupted


class Uploader:
    """Rounds are made by one thread. ``delivered`` is called after each answer that was believed."""

    def __init__(self, record: LocalRecord, client: StoreClient, pace: Pace, delivered: Callable[[], None]) -> None:
        self._record = record
        self._client = client
        self._pace = pace
        self._backoff = Backoff(pace)
        self._delivered = delivered
        self._at_most = MAX_PUSH_ENTRIES
        self._purged_at_ms: int | None = None

    def round(self) -> Rest:
        batch = self._next_batch()
        if batch is None:
            self._purge()
            return Rest(self._pace.idle_s)
        answer = self._client.push(batch, self._record.owing())
        with self._record.changed:
            if self._record.closed or batch.stream_id != self._record.ledger.stream_id():
                return Rest(0.0)
            problem = self._take(answer, batch)
            done = self._record.ledger.batch(at_most=1) is None
            if done or (problem is not None and not isinstance(answer, Forked)):
                self._record.resending = False  # rows do not wait for a delivery that is over or does not get on
        if isinstance(answer, Interrupted):
            return Rest(0.0)
        self._record.note_exchange("up", answered=not isinstance(answer, Unknown), problem=problem)
        self._record.tell_change()
        if problem is not None:
            return self._backoff.rest(self._wait_s(answer))
        self._backoff.succeeded()
        self._delivered()
        return Rest(0.0)

    def failed(self, error: Exception) -> Rest:
        """A round has raised: say so and go on later."""
        _log.warning("delivering failed", exc_info=error)
        self._record.resending = False
        if self._record.note_exchange("up", answered=None, problem=f"Delivering failed: {error}"):
            self._record.tell_change()
        return self._backoff.rest()

    def _wait_s(self, answer: Answer) -> float:
        """What the store asks for; whom it will not have asks seldom, and drops nothing."""
        match answer:
            case Unknown(_, retry_after_s):
                return retry_after_s
            case Refused() if answer.is_for_the_sender:
                return self._pace.longest_s
            case _:
                return 0.0

    def _next_batch(self) -> Batch | None:
        with self._record.changed:
            if self._record.closed:
                return None
            return self._record.ledger.batch(at_most=self._at_most)

    def _take(self, answer: Answer, batch: Batch) -> str | None:
        """Take an answer over; returns what stands against going on at once."""
        match answer:
            case Pushed():
                return self._settle(answer, batch)
            case Forked():
                self._record.start_new_stream()
                return (
                    "Another device delivers as this terminal. Its facts go on under a new name. Tell the shift lead."
                )
            case Gap(hwm):
                return self._go_back(hwm, batch)
            case Refused(_, reason):
                if not answer.is_for_the_sender:
                    # One that cannot be taken must not hold up those before it: the next batch is smaller.
                    self._at_most = max(1, min(self._at_most, len(batch.bodies)) // 2)
                return f"The store does not take this terminal's facts: {reason}"
            case Unknown(reason):
                return f"The store cannot be reached: {reason}"
            case Interrupted():
                return "The delivery was broken off."

    def _settle(self, pushed: Pushed, batch: Batch) -> str | None:
        record = self._record
        stamper = record.stamper
        if record.ledger.hash_at(pushed.hwm) != pushed.head_h or not record.verdicts.settle(
            pushed.verdicts, hwm=pushed.hwm, boot_id=stamper.boot_id, since_boot_ms=stamper.since_boot_ms()
        ):
            return "The store's answer speaks of other facts than were sent. They are sent again."
        if record.ledger.acked() < batch.from_seq:
            return "The store took facts and gave no verdict. They are sent again."
        record.ledger.note_safe(min(pushed.safe_seq, pushed.hwm))
        self._at_most = MAX_PUSH_ENTRIES
        return None

    def _go_back(self, hwm: int, batch: Batch) -> str | None:
        """The store lacks what came before: an older backup was restored there."""
        if hwm >= batch.from_seq - 1:
            return "The store says that facts are missing which it has. They are sent again."
        if self._record.ledger.hash_at(hwm) is None:
            self._record.start_new_stream()
        else:
            self._record.verdicts.heed(hwm)
        return None

    def _purge(self) -> None:
        with self._record.changed:
            stamper = self._record.stamper
            now_ms = stamper.since_boot_ms()
            if self._record.closed or (
                self._purged_at_ms is not None and now_ms < self._purged_at_ms + _PURGE_EVERY_MS
            ):
                return
            self._record.verdicts.purge(
                reflected_seq=self._record.overlay.reflected_seq(), boot_id=stamper.boot_id, since_boot_ms=now_ms
            )
            self._purged_at_ms = now_ms
