"""An order that three zones pick: its trip made row by row, and short words for what the zones do."""

from __future__ import annotations

from typing import Any

from sync.record.facts import ClaimedTote, Fact, How, ListHandedOver, ZoneChosen
from sync.record.ids import LocationCode, OrderId, OrderLineId, PickListId, ToteCode, WorkerId, ZoneId
from sync.record.rows import ListKind, ListStatus, PickListRow
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.list_rows import new_line
from sync.store.orders.releasing import delete_allocations
from sync.store.orders.reserving import placed_stock
from sync.store.planning.walking import Stop
from sync.store.unit_of_work import NOBODY, UnitOfWork
from sync.store.views import rows_of
from tests.store.floor_ledger import Ledger, bind, claim, pick, put, row
from tests.store.small_site import CUT_OFF, SITE, SmallSite

PASS, PARALLEL = ListKind.ZONE_PASS, ListKind.ZONE_PARALLEL
GOODS = {"A": ("MUG", "A1", 4), "B": ("TEA", "B1", 3), "C": ("PEN", "C1", 2)}
"""Of each zone what its part of the order asks for, where, and how many."""
PLACES = ("S1", "S2")
"""Where totes may be brought together."""


def lay_out_zones(site: SmallSite) -> None:
    """Zones A, B, C with a shelf each; five MUG more stand in zone B, behind its shelf."""
    for position, (item_id, code, _) in enumerate(GOODS.values(), 1):
        site.stock(code, item_id, 20, position=10 * position)
    for code in PLACES:
        site.location(code, 100, kind="staging")
    site.location("PACK01", 200, kind="pack")
    with site.write() as work:
        work.insert(t.zone, [{"zone_id": zone_id, "name": f"Zone {zone_id}"} for zone_id in GOODS])
        for zone_id in GOODS:
            work.touch("zone", zone_id)
    for zone_id, (_, code, _) in GOODS.items():
        site.change(t.location, {"zone_id": zone_id}, code=code)


def more_mugs_in_zone_b(site: SmallSite) -> None:
    site.stock("B2", "MUG", 5, position=25)
    site.change(t.location, {"zone_id": "B"}, code="B2")


def trip(site: SmallSite, ref: str, kind: ListKind, zones: str = "ABC") -> list[int]:
    """An order of these zones' goods, released as a trip; returns its lists, one for each zone."""
    order_id = site.order(ref, [GOODS[zone_id][:3:2] for zone_id in zones])
    with site.write() as work:
        allocate(work, [order_id])
        return as_trip(work, order_id, kind)


def as_trip(work: UnitOfWork, order_id: OrderId, kind: ListKind) -> list[int]:
    """What is reserved for an order becomes one list for each zone, in the order of the pick path."""
    of_order = t.order_line.c.order_id == order_id
    reserved = work.conn.execute(
        t.allocation.select()
        .join(t.order_line, t.order_line.c.order_line_id == t.allocation.c.order_line_id)
        .where(of_order)
    ).all()
    stock_there = placed_stock(work, {one.item_id for one in reserved})
    by_zone: dict[str, list[Any]] = {}
    for one in sorted(reserved, key=lambda one: stock_there[one.location, one.item_id, one.lot].position):
        by_zone.setdefault(stock_there[one.location, one.item_id, one.lot].zone_id, []).append(one)
    trip_id, first = work.allot("trip"), work.allot("pick_list", len(by_zone))
    work.insert(t.trip, [{"trip_id": trip_id, "order_id": order_id}])
    for leg, (zone_id, parts) in enumerate(by_zone.items()):
        waits = kind is PASS and leg > 0
        head = {
            "list_id": first + leg,
            "wave_id": 1,
            "kind": str(kind),
            "order_id": order_id,
            "status": str(ListStatus.WAITING if waits else ListStatus.OPEN),
            "priority": 5,
            "cut_off": CUT_OFF,
            "token": 1,
            "totes": [],
            "line_count": len(parts),
            "piece_count": sum(part.quantity for part in parts),
            "zone_id": zone_id,
            "trip_id": trip_id,
            "leg": leg,
        }
        work.insert(t.pick_list, [head])
        work.touch("pick_list", str(first + leg))
        for part in parts:
            _add_line(work, PickListId(first + leg), order_id, part, stock_there[part.location, part.item_id, part.lot])
    delete_allocations(work, [(one.order_line_id, one.location, one.lot) for one in reserved])
    return [first + leg for leg in range(len(by_zone))]


