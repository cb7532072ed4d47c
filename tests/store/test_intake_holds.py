"""Orders that cannot go as they are: held with a reason, freed by a person or when the reason is over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from sync.record.ids import ItemId, OrderId
from sync.store.database import Database
from sync.store.importers.importing import import_files
from sync.store.importers.profile import parse_profile
from sync.store.importers.report import ImportReport
from sync.store.orders.intake import HoldRefused, release_hold, revalidate
from sync.store.orders.order_rules import OrderFacts, address_faults, cut_off_of
from sync.store.tables import feed, item, order_hold, orders, tote
from sync.store.warehouse.catalogue import CatalogueItem
from sync.store.warehouse.demo import demo_warehouse
from tests.store.order_files import NOW, SITE, bring_in, open_warehouse, query, row


@pytest.fixture
def store(any_database: str) -> Iterator[Database]:
    database = open_warehouse(any_database, "22720", "22423")
    yield database
    database.close()


def holds(store: Database) -> list[tuple[str, str, str | None]]:
    """Order reference, reason, who released it; with every order's status proven to agree."""
    found = query(
        store,
        select(orders.c.order_ref, order_hold.c.reason, order_hold.c.released_by)
        .join(orders, orders.c.order_id == order_hold.c.order_id)
        .order_by(order_hold.c.order_id, order_hold.c.reason),
    )
    waiting = {ref for ref, _, released_by in found if released_by is None}
    for ref, status in query(store, select(orders.c.order_ref, orders.c.status).where(orders.c.status != "cancelled")):
        assert (status == "held") == (ref in waiting)
    return [(ref, reason, by) for ref, reason, by in found]


def add_items(store: Database, *item_ids: str) -> tuple[str, ...]:
    with store.write(SITE) as work:
        report = demo_warehouse(work, [CatalogueItem(ItemId(item_id), item_id, 10, 1) for item_id in item_ids])
    return report.orders_released


def test_an_order_that_is_in_order_is_not_held(store: Database) -> None:
    report = bring_in(store, row(), row(item="22423"))
    assert report.orders_held == ()
    assert holds(store) == []


def test_an_unknown_item_holds_the_order_until_the_item_is_there(store: Database) -> None:
    report = bring_in(store, row(), row(item="90001"), row(item="90002"), row("600002", item="90002"))
    assert [(held.ref, held.reason) for held in report.orders_held] == [
        ("600001", "item-unknown"),
        ("600002", "item-unknown"),
    ]
    assert "Not in the catalogue: 90001, 90002." in report.orders_held[0].text
    assert add_items(store, "90002") == ("600002",)
    assert holds(store) == [("600001", "item-unknown", None), ("600002", "item-unknown", "store")]
    [(text,)] = query(store, select(order_hold.c.text).where(order_hold.c.released_at.is_(None)))
    assert "Not in the catalogue: 90001." in text
    assert add_items(store, "90001") == ("600001",)
    assert holds(store) == [("600001", "item-unknown", "store"), ("600002", "item-unknown", "store")]


def test_an_item_that_is_not_for_sale_holds_the_order_until_it_is(store: Database) -> None:
    with store.write(SITE) as work:
        work.conn.execute(update(item).where(item.c.item_id == "22423").values(sellable=False))
    bring_in(store, row(), row("600002", item="22423"))
    assert holds(store) == [("600002", "not-sellable", None)]
    with store.write(SITE) as work:
        assert revalidate(work) == []
        work.conn.execute(update(item).values(sellable=True))
        assert [(hold.order_ref, hold.reason) for hold in revalidate(work)] == [("600002", "not-sellable")]
    assert holds(store) == [("600002", "not-sellable", "store")]


def test_what_looks_like_a_stock_correction_waits_for_a_person(store: Database) -> None:
    bare = {"description": "", "customer": "", "price": "0.0"}
    bring_in(
        store,
        row("600001", **bare),
        row("600002", **bare | {"description": "CAKE TINS"}),
        row("600003", **bare | {"customer": "17850.0"}),
        row("600004", **bare | {"price": "0.01"}),
    )
    assert holds(store) == [("600001", "no-price", None)]


def test_the_same_order_again_within_a_day_is_held_as_a_duplicate(store: Database) -> None:
    report = bring_in(
        store,
        row("600001", quantity="4"),
        row("600001", quantity="2"),
        row("600002", at="2010-12-09 10:00:00"),
        row("600003", at="2010-12-09 10:01:00", customer="12345.0"),
        row("600004", at="2010-12-09 10:00:00", quantity="7"),
        row("600005", at="2010-12-09 10:00:00", item="22423"),
        row("600006", at="2010-12-10 10:00:00"),
        row("600007", customer=""),
        row("600008", customer=""),
    )
    assert holds(store) == [("600002", "duplicate", None), ("600006", "duplicate", None)]
    assert "order 600001 of the same customer" in report.orders_held[0].text


