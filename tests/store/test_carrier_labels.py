"""Carriers' labels: given over the network, told to pack stations, on one carton each, and forgotten with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text, update

import sync.store.migrations
from sync.record.codes import carrier_zpl
from sync.record.facts import CartonClosed, Fact, PackedQuantity, SsccAssigned
from sync.record.ids import OrderId, OrderLineId, Sscc, ToteCode
from sync.record.rows import CarrierLabelRow, PackingRow, Role, Row
from sync.store import tables as t
from sync.store.changes import LARGE_ROWS, page_end
from sync.store.database import open_engine
from sync.store.keeping.purging import keep
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.carrier_labels import MOST_BYTES, give_carrier_label
from sync.store.orders.holding import OrderRefused
from sync.store.schema import Standing, create_or_upgrade
from sync.store.views import rows_of
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, kinds_opened, label, lay_out, pick, row, verify
from tests.store.serving import Client, served
from tests.store.small_floor import sscc
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_api_office import Asker, Office

ZPL = "^XA^CI28^FO9,9^FDZoë Müller^FS^XZ\r\n".encode()
TRACKING = "JD014600004401"
S1, S2 = sscc(1), sscc(2)


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Tote T-1 waits for packing with 4 MUG of order ``first``."""
    with small_site(any_database) as made:
        with made.write() as work:
            work.conn.execute(t.store.insert(), {"one": 1, "incarnation": "test", "created_at": work.now})
        lay_out(made)
        Ledger(made).does(claim(), bind(), pick(4), hand_over())
        yield made


@pytest.fixture
def packer(site: SmallSite) -> Ledger:
    return Ledger(site, "PK-01")


def put(asker: Asker, zpl: bytes = ZPL, carton: int = 1, ref: str = "first", **params: str) -> tuple[int, Any]:
    path, headers = f"/v1/orders/{ref}/carrier-labels/{carton}", {"Content-Type": "text/plain"}
    answer = asker.http.put(path, content=zpl, headers=headers, params=params)
    return answer.status_code, answer.json()


def give(site: SmallSite, carton: int = 1, zpl: bytes = ZPL) -> bool:
    with site.write() as work:
        return give_carrier_label(work, "first", carton, zpl, barcode=TRACKING, by="a test").new


def told(site: SmallSite, kind: str, key: str) -> Row | None:
    with site.database.read() as conn:
        return rows_of(conn, SITE, kind, [key]).get(key)


def number(carton: Sscc, carrier_label: int, tote: str = "T-1") -> SsccAssigned:
    return SsccAssigned(tote=ToteCode(tote), sscc=carton, carrier_label=carrier_label)


def packed(carton: Sscc, pieces: int, carrier_label: int) -> list[Fact]:
    contents = (PackedQuantity(order_line_id=OrderLineId(1), quantity=pieces),)
    closed = CartonClosed(sscc=carton, tote=ToteCode("T-1"), contents=contents, weight_g=None)
    return [verify(pieces), number(carton, carrier_label), *label(carton)[1:], closed]


def test_a_shops_program_gives_labels_and_only_pack_stations_are_told(site: SmallSite) -> None:
    site.change(t.orders, {"source": "shop"}, order_ref="first")
    with served(site) as url, Office(site, url).of(Role.INTEGRATOR, name="shop") as shop:
        said = {"order_ref": "first", "carton_no": 1, "labels": 1}
        assert put(shop, barcode=TRACKING) == (200, said | {"new": True})
        assert put(shop, barcode=TRACKING) == (200, said | {"new": False})
        assert put(shop, ZPL + ZPL, 2) == (200, said | {"carton_no": 2, "labels": 2, "new": True})
        picker, station = Client(site, url, "HH-07"), Client(site, url, "PK-01", scopes=("pack",))
        seen = [
            [one["row"] for one in client.pull()[1]["changes"] if one["kind"] == "carrier_label"]
            for client in (picker, station)
        ]
        picker.http.close()
        station.http.close()
    assert seen[0] == []
    assert [(one["carton_no"], one["zpl"].encode(), one["barcode"]) for one in seen[1]] == [
        (1, ZPL, TRACKING),
        (2, ZPL + ZPL, None),
    ]
    assert [(one["what"], one["about"]) for one in site.rows(t.audit)][-2:] == [("carrier-label", "first")] * 2


