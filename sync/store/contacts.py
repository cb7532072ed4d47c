"""When a terminal was heard of, which release runs there, and what it has not delivered yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.database import Database
from sync.store.in_bulk import rows_with
from sync.store.judging.grants import pass_on_lapsed
from sync.store.statements import padded
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


def note_contacts(work: UnitOfWork, contacts: Mapping[TerminalId, Contact]) -> None:
    """Keep contacts; a terminal's row is made where there is none."""
    rows = [
        {
            "terminal_id": terminal_id,
            "first_seen_at": work.now,
            "last_seen_at": work.now,
            "release": contact.release,
            "owed": contact.owed,
            "owed_since": work.now - timedelta(seconds=contact.owed_for_s) if contact.owed else None,
        }
        for terminal_id, contact in sorted(contacts.items())
    ]
    work.upsert(t.terminal, rows, update_columns=("last_seen_at", "release", "owed", "owed_since"))


def is_due(last_seen_at: datetime | None, owed: int, contact: Contact, now: datetime) -> bool:
    """Whether a pull's contact must be noted: after some seconds, and at once when all was delivered or no longer."""
    if last_seen_at is None or (owed == 0) != (contact.owed == 0):
        return True
    return now - last_seen_at >= timedelta(seconds=NOTED_EVERY_S)


def note_pulls(database: Database, site_id: SiteId, contacts: Mapping[TerminalId, Contact]) -> set[TerminalId]:
    """Keep the contacts of pulls where they are due, and see whether a list that was moved has to go on.

    Returns those whose contact stands in the store now.
    """
    with database.read() as conn:
        rows = rows_with(conn, site_id, t.terminal.c.terminal_id, sorted(contacts))
    known = {row["terminal_id"]: row for row in rows}
    due: dict[TerminalId, Contact] = {}
    for terminal_id, contact in contacts.items():
        row = known.get(terminal_id)
        seen_at, owed = (None, 0) if row is None else (row["last_seen_at"], row["owed"])
        if is_due(seen_at, owed, contact, database.now()):
            due[terminal_id] = contact
    noted = database.run(site_id, lambda work: _note(work, due, known.keys())) if due else set()
    return (contacts.keys() - due.keys()) | noted


def _note(work: UnitOfWork, due: Mapping[TerminalId, Contact], known: Collection[TerminalId]) -> set[TerminalId]:
    """All but those whose push is being taken in now: it notes when they were heard of, and is not to be waited for."""
    c = t.terminal.c
    free = work.conn.scalars(
        select(c.terminal_id)
        .where(c.site_id == work.site_id, c.terminal_id.in_(padded(sorted(due))))
        .with_for_update(skip_locked=True)
    )
    noted = {*map(TerminalId, free), *(due.keys() - known)}
    note_contacts(work, {terminal_id: due[terminal_id] for terminal_id in noted})
    bench = Bench(work)
    pass_on_lapsed(bench, but=None, moved_only=True)
    bench.flush()
    return noted
