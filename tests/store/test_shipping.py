"""Closed cartons leave with their carrier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import VerdictKind
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.orders.shipping import ship
from tests.store.small_floor import Floor, sscc
from tests.store.small_site import NOW, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Two packed orders of different services, each in a closed carton."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 20, position=10)
        made.stock("A2", "TEA", 5, position=20, lot="L1")
        made.stock("A2", "TEA", 5, position=20, lot="L2")
        made.order("536365", [("MUG", 4), ("TEA", 7)], service="NEXTDAY")
        made.order("536366", [("MUG", 3)], service="WORLD")
        with made.write() as work:
            allocate(work)
            release(work)
        floor = Floor(made)
        for list_id, (tote, order_lines) in enumerate([("T-000001", (1, 2, 3)), ("T-000002", (4,))], start=1):
            floor.claim(list_id, tote)
            for line_id in order_lines:
                (line,) = made.rows(t.pick_line, line_id=line_id)
                floor.pick(line_id, line["asked"])
            floor.hand_over(list_id)
            assert floor.pack(tote, sscc(list_id))[-1].kind is VerdictKind.ACCEPTED
        yield made


def test_cartons_of_one_service_leave_and_the_others_stay(site: SmallSite) -> None:
    with site.write() as work:
        report = ship(work, "NEXTDAY")
    assert (report.cartons, report.orders, report.pieces, report.kept_back) == (1, 1, 11, ())
    assert [row["shipped_at"] for row in site.rows(t.carton)] == [NOW, None]
    assert [line["shipped"] for line in site.rows(t.order_line)] == [4, 7, 0]
    moves = site.rows(t.stock_move, cause=f"ship:{sscc(1)}")
    assert sorted(
        (move["item_id"], move["lot"], move["quantity"], move["source"], move["target"]) for move in moves
    ) == [
        ("MUG", "", 4, f"carton:{sscc(1)}", "outside"),
        ("TEA", "L1", 5, f"carton:{sscc(1)}", "outside"),
        ("TEA", "L2", 2, f"carton:{sscc(1)}", "outside"),
    ]
    assert site.differences() == []


def test_without_a_service_everything_leaves_and_only_once(site: SmallSite) -> None:
    with site.write() as work:
        assert ship(work).cartons == 2
    with site.write() as work:
        again = ship(work)
    assert (again.cartons, again.orders, again.pieces) == (0, 0, 0)
    assert [line["shipped"] for line in site.rows(t.order_line)] == [4, 7, 3]
    assert site.differences() == []


def test_serials_leave_with_their_carton(site: SmallSite) -> None:
    with site.write() as work:
        work.insert(
            t.serial,
            [
                {"item_id": "MUG", "serial": str(number), "lot": "", "place": f"carton:{sscc(number)}"}
                for number in (1, 2)
            ],
        )
        ship(work, "NEXTDAY")
    assert [row["place"] for row in site.rows(t.serial)] == ["outside", f"carton:{sscc(2)}"]


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_a_carton_whose_order_was_stopped_after_packing_stays_and_is_named(site: SmallSite, status: str) -> None:
    site.change(t.orders, {"status": status}, order_ref="536366")
    with site.write() as work:
        report = ship(work)
    assert (report.cartons, report.kept_back) == (1, (sscc(2),))
    assert [row["shipped_at"] for row in site.rows(t.carton)] == [NOW, None]
    assert site.differences() == []
