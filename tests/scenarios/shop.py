"""A small site with everything that a dialogue can meet, in a real store on a real socket."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sync.record.codes.gtin import with_check_digit
from sync.record.facts import CountedItem, CountEnded, ReportedEmpty
from sync.record.ids import ItemId, LocationCode, OrderId, PickListId, TerminalId
from sync.record.rows import Role, ToteStatus
from sync.store import tables as t
from sync.store.api.access import Admission
from sync.store.api.server import StoreServer
from sync.store.bench import Bench
from sync.store.contacts import Contact, note_contacts
from sync.store.database import Database
from sync.store.judging.count_tasks import ask_count
from sync.store.leading.moving import move
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.carrier_labels import give_carrier_label
from sync.store.orders.holding import hold_order
from sync.store.orders.intake import tell_pack_stations
from sync.store.orders.releasing import release
from sync.store.site_files.files import SiteFile, shipped
from sync.store.site_files.setting import set_file
from sync.store.unit_of_work import UnitOfWork, feed_position
from sync.wire.pins import hash_pin
from tests.store.small_floor import Floor
from tests.store.small_site import NOW, SITE, SmallSite

PIN = "271828"
ONE_CART = """
[[rule]]
name = "all on one cart"
way = "batch"
cart = "cart-12"
"""
TOTES = 9
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "B-1001": ("Ann", (Role.PICKER,)),
    "B-1002": ("Bob", (Role.PACKER,)),
    "B-1003": ("Cat", (Role.PICKER, Role.PACKER)),
    "B-1004": ("Dan", (Role.PICKER,)),
    "B-1005": ("Lea", (Role.LEAD,)),
    "B-1006": ("Eve", (Role.STOCK,)),
}
"""Cat has a PIN, Dan has left."""

PACKAGINGS = {"each": 1, "inner": 6, "case": 12}
ITEMS = ("SOAP", "CANDLE", "CREAM", "RADIO", "BOWL")
"""In walking order. CREAM has lots, two of them in one place; RADIO has serial numbers."""

PLACES = {"SOAP": "A01-01-1", "CANDLE": "A01-02-1", "CREAM": "A02-01-1", "RADIO": "A02-02-1", "BOWL": "A03-01-1"}


def gtin(item_id: str, packaging: str = "each") -> str:
    """Thirteen digits for a piece, fourteen for an inner or a case."""
    indicator = {"each": "", "inner": "1", "case": "2"}[packaging]
    return with_check_digit(f"{indicator}9521234{ITEMS.index(item_id) + 1:05d}")


@cache
def _pin_hash() -> str:
    return hash_pin(PIN)


class Shop:
    """The store's side of a dialogue: its database, its server, and what people do to it at the office."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        """``url``: of the database; without, an SQLite file in the folder."""
        self.now = NOW
        self.database = Database(url or f"sqlite:///{folder / 'store.sqlite'}", now=lambda: self.now)
        self.site = SmallSite(self.database, "Europe/London")
        self._picker = Floor(self.site, "HH-01")
        self._port = 0
        self._server: _ServerThread | None = None
        with self.site.write() as work:
            work.conn.execute(t.store.insert(), {"one": 1, "incarnation": "test", "created_at": NOW})
        self._put_stock()
        with self.site.write() as work:
            _put_people(work)
            _put_totes(work)
            _put_barcodes(work)
            work.touch("site", SITE)

    def _put_stock(self) -> None:
        for place, item_id in enumerate(ITEMS, 1):
            if item_id != "CREAM":
                self.site.stock(PLACES[item_id], item_id, 100, position=10 * place)
        self.site.stock("A02-01-1", "CREAM", 4, position=30, lot="L1", expiry=date(2011, 1, 31))
        self.site.stock("A02-01-1", "CREAM", 50, position=30, lot="L2", expiry=date(2011, 6, 30))
        self.site.stock("B01-01-1", "CANDLE", 200, position=80)
        self.site.location("PACK01", 900, kind="pack")
        self.site.location("STAGE1", 910, kind="staging")
        self.site.change(t.location, {"check_digits": "42"}, code="A01-01-1")
        self.site.change(t.item, {"serial_tracked": True}, item_id="RADIO")

    def orders(self, wanted: Mapping[str, Sequence[tuple[str, int]]]) -> None:
        """Take orders in, reserve what they ask for, and release pick lists, one after another."""
        for ref, lines in wanted.items():
            order_id = self.site.order(ref, lines)
            with self.site.write() as work:
                allocate(work, [order_id])
                release(work, [order_id])

    def batch(self, wanted: Mapping[str, Sequence[tuple[str, int]]]) -> None:
        """Take orders in and release them together for one cart."""
        order_ids = [self.site.order(ref, lines) for ref, lines in wanted.items()]
        with self.site.write() as work:
            set_file(work, SiteFile.WAVES, ONE_CART, by="Lea")
            allocate(work, order_ids)
            release(work, order_ids)
            set_file(work, SiteFile.WAVES, None, by="Lea")

    def picked(self, ref: str, *totes: str) -> None:
        """Somebody else has picked this order, one line after another into these totes, and handed it over."""
        list_id = self._list_id(ref)
        for place, line in enumerate(self.site.rows(t.pick_line, list_id=list_id)):
            if place < len(totes):
                self._picker.claim(list_id, totes[place])
            self._picker.pick(int(line["line_id"]), int(line["asked"]))
        self._picker.hand_over(list_id)

    def reported_empty(self, location: str) -> None:
        """Somebody else says that nothing is there."""
        self._picker.happened(ReportedEmpty(location=LocationCode(location)))

    def count_asked(self, location: str, item_id: str | None = None) -> None:
        """A lead wants the location counted, or only this item there."""
        with self.site.write() as work:
            bench = Bench(work)
            of_item = None if item_id is None else ItemId(item_id)
            ask_count(bench, LocationCode(location), of_item, "lead", "lead:Lea")
            bench.flush()

    def counted_first(self, location: str, finds: Mapping[str, int]) -> None:
        """Somebody else, whom nobody had asked, has counted the location and found these pieces by item."""
        found = tuple(CountedItem(item_id=ItemId(item_id), lot=None, quantity=n) for item_id, n in finds.items())
        self._picker.happened(CountEnded(task_id=None, location=LocationCode(location), finds=found))

    def own_reason(self, digit: str, code: str, about: str, then: Sequence[str]) -> None:
        """The site has a reason of its own, by its file alone; a shipped one in its way has another digit, or none."""
        text = shipped(SiteFile.REASONS).replace('digit = "9"', 'digit = "91"' if len(digit) > 1 else 'digit = "9"')
        kept = [one for one in text.split("[[reason]]") if f'digit = "{digit}"' not in one]
        words = f'words = {{ en = "{code.title()}" }}'
        own = f'\ncode = "{code}"\ndigit = "{digit}"\n{words}\nabout = "{about}"\nthen = {[*then]}\n'
        with self.site.write() as work:
            set_file(work, SiteFile.REASONS, "[[reason]]".join([*kept, own]), by="Lea")

    def discrepancies(self) -> list[str]:
        """What a lead has to see to."""
        return [row["kind"] for row in self.site.rows(t.discrepancy) if row["settled_at"] is None]

    def sold_by_weight(self, item_id: str) -> None:
        self.site.change(t.item, {"catch_weight": True}, item_id=item_id)
        self.touch("item", item_id)

    def weight_g(self, tote: str) -> int:
        """Of what was picked by weight into the tote."""
        return sum(int(row["weight_g"]) for row in self.site.rows(t.tote_content, tote=tote))

    def on_hand(self, location: str, item_id: str) -> int:
        return sum(int(row["on_hand"]) for row in self.site.rows(t.stock, location=location, item_id=item_id))

    def moved(self, ref: str, to: str, *, hard: bool) -> None:
        """A lead gives the order's list to another terminal."""
        list_id = self._list_id(ref)
        with self.site.write() as work:
            note_contacts(work, {TerminalId(to): Contact()})
            move(work, list_id, to=TerminalId(to), by="Lea", hard=hard, confirmed=True)

    def begun(self, ref: str, *totes: str) -> None:
        """Somebody else has bound totes for the order's list, or a cart, and picked one piece of its first line."""
        list_id = self._list_id(ref)
        if ref.startswith("B-"):
            self._picker.claim_cart(list_id, *totes)
        else:
            self._picker.claim(list_id, *totes)
        line = self.site.rows(t.pick_line, list_id=list_id)[0]
        self._picker.pick(int(line["line_id"]), 1)

    def holder(self, ref: str) -> str | None:
        """The terminal that holds the order's list, as the store knows."""
        (pick_list,) = self.site.rows(t.pick_list, list_id=self._list_id(ref))
        return None if pick_list["terminal_id"] is None else str(pick_list["terminal_id"])

    def list_status(self, ref: str) -> str:
        (pick_list,) = self.site.rows(t.pick_list, list_id=self._list_id(ref))
        return str(pick_list["status"])

    def _list_id(self, ref: str) -> PickListId:
        if ref.startswith("B-"):
            return PickListId(int(ref.removeprefix("B-")))
        (order,) = self.site.rows(t.orders, order_ref=ref)
        (pick_list,) = self.site.rows(t.pick_list, order_id=order["order_id"])
        return PickListId(pick_list["list_id"])

    def rules(self, **rules: Any) -> None:
        self.site.change(t.site, {"rules": rules})
        self.touch("site", SITE)

    def carrier_label(self, ref: str, number: int, barcode: str | None) -> None:
        """The carrier's label of a carton, with its number and its barcode on it."""
        zpl = f"^XA^FO9,9^FD{ref} {number}^FS^FO9,99^BCN^FD{barcode}^FS^XZ".encode()
        with self.site.write() as work:
            give_carrier_label(work, ref, number, zpl, barcode=barcode, by="Ruth")

    def order_becomes(self, ref: str, status: str) -> None:
        self.site.change(t.orders, {"status": status}, order_ref=ref)
        (row,) = self.site.rows(t.orders, order_ref=ref)
        with self.site.write() as work:
            tell_pack_stations(work, [OrderId(row["order_id"])])

    def cancel(self, ref: str, line_no: int | None = None) -> None:
        with self.site.write() as work:
            cancel_order(work, ref, by="Ruth", line_no=line_no)

    def hold(self, ref: str) -> None:
        with self.site.write() as work:
            hold_order(work, ref, reason="the customer called", by="Ruth")

    def location_is_blocked(self, code: str) -> None:
        self.site.change(t.location, {"blocked": "frozen"}, code=code)
        self.touch("location", code)

    def touch(self, kind: str, key: str) -> None:
        with self.site.write() as work:
            work.touch(kind, key)

    def position(self) -> int:
        """The number of the newest change."""
        with self.database.read() as conn:
            return feed_position(conn, SITE)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def open(self) -> None:
        """Serve, on the same port as before."""
        if self._server is None:
            listener = socket.create_server(("127.0.0.1", self._port))
            self._port = listener.getsockname()[1]
            self._server = _ServerThread(self.database, listener)

    def shut(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def close(self) -> None:
        self.shut()
        self.database.close()


class _ServerThread:
    def __init__(self, database: Database, listener: socket.socket) -> None:
        self._server = StoreServer(database, Admission(enrol_loopback=True))
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="store")
        self._thread.start()

    def _run(self) -> None:
        with self._listener:
            self._loop.run_until_complete(self._server.serve(sockets=[self._listener]))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.handle_exit, signal.SIGTERM, None)
        self._thread.join()