def test_what_a_printer_must_not_be_sent_is_refused_by_its_name_and_nothing_is_kept(site: SmallSite) -> None:
    with served(site) as url, Office(site, url).of(Role.ADMINISTRATOR) as office:
        for name in carrier_zpl._REFUSED:
            for sign in "^~":
                status, problem = put(office, f"^XA^FDx^FS\n{sign}{name}1^XZ".encode())
                assert (status, problem["error"]) == (400, "bad_request")
                assert f"{sign}{name} in line 2 " in problem["text"]
        for zpl, why in (
            (b"^XA^FDx^FS", "no whole label"),
            (b"", "no whole label"),
            (b"^XA^FD\xff^FS^XZ", "no UTF-8"),
            (b"^XA^FD\0^FS^XZ", "control character 0x00"),
        ):
            status, problem = put(office, zpl)
            assert (status, why in problem["text"]) == (400, True)
        status, problem = put(office, b"^XA^FD" + b"x" * MOST_BYTES + b"^FS^XZ")
        assert (status, problem["error"]) == (413, "too_large")
        for barcode in ("", "JD1", " JD01", "JD\n01", "J" * 65):
            assert put(office, barcode=barcode)[0] == 400
        for carton in (0, 100):
            assert put(office, carton=carton)[0] == 400
        status, problem = put(office, ref="nothing")
        assert (status, "no order nothing" in problem["text"]) == (409, True)
    assert site.rows(t.carrier_label) == []


def test_another_programs_order_is_not_there(site: SmallSite) -> None:
    with served(site) as url, Office(site, url).of(Role.INTEGRATOR, name="another") as shop:
        status, problem = put(shop)
        assert (status, "no order first" in problem["text"]) == (409, True)


def test_a_label_may_be_given_anew_until_a_carton_has_it(site: SmallSite, packer: Ledger) -> None:
    assert [give(site), give(site), give(site, zpl=ZPL + ZPL)] == [True, False, True]
    assert packer.does(number(S1, 1)) == ["accepted"]
    shown, taken = told(site, "packing", "T-1"), told(site, "carrier_label", "1.1")
    assert isinstance(shown, PackingRow)
    assert isinstance(taken, CarrierLabelRow)
    assert (shown.carrier_label, taken.sscc, taken.zpl.encode()) == (1, S1, ZPL + ZPL)
    with pytest.raises(OrderRefused, match=f"is on carton {S1}"):
        give(site)


def test_a_closed_cartons_label_is_kept_no_longer_but_which_it_was_is_known(site: SmallSite, packer: Ledger) -> None:
    give(site)
    give(site, 2)
    assert packer.does(*packed(S1, 1, 1)) == ["accepted"] * 5
    first, second = site.rows(t.carrier_label)
    assert (first["zpl"], first["barcode"], first["sscc"], second["sscc"]) == (None, TRACKING, S1, None)
    assert told(site, "carrier_label", "1.1") is None
    assert row(site, "feed", kind="carrier_label", key="1.1")["deleted"]
    shown = told(site, "packing", "T-1")
    assert isinstance(shown, PackingRow)
    assert (shown.carton_no, shown.carrier_label) == (2, None)
    with pytest.raises(OrderRefused, match="is on carton"):
        give(site)
    assert packer.does(*packed(S2, 3, 2)) == ["accepted"] * 5
    assert [(one["carton_no"], one["sscc"]) for one in site.rows(t.carrier_label)] == [(1, S1), (2, S2)]


