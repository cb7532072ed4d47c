"""Rows of the change feed for zones, carts, put walls, counts and reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select, tuple_

from sync.record.ids import ItemId, LocationCode, SiteId, ToteCode, ZoneId
from sync.record.rows import (
    CountStatus,
    CountTaskRow,
    CubbyRow,
    ListKind,
    ListOrderRow,
    ListStatus,
    ReasonRow,
    Row,
    SortingRow,
    SortLine,
    ToteStatus,
    ZoneRow,
)
from sync.store import tables as t
from sync.store.homes import homes
from sync.store.site_files.reasons import reasons_of

Rows = dict[str, Row]
AnyRow = Any
STILL_PICKED = (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD)


def _zones(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    z = t.zone.c
    rows = conn.execute(select(z.zone_id, z.name).where(z.site_id == site_id, z.zone_id.in_(keys)))
    return {row.zone_id: ZoneRow(zone_id=row.zone_id, name=row.name) for row in rows}


def _reasons(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    return {
        one.code: ReasonRow(
            code=one.code,
            digit=one.digit,
            words=tuple(sorted(one.words.items())),
            about=str(one.about),
            keeps_open=one.keeps_open,
        )
        for one in reasons_of(conn, site_id)
        if one.code in keys
    }


def _list_orders(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    lo, o = t.list_order.c, t.orders.c
    wanted = [tuple(map(int, key.split("."))) for key in keys]
    rows = conn.execute(
        select(t.list_order, o.order_ref)
        .join(t.orders, and_(o.site_id == lo.site_id, o.order_id == lo.order_id))
        .where(lo.site_id == site_id, tuple_(lo.list_id, lo.order_id).in_(wanted))
    )
    return {
        f"{row.list_id}.{row.order_id}": ListOrderRow(
            list_id=row.list_id,
            order_id=row.order_id,
            order_ref=row.order_ref,
            position=row.position,
            totes=tuple(row.totes),
            tote_gone=row.tote_gone,
            handed_over=row.handed_over,
        )
        for row in rows
    }


def _cubbies(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    c, o, tote = t.cubby.c, t.orders.c, t.tote.c
    rows = conn.execute(
        select(t.cubby, o.order_ref, tote.status)
        .join(t.tote, and_(tote.site_id == c.site_id, tote.tote == c.tote))
        .outerjoin(t.orders, and_(o.site_id == c.site_id, o.order_id == c.order_id))
        .where(c.site_id == site_id, c.tote.in_(keys))
    )
    return {
        row.tote: CubbyRow(
            cubby=row.tote,
            wall=row.wall,
            label=row.label,
            stands_at=row.stands_at,
            batch_id=row.batch_id,
            order_ref=row.order_ref,
            complete=row.status == ToteStatus.TO_PACK,
        )
        for row in rows
    }


def _count_tasks(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    c = t.count_task.c
    rows = conn.execute(select(t.count_task).where(c.site_id == site_id, c.task_id.in_([int(key) for key in keys])))
    return {
        str(row.task_id): CountTaskRow(
            task_id=row.task_id,
            location=row.location,
            item_id=row.item_id,
            why=row.why,
            status=CountStatus(row.status),
            terminal_id=row.terminal_id,
            worker_id=row.worker_id,
            not_by=row.not_by,
        )
        for row in rows
    }


def _sortings(conn: Connection, site_id: SiteId, keys: Sequence[str]) -> Rows:
    tote = t.tote.c
    totes = conn.execute(
        select(tote.tote, tote.batch_id, tote.terminal_id).where(
            tote.site_id == site_id, tote.tote.in_(keys), tote.status == ToteStatus.TO_SORT, tote.batch_id.is_not(None)
        )
    ).all()
    if not totes:
        return {}
    batch_ids = sorted({row.batch_id for row in totes})
    walls = _walls(conn, site_id, batch_ids)
    lines = _sort_lines(conn, site_id, {row.tote: walls.get(row.batch_id) for row in totes})
    totes_left = _left(conn, site_id, t.tote, batch_ids, (ToteStatus.PICKING, ToteStatus.TO_SORT))
    lists_left = _left(conn, site_id, t.pick_list, batch_ids, STILL_PICKED)
    return {
        row.tote: SortingRow(
            tote=row.tote,
            batch_id=row.batch_id,
            wall=walls.get(row.batch_id),
            terminal_id=row.terminal_id,
            lines=tuple(lines[row.tote]),
            totes_left=max(0, totes_left.get(row.batch_id, 0) - 1),
            lists_left=lists_left.get(row.batch_id, 0),
        )
        for row in totes
    }


def _walls(conn: Connection, site_id: SiteId, batch_ids: Sequence[int]) -> dict[int, Any]:
    b = t.batch.c
    rows = conn.execute(select(b.batch_id, b.wall).where(b.site_id == site_id, b.batch_id.in_(batch_ids)))
    return {row.batch_id: row.wall for row in rows}


def _cubbies_of(conn: Connection, site_id: SiteId, walls: Iterable[str | None]) -> dict[tuple[str, int], ToteCode]:
    """By wall and order."""
    c = t.cubby.c
    taken = select(c.wall, c.order_id, c.tote).where(
        c.site_id == site_id, c.wall.in_(sorted({wall for wall in walls if wall is not None})), c.order_id.is_not(None)
    )
    return {(row.wall, row.order_id): ToteCode(row.tote) for row in conn.execute(taken)}


def _sort_lines(conn: Connection, site_id: SiteId, walls: Mapping[str, str | None]) -> dict[str, list[SortLine]]:
    """What is in these totes, with the cubby of each piece at the wall of its tote."""
    c, line, o = t.tote_content.c, t.order_line.c, t.orders.c
    rows = conn.execute(
        select(c.tote, c.order_line_id, c.item_id, c.lot, c.quantity, o.order_id, o.order_ref, o.status)
        .join(t.order_line, and_(line.site_id == c.site_id, line.order_line_id == c.order_line_id))
        .join(t.orders, and_(o.site_id == c.site_id, o.order_id == line.order_id))
        .where(c.site_id == site_id, c.tote.in_(sorted(walls)), c.quantity > 0)
        .order_by(c.tote, c.order_line_id, c.lot)
    ).all()
    cubbies = _cubbies_of(conn, site_id, walls.values())
    stopped: dict[ToteCode, set[ItemId]] = defaultdict(set)
    for row in rows:
        if row.status == "cancelled":
            stopped[ToteCode(row.tote)].add(ItemId(row.item_id))
    there = homes(conn, site_id, stopped) if stopped else {}
    lines: dict[str, list[SortLine]] = defaultdict(list)
    for row in rows:
        is_stopped = row.status == "cancelled"
        lines[row.tote].append(
            SortLine(
                order_line_id=row.order_line_id,
                order_id=row.order_id,
                order_ref=row.order_ref,
                item_id=row.item_id,
                lot=row.lot or None,
                in_tote=row.quantity,
                cubby=cubbies.get((walls[row.tote] or "", row.order_id)),
                stopped=is_stopped,
                home=there.get((row.tote, row.item_id)) if is_stopped else None,
            )
        )
    return lines


def _left(conn: Connection, site_id: SiteId, table: Any, batch_ids: Sequence[int], standing: Iterable[str]) -> Any:
    c = table.c
    rows = conn.execute(
        select(c.batch_id, func.count())
        .where(c.site_id == site_id, c.batch_id.in_(batch_ids), c.status.in_([str(one) for one in standing]))
        .group_by(c.batch_id)
    )
    return {row[0]: row[1] for row in rows}


def zones_to_come(
    conn: Connection, site_id: SiteId, lists: Iterable[Mapping[str, Any]]
) -> dict[int, tuple[tuple[ZoneId, ...], LocationCode | None]]:
    """Of each list that is still picked by zone: the zones that come or pick, too, and the consolidation place.

    One that has ended tells no more of it: it would have to be told anew whenever a sister goes on.
    """
    by_zone = [row for row in lists if row["trip_id"] is not None and row["status"] in STILL_PICKED]
    if not by_zone:
        return {}
    p, trip = t.pick_list.c, t.trip.c
    trip_ids = sorted({row["trip_id"] for row in by_zone})
    pinned = select(trip.trip_id, trip.place).where(trip.site_id == site_id, trip.trip_id.in_(trip_ids))
    places = {row.trip_id: row.place for row in conn.execute(pinned)}
    sisters: dict[int, list[AnyRow]] = defaultdict(list)
    for row in conn.execute(
        select(p.trip_id, p.list_id, p.zone_id, p.leg)
        .where(p.site_id == site_id, p.trip_id.in_(trip_ids), p.status.in_([str(one) for one in STILL_PICKED]))
        .order_by(p.trip_id, p.leg, p.list_id)
    ):
        sisters[row.trip_id].append(row)
    return {
        row["list_id"]: (
            tuple(
                dict.fromkeys(
                    ZoneId(other.zone_id)
                    for other in sisters[row["trip_id"]]
                    if other.list_id != row["list_id"]
                    and (row["kind"] == ListKind.ZONE_PARALLEL or other.leg > row["leg"])
                )
            ),
            None if places.get(row["trip_id"]) is None else LocationCode(places[row["trip_id"]]),
        )
        for row in by_zone
    }


BUILDERS: dict[str, Callable[[Connection, SiteId, Sequence[str]], Rows]] = {
    "zone": _zones,
    "reason": _reasons,
    "list_order": _list_orders,
    "cubby": _cubbies,
    "count_task": _count_tasks,
    "sorting": _sortings,
}
