"""Seven real order days: every row accounted for, in one go, in pieces, twice, and as a trial."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from sync.store.database import Database
from sync.store.importers.importing import import_files
from sync.store.importers.records import FileRefused
from sync.store.importers.report import ImportReport, Outcome
from sync.store.tables import import_file, import_row, order_hold, order_line, orders, return_notice, stock_adjustment
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import demo_warehouse
from tests.store.order_files import (
    HEADER,
    PROFILE,
    SITE,
    csv_bytes,
    day_files,
    open_store,
    query,
    store_contents,
)

NO_GOODS = {"POST", "DOT", "C2", "D", "M", "S", "BANK CHARGES", "AMAZONFEE"}
"""Read off the data set by eye."""


@dataclass
class Sold:
    at: datetime
    customer: str
    item: str
    left: int


def counted_by_hand(files: list[tuple[str, bytes]]) -> dict[str, Counter[str]]:
    """What each day's rows must end as, by rules written down a second time and simpler than the importer's."""
    sold: list[Sold] = []
    days: dict[str, Counter[str]] = {}
    for name, data in files:
        days[name] = Counter()
        for each in csv.DictReader(io.StringIO(data.decode())):
            days[name][_by_hand(each, sold)] += 1
    return days


def _by_hand(each: dict[str, str], sold: list[Sold]) -> str:
    item, quantity = each["StockCode"].upper(), int(each["Quantity"])
    at = datetime.fromisoformat(each["InvoiceDate"])
    if item in NO_GOODS:
        return "refused"
    if each["InvoiceNo"][0] == "C":
        of_customer = [one for one in sold if each["CustomerID"] and one.customer == each["CustomerID"]]
        fitting = [one for one in of_customer if one.item == item and one.at <= at and one.left >= -quantity]
        if not fitting:
            return "return_notice"
        newest = max(one.at for one in fitting)
        [one for one in fitting if one.at == newest][-1].left += quantity
        return "cancellation"
    if quantity < 0:
        assert float(each["UnitPrice"]) == 0
        return "stock_adjustment"
    sold.append(Sold(at, each["CustomerID"], item, quantity))
    return "order_line"


@pytest.fixture
def store(any_database: str) -> Iterator[Database]:
    database = open_store(any_database)
    yield database
    database.close()


def test_seven_days_end_as_an_independent_count_says(store: Database) -> None:
    reports = import_files(store, SITE, PROFILE, day_files())
    _check_outcomes(store, reports)
    _check_orders_and_notices(store)
    _check_holds_for_no_price(store)


def _check_outcomes(store: Database, reports: list[ImportReport | FileRefused]) -> None:
    expected = counted_by_hand(day_files())
    assert sum((count for count in expected.values()), Counter()) == {
        "order_line": 19263,
        "refused": 82,
        "cancellation": 49,
        "return_notice": 191,
        "stock_adjustment": 47,
    }
    for report in reports:
        assert isinstance(report, ImportReport)
        assert {outcome.value: count for outcome, count in report.counts.items() if count} == expected[report.name]
        assert set(report.refusals) <= {"not-goods"}
        in_record = query(
            store,
            select(import_row.c.outcome, func.count())
            .join(import_file, import_file.c.import_id == import_row.c.import_id)
            .where(import_file.c.name == report.name)
            .group_by(import_row.c.outcome),
        )
        assert sorted(in_record) == sorted(expected[report.name].items())


def _check_orders_and_notices(store: Database) -> None:
    rows = [each for _, data in day_files() for each in csv.DictReader(io.StringIO(data.decode()))]
    goods = [each for each in rows if each["StockCode"].upper() not in NO_GOODS]
    ordered = [each for each in goods if each["InvoiceNo"][0] != "C" and int(each["Quantity"]) > 0]
    assert query(store, select(orders.c.order_ref).order_by(orders.c.order_id)) == [
        (ref,) for ref in dict.fromkeys(each["InvoiceNo"] for each in ordered)
    ]
    lines = query(
        store,
        select(orders.c.order_ref, order_line.c.item_id, order_line.c.ordered, order_line.c.declared_value)
        .join(orders, orders.c.order_id == order_line.c.order_id)
        .order_by(order_line.c.order_line_id),
    )
    assert lines == [
        (each["InvoiceNo"], each["StockCode"].upper(), int(each["Quantity"]), each["UnitPrice"]) for each in ordered
    ]
    taken_back = sum(-int(each["Quantity"]) for each in goods if each["InvoiceNo"][0] == "C")
    [(cancelled,)] = query(store, select(func.sum(order_line.c.cancelled)))
    [(returned,)] = query(store, select(func.sum(return_notice.c.quantity)))
    assert cancelled + returned == taken_back
    adjusted = sum(int(each["Quantity"]) for each in goods if each["InvoiceNo"][0] != "C" and int(each["Quantity"]) < 0)
    assert query(store, select(func.sum(stock_adjustment.c.quantity))) == [(adjusted,)]


def _check_holds_for_no_price(store: Database) -> None:
    rows = [each for _, data in day_files() for each in csv.DictReader(io.StringIO(data.decode()))]
    bare = {
        each["InvoiceNo"]
        for each in rows
        if not each["Description"] and not each["CustomerID"] and int(each["Quantity"]) > 0
    }
    held = query(
        store,
        select(orders.c.order_ref)
        .join(order_hold, order_hold.c.order_id == orders.c.order_id)
        .where(order_hold.c.reason == "no-price", orders.c.status == "held"),
    )
    assert {ref for (ref,) in held} == bare
    assert len(bare) == 26


def test_a_store_filled_in_pieces_ends_as_one_filled_in_one_go(any_database: str, tmp_path: Path) -> None:
    in_one_go = _with_half_a_catalogue(f"sqlite:///{tmp_path / 'in-one-go.sqlite'}")
    days = day_files()[1::4]
    rows = [each for _, data in days for each in _records(data)]
    [whole] = import_files(in_one_go, SITE, PROFILE, [("all.csv", csv_bytes(rows))])
    assert isinstance(whole, ImportReport)
    in_pieces = _with_half_a_catalogue(any_database)
    chance = Random(20101201)
    for name, data in days:
        for number, piece in enumerate(_pieces(_records(data), chance)):
            [report] = import_files(in_pieces, SITE, PROFILE, [(f"{name}-{number}", csv_bytes(piece))])
            assert isinstance(report, ImportReport)
            assert set(report.refusals) <= {"not-goods"}
    # How the files came is not alike (the trail has it, too), nor are the PINs' salts; whatever else a store holds is.
    without = {"import_file", "import_row", "counter", "worker", "audit"}
    assert store_contents(in_pieces, without=without) == store_contents(in_one_go, without=without)
    assert query(in_pieces, select(order_hold.c.reason).distinct().order_by(order_hold.c.reason)) == [
        ("duplicate",),
        ("item-unknown",),
        ("no-price",),
    ]
    in_one_go.close()
    in_pieces.close()


def _with_half_a_catalogue(url: str) -> Database:
    """A warehouse that knows the items of three of the seven days, so that later orders have unknown ones."""
    database = open_store(url)
    with database.write(SITE) as work:
        demo_warehouse(work, read_catalogue(PROFILE, day_files()[:3]))
    return database


def _records(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]


def _pieces(rows: list[list[str]], chance: Random) -> list[list[list[str]]]:
    """Cut anywhere, but not between identical rows of one order: apart, the second looks like the first sent again."""
    cuts = sorted(chance.sample(range(1, len(rows)), 6))
    fit = [cut for cut in cuts if not {tuple(each) for each in rows[:cut]} & {tuple(each) for each in rows[cut:]}]
    assert len(fit) >= 2
    edges = [0, *fit, len(rows)]
    return [rows[first:last] for first, last in pairwise(edges)]


def test_the_same_file_again_changes_nothing_and_says_so(store: Database) -> None:
    day = day_files()[:1]
    [first] = import_files(store, SITE, PROFILE, day)
    before = store_contents(store)
    [second] = import_files(store, SITE, PROFILE, [("another-name.csv", day[0][1])])
    assert isinstance(first, ImportReport)
    assert isinstance(second, ImportReport)
    assert not first.skipped_as_known
    assert second.skipped_as_known
    assert second.known_since is not None
    assert set(second.counts.values()) == {0}
    assert store_contents(store) == before


def test_the_same_rows_in_another_file_are_all_refused_as_known(store: Database) -> None:
    name, data = day_files()[0]
    import_files(store, SITE, PROFILE, [(name, data)])
    tables = {"import_file", "import_row", "counter", "audit"}
    before = store_contents(store, without=tables)
    [again] = import_files(store, SITE, PROFILE, [("again.csv", data.replace(b"\n", b"\r\n"))])
    assert isinstance(again, ImportReport)
    assert again.counts[Outcome.REFUSED] == again.row_count
    assert set(again.refusals) == {"already-imported", "not-goods"}
    assert store_contents(store, without=tables) == before


def test_a_dry_run_reports_the_same_and_writes_nothing(store: Database) -> None:
    import_files(store, SITE, PROFILE, day_files()[:1])
    before = store_contents(store)
    rest = [*day_files()[1:3], ("broken.csv", b"InvoiceNo\n"), *day_files()[3:4]]
    trial = import_files(store, SITE, PROFILE, rest, dry_run=True)
    assert store_contents(store) == before
    real = import_files(store, SITE, PROFILE, rest)
    assert list(map(str, trial)) == list(map(str, real))
    assert store_contents(store) != before


def test_progress_ends_with_all_rows(store: Database) -> None:
    told: list[tuple[int, int]] = []
    name, data = day_files()[0]
    import_files(store, SITE, PROFILE, [(name, data)], progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (3108, 3108)
    assert told == sorted(told)


def test_the_shipped_days_have_the_header_that_the_tests_write() -> None:
    assert all(data.decode().splitlines()[0].split(",") == list(HEADER) for _, data in day_files())
    assert len(day_files()) == 7
