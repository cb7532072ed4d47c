"""Walks, and the lists that they are cut into."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId
from sync.store.planning.release import plan_lists, release_urgency
from sync.store.planning.walking import Stop, WalkedLine, in_walking_order, pass_for


def stop(line: int, position: int, quantity: int = 1, *, item: str = "85123A", lot: str = "") -> Stop:
    return Stop(
        order_line_id=OrderLineId(line),
        item_id=ItemId(item),
        location=LocationCode(f"A01-{position:03}-1"),
        lot=LotCode(lot),
        position=position,
        quantity=quantity,
    )


def test_a_walk_goes_along_the_pick_path_and_at_a_location_item_by_item() -> None:
    stops = [stop(1, 30), stop(2, 10, item="22633"), stop(3, 20), stop(4, 10, item="21730"), stop(5, 10, item="22633")]
    assert [one.order_line_id for one in in_walking_order(stops)] == [4, 2, 5, 3, 1]


def test_the_nearest_cut_off_goes_to_the_floor_first_then_priority_then_the_earlier_order() -> None:
    early, late = datetime(2010, 12, 1, 14, tzinfo=UTC), datetime(2010, 12, 1, 16, tzinfo=UTC)
    orders = [
        (None, 1, OrderId(1)),
        (late, 1, OrderId(2)),
        (early, 5, OrderId(4)),
        (early, 5, OrderId(3)),
        (early, 1, OrderId(9)),
    ]
    assert [order for _, _, order in sorted(orders, key=lambda one: release_urgency(*one))] == [9, 3, 4, 2, 1]


stops = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 30)), max_size=40).map(
    lambda pairs: [stop(line, position, quantity) for line, (position, quantity) in enumerate(pairs, start=1)]
)


@given(stops, st.integers(1, 10), st.integers(1, 40))
def test_lists_hold_the_whole_walk_in_its_order_and_keep_their_limits(
    walk: list[Stop], max_lines: int, max_pieces: int
) -> None:
    lists = plan_lists(walk, max_lines=max_lines, max_pieces=max_pieces)
    assert [one for part in lists for one in part] == in_walking_order(walk)
    for part in lists:
        assert 1 <= len(part) <= max_lines
        assert len(part) == 1 or sum(one.quantity for one in part) <= max_pieces


@given(stops, st.integers(1, 10), st.integers(1, 40))
def test_a_list_ends_only_where_the_next_stop_would_not_fit(walk: list[Stop], max_lines: int, max_pieces: int) -> None:
    lists = plan_lists(walk, max_lines=max_lines, max_pieces=max_pieces)
    for part, following in pairwise(lists):
        pieces = sum(one.quantity for one in part) + following[0].quantity
        assert len(part) == max_lines or pieces > max_pieces


def walked(position: int, *, passes: int = 0, begun: bool = True) -> WalkedLine:
    return WalkedLine(position=position, passes=passes, begun=begun)


def test_a_new_stop_ahead_is_made_on_the_same_way_and_one_behind_on_a_way_after_all_others() -> None:
    walk = [walked(10), walked(20), walked(30, begun=False), walked(5, passes=1, begun=False)]
    assert pass_for(25, passes=0, walk=walk) == 0
    assert pass_for(20, passes=0, walk=walk) == 0
    assert pass_for(15, passes=0, walk=walk) == 2


def test_nothing_lies_behind_a_walk_that_nobody_has_begun() -> None:
    assert pass_for(1, passes=0, walk=[walked(10, begun=False), walked(20, begun=False)]) == 0
