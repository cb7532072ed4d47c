"""A copy of the store's data that has gone wrong finds out by itself and is fetched anew."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.store import tables as t
from sync.terminal.session import TerminalSession
from sync.wire.digests import RowSums
from tests.store.floor_ledger import claim
from tests.sync.real_store import WORKER, RealStore, down, real_store, settle


@pytest.fixture
def store(any_database: str) -> Iterator[RealStore]:
    with real_store(any_database) as made:
        with made.site.write() as work:
            for code in ("A1", "B1", "A2"):
                work.touch("location", code)
            for item_id in ("MUG", "TEA"):
                work.touch("item", item_id)
        yield made


def replica(session: TerminalSession) -> dict[tuple[str, str], bytes]:
    return {(kind, key): data for kind, key, data in session._record.replica.rows_behind("", "", 10_000)}


def check(session: TerminalSession) -> None:
    assert session.downloader is not None
    session.downloader.check_soon()
    down(session)


DAMAGES = {
    "a changed row": ("UPDATE row SET data = replace(data, 'MUG', 'JUG') WHERE kind = 'item' AND key = 'MUG'", "item"),
    "a lost row": ("DELETE FROM row WHERE kind = 'location' AND key = 'A1'", "location/A"),
    "a row too many": ("INSERT INTO row SELECT generation, kind, 'X1', data FROM row WHERE key = 'TEA'", "item"),
    "one row in the place of another": (
        "UPDATE row SET data = (SELECT data FROM row o WHERE o.kind = row.kind AND o.key = 2) WHERE kind = 'pick_list'",
        "pick_list",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_and_healed(
    store: RealStore, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    right = replica(session)
    check(session)
    assert session.link().problem is None
    sql, part = DAMAGES[damage]
    with session._record.replica.file.transaction() as db:
        db.execute(sql)
    assert replica(session) != right
    with caplog.at_level(logging.WARNING):
        check(session)
    assert part in (session.link().problem or "")
    assert part in caplog.text
    down(session)
    assert replica(session) == right
    assert session.link().problem is None


def test_what_changed_since_the_cursor_is_no_difference(
    store: RealStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = store.terminal(tmp_path / "a")
    other = store.terminal(tmp_path / "b", "HH-08")
    settle(session, other)
    other.record([claim(1)], worker_id=WORKER)
    settle(other)
    store.site.change(t.item, {"name": "another name"}, item_id="MUG")
    with store.site.write() as work:
        work.touch("item", "MUG")
        work.touch("location", "A1", deleted=True)
    before = session._record.replica.picture().cursor
    check(session)
    assert caplog.text == ""
    assert session._record.replica.picture().cursor == before, "sums were compared at the old cursor"
    down(session)
    assert session._record.replica.get("location", "A1") is None
    check(session)
    assert session.link().problem is None


def test_a_row_that_the_store_forgot_to_tell_of_is_found_too(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    store.site.change(t.item, {"name": "never told"}, item_id="TEA")
    check(session)
    assert "item" in (session.link().problem or "")
    down(session)
    assert b"never told" in replica(session)["item", "TEA"]


def test_it_is_looked_at_once_an_hour_more_or_less(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    assert session.downloader is not None
    settle(session)
    due_in_s = [session.downloader._next_check_s() - time.monotonic() for _ in range(50)]
    assert 1790 < min(due_in_s) < max(due_in_s) < 5410


def test_sums_do_not_depend_on_order_and_change_with_every_bit() -> None:
    rows = [("item", "A", b'{"a":1}'), ("item", "B", b'{"a":2}'), ("location", "L", b'{"zone_id":"Z"}')]
    sums, turned, other = RowSums(), RowSums(), RowSums()
    for row in rows:
        sums.add(*row)
    for row in reversed(rows):
        turned.add(*row)
    assert sums.by_part() == turned.by_part()
    assert set(sums.by_part()) == {"item", "location/Z"}
    for kind, key, data in rows:
        other.add(kind, key, data.replace(b"1", b"3"))
    assert other.by_part()["item"] != sums.by_part()["item"]
    assert other.by_part()["location/Z"] == sums.by_part()["location/Z"]
