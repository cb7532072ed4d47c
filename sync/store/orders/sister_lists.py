"""Which list of an order takes a line that lies in this or that zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from sync.record.ids import PickListId, TerminalId, ZoneId
from sync.record.rows import ListKind, ListStatus
from sync.store.orders.reserving import StoredRow
from sync.store.planning.walking import Stop, in_walking_order
from sync.store.tables import pick_list, trip
from sync.store.unit_of_work import NOBODY, UnitOfWork, one_terminal


@dataclass(frozen=True, slots=True)
class Target:
    """A list that takes new lines, and the stops of these."""

    list_id: PickListId
    audience: str
    """Who is told of its lines."""
    stops: list[Stop]


def targets(work: UnitOfWork, line: StoredRow, stops: Iterable[Stop]) -> Iterator[Target]:
    """Where stops go that replace a pick line (a row with its list's zone and trip): to the same list, and of a list
    that is picked by zone those in other zones to the sister that still picks there; where there is none, to a new one.
    """
    if line.zone_id is None:
        yield Target(PickListId(line.list_id), audience(line.list_status, line.terminal_id), in_walking_order(stops))
        return
    by_zone = sorted(stops, key=lambda stop: (stop.zone_id != line.zone_id, stop.zone_id))
    for zone_id, of_zone in groupby(by_zone, key=lambda stop: stop.zone_id):
        if zone_id == line.zone_id:
            told = audience(line.list_status, line.terminal_id)
            yield Target(PickListId(line.list_id), told, in_walking_order(of_zone))
        else:
            yield _sister(work, line, zone_id, in_walking_order(of_zone))


def audience(list_status: str, terminal_id: str | None) -> str:
    held = list_status == ListStatus.HELD and terminal_id is not None
    return one_terminal(TerminalId(terminal_id)) if held and terminal_id is not None else NOBODY


def _sister(work: UnitOfWork, line: StoredRow, zone_id: ZoneId, stops: list[Stop]) -> Target:
    p = pick_list.c
    live = (str(ListStatus.WAITING), str(ListStatus.OPEN), str(ListStatus.HELD))
    found = work.conn.execute(
        select(p.list_id, p.status, p.terminal_id)
        .where(p.site_id == work.site_id, p.trip_id == line.trip_id, p.zone_id == zone_id, p.status.in_(live))
        .order_by(p.leg, p.list_id)
        .limit(1)
        .with_for_update()
    ).first()
    if found is not None:
        return Target(PickListId(found.list_id), audience(found.status, found.terminal_id), stops)
    return Target(_new_sister(work, line, zone_id), NOBODY, stops)


def _new_sister(work: UnitOfWork, line: StoredRow, zone_id: ZoneId) -> PickListId:
    """In pick and pass its tote comes from the legs before; in parallel it is picked at once."""
    p = pick_list.c
    (old,) = work.conn.execute(select(pick_list).where(p.site_id == work.site_id, p.list_id == line.list_id)).mappings()
    last_leg = select(func.max(p.leg)).where(p.site_id == work.site_id, p.trip_id == line.trip_id)
    pinned = select(trip.c.place).where(trip.c.site_id == work.site_id, trip.c.trip_id == line.trip_id)
    in_parallel = old["kind"] == ListKind.ZONE_PARALLEL
    row: dict[str, Any] = {
        **{name: old[name] for name in ("wave_id", "kind", "order_id", "priority", "cut_off", "trip_id")},
        "list_id": work.allot("pick_list"),
        "status": str(ListStatus.OPEN if in_parallel else ListStatus.WAITING),
        "terminal_id": None,
        "worker_id": None,
        "token": 1,
        "totes": [],
        "line_count": 0,
        "piece_count": 0,
        "zone_id": zone_id,
        "leg": work.conn.execute(last_leg).scalar_one() + 1,
        "hurried": in_parallel and work.conn.execute(pinned).scalar_one() is not None,
    }
    work.insert(pick_list, [row])
    return PickListId(row["list_id"])