def test_the_same_order_a_minute_more_than_a_day_later_is_no_duplicate(store: Database) -> None:
    bring_in(store, row("600001"), row("600002", at="2010-12-09 10:01:00"))
    assert holds(store) == []


def test_a_duplicate_that_turns_out_to_have_more_lines_is_free_again(store: Database) -> None:
    bring_in(store, row("600001"), row("600002"), name="one.csv")
    assert holds(store) == [("600002", "duplicate", None)]
    bring_in(store, row("600002", item="22423"), name="two.csv")
    assert holds(store) == []


def test_an_order_that_becomes_alike_by_a_later_file_is_held(store: Database) -> None:
    bring_in(store, row("600001"), row("600002"), row("600002", item="22423"), name="one.csv")
    assert holds(store) == []
    bring_in(store, row("600001", item="22423"), name="two.csv")
    assert holds(store) == [("600002", "duplicate", None)]


def test_a_cancelled_order_is_nobodys_duplicate_and_holds_nothing(store: Database) -> None:
    bring_in(store, row("600001"), row("600002", at="2010-12-08 11:00:00"), name="one.csv")
    assert holds(store) == [("600002", "duplicate", None)]
    bring_in(store, row("C600009", quantity="-6", at="2010-12-08 12:00:00"), name="back.csv")
    assert holds(store) == []
    assert query(store, select(orders.c.status).order_by(orders.c.order_id)) == [("open",), ("cancelled",)]


def test_a_person_releases_a_hold_and_it_stays_released(store: Database) -> None:
    bring_in(store, row("600001"), row("600002"), name="one.csv")
    with store.write(SITE) as work:
        release_hold(work, "600002", "duplicate", "Ruth Adeyemi")
    assert holds(store) == [("600002", "duplicate", "Ruth Adeyemi")]
    bring_in(store, row("600003", quantity="1"), name="two.csv")
    assert holds(store) == [("600002", "duplicate", "Ruth Adeyemi")]


def test_a_released_hold_is_raised_again_when_it_says_something_else(store: Database) -> None:
    bring_in(store, row(item="90001"), name="one.csv")
    with store.write(SITE) as work:
        release_hold(work, "600001", "item-unknown", "Ruth Adeyemi")
    bring_in(store, row(item="90002"), name="two.csv")
    assert holds(store) == [("600001", "item-unknown", None)]


def test_an_order_goes_on_only_when_its_last_hold_is_released(store: Database) -> None:
    bring_in(store, row("600001", item="90001"), row("600002", item="90001"))
    with store.write(SITE) as work:
        release_hold(work, "600002", "duplicate", "Ruth Adeyemi")
    assert query(store, select(orders.c.status).where(orders.c.order_ref == "600002")) == [("held",)]
    with store.write(SITE) as work:
        release_hold(work, "600002", "item-unknown", "Ruth Adeyemi")
    assert query(store, select(orders.c.status).where(orders.c.order_ref == "600002")) == [("open",)]


@pytest.mark.parametrize(
    ("ref", "reason", "said"),
    [
        ("600009", "duplicate", "There is no order 600009"),
        ("600001", "duplicate", "no open hold 'duplicate'. Open are: none"),
        ("600002", "no-price", "no open hold 'no-price'. Open are: duplicate"),
    ],
)
def test_a_hold_that_is_not_there_cannot_be_released(store: Database, ref: str, reason: str, said: str) -> None:
    bring_in(store, row("600001"), row("600002"))
    with pytest.raises(HoldRefused) as caught, store.write(SITE) as work:
        release_hold(work, ref, reason, "Ruth Adeyemi")
    assert said in str(caught.value)
    assert holds(store) == [("600002", "duplicate", None)]


def test_pack_stations_are_told_when_an_order_with_a_waiting_tote_is_held_or_freed(store: Database) -> None:
    bring_in(store, row("600001"), row("600002"), row("600002", item="22423"), name="one.csv")
    with store.write(SITE) as work:
        work.conn.execute(update(tote).where(tote.c.tote == "T-000007").values(status="to_pack", order_id=2))

    def told() -> list[tuple[int, str, str]]:
        return [
            (n, key, audience)
            for n, key, audience in query(
                store, select(feed.c.n, feed.c.key, feed.c.audience).where(feed.c.kind == "packing")
            )
        ]

    assert told() == []
    bring_in(store, row("600001", item="22423"), name="two.csv")
    [(held_at, key, audience)] = told()
    assert (key, audience) == ("T-000007", "pack")
    with store.write(SITE) as work:
        release_hold(work, "600002", "duplicate", "Ruth Adeyemi")
    [(freed_at, _, _)] = told()
    assert freed_at > held_at


