"""The report: where orders, lines and pieces stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from sync.record.facts import ReportedEmpty
from sync.record.ids import LocationCode, OrderId
from sync.store import tables as t
from sync.store.leading.reporting import Report, report
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.orders.shipping import ship
from sync.store.planning.standing import OrderState
from sync.store.unit_of_work import UnitOfWork
from tests.store.small_floor import Floor, sscc
from tests.store.small_site import NOW, SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


def report_of(site: SmallSite) -> Report:
    with site.database.read() as conn:
        return report(conn, SITE)


def only(counts: dict[str, int]) -> dict[str, int]:
    """The counts that are not 0."""
    return {name: count for name, count in counts.items() if count}


def test_an_order_is_reported_at_each_stage_from_open_to_shipped(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9)
    site.order("536365", [("MUG", 4)])
    floor = Floor(site)

    def reserve() -> None:
        with site.write() as work:
            allocate(work)

    def to_the_floor() -> None:
        with site.write() as work:
            release(work)

    def leave() -> None:
        with site.write() as work:
            ship(work)

    def nothing() -> None:
        return

    stages: list[tuple[Callable[[], Any], str, dict[str, int]]] = [
        (nothing, "open", {"open": 4}),
        (reserve, "allocated", {"allocated": 4}),
        (to_the_floor, "released", {"released": 4}),
        (lambda: floor.claim(1, "T-000001"), "picking", {"released": 4}),
        (lambda: floor.pick(1, 1), "picking", {"released": 3, "in_tote": 1}),
        (lambda: floor.pick(1, 3), "picking", {"in_tote": 4}),
        (lambda: floor.hand_over(1), "to_pack", {"in_tote": 4}),
        (lambda: floor.pack("T-000001", sscc(1)), "packed", {"packed": 4}),
        (leave, "shipped", {"shipped": 4}),
    ]
    for happens, state, pieces in stages:
        happens()
        now = report_of(site)
        assert (only(now.orders), only(now.pieces)) == ({state: 1}, pieces)
        assert site.differences() == []


def test_an_order_stands_where_its_last_piece_stands(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9)
    site.order("536365", [("MUG", 4), ("LAMP", 2)])
    with site.write() as work:
        allocate(work)
        release(work)
    now = report_of(site)
    assert only(now.orders) == {"back_ordered": 1}
    assert only(now.lines) == {"released": 1, "back_ordered": 1}
    assert only(now.pieces) == {"released": 4, "back_ordered": 2}


def test_what_was_taken_from_a_withdrawn_location_is_back_ordered_again(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9)
    site.order("536365", [("MUG", 4)])
    with site.write() as work:
        allocate(work)
        release(work)
    Floor(site).happened(ReportedEmpty(location=LocationCode("A1")))
    now = report_of(site)
    assert only(now.orders) == {"back_ordered": 1}
    assert only(now.pieces) == {"back_ordered": 4}
    assert only(now.lists) == {"cancelled": 1}
    assert now.discrepancies_open == {"empty": 1}


def test_stock_in_a_blocked_location_does_not_make_an_order_deliverable(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9, blocked="frozen")
    site.order("536365", [("MUG", 4)])
    assert only(report_of(site).orders) == {"back_ordered": 1}


def test_held_and_cancelled_orders_are_told_apart(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9)
    site.order("held", [("MUG", 4)], status="held")
    cancelled = site.order("cancelled", [("MUG", 3)], status="cancelled")
    taken_back = site.order("taken back", [("MUG", 2)])
    for order_id, pieces in ((cancelled, 3), (taken_back, 2)):
        site.change(t.order_line, {"cancelled": pieces}, order_id=OrderId(order_id))
    now = report_of(site)
    assert only(now.orders) == {"held": 1, "cancelled": 2}
    assert only(now.pieces) == {"on_hold": 4, "cancelled": 5}


def test_every_state_has_its_key_and_the_report_is_json(site: SmallSite) -> None:
    now = report_of(site)
    assert set(now.orders) == set(now.lines) == {state.value for state in OrderState}
    assert set(now.lists) == {"waiting", "open", "held", "handed_over", "cancelled"}
    assert set(now.totes) == {"empty", "picking", "passed", "consolidating", "to_sort", "to_pack"}
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(now)), Report) == now


def import_a_file(work: UnitOfWork) -> None:
    file = {"import_id": 1, "sha256": "00", "name": "day.csv", "profile": "online-retail", "row_count": 3}
    work.insert(t.import_file, [{**file, "imported_at": NOW}])
    row = {"import_id": 1, "ref": "536365", "row_hash": "", "reason": "", "target": None}
    outcomes = ("order_line", "refused", "order_line")
    work.insert(
        t.import_row, [{**row, "row_no": number, "outcome": outcome} for number, outcome in enumerate(outcomes, 1)]
    )


def test_files_totes_cartons_and_labels_are_counted(site: SmallSite) -> None:
    site.stock("A1", "MUG", 9)
    for number in range(3):
        site.order(f"order-{number}", [("MUG", 1)])
    lost_label = {"sscc": sscc(9), "sent": 1, "proven_at": None, "last_outcome": "lost", "printer": "ZP-1"}
    with site.write() as work:
        allocate(work)
        release(work)
        import_a_file(work)
        work.insert(t.label, [lost_label])
    floor = Floor(site)
    for list_id in (1, 2, 3):
        floor.claim(list_id, f"T-00000{list_id}")
        floor.pick(list_id, 1)
        floor.hand_over(list_id)
    for number in (1, 2):
        floor.pack(f"T-00000{number}", sscc(number))
        if number == 1:
            with site.write() as work:
                ship(work)
    now = report_of(site)
    (imported,) = now.imports
    assert (imported.name, imported.rows, imported.outcomes) == ("day.csv", 3, {"order_line": 2, "refused": 1})
    assert {status: count for status, count in now.totes.items() if count} == {"empty": 2, "to_pack": 1}
    assert (now.cartons_closed, now.cartons_shipped) == (1, 1)
    assert (now.labels_proven, now.labels_unproven) == (2, 1)
