"""Which orders share a walk: on the positions of a cart, or picked by item for a put wall.

The rule is one of savings: a walk begins with the most urgent order and takes, one after the other, the order that
spares most of a walk of its own: the one that shares most places with it, and of those the one that adds fewest.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sync.record.ids import OrderId
from sync.store.planning.orders_to_plan import OrderToPlan
from sync.store.planning.release import MAX_LINES, MAX_PIECES
from sync.store.planning.walking import Stop, in_walking_order

LOOKED_AT = 400
"""So many of the most urgent orders are compared for a place in a walk: those behind them wait for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A kind of picking cart. What is not said is not limited."""

    name: str
    positions: int
    """Totes side by side; one order in each, or one order in several where it needs them."""
    tote_volume_ml: int | None = None
    """What may be packed into one tote: less than it holds, since goods leave gaps."""
    tote_weight_max_g: int | None = None
    weight_max_g: int | None = None
    """Of everything on the cart."""
    lines_max: int = MAX_LINES
    """Of one walk."""
    numbers: tuple[str, ...] = ()
    """Of the carts of this kind: their positions' barcodes bear them."""

    def positions_for(self, order: OrderToPlan) -> int:
        """Totes that the order fills; what has no known size or weight counts as small."""
        by_volume = _parts(order.volume_ml, self.tote_volume_ml)
        return max(1, by_volume, _parts(order.weight_g, self.tote_weight_max_g))


def _parts(amount: int | None, of_one: int | None) -> int:
    return 0 if amount is None or of_one is None else -(-amount // of_one)


@dataclass(slots=True)
class _Room:
    """What is left on a cart."""

    orders: int
    positions: int
    lines: int
    weight_g: int | None

    def takes(self, order: OrderToPlan, positions: int) -> bool:
        fits = self.orders >= 1 and self.positions >= positions and self.lines >= len(order.stops)
        return fits and (self.weight_g is None or (order.weight_g or 0) <= self.weight_g)

    def take(self, order: OrderToPlan, positions: int) -> None:
        self.orders -= 1
        self.positions -= positions
        self.lines -= len(order.stops)
        if self.weight_g is not None:
            self.weight_g -= order.weight_g or 0


def load_carts(
    orders: Sequence[OrderToPlan], cart: Cart, *, max_orders: int | None = None, max_lines: int | None = None
) -> tuple[list[list[OrderToPlan]], list[OrderToPlan]]:
    """Walks with one cart, and the orders that are too large for it. ``orders``: the most urgent first."""

    def empty() -> _Room:
        return _Room(max_orders or cart.positions, cart.positions, max_lines or cart.lines_max, cart.weight_max_g)

    def shared(order: OrderToPlan) -> Iterable[Hashable]:
        return {stop.aisle or stop.location for stop in order.stops}

    fitting, too_large = list[OrderToPlan](), list[OrderToPlan]()
    for order in orders:
        (fitting if empty().takes(order, cart.positions_for(order)) else too_large).append(order)
    return _gather(fitting, shared, empty, cart.positions_for), too_large


def batches_by_item(orders: Sequence[OrderToPlan], max_orders: int) -> list[list[OrderToPlan]]:
    """Orders that are picked together and sorted at a wall of ``max_orders`` cubbies: those that share most items."""

    def empty() -> _Room:
        return _Room(max_orders, max_orders, sum(len(order.stops) for order in orders), None)

    return _gather(orders, lambda order: {stop.item_id for stop in order.stops}, empty, lambda _: 1)


def _gather(
    orders: Sequence[OrderToPlan],
    shared: Callable[[OrderToPlan], Iterable[Hashable]],
    empty: Callable[[], _Room],
    positions: Callable[[OrderToPlan], int],
) -> list[list[OrderToPlan]]:
    bits: dict[Hashable, int] = {}
    places = {
        order.order_id: sum(1 << bits.setdefault(place, len(bits)) for place in shared(order)) for order in orders
    }
    waiting = list(orders)
    walks: list[list[OrderToPlan]] = []
    while waiting:
        room, visited, walk = empty(), 0, list[OrderToPlan]()
        while (best := _best(waiting, places, visited, room, positions)) is not None:
            order = waiting.pop(best)
            room.take(order, positions(order))
            visited |= places[order.order_id]
            walk.append(order)
        walks.append(walk)
    return walks


def _best(
    waiting: Sequence[OrderToPlan],
    places: Mapping[OrderId, int],
    visited: int,
    room: _Room,
    positions: Callable[[OrderToPlan], int],
) -> int | None:
    """The place among those who wait of the order that goes along best; the first one begins a walk."""
    if not visited:
        return 0 if waiting else None
    found: tuple[int, int, int] | None = None
    for place, order in enumerate(waiting[:LOOKED_AT]):
        if room.takes(order, positions(order)):
            its = places[order.order_id]
            rank = (-(its & visited).bit_count(), (its & ~visited).bit_count(), place)
            found = rank if found is None else min(found, rank)
    return None if found is None else found[2]


def cut_by_item(stops: Iterable[Stop], *, max_stops: int = MAX_LINES, max_pieces: int = MAX_PIECES) -> list[list[Stop]]:
    """The common walk of several orders in lists: what is taken at one place of one item and lot is never divided."""
    lists: list[list[Stop]] = []
    taken = pieces = 0
    for _, group in groupby(in_walking_order(stops), key=lambda stop: (stop.location, stop.item_id, stop.lot)):
        at_once = list(group)
        more = sum(stop.quantity for stop in at_once)
        if not lists or taken >= max_stops or pieces + more > max_pieces:
            lists.append([])
            taken = pieces = 0
        lists[-1] += at_once
        taken += 1
        pieces += more
    return lists
