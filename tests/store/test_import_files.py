"""Files as they really come: cut off, in the wrong encoding, with the wrong header, with bad rows, sent twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from sync.store.database import Database
from sync.store.importers.importing import import_file, import_files
from sync.store.importers.records import FileRefused
from sync.store.importers.report import ImportReport, Outcome
from sync.store.tables import import_file as file_table
from sync.store.tables import import_row, order_line, orders
from tests.store.order_files import (
    HEADER,
    PROFILE,
    SITE,
    bring_in,
    csv_bytes,
    day_files,
    open_store,
    query,
    row,
    store_contents,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """How a file reads does not depend on the database; what the record makes of it is tried on both below."""
    database = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield database
    database.close()


@pytest.fixture
def any_store(any_database: str) -> Iterator[Database]:
    database = open_store(any_database)
    yield database
    database.close()


def refusal(store: Database, data: bytes) -> str:
    """Why this file is refused as a whole, having proven that it left nothing behind."""
    before = store_contents(store)
    with pytest.raises(FileRefused) as caught, store.write(SITE) as work:
        import_file(work, PROFILE, "orders.csv", data)
    assert store_contents(store) == before
    [result] = import_files(store, SITE, PROFILE, [("orders.csv", data)])
    assert isinstance(result, FileRefused)
    assert str(result) == str(caught.value)
    assert store_contents(store) == before
    return str(result)


def accepted(store: Database, data: bytes) -> ImportReport:
    [report] = import_files(store, SITE, PROFILE, [("orders.csv", data)])
    assert isinstance(report, ImportReport)
    return report


# --- the file as a whole ----------------------------------------------------------------------------------------------


def test_an_empty_file_is_refused(store: Database) -> None:
    assert "is empty" in refusal(store, b"")
    assert "is empty" in refusal(store, b"\xef\xbb\xbf\r\n\r\n")


def test_a_file_of_only_a_header_is_refused(store: Database) -> None:
    assert "no rows" in refusal(store, csv_bytes([]))


def test_a_file_cut_off_in_a_row_is_refused_with_the_line(store: Database) -> None:
    data = csv_bytes([row(), row(item="22423")])
    text = refusal(store, data[: data.rindex(b"17850")])
    assert "cut off" in text
    assert "line 3, has 7 of 8 fields" in text


def test_a_file_cut_off_inside_quotes_is_refused_with_the_line(store: Database) -> None:
    data = csv_bytes([row(), row(description="TINS, CAKE")])
    text = refusal(store, data[: data.rindex(b"CAKE")])
    assert "cut off inside quotes" in text
    assert "line 3" in text


@pytest.mark.parametrize("lost", [1, 2, 40, 400, 4000])
def test_a_real_day_that_lost_its_end_is_refused_or_whole_but_for_its_last_field(store: Database, lost: int) -> None:
    _, data = day_files()[0]
    cut = data.rstrip(b"\n")[:-lost]
    if cut.rpartition(b"\n")[2].count(b",") == 7:
        assert accepted(store, cut).row_count == 3108
    else:
        assert "cut off" in refusal(store, cut)


def test_a_missing_final_line_break_is_fine(store: Database) -> None:
    assert accepted(store, csv_bytes([row()]).rstrip(b"\n")).counts[Outcome.ORDER_LINE] == 1


def test_a_wrong_encoding_is_refused_with_its_place(store: Database) -> None:
    data = csv_bytes([row(), row(description="CAFÉ")]).replace("É".encode(), b"\xc9")
    text = refusal(store, data)
    assert f"byte {data.index(0xC9) + 1}, in line 3" in text
    assert "0xC9" in text
    assert "utf-8" in text


def test_a_nul_is_refused_with_its_line(store: Database) -> None:
    assert "NUL character in line 2" in refusal(store, csv_bytes([row(description="A\x00B")]))


def test_a_wrong_header_is_refused_with_what_is_missing_and_what_is_there(store: Database) -> None:
    header = [name.replace("StockCode", "SKU").replace("Quantity", "Qty") for name in HEADER]
    text = refusal(store, csv_bytes([row()], header))
    assert "lacks 'StockCode', 'Quantity'" in text
    assert "'SKU'" in text
    assert "'Qty'" in text


def test_a_column_that_stands_twice_is_refused(store: Database) -> None:
    assert "'Quantity' more than once" in refusal(store, csv_bytes([(*row(), "9")], (*HEADER, "Quantity")))


def test_another_delimiter_is_refused_as_a_wrong_header(store: Database) -> None:
    assert "delimiter" in refusal(store, csv_bytes([row()]).replace(b",", b";"))


def test_broken_quotes_are_refused(store: Database) -> None:
    data = csv_bytes([row(), row(description="TINS")]).replace(
        b"TINS,6,2010-12-08 10:00:00,4.95,17850.0", b'"TINS"X,6,,,'
    )
    assert "broken quotes" in refusal(store, data)


def test_byte_order_mark_crlf_blank_lines_and_line_breaks_in_quotes_are_fine(store: Database) -> None:
    data = csv_bytes([row(description="CAKE\nTINS"), row(item="22423")])
    report = accepted(store, b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n").replace(b"\r\n6000", b"\r\n\r\n6000"))
    assert [(each.row_no, each.line, each.outcome) for each in report.rows] == [
        (1, 3, Outcome.ORDER_LINE),
        (2, 6, Outcome.ORDER_LINE),
    ]
    assert query(store, select(order_line.c.description).order_by(order_line.c.line_no)) == [
        ("CAKE\r\nTINS",),
        ("CAKE TINS",),
    ]


def test_columns_may_stand_in_any_order_and_others_beside_them(store: Database) -> None:
    header = ("Remark", *reversed(HEADER))
    report = accepted(store, csv_bytes([("?", *reversed(row()))], header))
    assert report.counts[Outcome.ORDER_LINE] == 1
    assert query(store, select(order_line.c.item_id, order_line.c.ordered)) == [("22720", 6)]


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason", "said"),
    [
        (row(quantity="six"), "quantity", "'six' is no whole number"),
        (row(quantity="1.5"), "quantity", "'1.5' is no whole number"),
        (row(quantity="٦"), "quantity", "no whole number"),
        (row(quantity=""), "quantity", "'' is no whole number"),
        (row(quantity="0"), "quantity", "is 0"),
        (row(quantity="1000001"), "quantity", "beyond 1,000,000"),
        (row(quantity="-1000001", price="0"), "quantity", "beyond 1,000,000"),
        (row(at="08/12/2010 10:00"), "date", "'08/12/2010 10:00' is no time of the form"),
        (row(at="2010-02-30 10:00:00"), "date", "2010-02-30"),
        (row(at="0001-01-01 00:00:00"), "date", "between 1970 and 2100"),
        (row(ref=" "), "no-ref", "'InvoiceNo' is empty"),
        (row(item=""), "no-item", "'StockCode' is empty"),
        (row(ref="6" * 65), "too-long", "ref has 65 characters and may have 64"),
        (row(item="2" * 65), "too-long", "item has 65"),
        (row(item="ŉ" * 40), "not-a-code", "StockCode"),
        (row(item="22\n720"), "not-a-code", "StockCode"),
        (row(description="X" * 201), "too-long", "description has 201"),
        (row(customer="1" * 65), "too-long", "customer has 65"),
        (row(price="free"), "price", "'free' is no price"),
        (row(price="-4.95"), "price", "'-4.95' is no price"),
        (row(quantity="-6"), "negative", "below 0"),
        (row(ref="C600001", quantity="6"), "sign", "takes back"),
        (row(item="post"), "not-goods", "POST is no goods: postage"),
        (row(item="gift_0001_20"), "not-goods", "gift voucher"),
        (row()[:7], "fields", "7 fields and the header has 8"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_rest_goes_in(
    store: Database, bad: tuple[str, ...], reason: str, said: str
) -> None:
    report = bring_in(store, row("600001"), bad, row("600002"))
    good, refused, also_good = report.rows
    assert (good.outcome, also_good.outcome) == (Outcome.ORDER_LINE, Outcome.ORDER_LINE)
    assert (refused.outcome, refused.reason, refused.row_no, refused.line) == (Outcome.REFUSED, reason, 2, 3)
    assert said in refused.text
    assert query(store, select(orders.c.order_ref).order_by(orders.c.order_id)) == [("600001",), ("600002",)]
    [(kept,)] = query(store, select(import_row.c.reason).where(import_row.c.outcome == "refused"))
    assert kept == f"{reason}: {refused.text}"


def test_an_item_is_the_same_in_small_and_capital_letters(any_store: Database) -> None:
    bring_in(any_store, row(item="85123a"), row(item=" 85123A "))
    assert query(any_store, select(order_line.c.item_id)) == [("85123A",), ("85123A",)]


def test_the_same_item_twice_and_identical_rows_are_lines_of_their_own(any_store: Database) -> None:
    report = bring_in(any_store, row(), row(), row(quantity="2"))
    assert report.counts[Outcome.ORDER_LINE] == 3
    assert query(any_store, select(order_line.c.line_no, order_line.c.ordered).order_by(order_line.c.line_no)) == [
        (1, 6),
        (2, 6),
        (3, 2),
    ]


def test_a_row_of_another_customer_is_refused(any_store: Database) -> None:
    report = bring_in(any_store, row(), row(item="22423", customer="12345.0"), row(item="22423", customer=""))
    assert [each.reason for each in report.rows] == ["", "other-head", ""]


# --- again and again --------------------------------------------------------------------------------------------------


def test_rows_that_are_in_already_are_refused_with_the_file_that_brought_them(any_store: Database) -> None:
    bring_in(any_store, row(), row(item="22423"), name="monday.csv")
    report = bring_in(any_store, row(item="22423"), row(item="84879"), name="tuesday.csv")
    known, new = report.rows
    assert (known.reason, known.text) == ("already-imported", "it is in already, from monday.csv, row 2")
    assert new.outcome is Outcome.ORDER_LINE
    assert report.orders_new == ()
    assert report.orders_touched == ("600001",)


def test_of_identical_rows_only_the_surplus_over_earlier_files_is_new(any_store: Database) -> None:
    bring_in(any_store, row(), row(), name="two.csv")
    report = bring_in(any_store, row(), row(), row(), name="three.csv")
    assert [each.reason for each in report.rows] == ["already-imported", "already-imported", ""]
    report = bring_in(any_store, row(), row(), row(), row(item="22423"), name="four.csv")
    assert [each.reason for each in report.rows] == ["already-imported"] * 3 + [""]


def test_a_row_that_was_refused_may_come_again(any_store: Database) -> None:
    again = row("C600001", quantity="6")
    bring_in(any_store, again, name="one.csv")
    report = bring_in(any_store, again, row(), name="two.csv")
    assert [each.reason for each in report.rows] == ["sign", ""]


def test_further_rows_of_a_known_order_become_its_next_lines(any_store: Database) -> None:
    bring_in(any_store, row(), name="one.csv")
    bring_in(any_store, row(item="22423"), row("600002"), name="two.csv")
    lines = query(
        any_store,
        select(orders.c.order_ref, order_line.c.line_no, order_line.c.item_id)
        .join(orders, orders.c.order_id == order_line.c.order_id)
        .order_by(order_line.c.order_line_id),
    )
    assert lines == [("600001", 1, "22720"), ("600001", 2, "22423"), ("600002", 1, "22720")]


def test_two_imports_of_one_file_at_the_same_time_bring_it_in_once(any_database: str) -> None:
    stores = [open_store(any_database), open_store(any_database)]
    with ThreadPoolExecutor(2) as pool:
        pending = [pool.submit(import_files, store, SITE, PROFILE, day_files()[:1]) for store in stores]
        reports = [report for each in pending for report in each.result()]
    assert sorted(report.skipped_as_known for report in reports if isinstance(report, ImportReport)) == [False, True]
    assert len(query(stores[0], select(file_table.c.import_id))) == 1
    for store in stores:
        store.close()
