"""Safeguards of the real code, each taken out in a copy of what runs: the scenario that needs it goes wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sync.store import meeting
from sync.store import tables as t
from sync.store.keeping.backing_up import copy_file
from sync.terminal.local_record import LocalRecord
from sync.terminal.verdicts import Verdicts
from tests.store.floor_ledger import bind, claim, pick
from tests.sync.real_store import WORKER, RealStore, down, real_store, up

ROUNDS = 12


def clone_and_restore(store: RealStore, tmp_path: Path) -> tuple[int, int]:
    """Two devices from one image and a store put back to yesterday.

    Returns how many of the four pieces count, and how many facts the store could not judge.
    """
    first = store.terminal(tmp_path / "first")
    for _ in range(3):
        up(first)
        down(first)
    first.record([claim(1), bind(), pick(1), pick(1)], worker_id=WORKER)
    copy_file(store.site.database, tmp_path / "yesterday.db")
    for _ in range(3):
        up(first)
        down(first)
    first.close()
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    both = [store.terminal(tmp_path / name) for name in ("first", "second")]
    for session in both:
        session.record([pick(1)], worker_id=WORKER)
        up(session)
    store.put_back(tmp_path / "yesterday.db")
    for _ in range(ROUNDS):
        for session in both:
            up(session)
            down(session)
    row = store.site.rows(t.pick_line, line_id=1)[0]
    return int(row["picked"]) + int(row["surplus"]), len(store.site.rows(t.event, verdict="quarantined"))


def _known_to_nobody(*_: Any) -> dict[str, str]:
    return {}


def _goes_on_as_before(record: LocalRecord) -> None:
    return None


def _heeds_nothing(verdicts: Verdicts, hwm: int) -> None:
    return None


TAKEN_OUT = {
    "event ids count once": (meeting, "_verdicts_of_known_events", _known_to_nobody),
    "who is told of a fork takes a new stream": (LocalRecord, "start_new_stream", _goes_on_as_before),
    "a store that went back gets it again": (Verdicts, "heed", _heeds_nothing),
}


def test_with_all_of_them_every_piece_counts_once(tmp_path: Path) -> None:
    with real_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert clone_and_restore(store, tmp_path) == (4, 0)


@pytest.mark.parametrize("safeguard", TAKEN_OUT)
def test_without_one_of_them_it_does_not(safeguard: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, instead = TAKEN_OUT[safeguard]
    monkeypatch.setattr(where, name, instead)
    with real_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert clone_and_restore(store, tmp_path) != (4, 0)
