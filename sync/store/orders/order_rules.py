"""What is asked of an order before anybody walks for it, and when it must leave. Values in, values out: no database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sync.record.ids import ItemId, OrderId

ITEM_UNKNOWN = "item-unknown"
NOT_SELLABLE = "not-sellable"
NO_PRICE = "no-price"
ADDRESS = "address"
DUPLICATE = "duplicate"
ITEM_REASONS = frozenset({ITEM_UNKNOWN, NOT_SELLABLE})
"""Reasons that may go away by themselves when the catalogue changes."""
ALL_REASONS = ITEM_REASONS | {NO_PRICE, ADDRESS, DUPLICATE}
DUPLICATE_WITHIN = timedelta(hours=24)

_NAMED = 5
_COUNTRY_CODES = {
    "GB": "GB",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "GREAT BRITAIN": "GB",
    "US": "US",
    "USA": "US",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "DE": "DE",
    "GERMANY": "DE",
    "DEUTSCHLAND": "DE",
}
_POSTCODES = {
    # Royal Mail's forms: AN NAA, ANN NAA, AAN NAA, AANN NAA, ANA NAA, AANA NAA, and GIR 0AA
    "GB": (re.compile(r"(GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2})"), "SW1A 1AA"),
    "US": (re.compile(r"[0-9]{5}(-[0-9]{4})?"), "90210 or 90210-1234"),
    "DE": (re.compile(r"[0-9]{5}"), "10115"),
}


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of an order as far as it is judged."""

    item_id: ItemId
    pieces: int
    """Ordered and not cancelled."""
    description: str
    unit_price: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order as far as it is judged."""

    order_id: OrderId
    ref: str
    source: str
    customer: str | None
    ordered_at: datetime | None
    cancelled: bool
    ship_name: str
    ship_lines: tuple[str, ...]
    ship_postcode: str
    ship_city: str
    ship_country: str
    demand: tuple[Demand, ...]

    @property
    def content(self) -> Mapping[ItemId, int]:
        """Pieces by item."""
        pieces: Counter[ItemId] = Counter()
        for line in self.demand:
            pieces[line.item_id] += line.pieces
        return +pieces


def cut_off_of(moment: datetime, time_of_day: str, zone: ZoneInfo) -> datetime:
    """The cut-off that an order of this moment still makes: that day's, or the next day's when it came after it.

    ``time_of_day`` is local to ``zone``, as ``16:30``. The result is aware.
    """
    local = moment.astimezone(zone)
    cut_off = datetime.combine(local.date(), time.fromisoformat(time_of_day), zone)
    if local > cut_off:
        cut_off = datetime.combine(local.date() + timedelta(days=1), time.fromisoformat(time_of_day), zone)
    return cut_off


def holds_due(
    order: OrderFacts, sellable: Mapping[ItemId, bool], same_customer: Iterable[OrderFacts], *, address_wanted: bool
) -> dict[str, str]:
    """Why an order must wait: reason -> sentence. Empty: it may go.

    Args:
        sellable: the known items, and whether each may be sold.
        same_customer: other orders of the same customer and source.
        address_wanted: the order's source gives full addresses.
    """
    if order.cancelled:
        return {}
    wanted = list(order.content)
    due: dict[str, str] = {}
    if unknown := [item for item in wanted if item not in sellable]:
        due[ITEM_UNKNOWN] = f"Not in the catalogue: {_listed(unknown)}. It goes on by itself when the items are added."
    if blocked := [item for item in wanted if not sellable.get(item, True)]:
        due[NOT_SELLABLE] = f"Not for sale: {_listed(blocked)}. Cancel the lines, or let them be sold."
    if bare := [line.item_id for line in order.demand if _looks_like_a_correction(line, order)]:
        due[NO_PRICE] = (
            f"No price, no description, no customer: {_listed(bare)}. It looks like a stock correction. "
            "Release it if somebody really ordered it."
        )
    if address_wanted and (faults := address_faults(order)):
        due[ADDRESS] = f"The address is not fit for a label: {'; '.join(faults)}. Correct it, or release it as it is."
    if twin := _twin(order, same_customer):
        due[DUPLICATE] = (
            f"The same items and quantities as order {twin.ref} of the same customer within a day. "
            "Release it if both are wanted, else cancel it."
        )
    return due


def address_faults(order: OrderFacts) -> list[str]:
    """What a carrier would miss in the address, each as a short phrase."""
    parts = {
        "a name": order.ship_name,
        "a street or box": "".join(order.ship_lines),
        "a city": order.ship_city,
        "a country": order.ship_country,
    }
    faults = [f"{part} is missing" for part, value in parts.items() if not value]
    form = _POSTCODES.get(_COUNTRY_CODES.get(order.ship_country.upper(), ""))
    if form is not None:
        pattern, example = form
        if not pattern.fullmatch(order.ship_postcode.upper()):
            faults.append(f"{order.ship_postcode!r} is no postcode of {order.ship_country} such as {example}")
    return faults


def _looks_like_a_correction(line: Demand, order: OrderFacts) -> bool:
    free = line.unit_price is not None and Decimal(line.unit_price) == 0
    return free and line.pieces > 0 and not line.description and order.customer is None


def _twin(order: OrderFacts, same_customer: Iterable[OrderFacts]) -> OrderFacts | None:
    """The oldest order in the record that this one repeats."""
    if order.ordered_at is None or not order.content:
        return None
    earlier = [
        other
        for other in same_customer
        if other.order_id < order.order_id
        and not other.cancelled
        and other.ordered_at is not None
        and abs(other.ordered_at - order.ordered_at) <= DUPLICATE_WITHIN
        and other.content == order.content
    ]
    return min(earlier, key=lambda other: other.order_id, default=None)


def _listed(items: list[ItemId]) -> str:
    distinct = sorted(set(items))
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
    return ", ".join(distinct[:_NAMED]) + more
