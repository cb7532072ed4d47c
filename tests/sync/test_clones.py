"""Two devices from one image: both are told, and nothing is lost, not even when the store is put back as well."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.store import tables as t
from sync.store.keeping.backing_up import copy_file
from sync.terminal.session import TerminalSession
from tests.store.floor_ledger import bind, claim, pick
from tests.sync.real_store import WORKER, RealStore, real_store, settle, up


@pytest.fixture
def store(any_database: str) -> Iterator[RealStore]:
    with real_store(any_database) as made:
        yield made


def two_from_one(store: RealStore, tmp_path: Path) -> tuple[TerminalSession, TerminalSession]:
    first = store.terminal(tmp_path / "first")
    settle(first)
    first.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    settle(first)
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    return store.terminal(tmp_path / "first"), store.terminal(tmp_path / "second")


def picked(store: RealStore) -> int:
    return int(store.site.rows(t.pick_line, line_id=1)[0]["picked"])


def clones_told(store: RealStore) -> list[str]:
    return [row["text"] for row in store.site.rows(t.discrepancy) if row["kind"] == "clone"]


def test_the_second_writer_goes_on_under_a_new_name_and_both_sides_say_so(store: RealStore, tmp_path: Path) -> None:
    first, second = two_from_one(store, tmp_path)
    assert first._record.ledger.stream_id() == second._record.ledger.stream_id()
    first.record([pick(1)], worker_id=WORKER)
    second.record([pick(1)], worker_id=WORKER)
    up(first)
    assert clones_told(store) == []
    up(second)
    assert "Another device delivers as this terminal" in (second.link().problem or "")
    (told,) = clones_told(store)
    boots = {first._record.stamper.boot_id, second._record.stamper.boot_id}
    assert all(boot in told for boot in boots)
    assert told.count("HH-07") == 2
    assert "from entry 4" in told
    settle(first, second)
    assert first._record.ledger.stream_id() != second._record.ledger.stream_id()
    assert picked(store) == 3
    assert store.site.differences() == []
    for session in (first, second):
        walk = session.held_walk()
        assert walk is not None
        assert walk.lines[0].picked == 3
    assert len(clones_told(store)) == 1


def test_a_clone_and_a_store_put_back_together_lose_nothing(tmp_path: Path) -> None:
    with real_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        first, second = two_from_one(store, tmp_path)
        copy_file(store.site.database, tmp_path / "yesterday.db")
        first.record([pick(1)], worker_id=WORKER)
        settle(first)  # the store holds entry 4 of the first
        second.record([pick(1)], worker_id=WORKER)
        store.put_back(tmp_path / "yesterday.db")
        up(second)  # ... and now takes the second's as entry 4 of the same stream
        settle(first, second)
        assert picked(store) == 3
        assert store.site.differences() == []
        assert len({row["event_id"] for row in store.site.rows(t.event) if row["kind"] == "picked@1"}) == 3


def test_a_copy_that_has_recorded_nothing_is_told_what_is_new(store: RealStore, tmp_path: Path) -> None:
    first = store.terminal(tmp_path / "first")
    settle(first)
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first, second = store.terminal(tmp_path / "first"), store.terminal(tmp_path / "second")
    first.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    settle(first)
    settle(second)
    assert first._record.ledger.stream_id() != second._record.ledger.stream_id()
    walk = second.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 1
    first.record([pick(1)], worker_id=WORKER)
    settle(first, second)
    walk = second.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2
