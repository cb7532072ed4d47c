"""Rows as terminals are told them: byte for byte what the codec makes of them, however they were built."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import select

from sync.record.ids import Gtin, StreamId, TerminalId
from sync.record.rows import Barcode, ItemRow, LocationRow, PickLineRow, PickListRow
from sync.store import tables as t
from sync.store.changes import Reader, changes
from sync.store.in_bulk import among
from sync.store.keeping.snapshots import told_rows
from sync.store.views import encoded_rows, rows_of
from sync.wire.codec import decode_row, encode_row
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_changes import made_known
from tests.store.worked_mixture import work_a_mixture

KEYS = {
    "site": t.site.c.site_id,
    "worker": t.worker.c.worker_id,
    "item": t.item.c.item_id,
    "location": t.location.c.code,
    "pick_list": t.pick_list.c.list_id,
    "pick_line": t.pick_line.c.line_id,
}
READER = Reader(SITE, TerminalId("HH-08"), StreamId("8" * 32), ("pack",), None)


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        work_a_mixture(made)
        with made.write() as work:
            work.insert(t.packaging, [{"item_id": "22720", "packaging": "each", "pieces": 1, "weight_g": 240}])
            work.insert(t.item_barcode, [{"item_id": "22720", "gtin": "09521234000013", "packaging": "each"}])
            for kind, column in KEYS.items():
                for key in list(work.conn.scalars(select(column))):
                    work.touch(kind, str(key))
        yield made


def test_every_row_is_encoded_as_the_codec_encodes_it(site: SmallSite) -> None:
    keys: dict[str, list[str]] = {}
    for row in site.rows(t.feed):
        keys.setdefault(row["kind"], []).append(row["key"])
    seen = set()
    with site.database.read() as conn:
        for kind, some in keys.items():
            for data in encoded_rows(conn, SITE, kind, some).values():
                row_read = decode_row(kind, data)
                assert row_read is not None
                assert data == encode_row(row_read)
                seen.add(type(row_read))
    assert {ItemRow, LocationRow, PickListRow, PickLineRow} <= seen


def test_a_row_can_be_had_as_what_it_is(site: SmallSite) -> None:
    with site.database.read() as conn:
        line = rows_of(conn, SITE, "pick_line", ["1"])["1"]
        item = rows_of(conn, SITE, "item", ["22720"])["22720"]
    assert isinstance(line, PickLineRow)
    assert line.item_id == "22720"
    assert isinstance(item, ItemRow)
    assert item.barcodes == (Barcode(gtin=Gtin("09521234000013"), pieces=1, packaging="each"),)


def test_keys_that_are_gone_are_left_out(site: SmallSite) -> None:
    with site.database.read() as conn:
        assert list(encoded_rows(conn, SITE, "pick_line", ["1", "999999"])) == ["1"]
        assert encoded_rows(conn, SITE, "item", []) == {}


def test_a_snapshot_tells_the_rows_that_the_pages_tell(site: SmallSite) -> None:
    with site.database.read() as conn:
        told = {(kind, key): data for kind, key, data in told_rows(conn, READER)}
        page = changes(conn, READER, 1000)
    assert not page.more
    assert told == {(change.kind, change.key): bytes(change.row) for change in page.changes if change.row}
    assert {*KEYS, "tote", "carton"} <= {kind for kind, _ in told}


def test_keys_that_could_break_out_of_a_list_are_only_keys(site: SmallSite) -> None:
    awkward = ['{"', "}", ",", "'", "\\", "a,b", "NULL", "", "Ä €", '"]', "22720"]
    with site.database.read() as conn:
        i = t.item.c
        found = conn.scalars(select(i.item_id).where(i.site_id == SITE, among(conn, i.item_id, awkward))).all()
    assert found == ["22720"]


def test_every_column_of_the_awkward_names_finds_itself(site: SmallSite) -> None:
    names = ['{"', "}", ",", "'", "\\", "a,b", "NULL", "Ä €", '"]']
    with site.write() as work:
        flags = dict.fromkeys(("sellable", "lot_tracked", "serial_tracked", "expiry_tracked"), False)
        work.insert(t.item, [{"item_id": name, "name": "x", "demand_class": None, **flags} for name in names])
    with site.database.read() as conn:
        encoded = encoded_rows(conn, SITE, "item", names)
    assert {msgspec.json.decode(data)["item_id"] for data in encoded.values()} == set(names)
