"""Reserved orders become pick lists on the floor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from sync.record.ids import OrderId
from sync.store import tables as t
from sync.store.database import Database
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import ReleaseReport, release
from tests.store.small_site import CUT_OFF, SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


def release_all(site: SmallSite, order_ids: list[OrderId] | None = None, limit: int | None = None) -> ReleaseReport:
    with site.write() as work:
        allocate(work)
        return release(work, order_ids, limit)


def test_each_reservation_becomes_a_pick_line_in_walking_order(site: SmallSite) -> None:
    site.stock("A3", "MUG", 10, position=30)
    site.stock("A1", "LAMP", 10, position=10)
    site.stock("A2", "TEA", 10, position=20, lot="L1", expiry=date(2011, 6, 1))
    site.stock("A2", "TEA", 10, position=20, lot="L2", expiry=date(2011, 7, 1))
    order_id = site.order("536365", [("MUG", 3), ("TEA", 12), ("LAMP", 1)])
    report = release_all(site)
    lines = site.rows(t.pick_line)
    assert [(line["location"], line["item_id"], line["lot"], line["asked"]) for line in lines] == [
        ("A1", "LAMP", "", 1),
        ("A2", "TEA", "L1", 10),
        ("A2", "TEA", "L2", 2),
        ("A3", "MUG", "", 3),
    ]
    assert [line["lots_here"] for line in lines] == [1, 2, 2, 1]
    assert [line["position"] for line in lines] == [10, 20, 20, 30]
    assert [line["expiry"] for line in lines] == [None, date(2011, 6, 1), date(2011, 7, 1), None]
    assert {(line["list_id"], line["order_id"], line["passes"], line["picked"]) for line in lines} == {
        (1, order_id, 0, 0)
    }
    assert (report.waves, report.orders, report.lists, report.lines, report.pieces) == (1, 1, (1,), 4, 16)


def test_a_released_list_is_open_for_everybody_and_its_lines_are_nobodys(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    order_id = site.order("536365", [("MUG", 3)], priority=2)
    release_all(site)
    (head,) = site.rows(t.pick_list)
    assert head == {
        "list_id": 1,
        "wave_id": 1,
        "kind": "piece",
        "order_id": order_id,
        "status": "open",
        "priority": 2,
        "cut_off": CUT_OFF,
        "terminal_id": None,
        "worker_id": None,
        "token": 1,
        "move_to": None,
        "move_by": None,
        "move_at": None,
        "totes": [],
        "tote_gone": False,
        "line_count": 1,
        "piece_count": 3,
        "zone_id": None,
        "trip_id": None,
        "leg": 0,
        "hurried": False,
        "batch_id": None,
        "cart": None,
    }
    assert site.audiences("pick_list") == {"1": "*"}
    assert site.audiences("pick_line") == {"1": "-"}


def test_what_is_released_stays_reserved(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("536365", [("MUG", 3)])
    release_all(site)
    assert site.allocations() == []
    assert site.allocated_at("A1") == site.line(1)["allocated"] == 3
    assert site.differences() == []


def test_releasing_again_releases_nothing_twice(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("536365", [("MUG", 3)])
    release_all(site)
    report = release_all(site)
    assert (report.waves, report.orders, report.lists, report.lines, report.pieces) == (0, 0, (), 0, 0)
    assert len(site.rows(t.pick_line)) == 1


def test_one_wave_for_each_service_and_cut_off(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    later = CUT_OFF + timedelta(hours=1)
    for ref, service, cut_off in [
        ("1", "NEXTDAY", CUT_OFF),
        ("2", "NEXTDAY", CUT_OFF),
        ("3", "NEXTDAY", later),
        ("4", "WORLD", later),
        ("5", "WORLD", None),
    ]:
        site.order(ref, [("MUG", 1)], service=service, cut_off=cut_off)
    assert release_all(site).waves == 4
    waves = [(wave["service"], wave["cut_off"]) for wave in site.rows(t.wave)]
    assert waves == [("NEXTDAY", CUT_OFF), ("NEXTDAY", later), ("WORLD", later), ("WORLD", None)]
    assert [row["wave_id"] for row in site.rows(t.pick_list)] == [1, 1, 2, 3, 4]


def test_the_most_urgent_orders_go_first_and_a_limit_holds_the_others_back(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("none", [("MUG", 1)], cut_off=None)
    site.order("late", [("MUG", 1)], cut_off=CUT_OFF + timedelta(hours=1), priority=1)
    early = site.order("early", [("MUG", 1)])
    first = site.order("early and urgent", [("MUG", 1)], priority=1)
    report = release_all(site, limit=2)
    assert report.orders == 2
    assert [row["order_id"] for row in site.rows(t.pick_list)] == [first, early]
    assert len(site.allocations()) == 2


def test_only_the_named_orders_go(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    site.order("536365", [("MUG", 1)])
    named = site.order("536366", [("MUG", 1)])
    release_all(site, [named])
    assert [row["order_id"] for row in site.rows(t.pick_list)] == [named]


def test_an_order_that_went_on_hold_after_its_allocation_stays_back(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    order_id = site.order("536365", [("MUG", 3)])
    with site.write() as work:
        allocate(work)
    site.change(t.orders, {"status": "held"}, order_id=order_id)
    with site.write() as work:
        assert release(work).orders == 0
    assert site.allocations() == [(1, "A1", "", 3)]


def test_a_large_order_becomes_several_lists_one_behind_the_other(site: SmallSite) -> None:
    items = [f"ITEM-{number:03}" for number in range(130)]
    for number, item_id in enumerate(items):
        site.stock(f"A{number:03}", item_id, 5, position=1300 - 10 * number)
    site.order("537434", [(item_id, 2) for item_id in items])
    release_all(site)
    assert [(row["line_count"], row["piece_count"]) for row in site.rows(t.pick_list)] == [
        (60, 120),
        (60, 120),
        (10, 20),
    ]
    positions = [line["position"] for line in site.rows(t.pick_line)]
    assert positions == sorted(positions)


def test_lines_that_come_to_a_released_order_later_get_a_list_of_their_own(site: SmallSite) -> None:
    site.stock("A1", "MUG", 3)
    order_id = site.order("536365", [("MUG", 5)])
    release_all(site)
    site.stock("A2", "MUG", 9)
    release_all(site)
    assert [(row["order_id"], row["piece_count"]) for row in site.rows(t.pick_list)] == [(order_id, 3), (order_id, 2)]
    assert site.differences() == []


def test_progress_counts_up_to_the_last_order(site: SmallSite) -> None:
    site.stock("A1", "MUG", 10)
    for number in range(3):
        site.order(str(number), [("MUG", 1)])
    steps: list[tuple[int, int]] = []
    with site.write() as work:
        allocate(work)
        release(work, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(0, 3), (3, 3)]


def test_many_who_release_the_same_orders_at_once_release_them_once(postgres_database: str) -> None:
    with small_site(postgres_database) as site:
        site.stock("A1", "MUG", 500)
        for number in range(40):
            site.order(str(number), [("MUG", 2)])
        with site.write() as work:
            allocate(work)
        start = threading.Barrier(6, timeout=30)

        def everything(_: int) -> ReleaseReport:
            database = Database(postgres_database)
            try:
                start.wait()
                with database.write(SITE) as work:
                    return release(work)
            finally:
                database.close()

        with ThreadPoolExecutor(6) as pool:
            reports = list(pool.map(everything, range(6)))
        assert sorted((one.waves, one.orders, one.pieces) for one in reports) == [(0, 0, 0)] * 5 + [(1, 40, 80)]
        assert site.total(t.pick_line, "asked") == 80
        assert site.differences() == []
