"""What the store said of the ledger's entries: verdicts, how far delivery has come, and what may be purged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from sync.record.delivery import Answered
from sync.record.facts import VerdictKind
from sync.record.ids import EventId
from sync.terminal.ledger import Ledger, readable, set_state
from sync.wire.messages import Judged

KEPT_MS = 14 * 24 * 3600 * 1000
"""How long delivered entries stay: as long as a store may have to be restored from a backup."""
KEPT_IF_SAFE_MS = 24 * 3600 * 1000
"""How long those stay that are in a backup: the work of the day can still be taken back."""
_SLICE = 500
_PLAIN = (VerdictKind.ACCEPTED.value, VerdictKind.DUPLICATE.value)


class Verdicts:
    """Not for several threads at once: the session's lock stands before it. Everything may raise `StorageFailed`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._file = ledger.file

    def settle(self, judged: Sequence[Judged], *, hwm: int, boot_id: str, since_boot_ms: int) -> bool:
        """Keep verdicts and acknowledge up to the last entry that has one. False: they are not of entries here.

        They count by number: that the store's chain is ours up to ``hwm`` says that they are of the same entries, also
        where the store could not read the entry's id.
        """
        with self._file.transaction() as db:
            lived_ms = self._live(db, boot_id, since_boot_ms)
            for item in judged:
                found = db.execute("SELECT event_id FROM entry WHERE seq = ?", (item.seq,)).fetchone()
                if found is None or item.seq > hwm:
                    return False
                _keep(db, EventId(found[0]), _settled(item), lived_ms)
            self._acknowledge(db, hwm)
        return True

    def heed(self, hwm: int) -> None:
        """The store holds the chain up to ``hwm``: less than was acknowledged means that it was restored."""
        if hwm == self._ledger.acked() == self._ledger.head().seq:
            return
        with self._file.transaction() as db:
            self._acknowledge(db, hwm)

    def _acknowledge(self, db: sqlite3.Connection, hwm: int) -> None:
        acked = min(self._ledger.acked(), hwm)
        (unjudged,) = db.execute(
            "SELECT min(seq) FROM entry LEFT JOIN verdict USING (event_id) "
            "WHERE seq > ? AND seq <= ? AND verdict IS NULL",
            (acked, hwm),
        ).fetchone()
        set_state(db, "acked", str(hwm if unjudged is None else unjudged - 1))

    def verdict(self, event_id: EventId) -> str | None:
        found = self._file.row("SELECT verdict FROM verdict WHERE event_id = ?", event_id)
        return None if found is None else str(found[0])

    def undelivered(self) -> tuple[int, datetime | None]:
        """How many entries the store is not known to hold with a verdict, and when the oldest was written."""
        acked = self._ledger.acked()
        count = self._ledger.head().seq - acked
        oldest = self._file.row("SELECT body FROM entry WHERE seq > ? ORDER BY seq LIMIT 1", acked)
        entry = None if oldest is None else readable(oldest[0])
        return count, None if entry is None else entry.stamp.at

    def claim_pending(self, about: str, reflected_seq: int) -> bool:
        """A claim (``about`` it) has no verdict yet, or was granted and the rows do not show it yet."""
        after = min(self._ledger.acked(), reflected_seq)
        claims = self._file.rows(
            "SELECT seq, verdict FROM entry LEFT JOIN verdict USING (event_id) WHERE about = ? AND seq > ?",
            about,
            after,
        )
        return any(verdict is None or (seq > reflected_seq and is_plain(verdict)) for seq, verdict in claims)

    def to_tell(self) -> tuple[Answered, ...]:
        found = self._file.rows(
            "SELECT event_id, body, verdict FROM entry JOIN verdict USING (event_id) WHERE told = 0 ORDER BY seq"
        )
        return tuple(
            Answered(EventId(event_id), entry.fact, verdict)
            for event_id, body, verdict in found
            if (entry := readable(body)) is not None
        )

    def tell(self, event_ids: Sequence[EventId]) -> None:
        with self._file.transaction() as db:
            db.executemany("UPDATE verdict SET told = 1 WHERE event_id = ?", [(event_id,) for event_id in event_ids])

    def purge(self, *, reflected_seq: int, boot_id: str, since_boot_ms: int) -> int:
        """Drop up to some hundred old entries from the beginning, never the head; returns how many."""
        last = min(self._ledger.acked(), reflected_seq, self._ledger.head().seq - 1)
        with self._file.transaction() as db:
            now_ms = self._live(db, boot_id, since_boot_ms)
            rows = db.execute(
                "SELECT seq, h, event_id, told = 1 AND (lived_ms <= ? OR (lived_ms <= ? AND seq <= ?)) "
                "FROM entry JOIN verdict USING (event_id) WHERE seq <= ? ORDER BY seq LIMIT ?",
                (now_ms - KEPT_MS, now_ms - KEPT_IF_SAFE_MS, self._ledger.safe_seq(), last, _SLICE),
            ).fetchall()
            kept = next((n for n, row in enumerate(rows) if not row[3]), len(rows))
            for seq, h, event_id, _ in rows[:kept]:
                db.execute("DELETE FROM entry WHERE seq = ?", (seq,))
                db.execute("DELETE FROM verdict WHERE event_id = ?", (event_id,))
                set_state(db, "base_seq", str(seq))
                set_state(db, "base_h", h)
        return kept

    def _live(self, db: sqlite3.Connection, boot_id: str, since_boot_ms: int) -> int:
        """How long this ledger is known to have existed. The wall clock may jump; time powered off is not counted,

        so that entries are kept longer rather than shorter.
        """
        lived_ms, last_ms = int(self._ledger.state("lived_ms") or 0), int(self._ledger.state("last_ms") or 0)
        same_boot = self._ledger.state("boot_id") == boot_id
        lived_ms += max(0, since_boot_ms - last_ms) if same_boot else since_boot_ms
        set_state(db, "lived_ms", str(lived_ms))
        set_state(db, "last_ms", str(since_boot_ms))
        set_state(db, "boot_id", boot_id)
        return lived_ms


def is_plain(verdict: str) -> bool:
    """Nothing that the worker must be told: accepted, or known already."""
    return verdict.split(":", 1)[0] in _PLAIN


def _settled(item: Judged) -> str:
    """The verdict as kept; a duplicate's reason is the verdict that it got the first time."""
    if item.reason is None:
        return item.verdict
    first_time = item.verdict == VerdictKind.DUPLICATE and item.reason.split(":", 1)[0] in set(VerdictKind)
    return item.reason if first_time else f"{item.verdict}:{item.reason}"


def _keep(db: sqlite3.Connection, event_id: EventId, verdict: str, lived_ms: int) -> None:
    """The first verdict stands, unless a store that was restored has judged anew and differently."""
    known = db.execute("SELECT verdict FROM verdict WHERE event_id = ?", (event_id,)).fetchone()
    if known is not None and (known[0] == verdict or verdict.startswith(VerdictKind.DUPLICATE)):
        return
    db.execute(
        "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?)", (event_id, verdict, int(is_plain(verdict)), lived_ms)
    )
