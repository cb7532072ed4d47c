"""How each terminal stands: last contact, who works there, what it holds and how long, what it has not delivered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from sync.record.ids import PickListId, SiteId, TerminalId, WorkerId
from sync.record.rows import ListStatus
from sync.store import tables as t
from sync.store.leading.leases import has_ended, lease_ends_at, site_rules
from sync.store.views import list_name


class Lease(StrEnum):
    NONE = "none"
    """It holds no list."""
    RUNS = "runs"
    ENDED = "ended"
    """No contact for too long: what it has not started goes to others, what it has started waits to be moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldList:
    list_id: PickListId
    order_ref: str
    worker_id: WorkerId | None
    """Who was given it."""
    started: bool
    """A tote is bound or a line begun, as far as the store knows."""
    lines_open: int
    pieces_picked: int
    cut_off: datetime | None
    moving: bool
    move_to: TerminalId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalStanding:
    terminal_id: TerminalId
    last_seen_at: datetime
    worker_id: WorkerId | None
    """Who is signed in there, as far as the store knows."""
    worker_name: str | None
    lists: tuple[HeldList, ...]
    lease: Lease
    lease_ends_at: datetime | None
    """The end of the lease of what it holds, unless it is in contact before; None: it holds nothing."""
    owed: int
    """Facts that it said it had not delivered yet."""
    owed_since: datetime | None
    release: str | None
    scopes: tuple[str, ...]
    enrolled_at: datetime | None
    revoked_at: datetime | None


def terminals(conn: Connection, site_id: SiteId, now: datetime) -> list[TerminalStanding]:
    """Every terminal that the site knows, those heard of longest ago first."""
    lease_min = site_rules(conn, site_id).lease_min
    held = _held_lists(conn, site_id)
    c, w = t.terminal.c, t.worker.c
    rows = conn.execute(
        select(t.terminal, w.name)
        .outerjoin(t.worker, (w.site_id == c.site_id) & (w.worker_id == c.worker_id))
        .where(c.site_id == site_id)
        .order_by(c.last_seen_at, c.terminal_id)
    )
    return [_standing(row, tuple(held[row.terminal_id]), lease_min, now) for row in rows]


def _standing(row: Any, lists: tuple[HeldList, ...], lease_min: int, now: datetime) -> TerminalStanding:
    ended = has_ended(now, row.last_seen_at, lease_min)
    return TerminalStanding(
        terminal_id=TerminalId(row.terminal_id),
        last_seen_at=row.last_seen_at,
        worker_id=row.worker_id,
        worker_name=row.name,
        lists=lists,
        lease=Lease.NONE if not lists else Lease.ENDED if ended else Lease.RUNS,
        lease_ends_at=lease_ends_at(row.last_seen_at, lease_min) if lists else None,
        owed=row.owed,
        owed_since=row.owed_since,
        release=row.release,
        scopes=tuple(row.scopes or ()),
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
    )


def _held_lists(conn: Connection, site_id: SiteId) -> defaultdict[str, list[HeldList]]:
    p, o, line = t.pick_list.c, t.orders.c, t.pick_line.c
    is_held = (p.site_id == site_id) & (p.status == ListStatus.HELD)
    lines: defaultdict[int, list[Any]] = defaultdict(list)
    of_list = (p.site_id == line.site_id) & (p.list_id == line.list_id)
    for row in conn.execute(select(t.pick_line).join(t.pick_list, of_list).where(is_held)):
        lines[row.list_id].append(row)
    held: defaultdict[str, list[HeldList]] = defaultdict(list)
    of_order = (o.site_id == p.site_id) & (o.order_id == p.order_id)
    for row in conn.execute(
        select(t.pick_list, o.order_ref).outerjoin(t.orders, of_order).where(is_held).order_by(p.cut_off, p.list_id)
    ):
        of_it = lines[row.list_id]
        held[row.terminal_id].append(
            HeldList(
                list_id=PickListId(row.list_id),
                order_ref=row.order_ref or list_name(row.list_id),
                worker_id=row.worker_id,
                started=bool(row.totes) or any(one.picked or one.shorted or one.located or one.passes for one in of_it),
                lines_open=sum(one.asked > one.picked + one.shorted for one in of_it),
                pieces_picked=sum(one.picked for one in of_it),
                cut_off=row.cut_off,
                moving=row.move_at is not None,
                move_to=row.move_to,
            )
        )
    return held