def _put_people(work: UnitOfWork) -> None:
    for badge, (name, roles) in PEOPLE.items():
        row = {
            "worker_id": f"W-{badge[2:]}",
            "badge": badge,
            "name": name,
            "roles": [str(role) for role in roles],
            "language": "en",
            "pin_hash": _pin_hash() if name == "Cat" else None,
            "active": name != "Dan",
        }
        work.insert(t.worker, [row])
        work.touch("worker", f"W-{badge[2:]}")


def _put_totes(work: UnitOfWork) -> None:
    for number in range(1, TOTES + 1):
        code = f"T-{number:06d}"
        work.insert(t.tote, [{"tote": code, "status": str(ToteStatus.EMPTY), "labels_sent": 0, "label_proven": False}])
        work.touch("tote", code)


def _put_barcodes(work: UnitOfWork) -> None:
    for item_id in ITEMS:
        for packaging, pieces in PACKAGINGS.items():
            work.insert(
                t.packaging, [{"item_id": item_id, "packaging": packaging, "pieces": pieces, "weight_g": 100 * pieces}]
            )
            code = gtin(item_id, packaging).zfill(14)
            work.insert(t.item_barcode, [{"gtin": code, "item_id": item_id, "packaging": packaging}])
        work.touch("item", item_id)
    for row in work.conn.execute(t.location.select()).mappings():
        work.touch("location", row["code"])
