"""Where the record and the floor disagree: what is open, and who settled what how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from sync.record.ids import ItemId, SiteId, TerminalId, WorkerId
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork


class SettlementRefused(Exception):
    """There is nothing to settle under that id; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    discrepancy_id: str
    kind: str
    text: str
    order_ref: str | None
    item_id: ItemId | None
    place: str | None
    quantity: int
    terminal_id: TerminalId | None
    worker_id: WorkerId | None
    opened_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settlement: str | None


def discrepancies(conn: Connection, site_id: SiteId, *, settled: bool = False) -> list[Discrepancy]:
    """The open ones, the oldest first; with ``settled`` those too that a person has settled."""
    d, o = t.discrepancy.c, t.orders.c
    wanted = d.site_id == site_id if settled else (d.site_id == site_id) & d.settled_at.is_(None)
    rows = conn.execute(
        select(t.discrepancy, o.order_ref)
        .outerjoin(t.orders, (o.site_id == d.site_id) & (o.order_id == d.order_id))
        .where(wanted)
        .order_by(d.opened_at, d.discrepancy_id)
    )
    names = Discrepancy.__dataclass_fields__
    return [Discrepancy(**{name: row[name] for name in names}) for row in rows.mappings()]


def settle(work: UnitOfWork, discrepancy_id: str, *, by: str, how: str) -> None:
    """Say what was found and done about it; the record keeps it. Raises `SettlementRefused`."""
    d = t.discrepancy.c
    mine = (d.site_id == work.site_id) & (d.discrepancy_id == discrepancy_id)
    done = work.conn.execute(
        update(t.discrepancy)
        .where(mine, d.settled_at.is_(None))
        .values(settled_at=work.now, settled_by=by, settlement=how)
    )
    if done.rowcount:
        return
    before = work.conn.execute(select(d.settled_by, d.settled_at).where(mine)).first()
    if before is None:
        raise SettlementRefused(f"There is no discrepancy {discrepancy_id}. floor store discrepancies lists them.")
    raise SettlementRefused(
        f"{discrepancy_id} was settled by {before.settled_by} on {before.settled_at:%Y-%m-%d %H:%M} UTC already."
    )
