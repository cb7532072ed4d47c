"""Which terminals belong to a site: one-time codes, the keys that came with them, revocation."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.in_bulk import rows_with
from sync.store.unit_of_work import PACK_STATIONS, UnitOfWork, one_terminal
from sync.wire.enrolling import new_secret

CODE_MIN = 15
RESCUE: Final = "rescue"
"""The scope of a workstation that delivers the ledgers of other terminals."""
KEY_CHANGED: Final = "terminal"
"""The kind of a change that carries no row: it only wakes who waits with a key that is good no more."""
GRANTABLE = frozenset({PACK_STATIONS, RESCUE})


class CodeRefused(Exception):
    """A terminal may not be enrolled with this code; the text says why and what to do."""


class NoSuchTerminal(LookupError):
    """The site has no terminal of that name with a key."""


@dataclass(frozen=True, slots=True)
class KnownTerminal:
    """What a request is checked against. ``public_key`` is hex."""

    public_key: str
    scopes: frozenset[str]
    is_revoked: bool


def make_code(work: UnitOfWork, terminal_id: TerminalId, scopes: Sequence[str], by: str) -> tuple[str, datetime]:
    """A secret that enrols this terminal once, and when it ends. An earlier one that was not used ends at once."""
    secret = new_secret()
    e = t.enrolment.c
    work.conn.execute(
        delete(t.enrolment).where(
            e.site_id == work.site_id, (e.terminal_id == terminal_id) | (e.expires_at < work.now - timedelta(days=1))
        )
    )
    expires_at = work.now + timedelta(minutes=CODE_MIN)
    row = {
        "code_hash": _hash(secret),
        "terminal_id": terminal_id,
        "scopes": sorted(scopes),
        "made_by": by,
        "made_at": work.now,
        "expires_at": expires_at,
        "used_at": None,
    }
    work.insert(t.enrolment, [row])
    return secret, expires_at


def use_code(work: UnitOfWork, secret: str, terminal_id: TerminalId, public_key: str) -> tuple[str, list[str]]:
    """Enrol the terminal and use the code up; returns who made it, and for which scopes. Raises `CodeRefused`.

    The same key may come again with its code: the answer to the first time may have been lost.
    """
    e = t.enrolment.c
    mine = (e.site_id == work.site_id) & (e.code_hash == _hash(secret))
    found = work.conn.execute(select(t.enrolment).where(mine).with_for_update()).first()
    again = "Ask for a new one: floor store enrol"
    if found is None:
        raise CodeRefused(f"The store knows no such enrolment code. Check what was typed. {again} {terminal_id}")
    if found.terminal_id != terminal_id:
        raise CodeRefused(
            f"This enrolment code was made for terminal {found.terminal_id}, and this is {terminal_id}. "
            f"Give this one that name with --id, or ask for its own code: floor store enrol {terminal_id}"
        )
    if found.expires_at < work.now:
        raise CodeRefused(f"This enrolment code has expired: it is good for {CODE_MIN} minutes. {again} {terminal_id}")
    if found.used_at is not None:
        known = known_terminal(work.conn, work.site_id, terminal_id)
        if known is None or known.is_revoked or known.public_key != public_key:
            raise CodeRefused(f"This enrolment code has been used already. {again} {terminal_id}")
        return str(found.made_by), list(found.scopes)
    work.conn.execute(update(t.enrolment).where(mine).values(used_at=work.now))
    enrol_key(work, terminal_id, public_key, found.scopes, str(found.made_by))
    return str(found.made_by), list(found.scopes)


def enrol_key(work: UnitOfWork, terminal_id: TerminalId, public_key: str, scopes: Sequence[str], by: str) -> None:
    """Let the holder of ``public_key`` (hex) speak as this terminal from now on, and nobody else."""
    row = {
        "terminal_id": terminal_id,
        "first_seen_at": work.now,
        "last_seen_at": work.now,
        "public_key": public_key,
        "scopes": sorted(scopes),
        "enrolled_at": work.now,
        "enrolled_by": by,
        "revoked_at": None,
        "revoked_by": None,
    }
    kept = {"terminal_id", "first_seen_at", "last_seen_at"}
    if known_terminal(work.conn, work.site_id, terminal_id) is not None:
        _end_questions(work, terminal_id)
    work.upsert(t.terminal, [row], update_columns=[name for name in row if name not in kept])


def revoke(work: UnitOfWork, terminal_id: TerminalId, by: str) -> bool:
    """Shut the terminal out, and end its unused codes; False when it was out before. Raises `NoSuchTerminal`."""
    known = known_terminal(work.conn, work.site_id, terminal_id)
    e = t.enrolment.c
    codes = work.conn.execute(
        delete(t.enrolment).where(e.site_id == work.site_id, e.terminal_id == terminal_id, e.used_at.is_(None))
    )
    if known is None and not codes.rowcount:
        raise NoSuchTerminal(terminal_id)
    if known is None or known.is_revoked:
        return False
    c = t.terminal.c
    work.conn.execute(
        update(t.terminal)
        .where(c.site_id == work.site_id, c.terminal_id == terminal_id)
        .values(revoked_at=work.now, revoked_by=by)
    )
    _end_questions(work, terminal_id)
    return True


def _end_questions(work: UnitOfWork, terminal_id: TerminalId) -> None:
    """Questions that the holder of the key so far keeps open, in whichever process, wake and are refused."""
    work.touch(KEY_CHANGED, terminal_id, one_terminal(terminal_id), deleted=True)


def known_terminal(conn: Connection, site_id: SiteId, terminal_id: TerminalId) -> KnownTerminal | None:
    """The key that is enrolled for a terminal; None where none ever was."""
    return known_terminals(conn, [(site_id, terminal_id)]).get((site_id, terminal_id))


def known_terminals(
    conn: Connection, names: Collection[tuple[SiteId, TerminalId]]
) -> dict[tuple[SiteId, TerminalId], KnownTerminal]:
    """The keys that are enrolled for these terminals; those that have none are left out."""
    found: dict[tuple[SiteId, TerminalId], KnownTerminal] = {}
    for site_id in {site_id for site_id, _ in names}:
        wanted = sorted(terminal_id for at, terminal_id in names if at == site_id)
        rows = rows_with(conn, site_id, t.terminal.c.terminal_id, wanted)
        found |= {(site_id, row["terminal_id"]): known for row in rows if (known := known_as(row)) is not None}
    return found


def known_as(row: Mapping[str, Any]) -> KnownTerminal | None:
    """What the row of a terminal says of its key; None where none was ever enrolled."""
    if row["public_key"] is None:
        return None
    return KnownTerminal(row["public_key"], frozenset(row["scopes"] or ()), row["revoked_at"] is not None)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