def _add_line(work: UnitOfWork, list_id: PickListId, order_id: OrderId, part: Any, stock_there: Any) -> None:
    line_id = work.allot("pick_line")
    stop = Stop(
        order_line_id=OrderLineId(part.order_line_id),
        item_id=part.item_id,
        location=part.location,
        lot=part.lot,
        position=stock_there.position,
        quantity=part.quantity,
    )
    work.insert(t.pick_line, [new_line(line_id, list_id, order_id, stop, stock_there, passes=0)])
    work.touch("pick_line", str(line_id), NOBODY)


def in_zone(zone_id: str | None) -> ZoneChosen:
    return ZoneChosen(zone_id=None if zone_id is None else ZoneId(zone_id))


def take(tote: str) -> ClaimedTote:
    return ClaimedTote(tote=ToteCode(tote))


def hand_over_at(place: str, list_id: int, token: int) -> ListHandedOver:
    return ListHandedOver(list_id=PickListId(list_id), token=token, place=LocationCode(place), how=How.SCANNED)


class Picker(Ledger):
    """A worker with a terminal, who does what a list asks for as it stands in the store."""

    def __init__(self, site: SmallSite, number: int, *, terminal_id: str | None = None) -> None:
        super().__init__(site, terminal_id or f"HH-{number:02}")
        self.worker_id = WorkerId(f"W-{number}")
        if not site.rows(t.worker, worker_id=self.worker_id):
            site.worker(self.worker_id, "picker")

    def head(self, list_id: int) -> dict[str, Any]:
        return row(self.site, "pick_list", list_id=list_id)

    def token(self, list_id: int) -> int:
        return int(self.head(list_id)["token"])

    def begins(self, list_id: int, tote: str) -> list[str]:
        (claimed,) = self.does(claim(list_id))
        return [claimed, *self.does(bind(tote, list_id, self.token(list_id)))]

    def picks(self, list_id: int) -> None:
        """All that is still asked for, into the tote in use."""
        head = self.head(list_id)
        facts: list[Fact] = []
        for line in self.site.rows(t.pick_line, list_id=list_id):
            left = line["asked"] - line["picked"] - line["shorted"]
            if left > 0:
                about = (left, line["line_id"])
                facts.append(pick(*about, line["item_id"], line["location"], head["token"], line["lot"] or None))
                facts.append(put(*about, head["totes"][-1], head["token"]))
        if facts:
            assert self.does(*facts) == ["accepted"] * len(facts)

    def puts_down(self, list_id: int, place: str) -> str:
        return self.does_one(hand_over_at(place, list_id, self.token(list_id)))

    def does_all(self, list_id: int, tote: str, place: str) -> str:
        """The whole list in an empty tote."""
        assert self.begins(list_id, tote) == ["accepted", "accepted"]
        self.picks(list_id)
        return self.puts_down(list_id, place)


def statuses(site: SmallSite, list_ids: list[int]) -> list[str]:
    return [str(row(site, "pick_list", list_id=list_id)["status"]) for list_id in list_ids]


def told(site: SmallSite, list_ids: list[int]) -> list[PickListRow]:
    """The heads of these lists as terminals are told them."""
    with site.database.read() as conn:
        rows = rows_of(conn, SITE, "pick_list", [str(one) for one in list_ids])
    return [one for key in list_ids if isinstance(one := rows[str(key)], PickListRow)]


def tote(site: SmallSite, code: str) -> tuple[str, str | None]:
    """How it stands and where."""
    found = row(site, "tote", tote=code)
    return str(found["status"]), found["place"]
