"""An order with what is reserved for it, as plans look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.record.ids import OrderId, ZoneId
from sync.store.planning.walking import Stop, in_walking_order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderToPlan:
    order_id: OrderId
    order_ref: str
    service: str
    cut_off: datetime | None
    priority: int
    """Smaller is more urgent."""
    stops: tuple[Stop, ...]
    weight_g: int | None
    """Of all its pieces; None: nobody knows it of one of them."""
    volume_ml: int | None
    has_lots: bool = False
    has_serials: bool = False
    has_catch_weight: bool = False

    @property
    def lines(self) -> int:
        """Order lines; one may be picked at several places."""
        return len({stop.order_line_id for stop in self.stops})

    @property
    def pieces(self) -> int:
        return sum(stop.quantity for stop in self.stops)

    @property
    def zones(self) -> tuple[ZoneId, ...]:
        """In the order in which the pick path comes to them."""
        return tuple(dict.fromkeys(stop.zone_id for stop in in_walking_order(self.stops)))
