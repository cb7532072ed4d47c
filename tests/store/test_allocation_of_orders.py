"""Stock is reserved for orders: what, for whom, and never twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from sync.record.ids import LocationCode, OrderId
from sync.store import tables as t
from sync.store.database import Database
from sync.store.orders.allocating import allocate
from sync.store.orders.reallocating import withdraw_location
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


@pytest.fixture
def postgres_site(postgres_database: str) -> Iterator[SmallSite]:
    with small_site(postgres_database) as made:
        yield made


def test_a_reservation_stands_in_the_allocation_the_stock_and_the_order_line(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    order_id = site.order("536365", [("MUG", 4)])
    with site.write() as work:
        report = allocate(work, [order_id])
    assert site.allocations() == [(1, "A1", "", 4)]
    assert site.allocated_at("A1") == 4
    assert site.line(1)["allocated"] == 4
    assert (report.orders, report.lines, report.pieces_wanted, report.pieces_reserved) == (1, 1, 4, 4)
    assert report.back_orders == ()
    assert site.differences() == []


def test_allocating_again_reserves_nothing_twice(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("536365", [("MUG", 4)])
    with site.write() as work:
        allocate(work)
    with site.write() as work:
        report = allocate(work)
    assert site.allocations() == [(1, "A1", "", 4)]
    assert (report.orders, report.pieces_reserved) == (0, 0)


def test_what_no_stock_serves_is_a_back_order_and_is_reserved_when_stock_has_come(site: SmallSite) -> None:
    site.stock("A1", "MUG", 3)
    order_id = site.order("536365", [("MUG", 5)])
    with site.write() as work:
        report = allocate(work)
    (missing,) = report.back_orders
    assert (missing.order_id, missing.order_ref, missing.item_id, missing.quantity) == (order_id, "536365", "MUG", 2)
    site.change(t.stock, {"on_hand": 9}, location="A1")
    with site.write() as work:
        assert allocate(work).back_orders == ()
    assert site.allocations() == [(1, "A1", "", 5)]
    assert site.line(1)["allocated"] == site.allocated_at("A1") == 5


def test_short_cut_cancelled_and_picked_pieces_are_not_wanted_again(site: SmallSite) -> None:
    site.stock("A1", "MUG", 50)
    site.order("536365", [("MUG", 20)])
    site.change(t.order_line, {"short": 1, "cut": 2, "cancelled": 3, "picked": 4}, order_line_id=1)
    with site.write() as work:
        assert allocate(work).pieces_wanted == 10


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_orders_on_hold_and_cancelled_ones_get_nothing(site: SmallSite, status: str) -> None:
    site.stock("A1", "MUG", 10)
    order_id = site.order("536365", [("MUG", 4)], status=status)
    with site.write() as work:
        assert allocate(work, [order_id]).orders == 0
    assert site.allocations() == []


def test_only_the_named_orders_are_served(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("536365", [("MUG", 4)])
    second = site.order("536366", [("MUG", 5)])
    with site.write() as work:
        allocate(work, [second])
    assert site.allocations() == [(2, "A1", "", 5)]


def test_scarce_stock_goes_to_the_most_urgent_order(site: SmallSite) -> None:
    site.stock("A1", "MUG", 4)
    site.order("later", [("MUG", 4)])
    site.order("urgent", [("MUG", 4)], priority=1)
    with site.write() as work:
        report = allocate(work)
    assert site.allocations() == [(2, "A1", "", 4)]
    assert [one.order_ref for one in report.back_orders] == ["later"]


def test_blocked_locations_and_other_kinds_than_pick_and_reserve_give_nothing(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10, blocked="frozen")
    site.stock("P1", "MUG", 10, kind="pack")
    site.stock("S1", "MUG", 10, kind="staging")
    site.stock("R1", "MUG", 2, kind="reserve")
    site.order("536365", [("MUG", 4)])
    with site.write() as work:
        allocate(work)
    assert site.allocations() == [(1, "R1", "", 2)]


def test_expiry_counts_only_for_items_that_are_tracked_by_it(site: SmallSite) -> None:
    site.stock("A1", "TEA", 5, lot="OLD", expiry=date(2010, 11, 30))
    site.stock("A2", "TEA", 5, lot="LATE", expiry=date(2011, 6, 1))
    site.stock("A3", "TEA", 5, lot="SOON", expiry=date(2010, 12, 20))
    site.order("536365", [("TEA", 4)])
    with site.write() as work:
        allocate(work)
    assert site.allocations() == [(1, "A3", "SOON", 4)]
    site.change(t.item, {"expiry_tracked": False}, item_id="TEA")
    site.order("536366", [("TEA", 5)])
    with site.write() as work:
        allocate(work)
    assert site.allocations()[1:] == [(2, "A1", "OLD", 5)]


def test_stock_expires_by_the_days_of_the_site(any_database: str) -> None:
    late_evening_in_london = datetime(2010, 12, 1, 22, 0, tzinfo=UTC)
    with small_site(any_database, now=late_evening_in_london, time_zone="Asia/Tokyo") as site:
        site.stock("A1", "TEA", 5, lot="L1", expiry=date(2010, 12, 1))
        site.order("536365", [("TEA", 4)])
        with site.write() as work:
            allocate(work)
        assert site.allocations() == []


def test_a_withdrawn_location_gives_its_reservations_back(site: SmallSite) -> None:
    site.stock("A1", "MUG", 4)
    site.stock("A2", "MUG", 9)
    site.order("536365", [("MUG", 4)])
    with site.write() as work:
        allocate(work)
    assert site.allocations() == [(1, "A1", "", 4)]
    site.change(t.location, {"blocked": "empty"}, code="A1")
    with site.write() as work:
        withdraw_location(work, LocationCode("A1"))
    assert (site.allocations(), site.allocated_at("A1"), site.line(1)["allocated"]) == ([], 0, 0)
    with site.write() as work:
        allocate(work)
    assert site.allocations() == [(1, "A2", "", 4)]


@contextmanager
def own_connections(url: str, count: int) -> Iterator[list[Database]]:
    """As many stores over one database: they share nothing but what the database keeps."""
    with ExitStack() as opened:
        databases = [Database(url) for _ in range(count)]
        for database in databases:
            opened.callback(database.close)
        yield databases


def compete(databases: list[Database], order_ids: list[OrderId], per_call: int) -> None:
    """As many threads as databases, all at once, each allocating its share of the orders in several transactions."""
    start = threading.Barrier(len(databases), timeout=30)

    def one_by_one(worker: int) -> None:
        mine = order_ids[worker :: len(databases)]
        start.wait()
        for first in range(0, len(mine), per_call):
            with databases[worker].write(SITE) as work:
                allocate(work, mine[first : first + per_call])

    with ThreadPoolExecutor(len(databases)) as pool:
        for done in [pool.submit(one_by_one, worker) for worker in range(len(databases))]:
            done.result(timeout=120)


def scarce_items(site: SmallSite, *, orders: int) -> list[OrderId]:
    """Orders that want more of each of six items than there is, each naming them in another order of lines."""
    chance = Random(8)
    items = [f"ITEM-{number}" for number in range(6)]
    for number, item_id in enumerate(items):
        site.stock(f"A{number}", item_id, 20, position=number)
        site.stock(f"B{number}", item_id, 11, position=100 - number)
    order_ids = [
        site.order(f"order-{number}", [(item_id, chance.randint(1, 3)) for item_id in chance.sample(items, 4)])
        for number in range(orders)
    ]
    assert all(sum(row["ordered"] for row in site.rows(t.order_line, item_id=item)) > 31 for item in items)
    return order_ids


def assert_all_given_out_once(site: SmallSite) -> None:
    given = Counter[str]()
    for _, location, _, quantity in site.allocations():
        given[location] += quantity
    on_hand = {row["location"]: row["on_hand"] for row in site.rows(t.stock)}
    assert given == on_hand
    assert {row["location"]: row["allocated"] for row in site.rows(t.stock)} == on_hand
    assert site.total(t.order_line, "allocated") == given.total()
    assert site.differences() == []


def test_many_at_once_never_reserve_a_piece_twice_and_never_block_each_other_on_postgresql(
    postgres_site: SmallSite,
) -> None:
    order_ids = scarce_items(postgres_site, orders=48)
    with own_connections(postgres_site.database.url, 12) as databases:
        compete(databases, order_ids, per_call=1)
    assert_all_given_out_once(postgres_site)


def test_many_at_once_never_reserve_a_piece_twice_on_sqlite(tmp_path: Path) -> None:
    with small_site(f"sqlite:///{tmp_path / 'floorhand.sqlite'}") as site:
        order_ids = scarce_items(site, orders=48)
        compete([site.database] * 4, order_ids, per_call=1)
        assert_all_given_out_once(site)


def test_the_same_orders_allocated_at_once_are_reserved_once(postgres_site: SmallSite) -> None:
    for number in range(6):
        postgres_site.stock(f"A{number}", f"ITEM-{number}", 1000)
    order_ids = [postgres_site.order(f"order-{n}", [(f"ITEM-{i}", 5) for i in range(6)]) for n in range(4)]
    start = threading.Barrier(8, timeout=30)

    def all_of_them(database: Database) -> int:
        start.wait()
        with database.write(SITE) as work:
            return allocate(work, order_ids).pieces_reserved

    with own_connections(postgres_site.database.url, 8) as databases, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(all_of_them, databases)) == 4 * 6 * 5
    assert postgres_site.total(t.order_line, "allocated") == 4 * 6 * 5
    assert postgres_site.differences() == []
