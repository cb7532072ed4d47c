"""Keys for programs and people that ask over the network: ``fh_<key_id>_<secret>``, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from sync.record.ids import SiteId
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork

LONGEST_DAYS = 366
LONGEST_NAME = 64
"""It is the source of the orders that come with the key."""
_KEY = re.compile(r"fh_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class KeyRefused(Exception):
    """It was not done; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    site_id: SiteId
    key_id: str
    name: str
    roles: tuple[Role, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def add_key(work: UnitOfWork, name: str, roles: Collection[Role], *, days: int, by: str) -> tuple[str, str, datetime]:
    """Make a key; returns its id, the whole key, which nobody can show again, and when it ends. Raises `KeyRefused`."""
    if len(name) > LONGEST_NAME:
        raise KeyRefused(f"{name[:20]!r}... has {len(name)} characters, and a name {LONGEST_NAME} at most.")
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    expires_at = work.now + timedelta(days=days)
    row = {
        "key_id": key_id,
        "name": name,
        "roles": [str(role) for role in Role if role in roles],
        "secret_hash": _hash(secret),
        "made_by": by,
        "made_at": work.now,
        "expires_at": expires_at,
        "revoked_at": None,
    }
    work.insert(t.api_key, [row])
    return key_id, f"fh_{key_id}_{secret}", expires_at


def key_holder(conn: Connection, key: str, now: datetime) -> ApiKey | None:
    """Whose key this is; None where it is none, has ended or was revoked, or its secret is wrong.

    The id is 64 random bits over all sites, so the key itself says which site it is of.
    """
    form = _KEY.fullmatch(key)
    key_id, secret = form.groups() if form else ("", "")
    found = conn.execute(select(t.api_key).where(t.api_key.c.key_id == key_id)).first()
    fits = hmac.compare_digest(_hash(secret), "" if found is None else found.secret_hash)
    if found is None or not fits or found.revoked_at is not None or found.expires_at <= now:
        return None
    return _key(found)


def api_keys(conn: Connection, site_id: SiteId) -> list[ApiKey]:
    """Every key of a site, the newest last."""
    k = t.api_key.c
    rows = conn.execute(select(t.api_key).where(k.site_id == site_id).order_by(k.made_at, k.key_id))
    return [_key(row) for row in rows]


def revoke_key(work: UnitOfWork, key_id: str) -> None:
    """Raises `KeyRefused`."""
    k = t.api_key.c
    mine = (k.site_id == work.site_id) & (k.key_id == key_id)
    revoked = update(t.api_key).where(mine, k.revoked_at.is_(None)).values(revoked_at=work.now)
    if work.conn.execute(revoked).rowcount:
        return
    if work.conn.execute(select(k.key_id).where(mine)).first() is None:
        raise KeyRefused(f"There is no key {key_id} at {work.site_id}. floor store key list names them.")
    raise KeyRefused(f"The key {key_id} was revoked before.")


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        **{name: getattr(row, name) for name in ApiKey.__dataclass_fields__ if name != "roles"},
        roles=tuple(Role(role) for role in row.roles),
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
