"""A short at the shelf: the missing pieces are looked for elsewhere, and the location leaves the other walks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import ReportedEmpty, ShortReason
from sync.record.ids import LocationCode, OrderId, PickLineId
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.reallocating import reallocate, withdraw_location
from sync.store.orders.releasing import release
from tests.store.small_floor import Floor
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


def released(site: SmallSite, ref: str, wanted: list[tuple[str, int]]) -> OrderId:
    order_id = site.order(ref, wanted)
    with site.write() as work:
        allocate(work, [order_id])
        release(work, [order_id])
    return order_id


def lines_of(site: SmallSite, list_id: int) -> list[tuple[Any, ...]]:
    return [
        (line["line_id"], line["location"], line["asked"], line["passes"])
        for line in site.rows(t.pick_line, list_id=list_id)
    ]


def counts_of(site: SmallSite, list_id: int) -> tuple[int, int]:
    (head,) = site.rows(t.pick_list, list_id=list_id)
    return head["line_count"], head["piece_count"]


def test_missing_pieces_are_found_ahead_and_added_to_the_same_walk(site: SmallSite) -> None:
    site.stock("A1", "MUG", 5, position=10)
    site.stock("A2", "MUG", 9, position=20)
    released(site, "536365", [("MUG", 5)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.pick(1, 2)
    floor.short(1, 3, ShortReason.DAMAGED)
    assert lines_of(site, 1) == [(1, "A1", 5, 0), (2, "A2", 3, 0)]
    assert counts_of(site, 1) == (2, 8)
    assert (site.allocated_at("A1"), site.allocated_at("A2")) == (0, 3)
    line = site.line(1)
    assert (line["allocated"], line["picked"], line["short"]) == (3, 2, 0)
    assert site.audiences("pick_line")["2"] == "t:HH-07"
    assert site.differences() == []


def test_a_location_behind_the_walk_is_visited_after_everything_else(site: SmallSite) -> None:
    site.stock("A1", "MUG", 4, position=10)
    site.stock("A2", "LAMP", 9, position=20)
    site.stock("A3", "MUG", 5, position=30)
    site.stock("A4", "TEA", 9, position=40)
    released(site, "536365", [("LAMP", 1), ("MUG", 5), ("TEA", 1)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.pick(1, 1)
    floor.short(2, 4)
    assert lines_of(site, 1) == [(1, "A2", 1, 0), (2, "A3", 5, 0), (3, "A4", 1, 0), (4, "A1", 4, 1)]


def test_what_is_found_nowhere_is_short_and_stays_short_when_stock_comes(site: SmallSite) -> None:
    site.stock("A1", "MUG", 5, position=10)
    site.stock("A2", "MUG", 1, position=20)
    released(site, "536365", [("MUG", 5)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.short(1, 5)
    assert lines_of(site, 1) == [(1, "A1", 5, 0), (2, "A2", 1, 0)]
    assert (site.line(1)["short"], site.line(1)["allocated"]) == (4, 1)
    site.stock("A3", "MUG", 50)
    with site.write() as work:
        assert allocate(work).pieces_wanted == 0
    assert site.differences() == []


def test_the_location_of_the_short_is_not_offered_again(site: SmallSite) -> None:
    site.stock("A1", "MUG", 50)
    released(site, "536365", [("MUG", 5)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.short(1, 5, ShortReason.DAMAGED)
    assert lines_of(site, 1) == [(1, "A1", 5, 0)]
    assert site.line(1)["short"] == 5


def test_blocked_and_reserved_stock_is_not_offered(site: SmallSite) -> None:
    site.stock("A1", "MUG", 5, position=10)
    site.stock("A2", "MUG", 5, position=20)
    site.stock("A3", "MUG", 5, position=30, blocked="frozen")
    released(site, "536365", [("MUG", 5)])
    released(site, "536366", [("MUG", 4)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.short(1, 5, ShortReason.DAMAGED)
    assert lines_of(site, 1) == [(1, "A1", 5, 0), (3, "A2", 1, 0)]
    assert site.line(1)["short"] == 4


def test_a_cut_is_not_looked_for(site: SmallSite) -> None:
    site.stock("A1", "MUG", 5)
    site.stock("A2", "MUG", 5)
    released(site, "536365", [("MUG", 5)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.short(1, 5, ShortReason.CUT)
    assert len(site.rows(t.pick_line)) == 1
    assert (site.line(1)["cut"], site.line(1)["short"]) == (5, 0)
    assert site.differences() == []


@pytest.mark.parametrize("what", ["order held", "list handed over"])
def test_where_nobody_walks_any_more_the_demand_is_open_again(site: SmallSite, what: str) -> None:
    site.stock("A1", "MUG", 5)
    site.stock("A2", "MUG", 9)
    order_id = released(site, "536365", [("MUG", 5)])
    if what == "order held":
        site.change(t.orders, {"status": "held"}, order_id=order_id)
    else:
        site.change(t.pick_list, {"status": "handed_over"}, list_id=1)
    Floor(site).short(1, 5)
    assert len(site.rows(t.pick_line)) == 1
    assert (site.line(1)["short"], site.line(1)["allocated"]) == (0, 0)
    site.change(t.orders, {"status": "open"}, order_id=order_id)
    with site.write() as work:
        assert allocate(work).pieces_reserved == 5


def test_a_pick_line_that_does_not_exist_is_named(site: SmallSite) -> None:
    with pytest.raises(LookupError, match="no pick line 77"), site.write() as work:
        reallocate(work, PickLineId(77), 1)


def test_a_location_reported_empty_leaves_the_other_walks_at_once(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20, position=10)
    for ref in ("536365", "536366", "536367"):
        released(site, ref, [("MUG", 4)])
    site.stock("A2", "MUG", 6, position=20)
    site.change(t.pick_list, {"cut_off": None}, list_id=1)  # now the least urgent
    Floor(site).happened(ReportedEmpty(location=LocationCode("A1")))
    assert lines_of(site, 2) == [(2, "A1", 0, 0), (4, "A2", 4, 0)]
    assert lines_of(site, 3) == [(3, "A1", 0, 0), (5, "A2", 2, 0)]
    assert lines_of(site, 1) == [(1, "A1", 0, 0)]
    # Nobody looked for them there: what found no other place is open demand, not short.
    assert [site.line(line)["short"] for line in (1, 2, 3)] == [0, 0, 0]
    assert [site.line(line)["allocated"] for line in (1, 2, 3)] == [0, 4, 2]
    assert [counts_of(site, one) for one in (1, 2, 3)] == [(0, 0), (1, 4), (1, 2)]
    assert (site.allocated_at("A1"), site.allocated_at("A2")) == (0, 6)
    assert site.differences() == []


def test_an_open_list_that_has_nothing_left_to_pick_is_cancelled(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20)
    released(site, "536365", [("MUG", 4)])
    Floor(site).happened(ReportedEmpty(location=LocationCode("A1")))
    (head,) = site.rows(t.pick_list)
    assert head["status"] == "cancelled"
    assert site.differences() == []


def test_lines_that_somebody_has_begun_stay_with_their_picker(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20, position=10)
    site.stock("A2", "MUG", 20, position=20)
    released(site, "536365", [("MUG", 4)])
    released(site, "536366", [("MUG", 4)])
    picker = Floor(site, "HH-01")
    picker.claim(1, "T-000001")
    picker.pick(1, 1)
    Floor(site, "HH-02").happened(ReportedEmpty(location=LocationCode("A1")))
    assert lines_of(site, 1) == [(1, "A1", 4, 0)]
    assert lines_of(site, 2) == [(2, "A1", 0, 0), (3, "A2", 4, 0)]
    assert site.differences() == []


def test_the_walk_of_the_picker_who_stands_there_keeps_its_lines(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20, position=10)
    site.stock("A2", "MUG", 20, position=20)
    released(site, "536365", [("MUG", 4), ("MUG", 2)])
    released(site, "536366", [("MUG", 4)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.short(1, 4)
    assert lines_of(site, 1) == [(1, "A1", 4, 0), (2, "A1", 2, 0), (4, "A2", 4, 0)]
    assert lines_of(site, 2) == [(3, "A1", 0, 0), (5, "A2", 4, 0)]


def test_the_holder_of_a_list_is_told_of_withdrawn_and_of_new_lines(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20, position=10)
    site.stock("A2", "MUG", 20, position=20)
    released(site, "536365", [("MUG", 4)])
    released(site, "536366", [("MUG", 4)])
    Floor(site, "HH-01").claim(1, "T-000001")
    before = {row["key"]: row["n"] for row in site.rows(t.feed, kind="pick_list")}
    with site.write() as work:
        new_ids = withdraw_location(work, LocationCode("A1"))
    assert new_ids == [3, 4]
    assert site.audiences("pick_line") == {"1": "t:HH-01", "2": "-", "3": "t:HH-01", "4": "-"}
    assert all(row["n"] > before[row["key"]] for row in site.rows(t.feed, kind="pick_list"))


def test_nothing_lies_behind_a_walk_that_has_not_come_to_the_withdrawn_location_yet(site: SmallSite) -> None:
    site.stock("A1", "LAMP", 9, position=10)
    site.stock("A2", "MUG", 20, position=20)
    site.stock("A3", "MUG", 4, position=30)
    released(site, "536365", [("LAMP", 1), ("MUG", 4)])
    floor = Floor(site)
    floor.claim(1, "T-000001")
    floor.pick(1, 1)
    with site.write() as work:
        withdraw_location(work, LocationCode("A3"))
    assert lines_of(site, 1) == [(1, "A1", 1, 0), (2, "A3", 0, 0), (3, "A2", 4, 0)]


def test_demand_of_a_withdrawn_location_is_served_when_the_next_allocation_finds_stock(site: SmallSite) -> None:
    site.stock("A1", "MUG", 20, position=10)
    released(site, "536365", [("MUG", 4)])
    Floor(site).happened(ReportedEmpty(location=LocationCode("A1")))
    site.stock("A2", "MUG", 6, position=20)
    with site.database.write(SITE) as work:
        assert allocate(work).pieces_reserved == 4
        assert release(work).pieces == 4
    assert site.differences() == []
