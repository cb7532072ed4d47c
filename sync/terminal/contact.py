"""When the store last answered this terminal: by a clock that runs while it sleeps, and that nobody can set."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime

from sync.record.delivery import StorageFailed
from sync.terminal.ledger import Ledger, set_state
from sync.terminal.stamper import Stamper

WRITTEN_EVERY_S = 60
"""A contact survives a restart when the one written before it is so old: writing each would wear the disk."""
_NAME = "contact"


class LastContact:
    """Whoever uses it holds the record's lock."""

    def __init__(self, ledger: Ledger, stamper: Stamper) -> None:
        self._ledger = ledger
        self._stamper = stamper
        self._boot_ms: int | None = None
        self._written_ms: int | None = None

    def heard(self) -> None:
        """The store has answered, and served this terminal."""
        now_ms = self._stamper.since_boot_ms()
        self._boot_ms = now_ms
        if self._written_ms is not None and now_ms - self._written_ms < WRITTEN_EVERY_S * 1000:
            return
        said = {"boot": self._stamper.boot_id, "boot_ms": now_ms, "at": self._stamper.now().isoformat()}
        with suppress(StorageFailed), self._ledger.file.transaction() as db:  # the next contact tries again
            set_state(db, _NAME, json.dumps(said))
            self._written_ms = now_ms

    def since_s(self) -> float | None:
        """Seconds since the last contact; None where there was none, or where the clock cannot say.

        After a restart of the device only its wall clock tells how long it was off: the longer of both counts.
        """
        now_ms = self._stamper.since_boot_ms()
        if self._boot_ms is not None:
            return (now_ms - self._boot_ms) / 1000
        kept = self._ledger.state(_NAME)
        if kept is None:
            return None
        said = json.loads(kept)
        if said["boot"] == self._stamper.boot_id:
            return float(now_ms - said["boot_ms"]) / 1000
        by_clock_s = (self._stamper.now() - datetime.fromisoformat(said["at"])).total_seconds()
        return None if by_clock_s < 0 else max(by_clock_s, now_ms / 1000)
