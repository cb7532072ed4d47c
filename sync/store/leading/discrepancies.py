"""Where the record and the floor disagree: what is open, all that a lead needs to know of it, and what may be done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from sync.record.ids import ItemId, SiteId, TerminalId, WorkerId
from sync.store import tables as t


class Way(StrEnum):
    """How a discrepancy may be settled."""

    PUT_BACK = "put-back"
    """The pieces stand in a location again, and count there."""
    WRITE_OFF = "write-off"
    """The pieces are not to be found."""
    COUNT = "count"
    """The location was counted: its stock is what was found, and it may be walked to again."""
    ACCEPT = "accept"
    """Looked into; nothing else is to be recorded."""


_SURPLUS = (Way.PUT_BACK, Way.WRITE_OFF)
_MISSED = (Way.COUNT, Way.ACCEPT)
_SEEN_TO = (Way.ACCEPT, Way.COUNT)
WAYS: Mapping[str, tuple[Way, ...]] = {
    "overpick": _SURPLUS,
    "cancelled": _SURPLUS,
    "wrong-item": _SURPLUS,
    "list-ended": _SURPLUS,
    "no-tote": _SURPLUS,
    "cancelled-picked": (Way.PUT_BACK, Way.ACCEPT),
    "cancelled-packed": (Way.PUT_BACK, Way.ACCEPT),
    "short-short": _MISSED,
    "short-wrong_item": _MISSED,
    "empty": _MISSED,
    "put-back-more": _MISSED,
    "zero-check": _MISSED,
    "sort-missing": _SEEN_TO,
    "sort-damaged": _SEEN_TO,
    "sort-surplus": _SEEN_TO,
    "sort-wrong_item": _SEEN_TO,
    "sort-more": _SEEN_TO,
    "undo-late": _SEEN_TO,
    "count-differs": _SEEN_TO,
    "short-cut": _SEEN_TO,
    "short-damaged": _SEEN_TO,
    "surplus": _SEEN_TO,
    "pack-missing": _SEEN_TO,
    "pack-surplus": _SEEN_TO,
    "pack-damaged": _SEEN_TO,
    "pack-wrong_item": _SEEN_TO,
}
"""What fits each kind, the suggested way first. A kind that is not here moves no pieces: it is looked into."""


def ways(kind: str, quantity: int, followed: Collection[str] | None = None) -> tuple[Way, ...]:
    """How a discrepancy of this kind about so many pieces may be settled; the first is suggested.

    ``followed``: of a reason, what the site's table has done. A place that it has closed or wants counted is counted.
    """
    by_table = None if followed is None else _MISSED if {"freeze", "count"} & set(followed) else _SEEN_TO
    fitting = WAYS.get(kind) or by_table or (Way.ACCEPT,)
    return (Way.ACCEPT,) if fitting is _SURPLUS and not quantity else fitting


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    discrepancy_id: str
    kind: str
    text: str
    """What happened and what to do, for a person."""
    order_ref: str | None
    item_id: ItemId | None
    place: str | None
    """As the stock journal names it: ``location:A03-12-2``, ``tote:T-000193``, ``carton:<sscc>``."""
    quantity: int
    terminal_id: TerminalId | None
    worker_id: WorkerId | None
    other: dict[str, Any] | None
    """The other side of a collision: ``terminal_id``, ``worker_id``, ``says``."""
    opened_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settlement: str | None
    ways: tuple[Way, ...]
    """How it may be settled; the first is suggested."""


def discrepancies(
    conn: Connection,
    site_id: SiteId,
    *,
    settled: bool = False,
    kinds: Collection[str] = (),
    terminal_id: TerminalId | None = None,
) -> list[Discrepancy]:
    """The open ones, the oldest first; with ``settled`` those too that are settled. ``kinds`` empty: of every kind."""
    d, o = t.discrepancy.c, t.orders.c
    wanted = [d.site_id == site_id]
    if not settled:
        wanted.append(d.settled_at.is_(None))
    if kinds:
        wanted.append(d.kind.in_(kinds))
    if terminal_id is not None:
        wanted.append(d.terminal_id == terminal_id)
    rows = conn.execute(
        select(t.discrepancy, o.order_ref)
        .outerjoin(t.orders, (o.site_id == d.site_id) & (o.order_id == d.order_id))
        .where(*wanted)
        .order_by(d.opened_at, d.discrepancy_id)
    )
    stored = [name for name in Discrepancy.__dataclass_fields__ if name != "ways"]
    return [
        Discrepancy(**{name: row[name] for name in stored}, ways=ways(row["kind"], row["quantity"], row["followed"]))
        for row in rows.mappings()
    ]
