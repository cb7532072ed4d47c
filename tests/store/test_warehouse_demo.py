"""The demo warehouse: what a walker, a scanner and an accountant may rely on, for ten items as for thousands."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from argon2 import PasswordHasher
from biip import parse
from sqlalchemy import select

from sync.record.ids import ItemId
from sync.store import tables as t
from sync.store.database import Database
from sync.store.leading.reconciling import reconcile
from sync.store.warehouse.catalogue import CatalogueItem, read_catalogue
from sync.store.warehouse.demo import DemoRefused, demo_warehouse
from tests.store.order_files import PROFILE, SITE, csv_bytes, day_files, open_store, query, row, store_contents

SIZES = [10, 300, 2355, 4000]


def catalogue(size: int) -> list[CatalogueItem]:
    """The items of the seven days, or as many made-up ones with demands like theirs."""
    real = read_catalogue(PROFILE, day_files())
    if size == len(real):
        return real
    chance = Random(size)
    demands = [int(1 / chance.uniform(0.004, 1)) for _ in range(size)]
    return [
        CatalogueItem(ItemId(f"{number:05d}"), f"ITEM {number}", lines * 8, lines)
        for number, lines in enumerate(demands)
    ]


@pytest.fixture(scope="module", params=SIZES)
def items(request: pytest.FixtureRequest) -> list[CatalogueItem]:
    return catalogue(request.param)


@pytest.fixture(scope="module")
def store(items: list[CatalogueItem], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("warehouse")
    database = open_store(f"sqlite:///{folder / 'store.sqlite'}")
    with database.write(SITE) as work:
        demo_warehouse(work, items, seed=7)
    yield database
    database.close()


def stocked(store: Database) -> dict[str, int]:
    pieces: Counter[str] = Counter()
    for item_id, on_hand in query(store, select(t.stock.c.item_id, t.stock.c.on_hand)):
        pieces[item_id] += on_hand
    return dict(pieces)


def shelves(store: Database) -> dict[str, set[str]]:
    """Item -> its locations."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for item_id, place in query(store, select(t.stock.c.item_id, t.stock.c.location)):
        places[item_id].add(place)
    return places


def test_every_item_is_there_with_stock_at_a_pick_face_of_its_own(store: Database, items: list[CatalogueItem]) -> None:
    names = dict(query(store, select(t.item.c.item_id, t.item.c.name)))
    assert names == {each.item_id: each.name for each in items}
    assert set(stocked(store)) == set(names)
    at = query(store, select(t.stock.c.location, t.stock.c.item_id).distinct())
    assert max(Counter(place for place, _ in at).values()) == 1
    faces = {code for (code,) in query(store, select(t.location.c.code).where(t.location.c.kind == "pick"))}
    assert {place for place, _ in at} <= faces
    assert len(at) < len(faces) < 1.5 * len(at) + 40


def test_stock_is_enough_for_most_items_and_short_for_about_one_in_fifty(
    store: Database, items: list[CatalogueItem]
) -> None:
    there = stocked(store)
    short = [each for each in items if there[each.item_id] < each.pieces]
    assert len(short) == max(1, round(len(items) * 0.02))
    assert all(there[each.item_id] == int(each.pieces * 0.6) for each in short)
    assert min(there.values()) > 0


def test_about_one_in_twenty_items_has_two_locations_and_they_are_the_best_sellers(
    store: Database, items: list[CatalogueItem]
) -> None:
    count = max(1, round(len(items) * 0.05))
    best = sorted(items, key=lambda each: (-each.lines, -each.pieces, each.item_id))[:count]
    assert {item_id for item_id, at in shelves(store).items() if len(at) == 2} == {each.item_id for each in best}
    assert max(len(at) for at in shelves(store).values()) == 2


