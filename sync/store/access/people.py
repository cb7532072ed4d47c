"""Who works at a site: workers with their badges, roles and PINs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from sync.record.codes.check_digits import ALPHABET
from sync.record.ids import BadgeCode, SiteId, WorkerId
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import ID_PATTERN
from sync.wire.pins import hash_pin, pin_problem

LANGUAGES = ("en", "de")
LONGEST_BADGE = 30
PIN_PEPPER = "pin-pepper"


class PersonRefused(Exception):
    """It was not done; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    worker_id: WorkerId
    badge: BadgeCode
    name: str
    roles: tuple[Role, ...]
    language: str
    has_pin: bool
    active: bool


def workers(conn: Connection, site_id: SiteId) -> list[Worker]:
    """Everybody the site has ever known, by id."""
    w = t.worker.c
    rows = conn.execute(select(t.worker).where(w.site_id == site_id).order_by(w.worker_id))
    return [
        Worker(
            worker_id=row.worker_id,
            badge=row.badge,
            name=row.name,
            roles=tuple(Role(role) for role in row.roles),
            language=row.language,
            has_pin=row.pin_hash is not None,
            active=row.active,
        )
        for row in rows
    ]


def pin_pepper(work: UnitOfWork) -> str:
    """What every PIN of the site is mixed with (32 random bytes, hex), made when it is first asked for.

    It stays in this table and in the terminals that were enrolled: the hashes travel, and are worth nothing without it.
    """
    drawn = {"name": PIN_PEPPER, "value": secrets.token_hex(32)}
    work.upsert(t.site_secret, [drawn], update_columns=())
    s = t.site_secret.c
    mine = (s.site_id == work.site_id) & (s.name == PIN_PEPPER)
    return str(work.conn.execute(select(s.value).where(mine)).scalar_one())


def add_worker(
    work: UnitOfWork,
    worker_id: WorkerId,
    *,
    badge: BadgeCode,
    name: str,
    roles: Collection[Role],
    language: str = "en",
    pin: str | None = None,
) -> None:
    """A new worker; with ``pin`` None, one who signs in by badge alone. Raises `PersonRefused`."""
    if not re.fullmatch(ID_PATTERN, worker_id):
        raise PersonRefused(
            f"{worker_id!r} can be no worker's id: letters, digits, dots, hyphens and underscores, at most 32."
        )
    if not _is_badge(badge):
        raise PersonRefused(f"{badge!r} can be no badge: a badge is B- and digits or capitals, B-1001 for example.")
    w = t.worker.c
    taken = select(w.worker_id, w.badge).where(
        w.site_id == work.site_id, (w.worker_id == worker_id) | (w.badge == badge)
    )
    for known in work.conn.execute(taken):
        same = known.worker_id == worker_id
        whose = f"There is a worker {worker_id}" if same else f"The badge {badge} is {known.worker_id}'s"
        raise PersonRefused(f"{whose} already. Badges and ids are never given twice: old facts bear them. Take others.")
    row = {
        "worker_id": worker_id,
        "badge": badge,
        "name": name,
        "roles": _checked(roles),
        "language": language,
        "pin_hash": None if pin is None else _hashed(work, pin),
        "active": True,
    }
    work.insert(t.worker, [row])
    work.touch("worker", worker_id)


def set_pin(work: UnitOfWork, worker_id: WorkerId, pin: str | None) -> None:
    """Give a worker another PIN, or (None) none: then the badge alone signs in. Raises `PersonRefused`."""
    _change(work, worker_id, pin_hash=None if pin is None else _hashed(work, pin))


def set_roles(work: UnitOfWork, worker_id: WorkerId, roles: Collection[Role]) -> None:
    """Raises `PersonRefused`."""
    _change(work, worker_id, roles=_checked(roles))


def set_active(work: UnitOfWork, worker_id: WorkerId, *, active: bool) -> None:
    """Whether the badge still signs in. Raises `PersonRefused`."""
    _change(work, worker_id, active=active)


def _change(work: UnitOfWork, worker_id: WorkerId, **values: object) -> None:
    w = t.worker.c
    mine = (w.site_id == work.site_id) & (w.worker_id == worker_id)
    if not work.conn.execute(update(t.worker).where(mine).values(**values)).rowcount:
        raise PersonRefused(f"There is no worker {worker_id} at {work.site_id}. floor store worker list names them.")
    work.touch("worker", worker_id)


def _is_badge(badge: str) -> bool:
    letter, _, body = badge.partition("-")
    return letter == "B" and 0 < len(body) <= LONGEST_BADGE and set(body) <= set(ALPHABET)


def _checked(roles: Collection[Role]) -> list[str]:
    if not roles:
        raise PersonRefused("A worker without a role could do nothing. Give at least one.")
    if Role.INTEGRATOR in roles:
        raise PersonRefused("An integrator is a program, not a worker: give it a key (floor store key add).")
    return [str(role) for role in Role if role in roles]


def _hashed(work: UnitOfWork, pin: str) -> str:
    problem = pin_problem(pin)
    if problem is not None:
        raise PersonRefused(problem)
    return hash_pin(pin, pin_pepper(work))
