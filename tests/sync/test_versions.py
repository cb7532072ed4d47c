"""A terminal one release older or newer than the store works, or says plainly why not and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.store import tables as t
from sync.terminal import versions
from sync.terminal.client import release
from sync.terminal.session import TerminalSession
from sync.terminal.versions import agree
from sync.wire.messages import OLDEST_STORE, OLDEST_TERMINAL, PROTOCOL, Hello
from tests.store.floor_ledger import bind, claim, pick
from tests.sync.conftest import Connect
from tests.sync.real_store import WORKER, RealStore, down, real_store, settle, up
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import picked


@pytest.fixture
def real(any_database: str) -> Iterator[RealStore]:
    with real_store(any_database) as made:
        yield made


def hello(lowest: int, highest: int) -> Hello:
    return Hello(product="floorhand", protocol_min=lowest, protocol_max=highest, incarnation="i", server_time="")


def problem(session: TerminalSession) -> str:
    return session.link().problem or ""


def test_they_speak_the_newest_protocol_that_both_know() -> None:
    assert agree(hello(1, PROTOCOL)).protocol == PROTOCOL
    assert agree(hello(OLDEST_TERMINAL, PROTOCOL + 1)) == agree(hello(1, PROTOCOL))
    assert agree(hello(1, OLDEST_STORE)) == versions.Agreed(OLDEST_STORE)
    assert "Update this terminal" in (agree(hello(PROTOCOL + 1, PROTOCOL + 2)).trouble or "")
    assert "The store is older" in (agree(hello(0, OLDEST_STORE - 1)).trouble or "")


def test_a_terminal_works_with_a_store_of_the_release_before(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    down(session)
    assert session.open_list_count() == 1
    session.record([picked(1)], worker_id=WORKER)
    up(session)
    down(session)
    assert store.line(1).picked == 1
    assert store.pushes[-1].startswith(b'{"protocol":1,')
    assert problem(session) == ""


def test_a_terminal_works_with_a_store_of_the_next_release(
    real: RealStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.api.terminals.PROTOCOL", PROTOCOL + 1)
    session = real.terminal(tmp_path / "a")
    session.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    settle(session)
    assert [row["verdict"] for row in real.site.rows(t.event)] == ["accepted"] * 3


def test_a_terminal_that_is_too_old_says_so_and_delivers_all_the_same(
    real: RealStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = real.terminal(tmp_path / "a")
    settle(session)
    monkeypatch.setattr("sync.store.api.contact.OLDEST_TERMINAL", PROTOCOL + 1)
    down(session)  # it learns by a refusal, in the middle of its work ...
    assert "older than the store" in problem(session)
    monkeypatch.setattr("sync.store.api.terminals.OLDEST_TERMINAL", PROTOCOL + 1)
    monkeypatch.setattr("sync.store.api.terminals.PROTOCOL", PROTOCOL + 1)
    session.record([claim(1), bind(), pick(2)], worker_id=WORKER)
    up(session)
    down(session)  # ... or by asking
    assert "Update this terminal" in problem(session)
    assert "delivered all the same" in problem(session)
    assert [row["verdict"] for row in real.site.rows(t.event)] == ["accepted"] * 3
    assert session.link().undelivered == 0
    monkeypatch.undo()
    settle(session)
    walk = session.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2


def test_a_terminal_that_is_too_new_says_so_and_keeps_its_facts(
    store: TinyStore, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "OLDEST_STORE", PROTOCOL)
    session = connect(start=False)
    down(session)
    assert "The store is older than this terminal" in problem(session)
    assert "Update the store" in problem(session)
    store.protocol = PROTOCOL
    down(session)
    assert "older" not in problem(session), "it asks again, and the store has been updated"


def test_the_store_knows_what_runs_where_and_what_it_owes(real: RealStore, tmp_path: Path) -> None:
    session = real.terminal(tmp_path / "a")
    session.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    down(session)
    (known,) = real.site.rows(t.terminal)
    assert (known["release"], known["owed"]) == (release(), 3)
    assert known["owed_since"] is not None
    assert known["owed_since"] <= known["last_seen_at"]
    settle(session)
    (known,) = real.site.rows(t.terminal)
    assert (known["owed"], known["owed_since"]) == (0, None)


def test_a_push_says_what_is_left_after_it(real: RealStore, tmp_path: Path) -> None:
    session = real.terminal(tmp_path / "a")
    down(session)
    session.record([claim(1), bind(), *(pick(1) for _ in range(203))], worker_id=WORKER)
    up(session)
    (known,) = real.site.rows(t.terminal)
    assert known["owed"] == 5
    assert known["owed_since"] is not None
    up(session)
    down(session)
    (known,) = real.site.rows(t.terminal)
    assert (known["owed"], known["owed_since"]) == (0, None)