def test_some_items_have_lots_with_expiry_and_a_few_two_lots_at_one_location(
    store: Database, items: list[CatalogueItem]
) -> None:
    tracked = {
        item_id
        for item_id, lot, expiry in query(
            store, select(t.item.c.item_id, t.item.c.lot_tracked, t.item.c.expiry_tracked)
        )
        if lot and expiry
    }
    assert len(tracked) == max(1, round(len(items) * 0.03))
    rows = query(store, select(t.stock.c.item_id, t.stock.c.location, t.stock.c.lot, t.stock.c.expiry))
    for item_id, _, lot, expiry in rows:
        assert (item_id in tracked) == (lot != "") == (expiry is not None)
    assert 2 in Counter((item_id, place) for item_id, place, _, _ in rows).values()


def test_a_few_items_have_serials_or_are_sold_by_weight_where_that_is_asked_for(
    items: list[CatalogueItem], tmp_path: Path
) -> None:
    kinds = select(t.item.c.item_id, t.item.c.lot_tracked, t.item.c.serial_tracked, t.item.c.catch_weight)
    found = {}
    for all_ways in (False, True):
        database = open_store(f"sqlite:///{tmp_path / f'{all_ways}.sqlite'}")
        with database.write(SITE) as work:
            demo_warehouse(work, items, seed=7, all_ways=all_ways)
        found[all_ways] = query(database, kinds)
        database.close()
    assert not any(serials or weight for _, _, serials, weight in found[False])
    share = max(1, round(len(items) * 0.01))
    assert sum(bool(serials) for _, _, serials, _ in found[True]) == share
    assert sum(bool(weight) for _, _, _, weight in found[True]) == share
    assert all(lots + serials + weight <= 1 for _, lots, serials, weight in found[True])
    assert [one[:2] for one in found[True]] == [one[:2] for one in found[False]]


def test_terminals_are_told_of_the_zones_and_the_reasons(store: Database) -> None:
    told = query(store, select(t.feed.c.kind, t.feed.c.key).where(t.feed.c.kind.in_(["zone", "reason"])))
    assert {key for kind, key in told if kind == "zone"} == {"A", "B", "C", "D"}
    assert {key for kind, key in told if kind == "reason"} >= {"short", "damaged", "empty"}


def test_the_pick_path_visits_every_face_once_and_winds_through_the_aisles(store: Database) -> None:
    loc = t.location.c
    faces = query(
        store, select(loc.position, loc.zone_id, loc.aisle, loc.y_m).where(loc.kind == "pick").order_by(loc.position)
    )
    assert [position for position, *_ in faces] == list(range(10, 10 * len(faces) + 10, 10))
    zones, aisles = [zone for _, zone, _, _ in faces], [aisle for _, _, aisle, _ in faces]
    assert list(dict.fromkeys(zones)) == ["A", "B", "C", "D"]
    assert zones == sorted(zones)
    assert aisles == sorted(aisles)
    for number, aisle in enumerate(dict.fromkeys(aisles)):
        way = [y_m for _, _, of_aisle, y_m in faces if of_aisle == aisle]
        assert way == sorted(way, reverse=number % 2 == 1)
    lengths = dict(query(store, select(t.aisle.c.aisle, t.aisle.c.length_m)))
    assert set(lengths) == set(aisles)


def test_what_sells_best_stands_at_waist_level_nearest_to_the_depot(store: Database) -> None:
    first_places = query(
        store,
        select(t.item.c.demand_class, t.location.c.z_m, t.location.c.x_m + t.location.c.y_m)
        .join(t.stock, t.stock.c.item_id == t.item.c.item_id)
        .join(t.location, t.location.c.code == t.stock.c.location)
        .order_by(t.item.c.item_id),
    )
    ways: defaultdict[str, list[float]] = defaultdict(list)
    for demand_class, z_m, way_m in first_places:
        if 0.8 <= z_m <= 1.5:
            ways[demand_class].append(way_m)
    handy = Counter(demand_class for demand_class, z_m, _ in first_places if 0.8 <= z_m <= 1.5)
    every = Counter(demand_class for demand_class, *_ in first_places)
    assert handy["A"] / every["A"] > 0.8
    assert sum(ways["A"]) / len(ways["A"]) < sum(ways["B"]) / len(ways["B"])


