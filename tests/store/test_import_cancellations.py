"""What is taken back: off an order while nobody on the floor has begun it, else a return notice."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from sync.record.ids import ItemId
from sync.store.database import Database
from sync.store.importers.report import Outcome
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.tables import allocation, location, order_line, orders, pick_list, return_notice, stock
from sync.store.warehouse.catalogue import CatalogueItem
from sync.store.warehouse.demo import demo_warehouse
from tests.store.order_files import SITE, bring_in, open_warehouse, query, row


@pytest.fixture
def store(any_database: str) -> Iterator[Database]:
    database = open_warehouse(any_database, "22720", "22423", "84879")
    yield database
    database.close()


def back(quantity: str, item: str = "22720", **said: str) -> tuple[str, ...]:
    return row("C600009", item, quantity, **{"at": "2010-12-08 12:00:00"} | said)


def outcome_of(store: Database, taken_back: tuple[str, ...]) -> tuple[Outcome, str]:
    [result] = bring_in(store, taken_back, name="back.csv").rows
    return result.outcome, result.text


def lines(store: Database) -> list[tuple[str, str, int, int, int]]:
    return [
        (ref, item, ordered, cancelled, allocated)
        for ref, item, ordered, cancelled, allocated in query(
            store,
            select(
                orders.c.order_ref,
                order_line.c.item_id,
                order_line.c.ordered,
                order_line.c.cancelled,
                order_line.c.allocated,
            )
            .join(orders, orders.c.order_id == order_line.c.order_id)
            .order_by(order_line.c.order_line_id),
        )
    ]


def reserved(store: Database) -> tuple[int, int]:
    """Pieces reserved, as allocations say and as stock says."""
    in_allocations = sum(quantity for (quantity,) in query(store, select(allocation.c.quantity)))
    return in_allocations, sum(pieces for (pieces,) in query(store, select(stock.c.allocated)))


def test_a_line_that_is_open_is_cancelled(store: Database) -> None:
    bring_in(store, row(), row(item="22423"))
    assert outcome_of(store, back("-2")) == (Outcome.CANCELLATION, "2 taken off order 600001")
    assert lines(store) == [("600001", "22720", 6, 2, 0), ("600001", "22423", 6, 0, 0)]
    assert query(store, select(orders.c.status)) == [("open",)]


def test_the_newest_line_that_covers_it_whole_is_taken(store: Database) -> None:
    bring_in(
        store,
        row("600001", quantity="8", at="2010-12-08 10:00:00"),
        row("600001", quantity="7", at="2010-12-08 10:00:00"),
        row("600002", quantity="3", at="2010-12-08 11:00:00"),
        row("600003", quantity="9", at="2010-12-08 09:00:00"),
    )
    assert outcome_of(store, back("-5")) == (Outcome.CANCELLATION, "5 taken off order 600001")
    assert [cancelled for *_, cancelled, _ in lines(store)] == [0, 5, 0, 0]


@pytest.mark.parametrize(
    "taken_back",
    [
        back("-7"),
        back("-1", item="22423"),
        back("-1", customer="12345.0"),
        back("-1", customer=""),
        back("-1", at="2010-12-08 09:59:00"),
    ],
    ids=["more than a line has", "another item", "another customer", "a guest", "before the order"],
)
def test_what_no_open_line_covers_is_a_return_notice(store: Database, taken_back: tuple[str, ...]) -> None:
    bring_in(store, row())
    assert outcome_of(store, taken_back)[0] is Outcome.RETURN_NOTICE
    assert lines(store) == [("600001", "22720", 6, 0, 0)]
    [(ref, quantity)] = query(store, select(return_notice.c.ref, return_notice.c.quantity))
    assert (ref, quantity) == ("C600009", -int(taken_back[3]))


def test_an_order_whose_lines_are_all_cancelled_is_cancelled_and_takes_no_further_rows(store: Database) -> None:
    bring_in(store, row(), row(item="22423"))
    bring_in(store, back("-6"), back("-6", item="22423"), name="back.csv")
    assert query(store, select(orders.c.status)) == [("cancelled",)]
    [late] = bring_in(store, row(item="84879"), name="late.csv").rows
    assert (late.outcome, late.reason) == (Outcome.REFUSED, "order-cancelled")


def test_an_order_and_its_cancellation_in_one_file_end_as_in_two(store: Database) -> None:
    report = bring_in(store, row(), back("-6"), row(item="22423"))
    assert [each.reason for each in report.rows] == ["", "cancelled", "order-cancelled"]
    assert lines(store) == [("600001", "22720", 6, 6, 0)]
    assert query(store, select(orders.c.status)) == [("cancelled",)]


def test_a_reserved_line_gives_back_only_what_it_no_longer_wants(store: Database) -> None:
    bring_in(store, row(), row("600002", "22423"))
    with store.write(SITE) as work:
        allocate(work)
    assert reserved(store) == (12, 12)
    outcome_of(store, back("-2"))
    assert lines(store)[0] == ("600001", "22720", 6, 2, 4)
    assert reserved(store) == (10, 10)
    bring_in(store, back("-4"), name="all.csv")
    assert lines(store)[0] == ("600001", "22720", 6, 6, 0)
    assert reserved(store) == (6, 6)
    assert len(query(store, select(allocation))) == 1


def test_a_line_that_is_reserved_in_part_first_gives_up_what_is_not(store: Database) -> None:
    with store.write(SITE) as work:
        demo_warehouse(work, [CatalogueItem(ItemId("90000"), "SCARCE", 0, 0)])
    [(on_hand,)] = query(store, select(stock.c.on_hand).where(stock.c.item_id == "90000"))
    assert on_hand > 5
    bring_in(store, row(item="90000", quantity=str(on_hand + 5)))
    with store.write(SITE) as work:
        allocate(work)
    bring_in(store, back("-4", item="90000"), name="four.csv")
    assert reserved(store) == (on_hand, on_hand)
    bring_in(store, back("-3", item="90000"), name="three.csv")
    assert reserved(store) == (on_hand - 2, on_hand - 2)
    assert lines(store) == [("600001", "90000", on_hand + 5, 7, on_hand - 2)]


def test_of_two_locations_the_last_gives_back_first(store: Database) -> None:
    with store.write(SITE) as work:
        work.conn.execute(update(stock).where(stock.c.item_id == "22720").values(on_hand=4))
        there = {"item_id": "22720", "lot": "", "on_hand": 4, "allocated": 0}
        free = work.conn.execute(
            select(location.c.code)
            .where(location.c.kind == "pick", location.c.code.not_in(select(stock.c.location)))
            .order_by(location.c.code)
        )
        work.insert(stock, [{"location": code, **there} for (code,) in free.fetchmany(1)])
    bring_in(store, row(quantity="8"))
    with store.write(SITE) as work:
        allocate(work)
    by_place = select(allocation.c.location, allocation.c.quantity).order_by(allocation.c.location)
    [(first, four), (_, also_four)] = query(store, by_place)
    assert (four, also_four) == (4, 4)
    bring_in(store, back("-5"), name="back.csv")
    assert query(store, by_place) == [(first, 3)]
    assert reserved(store) == (3, 3)


def test_a_line_on_a_released_pick_list_is_not_touched(store: Database) -> None:
    bring_in(store, row())
    with store.write(SITE) as work:
        allocate(work)
        release(work)
    assert outcome_of(store, back("-2"))[0] is Outcome.RETURN_NOTICE
    assert lines(store) == [("600001", "22720", 6, 0, 6)]


def test_an_order_that_somebody_has_in_hand_is_not_touched_even_in_lines_beside_the_list(store: Database) -> None:
    bring_in(store, row())
    with store.write(SITE) as work:
        allocate(work)
        release(work)
        work.conn.execute(update(pick_list).values(status="held", worker_id="W-1001", terminal_id="HH-01"))
    bring_in(store, row(item="22423"), name="more.csv")
    assert outcome_of(store, back("-6", item="22423"))[0] is Outcome.RETURN_NOTICE


def test_a_stock_adjustment_is_noted_and_changes_no_stock(store: Database) -> None:
    before = query(store, select(stock).order_by(stock.c.item_id))
    report = bring_in(store, row(quantity="-40", price="0.0", description="", customer=""))
    assert report.counts[Outcome.STOCK_ADJUSTMENT] == 1
    assert query(store, select(stock).order_by(stock.c.item_id)) == before
    assert query(store, select(orders)) == []
