"""Two persons for what is dangerous: one asks for it, another one agrees, and then the first may do it, once."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.unit_of_work import UnitOfWork
from sync.wire.enrolling import ALPHABET

AGREED_MIN: Final = 30
_CODE_LENGTH: Final = 6
_OF_KEY = re.compile(r" \(key [0-9a-f]+\)$")


class ConfirmationRefused(Exception):
    """Nobody has agreed to anything; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What is to be done, as the audit trail names it. ``text``: what it means, for the one who is to agree."""

    what: str
    about: str
    detail: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request for a second person. ``code`` names it, and is no secret."""

    code: str
    what: str
    about: str
    text: str
    asked_by: str
    expires_at: datetime


def second_person(work: UnitOfWork, danger: Danger, by: str) -> Asked | None:
    """None: another person has agreed to just this, and that is used up now. Otherwise the request that waits."""
    c = t.confirmation.c
    mine = (c.site_id == work.site_id) & (c.digest == _digest(danger, by)) & c.used_at.is_(None)
    row = work.conn.execute(select(t.confirmation).where(mine, c.expires_at >= work.now).with_for_update()).first()
    if row is not None and row.confirmed_by is not None:
        used = update(t.confirmation).where(c.site_id == work.site_id, c.code == row.code)
        work.conn.execute(used.values(used_at=work.now))
        return None
    if row is not None:
        return _asked(row)
    asked = Asked(
        code="".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH)),
        what=danger.what,
        about=danger.about,
        text=danger.text,
        asked_by=by,
        expires_at=work.now + timedelta(minutes=AGREED_MIN),
    )
    work.insert(t.confirmation, [{**asdict(asked), "digest": _digest(danger, by)}])
    audit(work, by, "ask-second", danger.about, of=danger.what, code=asked.code, **danger.detail)
    return asked


def confirm(work: UnitOfWork, code: str, by: str) -> Asked:
    """Agree to a request. Raises `ConfirmationRefused`."""
    c = t.confirmation.c
    this = (c.site_id == work.site_id) & (c.code == code.strip().upper())
    row = work.conn.execute(select(t.confirmation).where(this).with_for_update()).first()
    if row is None or row.used_at is not None or row.expires_at < work.now:
        raise ConfirmationRefused(
            f"Nothing waits under {code!r}: it was done, or its {AGREED_MIN} minutes are over. "
            "floor store confirmations lists what waits."
        )
    if _person(row.asked_by) == _person(by):
        raise ConfirmationRefused(f"{row.asked_by} has asked for it: another person must agree.")
    if row.confirmed_by is None:
        work.conn.execute(update(t.confirmation).where(this).values(confirmed_by=by))
        audit(work, by, "agree", row.about, of=row.what, code=row.code, asked_by=row.asked_by)
    return _asked(row)


def without_second(work: UnitOfWork, danger: Danger, by: str, why: str) -> None:
    """Nobody else is there to agree: the trail says so."""
    audit(work, by, "alone", danger.about, of=danger.what, why=why, **danger.detail)


def waiting(conn: Connection, site_id: SiteId, now: datetime) -> list[Asked]:
    """Requests to which nobody has agreed yet, the oldest first."""
    c = t.confirmation.c
    open_ones = (c.site_id == site_id) & c.confirmed_by.is_(None) & (c.expires_at >= now)
    return [_asked(row) for row in conn.execute(select(t.confirmation).where(open_ones).order_by(c.expires_at))]


def _asked(row: Any) -> Asked:
    return Asked(
        code=row.code,
        what=row.what,
        about=row.about,
        text=row.text,
        asked_by=row.asked_by,
        expires_at=row.expires_at,
    )


def _digest(danger: Danger, by: str) -> str:
    said = json.dumps([danger.what, danger.about, danger.detail, _person(by)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _person(name: str) -> str:
    """Who it is, by whichever key and however the name is written."""
    return " ".join(_OF_KEY.sub("", name).split()).casefold()
