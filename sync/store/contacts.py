"""When a terminal was heard of, which release runs there, and what it has not delivered yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.database import Database
from sync.store.judging.grants import pass_on_lapsed
from sync.store.unit_of_work import UnitOfWork

NOTED_EVERY_S = 20.0
"""Pulls are noted this often: each note is a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a terminal says of itself with a request. ``owed``: entries that the store is not known to hold."""

    release: str | None = None
    owed: int = 0
    owed_for_s: int = 0
    """Since how many seconds the oldest of them waits."""


def note_contact(work: UnitOfWork, terminal_id: TerminalId, contact: Contact) -> None:
    """Keep a contact; the terminal's row is made where there is none."""
    row = {
        "terminal_id": terminal_id,
        "first_seen_at": work.now,
        "last_seen_at": work.now,
        "release": contact.release,
        "owed": contact.owed,
        "owed_since": work.now - timedelta(seconds=contact.owed_for_s) if contact.owed else None,
    }
    work.upsert(t.terminal, [row], update_columns=("last_seen_at", "release", "owed", "owed_since"))


def is_due(last_seen_at: datetime | None, owed: int, contact: Contact, now: datetime) -> bool:
    """Whether a pull's contact must be noted: after some seconds, and at once when all was delivered or no longer."""
    if last_seen_at is None or (owed == 0) != (contact.owed == 0):
        return True
    return now - last_seen_at >= timedelta(seconds=NOTED_EVERY_S)


def note_pull(database: Database, site_id: SiteId, terminal_id: TerminalId, contact: Contact) -> None:
    """Keep the contact of a pull where it is due, and see whether a list that was moved has to go on."""
    c = t.terminal.c
    with database.read() as conn:
        found: Any = conn.execute(
            select(c.last_seen_at, c.owed).where(c.site_id == site_id, c.terminal_id == terminal_id)
        ).first()
    seen_at, owed = (None, 0) if found is None else (found.last_seen_at, found.owed)
    if is_due(seen_at, owed, contact, database.now()):
        database.run(site_id, lambda work: _note(work, terminal_id, contact))


def _note(work: UnitOfWork, terminal_id: TerminalId, contact: Contact) -> None:
    note_contact(work, terminal_id, contact)
    bench = Bench(work)
    pass_on_lapsed(bench, but=terminal_id, moved_only=True)
    bench.flush()
