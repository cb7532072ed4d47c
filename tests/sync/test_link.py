"""What a terminal says of its line: never that the store is out of reach when it has just answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.record.facts import SignedIn
from sync.terminal.session import TerminalSession
from tests.sync.real_store import WORKER, RealStore, down, real_store, settle, up

WAYS: dict[str, tuple[Callable[[TerminalSession], None], Callable[[TerminalSession], None]]] = {
    "up": (up, down),
    "down": (down, up),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RealStore]:
    with real_store(f"sqlite:///{tmp_path / 'store.db'}") as made:
        yield made


@pytest.fixture
def session(store: RealStore, tmp_path: Path) -> TerminalSession:
    """At rest, with a fact to deliver."""
    made = store.terminal(tmp_path / "a")
    settle(made)
    made.record([SignedIn()], worker_id=WORKER)
    return made


@pytest.mark.parametrize("first", WAYS)
def test_the_first_answer_on_either_way_ends_the_words_that_nobody_answers(
    store: RealStore, session: TerminalSession, first: str
) -> None:
    one_way, other_way = WAYS[first]
    store.stop()
    one_way(session)
    other_way(session)
    assert "cannot be reached" in (session.link().problem or "")
    assert not session.link().online
    store.restart()
    one_way(session)
    assert (session.link().online, session.link().problem) == (True, None)


def test_what_broke_here_is_said_on_although_the_store_answers(session: TerminalSession) -> None:
    assert session.uploader is not None
    session.uploader.failed(RuntimeError("the ledger's page 7"))
    assert not session.link().online
    down(session)
    assert (session.link().online, session.link().problem) == (True, "Delivering failed: the ledger's page 7")
    up(session)
    assert session.link().problem is None