def test_check_digits_differ_from_the_neighbours(store: Database) -> None:
    loc = t.location.c
    faces = query(store, select(loc.code, loc.aisle, loc.y_m, loc.check_digits).where(loc.kind == "pick"))
    by_aisle: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for _, aisle, y_m, digits in faces:
        assert len(digits) == 2
        assert digits.isdigit()
        by_aisle[aisle].append((y_m, digits))
    for placed in by_aisle.values():
        for y_m in {y_m for y_m, _ in placed}:
            near = [digits for other, digits in placed if abs(other - y_m) < 1.3]
            assert len(set(near)) == len(near)


def test_location_codes_say_zone_aisle_bay_and_level(store: Database) -> None:
    loc = t.location.c
    for code, zone, aisle in query(store, select(loc.code, loc.zone_id, loc.aisle).where(loc.kind == "pick")):
        of_aisle, bay, level = code.split("-")
        assert (of_aisle, of_aisle[0]) == (aisle, zone)
        assert (len(of_aisle), len(bay), len(level)) == (3, 2, 1)
    others = query(store, select(loc.code, loc.kind).where(loc.kind != "pick").order_by(loc.code))
    assert others == [
        *((f"CONS{n:02d}", "staging") for n in range(1, 13)),
        *((f"PACK{n:02d}", "pack") for n in range(1, 5)),
        ("SORT01", "staging"),
        *((f"STAGE{n:02d}", "staging") for n in range(1, 5)),
    ]


def test_barcodes_are_demonstration_gtins_that_another_parser_takes_for_valid(
    store: Database, items: list[CatalogueItem]
) -> None:
    bar, pack = t.item_barcode.c, t.packaging.c
    rows = query(
        store,
        select(bar.gtin, bar.item_id, bar.packaging, pack.pieces, t.item.c.demand_class)
        .join(t.packaging, (pack.item_id == bar.item_id) & (pack.packaging == bar.packaging))
        .join(t.item, t.item.c.item_id == bar.item_id),
    )
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for gtin, item_id, packaging, pieces, _ in rows:
        found = parse(gtin).gtin
        assert found is not None
        assert found.as_gtin_14() == gtin
        assert gtin[1:8] == "9521234"
        assert gtin[0] == {"each": "0", "inner": "1", "case": "2"}[packaging]
        assert (pieces == 1) == (packaging == "each")
        kinds[item_id].add(packaging)
    classes = {item_id: demand_class for _, item_id, _, _, demand_class in rows}
    wanted = {"A": {"each", "inner", "case"}, "B": {"each", "inner"}, "C": {"each"}}
    assert {item_id: wanted[demand_class] for item_id, demand_class in classes.items()} == kinds
    assert set(kinds) == {each.item_id for each in items}


def test_a_case_weighs_and_measures_more_than_what_is_in_it(store: Database) -> None:
    pack = t.packaging.c
    sizes = query(
        store, select(pack.item_id, pack.pieces, pack.weight_g, pack.length_mm * pack.width_mm * pack.height_mm)
    )
    of_each = {item_id: (weight_g, volume) for item_id, pieces, weight_g, volume in sizes if pieces == 1}
    for item_id, pieces, weight_g, volume in sizes:
        one_g, one_mm3 = of_each[item_id]
        assert weight_g >= pieces * one_g > 0
        assert volume >= pieces * one_mm3 > 0


def test_opening_stock_came_in_from_outside_piece_for_piece(store: Database) -> None:
    moves = query(store, select(t.stock_move.c.cause, t.stock_move.c.source, t.stock_move.c.reason).distinct())
    assert moves == [("demo", "outside", "opening")]
    with store.read() as conn:
        report = reconcile(conn, SITE)
    assert report.differences == []


def test_terminals_are_told_of_everything_that_they_need(store: Database, items: list[CatalogueItem]) -> None:
    told = Counter(kind for (kind,) in query(store, select(t.feed.c.kind)))
    locations = len(query(store, select(t.location.c.code)))
    rows = {"site": 1, "item": len(items), "location": locations, "worker": 22, "tote": 300, "zone": 4, "reason": 8}
    assert told == rows
    assert {audience for (audience,) in query(store, select(t.feed.c.audience).distinct())} == {"*"}


