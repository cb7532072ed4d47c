"""The plan of which stock serves which demand, held against brute force on small cases."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId
from sync.record.rows import LocationKind
from sync.store.planning.allocation import GIVING_KINDS, Demand, Reservation, Supply, plan_allocation, urgency

TODAY = date(2010, 12, 1)
MUG = ItemId("85123A")


def demand(
    quantity: int, *, line: int = 1, order: int = 1, priority: int = 5, cut_off: datetime | None = None
) -> Demand:
    return Demand(
        order_line_id=OrderLineId(line),
        order_id=OrderId(order),
        item_id=MUG,
        quantity=quantity,
        priority=priority,
        cut_off=cut_off,
    )


def supply(
    location: str,
    available: int,
    *,
    lot: str = "",
    expires_in: int | None = None,
    position: int = 10,
    blocked: bool = False,
    kind: LocationKind = LocationKind.PICK,
) -> Supply:
    return Supply(
        location=LocationCode(location),
        kind=kind,
        position=position,
        blocked=blocked,
        item_id=MUG,
        lot=LotCode(lot),
        expiry=None if expires_in is None else TODAY + timedelta(days=expires_in),
        available=available,
    )


def taken(plan: list[Reservation]) -> list[tuple[str, str, int]]:
    return [(one.location, one.lot, one.quantity) for one in plan]


def test_a_location_that_can_give_the_whole_line_wins_over_a_split() -> None:
    shelves = [supply("A", 5, position=1), supply("B", 8, position=2)]
    assert taken(plan_allocation([demand(7)], shelves, TODAY)) == [("B", "", 7)]


def test_two_lots_of_one_location_are_still_one_stop() -> None:
    shelves = [supply("A", 3, lot="L1"), supply("A", 5, lot="L2"), supply("B", 4, lot="L3"), supply("C", 4, lot="L4")]
    assert taken(plan_allocation([demand(8)], shelves, TODAY)) == [("A", "L1", 3), ("A", "L2", 5)]


def test_of_the_locations_that_can_give_the_whole_line_the_earliest_expiry_goes_first() -> None:
    shelves = [supply("A", 9, lot="L1", expires_in=90), supply("B", 9, lot="L2", expires_in=30)]
    assert taken(plan_allocation([demand(4)], shelves, TODAY)) == [("B", "L2", 4)]


def test_one_early_piece_beside_a_late_lot_does_not_make_the_late_lot_early() -> None:
    shelves = [
        supply("A", 1, lot="L1", expires_in=5),
        supply("A", 99, lot="L2", expires_in=300),
        supply("B", 99, lot="L3", expires_in=60),
    ]
    assert taken(plan_allocation([demand(50)], shelves, TODAY)) == [("B", "L3", 50)]
    assert taken(plan_allocation([demand(1)], shelves, TODAY)) == [("A", "L1", 1)]


def test_a_split_takes_the_earliest_expiry_that_keeps_the_stops_few() -> None:
    shelves = [
        supply("A", 2, lot="L1", expires_in=10),
        supply("B", 5, lot="L2", expires_in=20),
        supply("C", 6, lot="L3", expires_in=30),
    ]
    assert taken(plan_allocation([demand(8)], shelves, TODAY)) == [("A", "L1", 2), ("C", "L3", 6)]


def test_what_expires_today_may_leave_today_and_what_expired_yesterday_never() -> None:
    shelves = [supply("A", 9, lot="L1", expires_in=-1), supply("B", 3, lot="L2", expires_in=0)]
    assert taken(plan_allocation([demand(5)], shelves, TODAY)) == [("B", "L2", 3)]


def test_the_smallest_sufficient_stock_is_used_up_first_and_then_the_pick_path_decides() -> None:
    shelves = [supply("A", 50, position=1), supply("B", 6, position=9), supply("C", 6, position=3)]
    assert taken(plan_allocation([demand(5)], shelves, TODAY)) == [("C", "", 5)]


def test_the_more_urgent_line_chooses_first() -> None:
    early, late = datetime(2010, 12, 1, 14, tzinfo=UTC), datetime(2010, 12, 1, 16, tzinfo=UTC)
    lines = [
        demand(1, line=1, order=1, priority=5),
        demand(1, line=2, order=4, priority=5, cut_off=late),
        demand(1, line=3, order=3, priority=5, cut_off=early),
        demand(1, line=4, order=2, priority=5, cut_off=early),
        demand(1, line=5, order=9, priority=1),
    ]
    plan = plan_allocation(lines, [supply("A", 4)], TODAY)
    assert [one.order_line_id for one in plan] == [5, 4, 3, 2]


def test_the_rest_stays_open_when_there_is_not_enough() -> None:
    assert taken(plan_allocation([demand(9)], [supply("A", 2), supply("B", 3)], TODAY)) == [("A", "", 2), ("B", "", 3)]


demands = st.lists(
    st.builds(
        demand,
        quantity=st.integers(1, 12),
        order=st.integers(1, 4),
        priority=st.integers(1, 3),
        cut_off=st.sampled_from([None, datetime(2010, 12, 1, 14, tzinfo=UTC), datetime(2010, 12, 1, 16, tzinfo=UTC)]),
    ),
    max_size=5,
).map(
    lambda lines: [
        demand(one.quantity, line=number, order=one.order_id, priority=one.priority, cut_off=one.cut_off)
        for number, one in enumerate(lines, start=1)
    ]
)
lots = st.lists(
    st.builds(
        supply,
        location=st.sampled_from("ABCDE"),
        available=st.integers(-3, 9),
        lot=st.sampled_from(["L1", "L2"]),
        expires_in=st.one_of(st.none(), st.integers(-2, 6)),
        blocked=st.booleans(),
        kind=st.sampled_from(LocationKind),
    ),
    unique_by=lambda one: (one.location, one.lot),
    max_size=6,
)


def may_give(one: Supply) -> bool:
    expired = one.expiry is not None and one.expiry < TODAY
    return one.available > 0 and not one.blocked and one.kind in GIVING_KINDS and not expired


@given(demands, lots)
def test_nothing_gives_more_than_it_may_and_nothing_is_left_while_somebody_wants_it(
    lines: list[Demand], stock: list[Supply]
) -> None:
    plan = plan_allocation(lines, stock, TODAY)
    given_by = Counter[tuple[LocationCode, LotCode]]()
    given_to = Counter[int]()
    for one in plan:
        assert one.quantity > 0
        given_by[one.location, one.lot] += one.quantity
        given_to[one.order_line_id] += one.quantity
    allowed = {(one.location, one.lot): one.available for one in stock if may_give(one)}
    assert all(pieces <= allowed.get(place, 0) for place, pieces in given_by.items())
    assert all(given_to[line.order_line_id] <= line.quantity for line in lines)
    assert given_by.total() == min(sum(allowed.values()), sum(line.quantity for line in lines))


@given(demands, lots)
def test_a_less_urgent_line_gets_nothing_while_a_more_urgent_one_lacks_a_piece(
    lines: list[Demand], stock: list[Supply]
) -> None:
    given_to = Counter[int]()
    for one in plan_allocation(lines, stock, TODAY):
        given_to[one.order_line_id] += one.quantity
    lacking = False
    for line in sorted(lines, key=urgency):
        assert not (lacking and given_to[line.order_line_id])
        lacking = lacking or given_to[line.order_line_id] < line.quantity


def fewest_locations(stock: list[Supply], quantity: int) -> int:
    """By trying every set of locations, the smallest first."""
    by_location = Counter[str]()
    for one in stock:
        if may_give(one):
            by_location[one.location] += one.available
    wanted = min(quantity, by_location.total())
    return next(
        size
        for size in range(len(by_location) + 1)
        if any(sum(by_location[code] for code in some) >= wanted for some in combinations(by_location, size))
    )


@given(st.integers(1, 30), lots)
def test_a_line_is_split_over_as_few_locations_as_possible(quantity: int, stock: list[Supply]) -> None:
    plan = plan_allocation([demand(quantity)], stock, TODAY)
    assert len({one.location for one in plan}) == fewest_locations(stock, quantity)


one_lot_each = st.lists(
    st.builds(
        supply,
        location=st.sampled_from("ABCDEF"),
        available=st.integers(1, 9),
        lot=st.just("L"),
        expires_in=st.one_of(st.none(), st.integers(0, 6)),
        position=st.integers(1, 3),
    ),
    unique_by=lambda one: one.location,
    max_size=6,
)


def preferred_set(stock: list[Supply], quantity: int) -> list[str]:
    """By trying every smallest set: the earliest expiries, then what leaves least, then along the path."""
    wanted = min(quantity, sum(one.available for one in stock))
    ranked = sorted(stock, key=lambda one: (one.expiry or date.max, one.available, one.position, one.location))
    sets = combinations(range(len(ranked)), fewest_locations(stock, quantity))
    best = min(some for some in sets if sum(ranked[rank].available for rank in some) >= wanted)
    return [ranked[rank].location for rank in best]


@given(st.integers(1, 30), one_lot_each)
def test_of_the_smallest_sets_the_one_that_expires_first_is_taken(quantity: int, stock: list[Supply]) -> None:
    plan = plan_allocation([demand(quantity)], stock, TODAY)
    assert [one.location for one in plan] == preferred_set(stock, quantity)


@given(st.integers(1, 30), lots)
def test_within_a_location_the_earlier_lot_always_goes_first(quantity: int, stock: list[Supply]) -> None:
    left: defaultdict[LocationCode, list[Supply]] = defaultdict(list)
    for one in stock:
        if may_give(one):
            left[one.location].append(one)
    gone = {(one.location, one.lot): one.quantity for one in plan_allocation([demand(quantity)], stock, TODAY)}
    for location, there in left.items():
        there.sort(key=lambda one: one.expiry or date.max)
        for earlier, later in pairwise(there):
            strictly = (earlier.expiry or date.max) < (later.expiry or date.max)
            if strictly and gone.get((location, later.lot), 0):
                assert gone.get((location, earlier.lot), 0) == earlier.available
