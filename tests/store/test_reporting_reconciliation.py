"""The reconciliation adds up after a day's work, and names whatever does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table

from sync.record.facts import PackProblem, PackReported, Picked, ShortReason
from sync.record.ids import ItemId, LocationCode, OrderLineId, PickLineId, ToteCode
from sync.store import tables as t
from sync.store.leading.reconciling import ItemBalance, Reconciliation, reconcile
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.orders.shipping import ship
from tests.store.small_floor import SCANNED, Floor, sscc
from tests.store.small_site import SITE, SmallSite, small_site


def reconciled(site: SmallSite) -> Reconciliation:
    with site.database.read() as conn:
        return reconcile(conn, SITE)


def work_a_day(site: SmallSite) -> None:
    """Six orders, one in each situation: shipped, packed, in a tote, short and cut, on hold, waiting for stock."""
    site.stock("A1", "MUG", 30, position=10)
    site.stock("A2", "TEA", 6, position=20, lot="L1")
    for ref in ("shipped", "packed", "in a tote"):
        site.order(ref, [("MUG", 4)])
    site.order("short", [("TEA", 9), ("MUG", 2)])
    site.order("held", [("MUG", 5)], status="held")
    with site.write() as work:
        allocate(work)
        release(work)
    site.order("waiting", [("LAMP", 7), ("MUG", 1)])
    site.change(t.order_line, {"cancelled": 1}, order_line_id=8)
    floor = Floor(site)
    for list_id in (1, 2, 3):
        floor.claim(list_id, f"T-00000{list_id}")
        floor.pick(list_id, 4)
        floor.hand_over(list_id)
    floor.claim(4, "T-000004")
    floor.pick(4, 1)
    floor.short(4, 1, ShortReason.CUT)
    floor.pick(5, 3)
    floor.short(5, 3)
    for number in (1, 2):
        floor.pack(f"T-00000{number}", sscc(number))
        if number == 1:
            with site.write() as work:
                ship(work)


@pytest.fixture
def day(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        work_a_day(made)
        yield made


def test_every_ordered_piece_and_every_piece_of_stock_is_somewhere(day: SmallSite) -> None:
    result = reconciled(day)
    assert result.differences == []
    assert result.ok
    assert asdict(result.units) == {
        "ordered": 36,
        "cancelled": 1,
        "shipped": 4,
        "packed": 4,
        "in_tote": 4 + 1 + 3,
        "short": 3,
        "cut": 1,
        "on_hold": 5,
        "open": 3 + 7,
    }
    assert result.units.ordered == sum(count for name, count in asdict(result.units).items() if name != "ordered")
    mug, tea = result.items
    assert mug == ItemBalance(
        item_id=ItemId("MUG"),
        came_in=30,
        went_out=4,
        at_locations=30 - 13,
        in_totes=5,
        in_cartons=4,
        to_put_back=0,
        written_off=0,
    )
    assert (tea.came_in, tea.at_locations, tea.in_totes, tea.unexplained) == (6, 3, 3, 0)
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(result)), Reconciliation) == result


def test_surplus_and_missing_pieces_are_accounted_for_apart(day: SmallSite) -> None:
    floor = Floor(day, "HH-09")
    done = PickLineId(3)
    floor.happened(
        Picked(
            line_id=done,
            token=2,
            item_id=ItemId("MUG"),
            location=LocationCode("A1"),
            quantity=2,
            how=SCANNED,
            code="",
        ),
        PackReported(
            tote=ToteCode("T-000003"),
            order_line_id=OrderLineId(3),
            item_id=ItemId("MUG"),
            quantity=1,
            problem=PackProblem.MISSING,
        ),
    )
    result = reconciled(day)
    assert result.differences == []
    assert (result.items[0].to_put_back, result.items[0].written_off) == (2, 1)
    assert result.units.short == 4


FAULTS: dict[str, tuple[Table, dict[str, Any], dict[str, Any], str]] = {
    "picked forgotten": (t.order_line, {"picked": 3}, {"order_line_id": 3}, "order in a tote line 1"),
    "packed doubled": (t.order_line, {"packed": 5}, {"order_line_id": 2}, "its row says 5 packed"),
    "shipped forgotten": (t.order_line, {"shipped": 3}, {"order_line_id": 1}, "its row says 3 shipped"),
    "reserved nowhere": (t.order_line, {"allocated": 2}, {"order_line_id": 4}, "its row says 2 reserved"),
    "more than ordered": (t.order_line, {"short": 9}, {"order_line_id": 4}, "12 are accounted for"),
    "cancelled and open": (t.orders, {"status": "cancelled"}, {"order_ref": "waiting"}, "7 are open"),
    "stock vanishes": (t.stock, {"on_hand": 16}, {"location": "A1"}, "location:A1, item MUG: 16 by the record, 17"),
    "reserved for nobody": (t.stock, {"allocated": 9}, {"location": "A1"}, "9 are marked as reserved"),
    "out of the tote": (t.tote_content, {"quantity": 3}, {"tote": "T-000003"}, "tote:T-000003, item MUG"),
    "carton too full": (t.carton_content, {"quantity": 5}, {"sscc": sscc(2)}, f"carton:{sscc(2)}, item MUG"),
    "move too large": (t.stock_move, {"quantity": 31}, {"cause": "opening", "part": 1}, "item MUG: 31 came in"),
    "move to nowhere": (t.stock_move, {"target": "dock"}, {"cause": "opening", "part": 2}, "dock, item TEA"),
    "move of another item": (t.stock_move, {"item_id": "TEA"}, {"cause": f"ship:{sscc(1)}"}, "item TEA: 6 came in"),
    "left and still here": (t.carton, {"shipped_at": None}, {"sscc": sscc(1)}, "cartons that left say 0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_in_the_books_is_found_and_named(tmp_path: Path, fault: str) -> None:
    table, values, where, named = FAULTS[fault]
    with small_site(f"sqlite:///{tmp_path / 'floorhand.sqlite'}") as site:
        work_a_day(site)
        assert reconciled(site).ok
        site.change(table, values, **where)
        result = reconciled(site)
    assert not result.ok
    assert any(named in difference for difference in result.differences), result.differences
