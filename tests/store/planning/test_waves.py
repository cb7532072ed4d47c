"""Which way of picking an order gets, and which orders share a walk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.record.ids import ItemId, LocationCode, LotCode, OrderId, OrderLineId, WallId, ZoneId
from sync.record.rows import ListKind
from sync.store.planning.batching import Cart, batches_by_item, cut_by_item, load_carts
from sync.store.planning.orders_to_plan import OrderToPlan
from sync.store.planning.walking import Stop, in_walking_order
from sync.store.planning.waves import Equipment, PlannedList, WavePlan, plan_waves
from sync.store.planning.way_rules import Rule, WayRules, When, choose

NOW = datetime(2010, 12, 1, 9, 30, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=7)
CART = Cart(name="cart-4", positions=4, tote_volume_ml=1000, weight_max_g=9000, lines_max=10)
EQUIPMENT = Equipment(carts={"cart-4": CART}, cubbies={WallId("1"): 3})
BATCH = Rule(name="small", way=ListKind.BATCH, cart="cart-4", when=When(lines_max=5))
BULK = Rule(name="single", way=ListKind.BULK, when=When(lines_max=1))


def stop(line: int, place: str, *, item: str = "MUG", quantity: int = 1) -> Stop:
    """``place``: zone, aisle and number, as in ``A1-07``."""
    zone, number = place[0], int(place[1]) * 100 + int(place[3:]) + 1000 * "ABCD".index(place[0])
    return Stop(
        order_line_id=OrderLineId(line),
        item_id=ItemId(item),
        location=LocationCode(place),
        lot=LotCode(""),
        position=number,
        quantity=quantity,
        zone_id=ZoneId(zone),
        aisle=place[:2],
    )


def order(number: int, *places: str, item: str = "MUG", weight_g: int | None = 100, **more: object) -> OrderToPlan:
    facts: dict[str, object] = {"service": "NEXTDAY", "cut_off": CUT_OFF, "priority": 5, "volume_ml": 100} | more
    return OrderToPlan(
        order_id=OrderId(number),
        order_ref=f"O-{number}",
        stops=tuple(stop(number * 100 + place, code, item=item) for place, code in enumerate(places)),
        weight_g=weight_g,
        **facts,  # type: ignore[arg-type]  # values of one field each
    )


def plan(orders: list[OrderToPlan], *rules: Rule, limit: int | None = None, **more: object) -> WavePlan:
    most = {ZoneId(zone): lines for zone, lines in more.get("most", {}).items()}  # type: ignore[attr-defined]
    there = {ZoneId(zone): lines for zone, lines in more.get("there", {}).items()}  # type: ignore[attr-defined]
    way_rules = WayRules(rule=rules, open_lines_max=most)
    return plan_waves(orders, way_rules, EQUIPMENT, now=NOW, open_lines=there, limit=limit)


def shown(made: WavePlan) -> list[tuple[str, list[int]]]:
    return [(str(one.kind), [order.order_id for order in one.orders]) for one in made.lists]


def test_the_first_rule_that_fits_decides_and_says_what_of_the_order_did() -> None:
    rules = [
        Rule(name="big", way=ListKind.ZONE_PASS, when=When(lines_min=3)),
        Rule(name="small", way=ListKind.BATCH, cart="cart-4", when=When(lines_max=2, services=("NEXTDAY",))),
        Rule(name="rest", way=ListKind.PIECE),
    ]
    chosen = choose(order(1, "A1-01", "A1-02"), rules, NOW)
    assert chosen.rule is rules[1]
    assert chosen.why == "rule 'small': 2 lines (at most 2), service NEXTDAY"
    assert choose(order(2, "A1-01", service="WORLD"), rules, NOW).why == "rule 'rest': fits every order"
    assert choose(order(3, "A1-01"), [], NOW).rule is None


@pytest.mark.parametrize(
    ("when", "fitting", "other"),
    [
        (When(lines_min=2), order(1, "A1-01", "A1-02"), order(1, "A1-01")),
        (When(pieces_max=1), order(1, "A1-01"), order(1, "A1-01", "A1-02")),
        (When(pieces_min=2), order(1, "A1-01", "A1-02"), order(1, "A1-01")),
        (When(zones_min=2), order(1, "A1-01", "B1-01"), order(1, "A1-01", "A2-01")),
        (When(zones_max=1), order(1, "A1-01", "A2-01"), order(1, "A1-01", "B1-01")),
        (When(weight_max_g=100), order(1, "A1-01"), order(1, "A1-01", weight_g=101)),
        (When(weight_max_g=100), order(1, "A1-01"), order(1, "A1-01", weight_g=None)),
        (When(volume_max_ml=100), order(1, "A1-01"), order(1, "A1-01", volume_ml=None)),
        (When(priority_max=2), order(1, "A1-01", priority=2), order(1, "A1-01", priority=3)),
        (When(minutes_to_cut_off_max=420), order(1, "A1-01"), order(1, "A1-01", cut_off=CUT_OFF + timedelta(hours=1))),
        (When(minutes_to_cut_off_max=420), order(1, "A1-01"), order(1, "A1-01", cut_off=None)),
        (When(minutes_to_cut_off_max=420), order(1, "A1-01"), order(1, "A1-01", cut_off=NOW - timedelta(minutes=1))),
        (When(services=("EUROPE",)), order(1, "A1-01", service="EUROPE"), order(1, "A1-01")),
        (When(has_lots=True), order(1, "A1-01", has_lots=True), order(1, "A1-01")),
        (When(has_serials=False), order(1, "A1-01"), order(1, "A1-01", has_serials=True)),
        (When(has_catch_weight=True), order(1, "A1-01", has_catch_weight=True), order(1, "A1-01")),
    ],
)
def test_each_condition_lets_some_orders_pass_and_others_not(
    when: When, fitting: OrderToPlan, other: OrderToPlan
) -> None:
    rule = Rule(name="one", way=ListKind.PIECE, when=when)
    assert choose(fitting, [rule], NOW).rule is rule
    assert choose(other, [rule], NOW).rule is None


def test_a_cart_takes_the_orders_that_share_most_aisles_with_the_most_urgent_one() -> None:
    far = [order(2, "D1-01"), order(3, "D1-02"), order(5, "D1-03")]
    near = [order(1, "A1-01", "A2-01"), order(4, "A2-09"), order(6, "A1-05")]
    walks, too_large = load_carts(sorted(far + near, key=lambda one: one.order_id), CART, max_orders=3)
    assert [[one.order_id for one in walk] for walk in walks] == [[1, 4, 6], [2, 3, 5]]
    assert too_large == []


def test_a_cart_is_full_when_its_positions_its_weight_or_its_lines_are() -> None:
    assert len(load_carts([order(n, "A1-01") for n in range(1, 10)], CART)[0]) == 3  # 4 positions
    large = [order(n, "A1-01", volume_ml=1500) for n in range(1, 5)]
    assert [len(walk) for walk in load_carts(large, CART)[0]] == [2, 2]  # two totes each
    heavy = [order(n, "A1-01", weight_g=4000) for n in range(1, 4)]
    assert [len(walk) for walk in load_carts(heavy, CART)[0]] == [2, 1]
    long = [order(n, *(f"A1-{place:02}" for place in range(5))) for n in range(1, 4)]
    assert [len(walk) for walk in load_carts(long, CART)[0]] == [2, 1]


def test_an_order_that_no_cart_can_take_is_picked_alone_and_says_so() -> None:
    made = plan([order(1, "A1-01", weight_g=9001), order(2, "A1-01"), order(3, "A1-01")], BATCH)
    assert shown(made) == [("piece", [1]), ("batch", [2, 3])]
    assert made.went[OrderId(1)].endswith("it is too large for cart-4, so piece by piece")


def test_each_order_has_the_first_of_its_positions_on_the_cart() -> None:
    (made,) = plan([order(1, "A1-01", volume_ml=1500), order(2, "A1-01"), order(3, "A1-02")], BATCH).lists
    assert (made.kind, made.cart, made.positions, made.order_id) == (ListKind.BATCH, "cart-4", (1, 3, 4), None)
    assert [one.location for one in made.stops] == ["A1-01", "A1-01", "A1-02"]


def test_orders_of_another_service_or_cut_off_never_share_a_walk() -> None:
    later = CUT_OFF + timedelta(hours=1)
    orders = [order(n, "A1-01", service=service) for n, service in ((1, "NEXTDAY"), (2, "WORLD"), (3, "NEXTDAY"))]
    made = plan([*orders, order(4, "A1-01", cut_off=later), order(5, "A1-01", cut_off=later)], BATCH)
    assert shown(made) == [("batch", [1, 3]), ("piece", [2]), ("batch", [4, 5])]
    assert made.went[OrderId(2)].endswith("no other order goes along, so piece by piece")


def test_single_line_orders_are_batched_by_item_and_a_wall_bounds_them() -> None:
    orders = [order(n, "A1-01" if n % 2 else "B1-01", item="MUG" if n % 2 else "LAMP") for n in range(1, 7)]
    made = plan(orders, Rule(name="single", way=ListKind.BULK, wall=WallId("1"), when=When(lines_max=1)))
    assert shown(made) == [("bulk", [1, 3, 5]), ("bulk", [2, 4, 6])]
    assert [(one.batch, one.wall, one.order_id) for one in made.lists] == [(0, "1", None), (1, "1", None)]


def test_without_a_wall_nothing_is_picked_in_bulk() -> None:
    bare = Equipment(carts={}, cubbies={})
    orders = [order(1, "A1-01"), order(2, "A1-01")]
    made = plan_waves(orders, WayRules(rule=(BULK,)), bare, now=NOW, open_lines={})
    assert shown(made) == [("piece", [1]), ("piece", [2])]
    assert made.went[OrderId(1)].endswith("the site has no put wall, so piece by piece")


def test_a_bulk_batch_is_cut_into_lists_between_stops_and_never_within_one() -> None:
    stops = [stop(line, f"A1-{line // 3:02}") for line in range(12)]
    assert [[one.order_line_id for one in part] for part in cut_by_item(stops, max_stops=2)] == [
        list(range(6)),
        list(range(6, 12)),
    ]
    assert [len(part) for part in cut_by_item([stop(line, "A1-01", quantity=300) for line in range(5)])] == [5]


def test_an_order_over_several_zones_becomes_a_trip_in_path_order_and_of_one_zone_a_plain_list() -> None:
    rule = Rule(name="zones", way=ListKind.ZONE_PASS)
    made = plan([order(1, "C1-01", "A1-01", "A1-02"), order(2, "B1-01", "B1-02")], rule)
    assert [(str(one.kind), one.zone_id, one.trip, one.leg, len(one.stops)) for one in made.lists] == [
        ("zone_pass", "A", 0, 0, 2),
        ("zone_pass", "C", 0, 1, 1),
        ("piece", "B", None, 0, 2),
    ]
    assert {one.order_id for one in made.lists} == {1, 2}


def test_a_full_zone_keeps_later_orders_back_and_lets_those_of_other_zones_go() -> None:
    orders = [order(1, "A1-01"), order(2, "A1-01", "A1-02"), order(3, "A1-03"), order(4, "B1-01")]
    made = plan(orders, most={"A": 10}, there={"A": 8})
    assert set(made.went) == {1, 4}
    assert [(one.order.order_id, one.why) for one in made.stays] == [
        (2, "it waits for room in zone A (9 lines open, at most 10)"),
        (3, "it waits for room in zone A (9 lines open, at most 10)"),
    ]


def test_an_empty_zone_takes_an_order_that_is_larger_than_its_limit() -> None:
    assert set(plan([order(1, "A1-01", "A1-02", "A1-03")], most={"A": 2}).went) == {1}


def test_the_limit_counts_orders_that_go_and_those_behind_it_are_told_so() -> None:
    made = plan([order(n, "A1-01") for n in range(1, 4)], limit=2)
    assert set(made.went) == {1, 2}
    assert [one.why for one in made.stays] == ["beyond the limit of 2 orders of this release"]


ORDERS = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from([f"{zone}{aisle}-0{n}" for zone in "ABC" for aisle in "12" for n in range(3)]),
            min_size=1,
            max_size=6,
        ),
        st.sampled_from(["MUG", "LAMP", "TEA"]),
        st.sampled_from(["NEXTDAY", "WORLD"]),
        st.integers(1, 9000) | st.none(),
    ),
    max_size=25,
)
RULES = st.lists(
    st.sampled_from(
        [
            Rule(name="batch", way=ListKind.BATCH, cart="cart-4", when=When(lines_max=3)),
            Rule(name="no cart", way=ListKind.BATCH, cart="cart-9", when=When(weight_max_g=500)),
            Rule(name="bulk", way=ListKind.BULK, when=When(lines_max=1), max_orders=3),
            Rule(name="wall", way=ListKind.BULK, wall=WallId("1"), when=When(services=("WORLD",))),
            Rule(name="pass", way=ListKind.ZONE_PASS, when=When(zones_min=2)),
            Rule(name="parallel", way=ListKind.ZONE_PARALLEL, when=When(lines_min=4)),
        ]
    ),
    unique_by=lambda rule: rule.name,
)


@given(described=ORDERS, rules=RULES, limit=st.none() | st.integers(1, 30), most=st.none() | st.integers(1, 20))
def test_no_stop_is_lost_or_doubled_and_every_order_goes_or_is_told_why_not(
    described: list[tuple[list[str], str, str, int | None]], rules: list[Rule], limit: int | None, most: int | None
) -> None:
    orders = [
        order(n, *places, item=item, service=service, weight_g=weight_g)
        for n, (places, item, service, weight_g) in enumerate(described, start=1)
    ]
    made = plan(orders, *rules, limit=limit, most={} if most is None else {"A": most})
    assert {*made.went, *(one.order.order_id for one in made.stays)} == {one.order_id for one in orders}
    assert made.went.keys().isdisjoint(one.order.order_id for one in made.stays)
    released = Counter(stop for one in made.lists for stop in one.stops)
    assert released == Counter(stop for one in orders if one.order_id in made.went for stop in one.stops)
    assert all(list(one.stops) == in_walking_order(one.stops) for one in made.lists)
    for one in made.lists:
        _keeps_its_bounds(one)


def _keeps_its_bounds(one: PlannedList) -> None:
    assert len({(order.service, order.cut_off) for order in one.orders}) == 1
    match one.kind:
        case ListKind.BATCH:
            assert 2 <= len(one.orders) <= CART.positions
            assert len(one.stops) <= CART.lines_max
            assert sum(order.weight_g or 0 for order in one.orders) <= 9000
        case ListKind.BULK:
            assert one.batch is not None
            assert len(one.orders) <= 3
        case _:
            assert len(one.orders) == 1
            assert one.zone_id is None or {stop.zone_id for stop in one.stops} == {one.zone_id}


def test_batches_by_item_put_orders_of_the_same_item_together() -> None:
    orders = [order(n, "A1-01", item=item) for n, item in enumerate("ABABAB", start=1)]
    assert [[one.order_id for one in batch] for batch in batches_by_item(orders, 3)] == [[1, 3, 5], [2, 4, 6]]
