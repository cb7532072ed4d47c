"""Is this the worker's PIN? Checked against the hash that came with the worker's row; tries are counted on disk."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass

from sync.record.ids import WorkerId
from sync.record.rows import WorkerRow
from sync.record.signing_in import (
    FORGOTTEN_AFTER_S,
    FREE_TRIES,
    FREE_TRIES_AT_TERMINAL,
    PinAnswer,
    PinOutcome,
    wait_after,
)
from sync.terminal.ledger import Ledger, set_state
from sync.terminal.stamper import Stamper
from sync.wire.pins import PepperMissing, pin_fits

_ALL = "pin_tries"
"""Of the whole terminal; with a name behind it, of one badge."""


@dataclass(frozen=True, slots=True)
class _Tries:
    wrong: int
    since_s: float
    """Since the last one, by the clock that nobody can set; after a restart, since the restart: never less strict."""

    def wait_s(self, free: int) -> int:
        """How long the next one has to wait from now on."""
        return max(0, -int(-(wait_after(self.wrong, free) - self.since_s) // 1))


class PinGate:
    """Counts each try in the ledger's file before it is looked at: neither kill nor power cut gives one back."""

    def __init__(self, ledger: Ledger, stamper: Stamper, lock: threading.Condition) -> None:
        self._ledger = ledger
        self._stamper = stamper
        self._lock = lock

    def check(self, worker_id: WorkerId, worker: WorkerRow | None, pin: str, pepper: str | None) -> PinAnswer:
        """The same answer after the same time for a wrong PIN, a badge that nobody has and a worker who has left.

        Raises `StorageFailed`; then nothing was looked at.
        """
        mine = f"{_ALL}:{worker_id}"
        with self._lock:
            wait_s = max(self._tries(mine).wait_s(FREE_TRIES), self._tries(_ALL).wait_s(FREE_TRIES_AT_TERMINAL))
            if wait_s:
                return PinAnswer(PinOutcome.WAIT, wait_s)
            with self._ledger.file.transaction() as db:
                self._count(db, mine)
                self._count(db, _ALL)
        try:
            right = pin_fits(worker.pin_hash if worker is not None and worker.active else None, pin, pepper)
        except PepperMissing:
            return PinAnswer(PinOutcome.UNREADY)
        with self._lock:
            if right:
                self._take_off(mine)
                return PinAnswer(PinOutcome.RIGHT)
            next_s = max(self._tries(mine).wait_s(FREE_TRIES), self._tries(_ALL).wait_s(FREE_TRIES_AT_TERMINAL))
            return PinAnswer(PinOutcome.WRONG, next_s)

    def _tries(self, name: str) -> _Tries:
        kept = self._ledger.state(name)
        if kept is None:
            return _Tries(0, 0)
        said = json.loads(kept)
        before_ms = said["boot_ms"] if said["boot"] == self._stamper.boot_id else 0
        since_s = (self._stamper.since_boot_ms() - before_ms) / 1000
        return _Tries(0 if since_s > FORGOTTEN_AFTER_S else said["wrong"], since_s)

    def _count(self, db: sqlite3.Connection, name: str) -> None:
        self._keep(db, name, self._tries(name).wrong + 1)

    def _take_off(self, mine: str) -> None:
        """Who knows the PIN made typing errors before; what others tried at this terminal still counts."""
        with self._ledger.file.transaction() as db:
            others = max(0, self._tries(_ALL).wrong - self._tries(mine).wrong)
            self._keep(db, mine, 0)
            self._keep(db, _ALL, others)

    def _keep(self, db: sqlite3.Connection, name: str, wrong: int) -> None:
        at = {"wrong": wrong, "boot": self._stamper.boot_id, "boot_ms": self._stamper.since_boot_ms()}
        set_state(db, name, json.dumps(at))
