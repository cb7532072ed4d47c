"""The state of a site in numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from sync.record.ids import OrderId, SiteId
from sync.record.rows import ListStatus, ToteStatus
from sync.store.orders.counting import available_by_item, line_counts
from sync.store.planning.standing import OrderState, Pieces, order_state
from sync.store.tables import carton, discrepancy, import_file, import_row, label, orders, pick_line, pick_list, tote


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    name: str
    profile: str
    imported_at: datetime
    rows: int
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Counts by state; every state has its key, also with a count of 0."""

    orders: dict[str, int]
    lines: dict[str, int]
    pieces: dict[str, int]
    """Of every ordered piece where it stands (`sync.store.planning.standing.Pieces`)."""
    lists: dict[str, int]
    imports: tuple[ImportSummary, ...]
    discrepancies_open: dict[str, int]
    """By kind; kinds that have none are left out."""
    totes: dict[str, int]
    cartons_closed: int
    """And still here."""
    cartons_shipped: int
    labels_proven: int
    labels_unproven: int


def report(conn: Connection, site_id: SiteId) -> Report:
    """Count everything anew from the rows of the site."""
    order_counts, line_states, pieces = _standing(conn, site_id)
    closed = _count_by(conn, select(carton.c.shipped_at.is_not(None), func.count()).where(carton.c.site_id == site_id))
    proven = _count_by(conn, select(label.c.proven_at.is_not(None), func.count()).where(label.c.site_id == site_id))
    lists = _count_by(conn, select(pick_list.c.status, func.count()).where(pick_list.c.site_id == site_id))
    totes = _count_by(conn, select(tote.c.status, func.count()).where(tote.c.site_id == site_id))
    open_ones = _count_by(
        conn,
        select(discrepancy.c.kind, func.count()).where(
            discrepancy.c.site_id == site_id, discrepancy.c.settled_at.is_(None)
        ),
    )
    return Report(
        orders={state.value: order_counts[state] for state in OrderState},
        lines={state.value: line_states[state] for state in OrderState},
        pieces=pieces.as_counts(),
        lists={status.value: lists[status.value] for status in ListStatus},
        imports=_imports(conn, site_id),
        discrepancies_open=dict(sorted(open_ones.items())),
        totes={status.value: totes[status.value] for status in ToteStatus},
        cartons_closed=closed[False],
        cartons_shipped=closed[True],
        labels_proven=proven[True],
        labels_unproven=proven[False],
    )


def _standing(conn: Connection, site_id: SiteId) -> tuple[Counter[OrderState], Counter[OrderState], Pieces]:
    available = available_by_item(conn, site_id)
    in_walk = set(
        conn.execute(
            select(pick_line.c.order_id)
            .join(
                pick_list, (pick_list.c.site_id == pick_line.c.site_id) & (pick_list.c.list_id == pick_line.c.list_id)
            )
            .where(pick_list.c.site_id == site_id, pick_list.c.status == str(ListStatus.HELD))
            .distinct()
        ).scalars()
    )
    by_order: defaultdict[OrderId, Pieces] = defaultdict(Pieces)
    line_states: Counter[OrderState] = Counter()
    for line in line_counts(conn, site_id):
        pieces = line.pieces(available.get(line.item_id, 0))
        by_order[line.order_id] += pieces
        walked = line.on_lists > 0 and line.order_id in in_walk
        line_states[order_state(pieces, status=line.order_status, in_walk=walked)] += 1
    statuses = conn.execute(select(orders.c.order_id, orders.c.status).where(orders.c.site_id == site_id))
    order_states = Counter(
        order_state(by_order[OrderId(order_id)], status=status, in_walk=order_id in in_walk)
        for order_id, status in statuses
    )
    return order_states, line_states, sum(by_order.values(), Pieces())


def _imports(conn: Connection, site_id: SiteId) -> tuple[ImportSummary, ...]:
    outcomes: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for import_id, outcome, count in conn.execute(
        select(import_row.c.import_id, import_row.c.outcome, func.count())
        .where(import_row.c.site_id == site_id)
        .group_by(import_row.c.import_id, import_row.c.outcome)
        .order_by(import_row.c.outcome)
    ):
        outcomes[import_id][outcome] = count
    files = conn.execute(select(import_file).where(import_file.c.site_id == site_id).order_by(import_file.c.import_id))
    return tuple(
        ImportSummary(
            name=file.name,
            profile=file.profile,
            imported_at=file.imported_at,
            rows=file.row_count,
            outcomes=outcomes[file.import_id],
        )
        for file in files
    )


def _count_by(conn: Connection, counts: Select[Any, int]) -> Counter[Any]:
    by, _ = counts.selected_columns
    return Counter(dict(conn.execute(counts.group_by(by)).all()))
