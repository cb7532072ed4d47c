"""Where pieces in totes were picked: there they go back to when nobody wants them any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, select

from sync.record.ids import ItemId, LocationCode, SiteId, ToteCode
from sync.store import tables as t
from sync.store.places import at_location, in_tote

_MOST_TOTES = 3
"""Pieces come into a cubby out of a bulk tote, and into that perhaps out of another one."""


def homes(
    conn: Connection,
    site_id: SiteId,
    items: Mapping[ToteCode, Collection[ItemId]],
    *,
    lot: str | None = None,
    totes_back: int = _MOST_TOTES,
) -> dict[tuple[ToteCode, ItemId], LocationCode]:
    """Where the items in these totes were picked last, by the journal; through the totes that they were in before.

    ``lot``: only pieces of this lot (empty: of none); None: of any.
    """
    m = t.stock_move.c
    wanted = sorted({item_id for of_tote in items.values() for item_id in of_tote})
    into: tuple[ColumnElement[bool], ...] = (m.target.in_([in_tote(code) for code in items]), m.item_id.in_(wanted))
    if lot is not None:
        into = (*into, m.lot == lot)
    rows = conn.execute(
        select(m.target, m.item_id, m.source).where(m.site_id == site_id, *into).order_by(m.at, m.cause, m.part)
    ).all()
    found: dict[tuple[ToteCode, ItemId], LocationCode] = {}
    before: dict[tuple[ToteCode, ItemId], ToteCode] = {}
    for row in rows:
        key = (ToteCode(row.target.partition(":")[2]), ItemId(row.item_id))
        kind, _, code = row.source.partition(":")
        if at_location(LocationCode(code)) == row.source:
            found[key] = LocationCode(code)
        elif kind == "tote":
            before[key] = ToteCode(code)
    missing = {key: code for key, code in before.items() if key not in found}
    if not missing or not totes_back:
        return found
    asked: defaultdict[ToteCode, set[ItemId]] = defaultdict(set)
    for (_, item_id), code in missing.items():
        asked[code].add(item_id)
    earlier = homes(conn, site_id, asked, lot=lot, totes_back=totes_back - 1)
    return found | {key: earlier[code, key[1]] for key, code in missing.items() if (code, key[1]) in earlier}
