"""A lead looks at the zones, puts people into them, and hands a zone's work over at the end of a shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from sync.record.ids import LocationCode, PickListId, SiteId, TerminalId, ToteCode, WorkerId, ZoneId
from sync.record.rows import ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.judging.zones import set_zone
from sync.store.leading.moving import Moved, move
from sync.store.orders.counting import OPEN_PIECES
from sync.store.unit_of_work import UnitOfWork


class ZoneRefused(Exception):
    """It was not done; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    worker_id: WorkerId
    name: str
    terminal_id: TerminalId | None
    """Where they are signed in; None: nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTote:
    tote: ToteCode
    list_id: PickListId
    place: LocationCode | None
    """Where the zone before has put it down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneStanding:
    zone_id: ZoneId
    name: str
    people: tuple[Person, ...]
    open_lists: int
    held_lists: int
    waiting_lists: int
    """Their tote has not come from the zone before yet."""
    lines: int
    """With pieces to pick, on all these lists."""
    pieces: int
    totes: tuple[WaitingTote, ...]
    """Passed on to this zone, and taken by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneEnd:
    zone_id: ZoneId
    to: TerminalId | None
    """None: the common pool."""
    moved: tuple[Moved, ...]
    totes: tuple[WaitingTote, ...]
    """They stand where they are, for whoever picks in the zone next."""


def zones(conn: Connection, site_id: SiteId) -> list[ZoneStanding]:
    """Every zone of the site, by id."""
    z = t.zone.c
    known = conn.execute(select(z.zone_id, z.name).where(z.site_id == site_id).order_by(z.zone_id)).all()
    return [_standing(conn, site_id, ZoneId(row.zone_id), row.name) for row in known]


def _standing(conn: Connection, site_id: SiteId, zone_id: ZoneId, name: str) -> ZoneStanding:
    p, line = t.pick_list.c, t.pick_line.c
    of_zone = and_(p.site_id == site_id, p.zone_id == zone_id)
    counted = select(p.status, func.count().label("lists")).where(of_zone).group_by(p.status)
    lists: dict[str, int] = {row.status: row.lists for row in conn.execute(counted)}
    alive = p.status.in_([str(one) for one in (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD)])
    lines, pieces = conn.execute(
        select(func.count(), func.coalesce(func.sum(OPEN_PIECES), 0))
        .select_from(t.pick_line.join(t.pick_list, and_(p.site_id == line.site_id, p.list_id == line.list_id)))
        .where(of_zone, alive, OPEN_PIECES > 0)
    ).one()
    return ZoneStanding(
        zone_id=zone_id,
        name=name,
        people=_people(conn, site_id, zone_id),
        open_lists=lists.get(ListStatus.OPEN, 0),
        held_lists=lists.get(ListStatus.HELD, 0),
        waiting_lists=lists.get(ListStatus.WAITING, 0),
        lines=int(lines),
        pieces=int(pieces),
        totes=_waiting_totes(conn, site_id, zone_id),
    )


def _people(conn: Connection, site_id: SiteId, zone_id: ZoneId) -> tuple[Person, ...]:
    w, c = t.worker.c, t.terminal.c
    rows = conn.execute(
        select(w.worker_id, w.name, c.terminal_id)
        .outerjoin(t.terminal, and_(c.site_id == w.site_id, c.worker_id == w.worker_id))
        .where(w.site_id == site_id, w.zone_id == zone_id, w.active)
        .order_by(w.worker_id, c.terminal_id)
    )
    return tuple(Person(worker_id=row.worker_id, name=row.name, terminal_id=row.terminal_id) for row in rows)


def _waiting_totes(conn: Connection, site_id: SiteId, zone_id: ZoneId) -> tuple[WaitingTote, ...]:
    p, tote = t.pick_list.c, t.tote.c
    rows = conn.execute(
        select(tote.tote, tote.place, p.list_id)
        .join(t.pick_list, and_(p.site_id == tote.site_id, p.list_id == tote.list_id))
        .where(tote.site_id == site_id, tote.status == ToteStatus.PASSED, p.zone_id == zone_id)
        .order_by(p.list_id, tote.tote)
    )
    return tuple(WaitingTote(tote=row.tote, list_id=row.list_id, place=row.place) for row in rows)


def assign(work: UnitOfWork, worker_id: WorkerId, zone_id: ZoneId | None, by: str) -> None:
    """Put a worker into a zone (None: any), from their terminal's next contact on. What they have begun stays theirs.

    Raises `ZoneRefused`.
    """
    if zone_id is not None:
        _need_zone(work, zone_id)
    if not set_zone(work, worker_id, zone_id):
        raise ZoneRefused(f"There is no worker {worker_id} at {work.site_id}. floor store worker list names them.")
    audit(work, by, "zone-assign", worker_id, zone=zone_id)


def end(work: UnitOfWork, zone_id: ZoneId, *, to: str | None, by: str) -> ZoneEnd:
    """Hand over what is held in a zone: to a terminal or a worker who is signed in at one, with None to the pool.

    Each holder leaves the list at the next stop, with what was picked. Raises `ZoneRefused`, `MoveRefused`.
    """
    _need_zone(work, zone_id)
    target = None if to is None else _terminal(work, to)
    p = t.pick_list.c
    held: Sequence[Any] = work.conn.execute(
        select(p.list_id, p.terminal_id, p.move_at)
        .where(p.site_id == work.site_id, p.zone_id == zone_id, p.status == ListStatus.HELD)
        .order_by(p.list_id)
    ).all()
    moved = tuple(
        move(work, PickListId(row.list_id), to=target, by=by)
        for row in held
        if row.terminal_id != target or row.move_at is not None
    )
    audit(work, by, "zone-end", zone_id, to=target, lists=[one.list_id for one in moved])
    totes = _waiting_totes(work.conn, work.site_id, zone_id)
    return ZoneEnd(zone_id=zone_id, to=target, moved=moved, totes=totes)


def _need_zone(work: UnitOfWork, zone_id: ZoneId) -> None:
    z = t.zone.c
    known = [str(one) for one in work.conn.scalars(select(z.zone_id).where(z.site_id == work.site_id))]
    if zone_id not in known:
        there = f"Its zones: {', '.join(sorted(known))}." if known else "It has none."
        raise ZoneRefused(f"There is no zone {zone_id} at {work.site_id}. {there}")


def _terminal(work: UnitOfWork, to: str) -> TerminalId:
    """The terminal of this name, or the one at which the worker of this name is signed in."""
    c = t.terminal.c
    found = work.conn.execute(
        select(c.terminal_id)
        .where(c.site_id == work.site_id, (c.terminal_id == to) | (c.worker_id == to))
        .order_by(c.terminal_id != to, c.last_seen_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise ZoneRefused(
            f"{to} is neither a terminal nor a worker who is signed in at one. floor store terminals names both."
        )
    return TerminalId(found)
