"""Zones in the small site of dialogues: who picks where, orders picked by zone, and what other zones do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.record.facts import How, ListHandedOver
from sync.record.ids import LocationCode, PickListId, TerminalId, WorkerId, ZoneId
from sync.record.rows import ListKind
from sync.store import tables as t
from sync.store.contacts import Contact, note_contacts
from sync.store.leading.moving import move
from sync.store.leading.zones import assign
from sync.store.orders.allocating import allocate
from tests.scenarios.shop import PLACES, Shop
from tests.store.small_floor import Floor
from tests.store.trips import as_trip

AISLES = {"A01": "A", "A02": "B", "A03": "C"}
"""Zone A has SOAP and CANDLE, zone B CREAM and RADIO, zone C BOWL."""


class Zones:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._other = Floor(shop.site, "HH-01")

    def make(self, count: int = 3) -> None:
        """The first ``count`` of the zones A, B, C ...; behind C nothing stands in them."""
        names = [chr(ord("A") + number) for number in range(count)]
        with self._shop.site.write() as work:
            work.insert(t.zone, [{"zone_id": name, "name": f"Zone {name}"} for name in names])
            for name in names:
                work.touch("zone", name)
        self._shop.site.location("STAGE2", 920, kind="staging")
        for code in PLACES.values():
            self._shop.site.change(t.location, {"zone_id": AISLES[code[:3]]}, code=code)
        for code in (*PLACES.values(), "STAGE2"):
            self._shop.touch("location", code)

    def order(self, kind: ListKind, wanted: Mapping[str, Sequence[tuple[str, int]]]) -> None:
        """Take orders in, and release each as a trip through its zones."""
        for ref, lines in wanted.items():
            order_id = self._shop.site.order(ref, lines)
            with self._shop.site.write() as work:
                allocate(work, [order_id])
                as_trip(work, order_id, kind)

    def picks(self, zone_id: str, ref: str, tote: str, place: str) -> None:
        """Somebody else in this zone picks its part of the order into the tote and puts it down."""
        list_id = self.list_of(zone_id, ref)
        self._other.claim(list_id, tote)
        for line in self._shop.site.rows(t.pick_line, list_id=list_id):
            self._other.pick(int(line["line_id"]), int(line["asked"]))
        (head,) = self._shop.site.rows(t.pick_list, list_id=list_id)
        where = LocationCode(place)
        self._other.happened(ListHandedOver(list_id=list_id, token=head["token"], place=where, how=How.SCANNED))

    def begins(self, zone_id: str, ref: str, tote: str) -> None:
        self._other.claim(self.list_of(zone_id, ref), tote)

    def assign(self, worker_id: str, zone_id: str | None) -> None:
        with self._shop.site.write() as work:
            assign(work, WorkerId(worker_id), None if zone_id is None else ZoneId(zone_id), "Lea")

    def soap_in_c(self) -> None:
        """Some SOAP stands in zone C too, behind all else."""
        self._shop.site.stock("A03-09-1", "SOAP", 5, position=90)
        self._shop.site.change(t.location, {"zone_id": "C"}, code="A03-09-1")
        self._shop.touch("location", "A03-09-1")

    def move(self, zone_id: str, ref: str, to: str) -> None:
        """A lead gives this zone's list to another terminal."""
        list_id = self.list_of(zone_id, ref)
        with self._shop.site.write() as work:
            note_contacts(work, {TerminalId(to): Contact()})
            move(work, list_id, to=TerminalId(to), by="Lea")

    def list_of(self, zone_id: str, ref: str) -> PickListId:
        (order,) = self._shop.site.rows(t.orders, order_ref=ref)
        (head,) = self._shop.site.rows(t.pick_list, order_id=order["order_id"], zone_id=zone_id)
        return PickListId(head["list_id"])
