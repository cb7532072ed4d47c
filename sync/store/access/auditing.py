"""The audit trail: who changed what from outside the floor, each row bound to the one before it by a hash.

Terminals have their own ledgers. This is for what people order: release, import, settle, enrol, revoke, move ...
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import GENESIS

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    n: int
    """1, 2, 3 ... within the site, without gaps."""
    at: datetime
    who: str
    what: str
    """The command: ``release``, ``settle``, ``worker-add`` ..."""
    about: str
    """What it was done to: an order's reference, a terminal, a worker ..."""
    detail: Mapping[str, Any]
    h: str


def audit(work: UnitOfWork, who: str, what: str, about: str, **detail: Any) -> None:
    """Write that ``who`` did ``what``, in the transaction that does it.

    Args:
        about: what it was done to; no secret, no customer's address.
        detail: anything that JSON can say.
    """
    n = work.allot("audit")  # locks the counter until the commit: the row before this one is committed and stays last
    a = t.audit.c
    before = work.conn.execute(select(a.h).where(a.site_id == work.site_id, a.n == n - 1)).scalar_one_or_none()
    said = msgspec.to_builtins(detail, str_keys=True)
    row = {"n": n, "at": work.now, "who": who, "what": what, "about": about, "detail": said}
    h = hashlib.sha256(bytes.fromhex(before or GENESIS) + canonical(work.site_id, **row)).hexdigest()
    work.conn.execute(insert(t.audit), {"site_id": work.site_id, **row, "h": h})


def canonical(
    site_id: SiteId, *, n: int, at: datetime, who: str, what: str, about: str, detail: Mapping[str, Any]
) -> bytes:
    """The bytes of a row that are hashed: JSON with sorted keys, without spaces, times in UTC with microseconds."""
    at_utc = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = {"site": site_id, "n": n, "at": at_utc, "who": who, "what": what, "about": about, "detail": detail}
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def trail(
    conn: Connection, site_id: SiteId, *, since: datetime | None = None, who: str | None = None, after: int = 0
) -> Iterator[AuditRow]:
    """The rows behind row ``after`` in their order, read piece by piece."""
    a = t.audit.c
    wanted = [a.site_id == site_id]
    if since is not None:
        wanted.append(a.at >= since)
    if who is not None:
        wanted.append(a.who == who)
    last = after
    while True:
        page = conn.execute(select(t.audit).where(*wanted, a.n > last).order_by(a.n).limit(_AT_ONCE)).all()
        for row in page:
            last = row.n
            yield AuditRow(n=row.n, at=row.at, who=row.who, what=row.what, about=row.about, detail=row.detail, h=row.h)
        if len(page) < _AT_ONCE:
            return
