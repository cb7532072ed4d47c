"""Reserved orders become lists of every way of picking, by the site's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.record.facts import ClaimedList
from sync.record.ids import OrderId, PickListId
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.explaining import not_released
from sync.store.orders.holding import hold_order
from sync.store.orders.releasing import ReleaseReport, release
from sync.store.site_files.files import SiteFile
from sync.store.site_files.setting import set_file
from tests.store.small_floor import Floor
from tests.store.small_site import CUT_OFF, SITE, SmallSite, small_site

BATCH = '[[rule]]\nname = "small"\nway = "batch"\ncart = "cart-12"\nwhen = { lines_max = 3 }\n'
BULK = '[[rule]]\nname = "single"\nway = "bulk"\nwhen = { lines_max = 1 }\n'
WALL = '[[wall]]\nname = "1"\nlocation = "SORT01"\nrows = 2\ncolumns = 3\n'
PASS = '[[rule]]\nname = "zones"\nway = "zone_pass"\n'
PARALLEL = '[[rule]]\nname = "zones"\nway = "zone_parallel"\n'


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        stock_zones(made)
        yield made


def stock_zones(site: SmallSite) -> None:
    site.stock("A1", "MUG", 50, position=10)
    site.stock("A2", "LAMP", 50, position=20)
    site.stock("B1", "TEA", 50, position=30, zone_id="B")
    site.stock("C1", "PEN", 50, position=40, zone_id="C")
    site.location("SORT01", 90, kind="staging")
    with site.write() as work:
        set_file(work, SiteFile.WALLS, WALL, by="Ruth")


def rules(site: SmallSite, text: str) -> None:
    with site.write() as work:
        set_file(work, SiteFile.WAVES, text, by="Ruth")


def release_all(site: SmallSite, limit: int | None = None) -> ReleaseReport:
    with site.write() as work:
        allocate(work)
        report = release(work, limit=limit)
    assert site.differences() == []
    return report


def lists(site: SmallSite, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in columns) for row in site.rows(t.pick_list)]


def test_without_rules_of_its_own_a_site_picks_piece_by_piece(site: SmallSite) -> None:
    site.order("O-1", [("MUG", 1), ("TEA", 1)])
    (decision,) = release_all(site).decisions
    assert (decision.order_ref, str(decision.way), decision.lists) == ("O-1", "piece", (1,))
    assert decision.why == "rule 'piece by piece': fits every order"


def test_a_batch_is_one_list_of_several_orders_each_with_its_place_on_the_cart(site: SmallSite) -> None:
    rules(site, BATCH)
    first = site.order("O-1", [("MUG", 2), ("TEA", 1)])
    second = site.order("O-2", [("MUG", 1)], priority=1)
    report = release_all(site)
    assert lists(site, "list_id", "kind", "order_id", "cart", "priority", "line_count", "piece_count", "status") == [
        (1, "batch", None, "cart-12", 1, 3, 4, "open")
    ]
    assert [(row["order_id"], row["position"], row["totes"]) for row in site.rows(t.list_order)] == [
        (first, 2, []),
        (second, 1, []),
    ]
    assert {(row["order_id"], row["location"], row["asked"]) for row in site.rows(t.pick_line)} == {
        (first, "A1", 2),
        (second, "A1", 1),
        (first, "B1", 1),
    }
    assert site.audiences("list_order") == {f"1.{first}": "-", f"1.{second}": "-"}
    assert [(one.order_ref, one.lists, one.position) for one in report.decisions] == [
        ("O-2", (1,), 1),
        ("O-1", (1,), 2),
    ]


def test_orders_of_one_line_become_a_batch_for_the_wall(site: SmallSite) -> None:
    rules(site, BULK)
    for ref in ("O-1", "O-2", "O-3"):
        site.order(ref, [("MUG", 2)])
    release_all(site)
    assert lists(site, "kind", "order_id", "batch_id", "line_count", "piece_count") == [("bulk", None, 1, 3, 6)]
    (batch,) = site.rows(t.batch)
    assert (batch["status"], batch["wall"], batch["closed_at"]) == ("picking", None, None)
    assert site.rows(t.list_order) == []


def test_pick_and_pass_opens_the_first_zone_and_lets_the_others_wait_for_the_tote(site: SmallSite) -> None:
    rules(site, PASS)
    order_id = site.order("O-1", [("PEN", 1), ("MUG", 2), ("TEA", 1)])
    site.order("O-2", [("TEA", 3)])
    release_all(site)
    assert lists(site, "kind", "order_id", "zone_id", "trip_id", "leg", "status", "piece_count") == [
        ("zone_pass", order_id, "A", 1, 0, "open", 2),
        ("zone_pass", order_id, "B", 1, 1, "waiting", 1),
        ("zone_pass", order_id, "C", 1, 2, "waiting", 1),
        ("piece", order_id + 1, "B", None, 0, "open", 3),
    ]
    assert site.rows(t.trip) == [{"trip_id": 1, "order_id": order_id, "place": None}]


def test_in_parallel_all_zones_begin_at_once(site: SmallSite) -> None:
    rules(site, PARALLEL)
    site.order("O-1", [("PEN", 1), ("MUG", 2)])
    release_all(site)
    assert lists(site, "kind", "zone_id", "status") == [("zone_parallel", "A", "open"), ("zone_parallel", "C", "open")]


def test_a_full_zone_takes_the_most_urgent_and_the_rest_with_a_later_release(site: SmallSite) -> None:
    rules(site, "[open_lines_max]\nA = 2\n")
    for ref in ("O-1", "O-2", "O-3"):
        site.order(ref, [("MUG", 1)], priority=9 - int(ref[-1]))
    other = site.order("O-4", [("TEA", 1)], priority=9)
    report = release_all(site)
    assert [(one.order_ref, one.way is None) for one in report.decisions] == [
        ("O-3", False),
        ("O-2", False),
        ("O-1", True),
        ("O-4", False),
    ]
    assert report.decisions[2].why == "it waits for room in zone A (2 lines open, at most 2)"
    assert {row["order_id"] for row in site.rows(t.pick_list)} == {other, other - 1, other - 2}
    floor = Floor(site)
    floor.claim(1, "T-1")
    floor.pick(1, 1)
    assert [one.order_ref for one in release_all(site).decisions if one.way is not None] == ["O-1"]


def test_the_limit_is_of_orders_and_those_behind_it_are_named(site: SmallSite) -> None:
    for ref in ("O-1", "O-2", "O-3"):
        site.order(ref, [("MUG", 1)], priority=int(ref[-1]))
    report = release_all(site, limit=1)
    assert report.orders == 1
    assert [one.way is None for one in report.decisions] == [False, True, True]
    assert "limit" in report.decisions[1].why


def test_what_waits_for_stock_or_is_on_hold_says_so(site: SmallSite) -> None:
    site.order("O-1", [("MUG", 60), ("TEA", 1)])
    site.order("O-2", [("NONE", 3)])
    site.order("O-3", [("TEA", 1)])
    with site.write() as work:
        hold_order(work, "O-3", reason="wants to talk", by="Ruth")
    release_all(site)
    with site.database.read() as conn:
        waits = [(one.order_ref, one.why) for one in not_released(conn, SITE)]
    assert waits == [
        ("O-1", "10 of MUG wait for stock"),
        ("O-2", "3 of NONE wait for stock"),
        ("O-3", "on hold, by-hand: wants to talk (held by Ruth)"),
    ]


@pytest.mark.parametrize("text", [BATCH, BULK, PASS, PARALLEL])
def test_a_cancelled_order_leaves_its_lists_and_the_others_on_them_stay(site: SmallSite, text: str) -> None:
    rules(site, text)
    gone = site.order("O-1", [("MUG", 2)])
    stays = site.order("O-2", [("MUG", 1)])
    release_all(site)
    before = len(site.rows(t.pick_list, status="open"))
    with site.write() as work:
        done = cancel_order(work, "O-1", by="Ruth")
    assert done.pieces == 2
    assert site.differences() == []
    asked = {row["order_id"]: row["asked"] for row in site.rows(t.pick_line)}
    assert asked == {gone: 0, stays: 1}
    alone = len({row["list_id"] for row in site.rows(t.pick_line)}) == 2
    assert len(site.rows(t.pick_list, status="open")) == before - alone
    assert site.allocated_at("A1") == 1


def test_a_cancelled_trip_ends_in_all_its_zones(site: SmallSite) -> None:
    rules(site, PASS)
    site.order("O-1", [("PEN", 1), ("MUG", 2)])
    release_all(site)
    with site.write() as work:
        done = cancel_order(work, "O-1", by="Ruth")
    assert sorted(done.lists_ended) == [1, 2]
    assert site.total(t.stock, "allocated") == 0
    assert site.differences() == []


def test_a_held_order_leaves_a_batch_that_nobody_has_begun(site: SmallSite) -> None:
    rules(site, BATCH)
    held = site.order("O-1", [("MUG", 2), ("TEA", 1)])
    other = site.order("O-2", [("MUG", 1)])
    release_all(site)
    with site.write() as work:
        done = hold_order(work, "O-1", reason="wait", by="Ruth")
    assert (done.pieces_freed, done.lists_ended) == (3, ())
    assert {(row["order_id"], row["asked"]) for row in site.rows(t.pick_line)} == {(held, 0), (other, 1)}
    assert lists(site, "status", "line_count", "piece_count") == [("open", 1, 1)]
    assert site.differences() == []


def test_a_batch_for_the_wall_is_closed_when_all_its_orders_are_cancelled(site: SmallSite) -> None:
    rules(site, BULK)
    for ref in ("O-1", "O-2"):
        site.order(ref, [("MUG", 2)])
    release_all(site)
    for ref in ("O-1", "O-2"):
        with site.write() as work:
            cancel_order(work, ref, by="Ruth")
    assert [row["status"] for row in site.rows(t.batch)] == ["closed"]
    assert lists(site, "status") == [("cancelled",)]
    assert site.differences() == []


@pytest.mark.parametrize("text", [BATCH, BULK])
def test_what_is_short_on_a_shared_walk_is_looked_for_elsewhere_for_its_own_order(site: SmallSite, text: str) -> None:
    rules(site, text)
    first = site.order("O-1", [("MUG", 2)])
    second = site.order("O-2", [("MUG", 3)])
    release_all(site)
    site.stock("A9", "MUG", 4, position=25)
    line = next(row for row in site.rows(t.pick_line) if row["order_id"] == first)
    floor = Floor(site)
    floor.happened(ClaimedList(list_id=PickListId(1)))
    floor.short(line["line_id"], 2)
    assert {
        (row["order_id"], row["location"], row["list_id"], row["asked"], row["shorted"])
        for row in site.rows(t.pick_line)
    } == {
        (first, "A1", 1, 2, 2),
        (second, "A1", 1, 3, 0),
        (first, "A9", 1, 2, 0),
    }
    assert site.differences() == []


MIXED = BULK + BATCH + PASS
WANTED = st.lists(st.tuples(st.sampled_from(["MUG", "LAMP", "TEA", "PEN"]), st.integers(1, 30)), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(WANTED, min_size=1, max_size=12),
    limit=st.none() | st.integers(1, 12),
    most=st.none() | st.integers(1, 6),
    hours=st.lists(st.integers(0, 2), min_size=12, max_size=12),
)
def test_a_release_loses_no_reservation_and_every_order_is_on_lists_or_explained(
    site: SmallSite,
    wanted: list[list[tuple[str, int]]],
    limit: int | None,
    most: int | None,
    hours: list[int],
) -> None:
    clear(site)
    rules(site, MIXED + ("" if most is None else f"[open_lines_max]\nA = {most}\n"))
    ids = [site.order(f"O-{n}", lines, cut_off=CUT_OFF + timedelta(hours=hours[n])) for n, lines in enumerate(wanted)]
    with site.write() as work:
        reserved = allocate(work).pieces_reserved
        report = release(work, limit=limit)
    on_allocations = site.total(t.allocation, "quantity")
    assert report.pieces + on_allocations == reserved == site.total(t.pick_line, "asked") + on_allocations
    assert site.differences() == []
    with site.database.read() as conn:
        explained = {one.order_id for one in not_released(conn, SITE)}
    stays = {one.order_id for one in report.decisions if one.way is None}
    on_lists = {OrderId(row["order_id"]) for row in site.rows(t.pick_line)}
    assert on_lists | explained | stays == set(ids)
    assert {one.order_id for one in report.decisions if one.way is not None} == on_lists
    assert all(one.why for one in report.decisions)


def clear(site: SmallSite) -> None:
    """Nothing is ordered, reserved or on the floor."""
    tables = (t.order_line, t.orders, t.allocation, t.pick_line, t.pick_list, t.list_order, t.trip, t.batch)
    with site.write() as work:
        for table in tables:
            work.conn.execute(table.delete())
        work.conn.execute(t.stock.update().values(allocated=0))
