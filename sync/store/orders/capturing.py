"""Orders from a shop's program: through the same intake as a file of orders, one order at a time, each only once."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select

from sync.store.importers.importing import import_file
from sync.store.importers.profile import Profile, load_profile
from sync.store.importers.records import FileRefused
from sync.store.importers.report import Outcome
from sync.store.tables import order_hold, orders
from sync.store.unit_of_work import UnitOfWork

SHIP_LINES = 4


class CaptureRefused(Exception):
    """Nothing of it was written; the text says why. ``conflict``: an order of that reference is in already."""

    def __init__(self, text: str, *, conflict: bool = False) -> None:
        super().__init__(text)
        self.conflict = conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    item_id: str
    quantity: int
    description: str = ""
    unit_price: str | None = None
    """A decimal as text, per piece; all lines of an order have one, or none has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    order_ref: str
    ordered_at: datetime
    ship_name: str
    ship_lines: Sequence[str]
    """At most `SHIP_LINES`."""
    ship_postcode: str
    ship_city: str
    ship_country: str
    lines: Sequence[NewLine]
    customer: str | None = None
    service: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    order_ref: str
    new: bool
    """False: the very same order was in already, and nothing was changed."""
    status: str
    holds: tuple[str, ...]
    """Why it waits for a person: ``address``, ``item-unknown`` ..."""


def capture(work: UnitOfWork, source: str, order: NewOrder, *, by: str) -> Captured:
    """Take an order in. The same again changes nothing; another one under its reference is refused.

    Args:
        source: whose references they are; a reference is unique within it.

    Raises:
        CaptureRefused: roll the transaction back.
    """
    prices = {line.unit_price is None for line in order.lines}
    if len(prices) != 1:
        raise CaptureRefused(f"Order {order.order_ref}: give every line a unit_price, or none.")
    profile = _profile(source, priced=prices == {False})
    try:
        report = import_file(work, profile, f"{order.order_ref}.json", _as_file(profile, order), by=by)
    except FileRefused as error:
        raise CaptureRefused(str(error)) from error
    known = _standing(work, source, order.order_ref)
    if report.skipped_as_known and known is not None:
        return known
    refused = [row for row in report.rows if row.outcome is not Outcome.ORDER_LINE]
    if order.order_ref not in report.orders_new:
        raise CaptureRefused(
            f"Order {order.order_ref} is in already and says something else. Cancel it, or use another reference.",
            conflict=True,
        )
    if refused or known is None:
        why = "; ".join(f"line {row.row_no} ({row.item}): {row.text}" for row in refused)
        raise CaptureRefused(f"Order {order.order_ref} cannot be taken in: {why}.")
    return replace(known, new=True)


def _profile(source: str, *, priced: bool) -> Profile:
    profile = load_profile("json-orders")
    columns = {field: column for field, column in profile.columns.items() if priced or field != "unit_price"}
    return replace(profile, name=source, columns=columns)


def _as_file(profile: Profile, order: NewOrder) -> bytes:
    """The order in the form of a file: the same order is the same bytes, by which it is known again."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, profile.wanted_columns(), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    streets = [*order.ship_lines, *[""] * (SHIP_LINES - len(order.ship_lines))]
    head = {
        "order_ref": order.order_ref,
        "ordered_at": order.ordered_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z"),
        "customer": order.customer or "",
        "name": order.ship_name,
        **dict(zip(profile.ship_line_columns, streets, strict=True)),
        "postcode": order.ship_postcode,
        "city": order.ship_city,
        "country": order.ship_country,
        "service": order.service or "",
        "priority": "" if order.priority is None else str(order.priority),
    }
    for line in order.lines:
        about = {"item_id": line.item_id, "description": line.description, "unit_price": line.unit_price}
        writer.writerow({**head, **about, "quantity": str(line.quantity)})
    return text.getvalue().encode()


def _standing(work: UnitOfWork, source: str, order_ref: str) -> Captured | None:
    o, h = orders.c, order_hold.c
    mine = (o.site_id == work.site_id) & (o.source == source) & (o.order_ref == order_ref)
    row = work.conn.execute(select(o.order_id, o.status).where(mine)).first()
    if row is None:
        return None
    of_order = (h.site_id == work.site_id) & (h.order_id == row.order_id) & h.released_at.is_(None)
    holds = work.conn.execute(select(h.reason).where(of_order).order_by(h.reason)).scalars()
    return Captured(order_ref=order_ref, new=False, status=row.status, holds=tuple(holds))