def test_there_is_somebody_for_every_role_and_demo_pins_open(store: Database) -> None:
    people = query(store, select(t.worker.c.badge, t.worker.c.roles, t.worker.c.pin_hash).order_by(t.worker.c.badge))
    assert [badge for badge, *_ in people] == [f"B-{number}" for number in range(1001, 1023)]
    pins: defaultdict[str, int] = defaultdict(int)
    for _, roles, pin_hash in people:
        if pin_hash is not None:
            assert pin_hash.startswith("$argon2id$")
            assert PasswordHasher().verify(pin_hash, "1234")
            pins[roles[0]] += 1
    assert pins == {"picker": 1, "lead": 1, "administrator": 1}
    assert {role for _, roles, _ in people for role in roles} == {"picker", "packer", "lead", "stock", "administrator"}
    assert ["picker", "packer"] in [roles for _, roles, _ in people]


def test_the_same_seed_makes_the_same_warehouse_on_both_databases(any_database: str, tmp_path: Path) -> None:
    items = catalogue(300)
    made = []
    for url in (any_database, f"sqlite:///{tmp_path / 'other.sqlite'}"):
        database = open_store(url)
        with database.write(SITE) as work:
            demo_warehouse(work, items, seed=3)
        made.append(store_contents(database, without={"worker"}))
        database.close()
    assert made[0] == made[1]


def test_a_second_run_changes_nothing(any_database: str) -> None:
    database = open_store(any_database)
    with database.write(SITE) as work:
        first = demo_warehouse(work, catalogue(10))
    before = store_contents(database)
    with database.write(SITE) as work:
        second = demo_warehouse(work, catalogue(10), seed=99)
    assert (first.site_new, first.items_new, second.site_new, second.items_new, second.items_known) == (
        True,
        10,
        False,
        0,
        10,
    )
    assert store_contents(database) == before
    database.close()


@pytest.mark.parametrize("further", [5, 200])
def test_new_items_find_room_and_nothing_else_changes(any_database: str, further: int) -> None:
    database = open_store(any_database)
    with database.write(SITE) as work:
        demo_warehouse(work, catalogue(300))
    before = store_contents(database, without={"counter", "feed_head"})
    with database.write(SITE) as work:
        report = demo_warehouse(work, catalogue(300 + further))
    assert report.items_new == further
    assert (report.locations_new > 0) == (further == 200)
    after = store_contents(database, without={"counter", "feed_head"})
    for name, rows in before.items():
        kept = set(map(repr, after[name]))
        assert all(repr(each) in kept for each in rows)
    positions = [position for (position,) in query(database, select(t.location.c.position)) if position]
    assert len(set(positions)) == len(positions)
    with database.read() as conn:
        assert reconcile(conn, SITE).differences == []
    database.close()


def test_an_empty_catalogue_is_refused(tmp_path: Path) -> None:
    database = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with pytest.raises(DemoRefused, match="no items"), database.write(SITE) as work:
        demo_warehouse(work, [])
    assert query(database, select(t.site)) == []
    database.close()


def test_a_catalogue_takes_the_newest_name_from_sales_and_counts_the_demand() -> None:
    older = csv_bytes(
        [
            row(item="22720", description="NEW NAME", at="2010-12-08 10:00:00"),
            row(item="POST", description="POSTAGE"),
            row(item="22423", description="damages", quantity="-3", price="0.0"),
            row(item="84879", description="", quantity="-3", price="0.0"),
        ]
    )
    newer = csv_bytes(
        [
            row(item="22720", description="OLD NAME", at="2010-12-07 10:00:00"),
            row(item="22720", description="check", at="2010-12-09 10:00:00", price="0.0", quantity="-1"),
            row("C6", item="22720", description="NEW NAME", quantity="-2"),
        ]
    )
    assert read_catalogue(PROFILE, [("a.csv", older), ("b.csv", newer)]) == [
        CatalogueItem(ItemId("22423"), "damages", 0, 0),
        CatalogueItem(ItemId("22720"), "NEW NAME", 12, 2),
        CatalogueItem(ItemId("84879"), "84879", 0, 0),
    ]
