"""A tiny store and terminals beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.record.ids import TerminalId
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.sync_loop import Pace
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import SITE, one_list

Connect = Callable[..., TerminalSession]

QUICK = Pace(first_s=0.02, longest_s=0.2, idle_s=30.0, poll_s=20)
"""The product's rhythm, faster; the idle timer stays long, so that nothing here is found by it alone."""


@pytest.fixture
def store() -> Iterator[TinyStore]:
    """A store with one open list of three lines."""
    store = TinyStore(one_list())
    yield store
    store.close()


@pytest.fixture
def connect(store: TinyStore, tmp_path: Path) -> Iterator[Connect]:
    """Open a terminal's session; all are closed in the end."""
    sessions: list[TerminalSession] = []

    def open_one(
        terminal: str = "HH-01", *, start: bool = True, alone: bool = False, pace: Pace = QUICK
    ) -> TerminalSession:
        session = open_session(
            tmp_path / terminal,
            site_id=SITE,
            terminal_id=TerminalId(terminal),
            store_url=None if alone else store.url,
            pace=pace,
        )
        sessions.append(session)
        if start:
            session.start()
        return session

    yield open_one
    for session in sessions:
        session.close()