def test_a_label_for_a_carton_that_is_closed_is_refused(site: SmallSite, packer: Ledger) -> None:
    assert packer.does(verify(1), *label(S1), packed(S1, 1, 1)[-1])[-1] == "accepted"
    with pytest.raises(OrderRefused, match=r"would be on none\..* under 2"):
        give(site)
    assert give(site, 2)


def test_one_label_on_two_cartons_is_told_to_a_lead(site: SmallSite, packer: Ledger) -> None:
    give(site)
    assert packer.does(number(S1, 1)) == ["accepted"]
    site.lease_numbers("PK-02")
    assert Ledger(site, "PK-02").does(number(S2, 1)) == ["discrepancy:carrier-label-used"]
    assert "carrier-label-used" in kinds_opened(site)
    assert f"as carton {S1} has" in row(site, "discrepancy", kind="carrier-label-used")["text"]


def test_a_label_that_the_store_does_not_have_is_told_to_a_lead(site: SmallSite, packer: Ledger) -> None:
    for place, carrier_label in enumerate([7, 0, -1, 2**31, 2**70], 1):
        assert packer.does(number(sscc(place), carrier_label)) == ["discrepancy:carrier-label-used"]
        shown = told(site, "packing", "T-1")
        assert isinstance(shown, PackingRow)
        assert (shown.sscc, shown.carrier_label) == (sscc(place), None)


def test_labels_of_orders_that_need_them_no_more_are_forgotten(site: SmallSite) -> None:
    other = site.order("third", [("MUG", 1)])
    with site.write() as work:
        give_carrier_label(work, "third", 1, ZPL, barcode=None, by="a test")
    give(site)
    keep(site.database)
    assert [one["zpl"] is None for one in site.rows(t.carrier_label)] == [False, False]
    with site.write() as work:
        cancel_order(work, "first", by="Lea")
        with pytest.raises(OrderRefused, match="is cancelled"):
            give_carrier_label(work, "first", 2, ZPL, barcode=None, by="a test")
        ours = (t.order_line.c.site_id == SITE) & (t.order_line.c.order_id == other)
        work.conn.execute(update(t.order_line).where(ours).values(packed=1))
    keep(site.database)
    assert [one["zpl"] for one in site.rows(t.carrier_label)] == [None, None]
    assert all(row(site, "feed", kind="carrier_label", key=f"{order}.1")["deleted"] for order in (OrderId(1), other))


def test_a_page_holds_few_large_rows() -> None:
    large, small = ["carrier_label"] * (LARGE_ROWS + 1), ["packing"] * 9
    assert page_end(small + large, 500) == LARGE_ROWS + 9
    assert page_end(large[1:] + small, 500) == 500
    assert page_end(small, 5) == 5


def test_many_labels_come_in_several_pages(site: SmallSite) -> None:
    for carton in range(1, LARGE_ROWS + 4):
        give(site, carton)
    with served(site) as url:
        station = Client(site, url, "PK-01", scopes=("pack",))
        pages = [station.pull()[1]]
        while pages[-1]["more"]:
            pages.append(station.pull(pages[-1]["cursor"])[1])
        station.http.close()
    counts = [sum(one["kind"] == "carrier_label" for one in page["changes"]) for page in pages]
    assert counts == [LARGE_ROWS, 3]


def test_a_store_of_before_carriers_labels_keeps_its_totes(empty_database: str) -> None:
    engine = open_engine(empty_database)
    config = Config()
    config.set_main_option("script_location", str(Path(sync.store.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "0003")
        columns = "site_id, tote, status, labels_sent, label_proven"
        conn.execute(text(f"INSERT INTO tote ({columns}) VALUES ('main', 'T-1', 'empty', 0, false)"))
    assert create_or_upgrade(empty_database).standing is Standing.BEHIND
    with engine.connect() as conn:
        (tote,) = conn.execute(select(t.tote)).mappings()
        assert (tote["tote"], tote["carrier_label"]) == ("T-1", None)
        assert conn.execute(select(t.carrier_label)).all() == []
    engine.dispose()
