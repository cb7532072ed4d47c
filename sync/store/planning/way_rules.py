"""The rules by which an order gets its way of picking, and what they say about one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sync.record.ids import WallId, ZoneId
from sync.record.rows import ListKind
from sync.store.planning.orders_to_plan import OrderToPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What an order must be like; what is not said does not matter. Bounds are included."""

    lines_min: int | None = None
    lines_max: int | None = None
    pieces_min: int | None = None
    pieces_max: int | None = None
    zones_min: int | None = None
    zones_max: int | None = None
    weight_max_g: int | None = None
    """An order with an item of unknown weight never fits; so it is with the volume."""
    volume_max_ml: int | None = None
    priority_max: int | None = None
    """Smaller is more urgent: 2 means 1 and 2."""
    minutes_to_cut_off_max: int | None = None
    """An order without a cut-off, or whose carrier has left already, never fits."""
    services: tuple[str, ...] = ()
    has_lots: bool | None = None
    has_serials: bool | None = None
    has_catch_weight: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    way: ListKind
    when: When = When()
    cart: str | None = None
    """Of a batch: the cart profile."""
    wall: WallId | None = None
    """Of a bulk pick: the put wall; None: whichever the first sorter goes to."""
    max_orders: int | None = None
    """In one batch; None: what the cart or the wall has room for."""
    max_lines: int | None = None
    """In one list; None: what the cart's profile says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRules:
    """In their order: the first rule that fits decides; where none fits the order is picked piece by piece."""

    rule: tuple[Rule, ...] = ()
    open_lines_max: Mapping[ZoneId, int] = field(default_factory=dict)
    """Lines of one zone that may be on the floor and not picked; zones that are not here have no limit."""


@dataclass(frozen=True, slots=True)
class Chosen:
    rule: Rule | None
    why: str
    """The rule's name and what of the order decided."""


NO_RULE = Chosen(None, "no rule fits it")


def choose(order: OrderToPlan, rules: Sequence[Rule], now: datetime) -> Chosen:
    for rule in rules:
        tests = list(_tests(order, rule.when, now))
        if all(holds for holds, _ in tests):
            said = ", ".join(text for _, text in tests) or "fits every order"
            return Chosen(rule, f"rule {rule.name!r}: {said}")
    return NO_RULE


def _tests(order: OrderToPlan, when: When, now: datetime) -> Iterator[tuple[bool, str]]:
    """Each thing that the rule asks for: whether the order is so, and in words how it is."""
    counts = (
        (order.lines, "lines", when.lines_min, when.lines_max),
        (order.pieces, "pieces", when.pieces_min, when.pieces_max),
        (len(order.zones), "zones", when.zones_min, when.zones_max),
        (order.weight_g, "g", None, when.weight_max_g),
        (order.volume_ml, "ml", None, when.volume_max_ml),
        (_minutes_left(order, now), "minutes to the cut-off", None, when.minutes_to_cut_off_max),
    )
    for count, unit, least, most in counts:
        if least is not None:
            yield count is not None and count >= least, f"{count} {unit} (at least {least})"
        if most is not None:
            yield count is not None and count <= most, f"{count} {unit} (at most {most})"
    if when.priority_max is not None:
        yield order.priority <= when.priority_max, f"priority {order.priority} (at most {when.priority_max})"
    if when.services:
        yield order.service in when.services, f"service {order.service}"
    for wanted, is_so, what in (
        (when.has_lots, order.has_lots, "lots"),
        (when.has_serials, order.has_serials, "serials"),
        (when.has_catch_weight, order.has_catch_weight, "catch weight"),
    ):
        if wanted is not None:
            yield is_so == wanted, what if is_so else f"no {what}"


def _minutes_left(order: OrderToPlan, now: datetime) -> int | None:
    if order.cut_off is None or order.cut_off < now:
        return None
    return int((order.cut_off - now).total_seconds() // 60)
