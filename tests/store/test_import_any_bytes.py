"""Whatever bytes come as a file: it goes in whole with every row accounted for, or nothing of it does."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from sync.store.database import Database
from sync.store.importers.importing import import_file
from sync.store.importers.profile import Profile, parse_profile
from sync.store.importers.records import FileRefused
from sync.store.importers.report import ImportReport, Outcome
from sync.store.tables import import_row, order_line, return_notice, stock_adjustment
from sync.store.unit_of_work import UnitOfWork
from tests.store.order_files import HEADER, PROFILE, SITE, contents, csv_bytes, day_files, open_store, row

REAL = b"".join(day_files()[0][1].splitlines(keepends=True)[:40])

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "0", "-1", "6", "C1", "600001", "POST", "22720", "2010-12-01 08:26:00", "2.55", "1e9", '"', "\r"]
    ),
)
rows = st.lists(st.lists(cells, min_size=7, max_size=9), max_size=6)
files = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=200).map(lambda data: ",".join(HEADER).encode() + b"\n" + data),
    rows.map(csv_bytes),
    rows.map(lambda each: csv_bytes(each).decode().encode("utf-16")),
    st.builds(
        lambda start, end, put: REAL[:start] + put + REAL[end:],
        st.integers(0, len(REAL)),
        st.integers(0, len(REAL)),
        st.binary(max_size=5),
    ),
)


class _Undo(Exception):
    """Takes back what an example did."""


@contextmanager
def taken_back(store: Database) -> Iterator[UnitOfWork]:
    with suppress(_Undo), store.write(SITE) as work:
        yield work
        raise _Undo


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("any-bytes")
    database = open_store(f"sqlite:///{folder / 'store.sqlite'}")
    with database.write(SITE) as work:
        import_file(work, PROFILE, "first.csv", csv_bytes([row(), row("600002", item="22423")]))
    yield database
    database.close()


UTF_16 = """
name = "wide"
encoding = "utf-16"
[columns]
ref = "InvoiceNo"
item = "StockCode"
quantity = "Quantity"
[service]
default = "NEXTDAY"
"""


@pytest.mark.parametrize("profile", [PROFILE, parse_profile(UTF_16, "wide")], ids=["utf-8", "utf-16"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=files)
def test_any_bytes_go_in_whole_or_not_at_all(store: Database, profile: Profile, data: bytes) -> None:
    with taken_back(store) as work:
        before = contents(work.conn)
        report, refused = tried(work, profile, data)
        if report is None:
            assert "any.csv" in refused
            assert contents(work.conn) == before
            return
        assert [each.row_no for each in report.rows] == list(range(1, report.row_count + 1))
        grown = {
            Outcome.ORDER_LINE: order_line,
            Outcome.RETURN_NOTICE: return_notice,
            Outcome.STOCK_ADJUSTMENT: stock_adjustment,
        }
        for outcome, table in grown.items():
            assert count(work, table) - len(before[table.name]) == report.counts[outcome]
        assert count(work, import_row) - len(before[import_row.name]) == report.row_count


def tried(work: UnitOfWork, profile: Profile, data: bytes) -> tuple[ImportReport | None, str]:
    try:
        return import_file(work, profile, "any.csv", data), ""
    except FileRefused as refused:
        return None, str(refused)


def count(work: UnitOfWork, table: Table) -> int:
    return int(work.conn.execute(select(func.count()).select_from(table)).scalar_one())