SHOP = """
name = "shop"
addresses = true
[columns]
ref = "ref"
item = "item"
quantity = "quantity"
ship_name = "name"
ship_lines = ["street"]
ship_postcode = "postcode"
ship_city = "city"
ship_country = "country"
[service]
default = "NEXTDAY"
"""


def test_an_address_that_is_not_fit_for_a_label_holds_the_order(store: Database) -> None:
    header = b"ref,item,quantity,name,street,postcode,city,country\n"
    rows = b"1,22720,1,Ann Ox,1 High St,OX1 3AW,Oxford,GB\n2,22720,1,,1 High St,OX1,Oxford,GB\n"
    [report] = import_files(store, SITE, parse_profile(SHOP, "shop"), [("shop.csv", header + rows)])
    assert isinstance(report, ImportReport)
    [held] = report.orders_held
    assert (held.ref, held.reason) == ("2", "address")
    assert "a name is missing; 'OX1' is no postcode of GB such as SW1A 1AA" in held.text
    assert holds(store) == [("2", "address", None)]


@pytest.mark.parametrize(
    ("country", "postcode", "good"),
    [
        ("United Kingdom", "SW1A 1AA", True),
        ("GB", "m11ae", True),
        ("GB", "GIR 0AA", True),
        ("GB", "12345", False),
        ("GB", "", False),
        ("US", "90210", True),
        ("USA", "90210-1234", True),
        ("US", "9021", False),
        ("US", "90210 1234", False),
        ("Germany", "01067", True),
        ("DE", "1067", False),
        ("DE", "D-01067", False),
        ("EIRE", "", True),
        ("France", "anything", True),
    ],
)
def test_postcodes_have_the_form_of_their_country(country: str, postcode: str, good: bool) -> None:
    order = OrderFacts(
        order_id=OrderId(1),
        ref="1",
        source="shop",
        customer=None,
        ordered_at=None,
        cancelled=False,
        ship_name="Ann Ox",
        ship_lines=("1 High St",),
        ship_postcode=postcode,
        ship_city="Oxford",
        ship_country=country,
        demand=(),
    )
    assert (address_faults(order) == []) is good


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2010-12-08T16:29:00+00:00", "Europe/London", "2010-12-08T16:30:00+00:00"),
        ("2010-12-08T16:30:00+00:00", "Europe/London", "2010-12-08T16:30:00+00:00"),
        ("2010-12-08T16:30:01+00:00", "Europe/London", "2010-12-09T16:30:00+00:00"),
        ("2010-07-08T15:45:00+00:00", "Europe/London", "2010-07-09T15:30:00+00:00"),
        ("2010-12-31T23:30:00+00:00", "Europe/Berlin", "2011-01-01T15:30:00+00:00"),
        # The clocks change in the night between: the cut-off keeps its local time of day.
        ("2010-10-30T16:00:00+00:00", "Europe/London", "2010-10-31T16:30:00+00:00"),
    ],
)
def test_an_order_makes_the_next_cut_off_of_its_service(moment: str, zone: str, expected: str) -> None:
    cut_off = cut_off_of(datetime.fromisoformat(moment), "16:30", ZoneInfo(zone))
    assert cut_off.astimezone(UTC) == datetime.fromisoformat(expected)


def test_orders_get_the_service_of_their_country_and_its_cut_off(store: Database) -> None:
    bring_in(
        store,
        row("600001", at="2010-12-08 16:31:00"),
        row("600002", country="Germany", customer="12662.0"),
        row("600003", country="Japan", customer="12753.0"),
    )
    assert query(store, select(orders.c.service, orders.c.cut_off).order_by(orders.c.order_id)) == [
        ("NEXTDAY", datetime(2010, 12, 9, 16, 30, tzinfo=UTC)),
        ("EUROPE", datetime(2010, 12, 8, 15, 0, tzinfo=UTC)),
        ("WORLD", datetime(2010, 12, 8, 14, 0, tzinfo=UTC)),
    ]


def test_a_hold_tells_when_it_was_raised_and_released(store: Database) -> None:
    bring_in(store, row(item="90001"))
    add_items(store, "90001")
    assert query(store, select(order_hold.c.raised_at, order_hold.c.released_at)) == [(NOW, NOW)]
