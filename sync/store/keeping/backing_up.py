"""Backups, and what is known to be in one: only what was read again from a copy counts as safe."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text, update
from sqlalchemy.engine import make_url

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.changes import incarnation
from sync.store.database import Database
from sync.store.unit_of_work import UnitOfWork

_STREAMS_AT_ONCE = 500


class BackupRefused(Exception):
    """There is no backup, or it is none of this store; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SafeUpTo:
    """How many ledgers a copy holds, and how many entries of theirs."""

    streams: int
    entries: int


def is_file(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


def copy_file(database: Database, target: Path) -> None:
    """Copy a store that is one file into ``target``, while it is served or not. Raises `BackupRefused`."""
    if target.exists():
        raise BackupRefused(f"{target} is there already. Nothing was copied. Name a new file.")
    part = target.with_name(target.name + ".part")
    source = make_url(database.url).database or ""
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there, pages=1000)
            there.execute("PRAGMA journal_mode = DELETE")
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupRefused(
            f"The copy into {target} broke off ({error}). The store is as it was. "
            "Free space there, or name another file."
        ) from error


def note_backup(database: Database, copy: Database) -> SafeUpTo:
    """Read a copy and remember how much of each ledger is in it. Raises `BackupRefused`.

    Terminals need not keep longer than a day what is in a copy that was read.
    """
    with copy.read() as there:
        _check_whole(there)
        with database.read() as here:
            if incarnation(here) != incarnation(there):
                raise BackupRefused(
                    "The copy belongs to another store, or to a time before this one was restored. "
                    "Nothing was changed. Make a new backup."
                )
        entries = streams = 0
        for site_id, marks in _marks(there):
            noted = database.run(site_id, lambda work, marks=marks: _note(work, marks))  # type: ignore[misc]
            streams += len(noted)
            entries += sum(noted)
    return SafeUpTo(streams, entries)


def _check_whole(there: Connection) -> None:
    if there.dialect.name != "sqlite":
        return  # PostgreSQL has checked every page that it restored the dump into
    found = there.execute(text("PRAGMA integrity_check(1)")).scalar_one()
    if found != "ok":
        raise BackupRefused(f"The copy is damaged ({found}). Nothing was changed. Make a new backup on another disk.")


def _marks(there: Connection) -> Iterator[tuple[SiteId, list[Any]]]:
    """The last entry that the copy really holds of each ledger: its number and hash."""
    s, e = t.stream.c, t.event.c
    at_head = (e.site_id == s.site_id) & (e.stream_id == s.stream_id) & (e.seq == s.hwm)
    for site_id in there.execute(select(t.site.c.site_id).order_by(t.site.c.site_id)).scalars().all():
        rows = there.execute(select(s.stream_id, e.seq, e.h).join(t.event, at_head).where(s.site_id == site_id)).all()
        for first in range(0, len(rows), _STREAMS_AT_ONCE):
            yield SiteId(site_id), list(rows[first : first + _STREAMS_AT_ONCE])


def _note(work: UnitOfWork, marks: list[Any]) -> list[int]:
    """Where our entry at that number has that hash, the ledger is safe up to it."""
    s, e = t.stream.c, t.event.c
    noted = []
    for stream_id, seq, h in marks:
        ours = select(e.h).where(e.site_id == work.site_id, e.stream_id == stream_id, e.seq == seq)
        done = work.conn.execute(
            update(t.stream)
            .where(s.site_id == work.site_id, s.stream_id == stream_id, s.safe_seq <= seq)
            .where(ours.scalar_subquery() == h)
            .values(safe_seq=seq)
        )
        noted += [seq] * done.rowcount
    return noted
