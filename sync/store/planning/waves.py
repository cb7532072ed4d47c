"""What a release makes of the orders that wait: lists of every way of picking, and why each order went where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sync.record.ids import OrderId, WallId, ZoneId
from sync.record.rows import ListKind
from sync.store.planning.batching import Cart, batches_by_item, cut_by_item, load_carts
from sync.store.planning.orders_to_plan import OrderToPlan
from sync.store.planning.release import MAX_LINES, plan_lists
from sync.store.planning.walking import Stop, in_walking_order
from sync.store.planning.way_rules import Chosen, Rule, WayRules, choose


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedList:
    kind: ListKind
    orders: tuple[OrderToPlan, ...]
    stops: tuple[Stop, ...]
    zone_id: ZoneId | None = None
    trip: int | None = None
    """Lists with the same number are the zones' parts of one order."""
    leg: int = 0
    """From 0 on along the path, within a trip."""
    batch: int | None = None
    """Lists with the same number are sorted together at a wall."""
    wall: WallId | None = None
    cart: str | None = None
    positions: tuple[int, ...] = ()
    """Of the orders on the cart, from 1 on: the first of those that an order takes."""

    @property
    def order_id(self) -> OrderId | None:
        """None: lines of several orders."""
        alone = self.kind not in (ListKind.BATCH, ListKind.BULK)
        return self.orders[0].order_id if alone else None

    @property
    def priority(self) -> int:
        return min(order.priority for order in self.orders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """An order that is not released now."""

    order: OrderToPlan
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    lists: tuple[PlannedList, ...]
    """The most urgent first."""
    went: Mapping[OrderId, str]
    """Why each order got its way."""
    stays: tuple[Stays, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What the site has to pick with."""

    carts: Mapping[str, Cart]
    cubbies: Mapping[WallId, int]
    """Of each put wall."""


def plan_waves(
    orders: Sequence[OrderToPlan],
    rules: WayRules,
    equipment: Equipment,
    *,
    now: datetime,
    open_lines: Mapping[ZoneId, int],
    limit: int | None = None,
) -> WavePlan:
    """Lists for these orders, which come the most urgent first; at most ``limit`` of them go.

    Only orders of one carrier service and cut-off share a walk. ``open_lines``: what is on the floor already.
    """
    going, stays = _within_the_zones(orders, rules.open_lines_max, open_lines, limit)
    chosen = {order.order_id: choose(order, rules.rule, now) for order in going}
    plan = _Plan(equipment, chosen)
    waves: defaultdict[tuple[datetime | None, str], list[OrderToPlan]] = defaultdict(list)
    for order in going:
        waves[order.cut_off, order.service].append(order)
    for wave in waves.values():
        plan.add(wave)
    rank = {order.order_id: place for place, order in enumerate(going)}
    urgent_first = sorted(plan.lists, key=lambda one: min(rank[order.order_id] for order in one.orders))
    return WavePlan(lists=tuple(urgent_first), went=plan.why, stays=tuple(stays))


def _within_the_zones(
    orders: Sequence[OrderToPlan],
    most: Mapping[ZoneId, int],
    open_lines: Mapping[ZoneId, int],
    limit: int | None,
) -> tuple[list[OrderToPlan], list[Stays]]:
    """Orders as far as their zones have room. Behind one that must wait for a zone no other one goes into it."""
    load = Counter(open_lines)
    closed: set[ZoneId] = set()
    going: list[OrderToPlan] = []
    stays: list[Stays] = []
    for order in orders:
        if limit is not None and len(going) >= limit:
            stays.append(Stays(order=order, why=f"beyond the limit of {limit} orders of this release"))
            continue
        lines = Counter(stop.zone_id for stop in order.stops)
        # An empty zone takes an order of any size: else a large one would never go.
        full = {zone for zone in lines if zone in most and load[zone] and load[zone] + lines[zone] > most[zone]}
        if full or not closed.isdisjoint(lines):
            waits_for = ", ".join(
                f"{zone} ({load[zone]} lines open, at most {most[zone]})"
                for zone in sorted(closed & lines.keys() | full)
            )
            stays.append(Stays(order=order, why=f"it waits for room in zone {waits_for}"))
            closed |= full
            continue
        load.update(lines)
        going.append(order)
    return going, stays


class _Plan:
    """The lists of one release while they are made."""

    def __init__(self, equipment: Equipment, chosen: Mapping[OrderId, Chosen]) -> None:
        self._equipment = equipment
        self._chosen = chosen
        self._batches = count()
        self._trips = count()
        self.lists: list[PlannedList] = []
        self.why = {order_id: one.why for order_id, one in chosen.items()}

    def add(self, wave: Sequence[OrderToPlan]) -> None:
        """The orders of one carrier service and cut-off."""
        together: defaultdict[str, list[OrderToPlan]] = defaultdict(list)
        for order in wave:
            rule = self._chosen[order.order_id].rule
            match None if rule is None else rule.way:
                case ListKind.BATCH | ListKind.BULK:
                    together[rule.name if rule else ""].append(order)
                case ListKind.ZONE_PASS | ListKind.ZONE_PARALLEL as way:
                    self._by_zone(order, way)
                case _:
                    self._piece(order)
        for orders in together.values():
            rule = self._chosen[orders[0].order_id].rule
            if rule is not None and rule.way is ListKind.BATCH:
                self._on_carts(orders, rule)
            elif rule is not None:
                self._by_item(orders, rule)

    def _piece(self, order: OrderToPlan, but: str = "") -> None:
        if but:
            self.why[order.order_id] += f"; {but}, so piece by piece"
        for stops in plan_lists(order.stops):
            self.lists.append(PlannedList(kind=ListKind.PIECE, orders=(order,), stops=tuple(stops)))

    def _by_zone(self, order: OrderToPlan, way: ListKind) -> None:
        """A list for each zone that has something of the order; of one zone only it needs no passing on."""
        zones = order.zones
        trip = next(self._trips) if len(zones) > 1 else None
        legs = [
            (zone, stops)
            for zone in zones
            for stops in plan_lists(stop for stop in order.stops if stop.zone_id == zone)
        ]
        self.lists += [
            PlannedList(
                kind=ListKind.PIECE if trip is None else way,
                orders=(order,),
                stops=tuple(stops),
                zone_id=zone,
                trip=trip,
                leg=0 if trip is None else leg,
            )
            for leg, (zone, stops) in enumerate(legs)
        ]
        if trip is None:
            self.why[order.order_id] += f"; all of it lies in zone {zones[0]}"

    def _on_carts(self, orders: Sequence[OrderToPlan], rule: Rule) -> None:
        cart = self._equipment.carts.get(rule.cart or "")
        if cart is None:
            for order in orders:
                self._piece(order, f"the site has no cart {rule.cart!r}")
            return
        walks, too_large = load_carts(orders, cart, max_orders=rule.max_orders, max_lines=rule.max_lines)
        for order in too_large:
            self._piece(order, f"it is too large for {cart.name}")
        for walk in walks:
            if len(walk) == 1:
                self._piece(walk[0], "no other order goes along")
                continue
            taken = [cart.positions_for(order) for order in walk]
            first = tuple(1 + sum(taken[:place]) for place in range(len(taken)))
            self.lists.append(
                PlannedList(
                    kind=ListKind.BATCH, orders=tuple(walk), stops=_common(walk), cart=cart.name, positions=first
                )
            )

    def _by_item(self, orders: Sequence[OrderToPlan], rule: Rule) -> None:
        walls = self._equipment.cubbies
        cubbies = min(walls.values(), default=0) if rule.wall is None else walls.get(rule.wall, 0)
        if not cubbies:
            for order in orders:
                self._piece(order, "the site has no such put wall" if rule.wall else "the site has no put wall")
            return
        for together in batches_by_item(orders, min(cubbies, rule.max_orders or cubbies)):
            if len(together) == 1:
                self._piece(together[0], "no other order goes along")
                continue
            batch = next(self._batches)
            for stops in cut_by_item(_common(together), max_stops=rule.max_lines or MAX_LINES):
                mine = {stop.order_line_id for stop in stops}
                its_orders = tuple(order for order in together if any(s.order_line_id in mine for s in order.stops))
                self.lists.append(
                    PlannedList(kind=ListKind.BULK, orders=its_orders, stops=tuple(stops), batch=batch, wall=rule.wall)
                )


def _common(orders: Iterable[OrderToPlan]) -> tuple[Stop, ...]:
    return tuple(in_walking_order(stop for order in orders for stop in order.stops))
