"""A dead terminal's ledger is delivered from another machine: read-only, any number of times, damaged or not."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floor.cli import floor
from sync.store import tables as t
from sync.terminal.identity import save_identity
from sync.terminal.rescue import read_ledger
from tests.store.floor_ledger import bind, claim, pick
from tests.sync.real_store import WORKER, RealStore, enrolled, real_store, settle


@pytest.fixture
def store(any_database: str) -> Iterator[RealStore]:
    with real_store(any_database) as made:
        yield made


def dead_terminal(store: RealStore, folder: Path) -> None:
    """It delivered two entries and died with three more."""
    session = store.terminal(folder)
    settle(session)
    session.record([claim(1), bind()], worker_id=WORKER)
    settle(session)
    session.record([pick(1), pick(1), pick(1)], worker_id=WORKER)
    session.close()


def rescued(store: RealStore, folder: Path, desk: Path, *, exit_code: int = 0) -> Result:
    save_identity(desk, enrolled(store.site, "DESK-1", ("rescue",)))
    words = ["terminal", "rescue", "--data", folder, "--store", store.address, "--identity", desk]
    result = CliRunner().invoke(floor, list(map(str, words)))
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def picked(store: RealStore) -> int:
    return int(store.site.rows(t.pick_line, line_id=1)[0]["picked"])


def verdicts(store: RealStore) -> Counter[str]:
    return Counter(row["verdict"] for row in store.site.rows(t.event))


def test_what_it_did_not_deliver_counts_once_however_often_it_is_rescued(store: RealStore, tmp_path: Path) -> None:
    dead_terminal(store, tmp_path / "dead")
    before = contents(tmp_path / "dead")
    for _ in range(3):
        said = rescued(store, tmp_path / "dead", tmp_path / "desk").output
        assert "5 entries delivered" in said
        assert "3  accepted" in said
        assert "2  duplicate" in said
        assert picked(store) == 3
    assert verdicts(store) == Counter(accepted=5, duplicate=2)
    assert contents(tmp_path / "dead") == before
    found = store.terminal(tmp_path / "dead")  # and then it is found again and goes on by itself
    found.record([pick(1)], worker_id=WORKER)
    settle(found)
    assert picked(store) == 4
    found.close()
    assert "6 entries delivered" in rescued(store, tmp_path / "dead", tmp_path / "desk").output
    assert picked(store) == 4
    assert store.site.differences() == []


def test_who_may_not_rescue_has_it_looked_at_by_a_person(store: RealStore, tmp_path: Path) -> None:
    dead_terminal(store, tmp_path / "dead")
    save_identity(tmp_path / "desk", enrolled(store.site, "DESK-2"))
    words = [
        "terminal",
        "rescue",
        "--data",
        tmp_path / "dead",
        "--store",
        store.address,
        "--identity",
        tmp_path / "desk",
    ]
    said = CliRunner().invoke(floor, list(map(str, words))).output
    assert "3  quarantined" in said
    assert picked(store) == 0


def test_damaged_entries_are_named_and_all_others_delivered(store: RealStore, tmp_path: Path) -> None:
    dead_terminal(store, tmp_path / "dead")
    with closing(sqlite3.connect(tmp_path / "dead" / "ledger.sqlite")) as db, db:
        (body,) = db.execute("SELECT body FROM entry WHERE seq = 4").fetchone()
        db.execute("UPDATE entry SET body = ? WHERE seq = 4", (body.replace(b'"quantity":1', b'"quantity":9'),))
        db.execute("UPDATE entry SET h = ? WHERE seq = 2", ("0" * 64,))
    said = rescued(store, tmp_path / "dead", tmp_path / "desk", exit_code=1).output
    assert "4 entries delivered" in said, "an entry whose hash alone is damaged is proven by the next one"
    assert "damaged and left out: 4." in said
    assert picked(store) == 2


def test_pages_that_cannot_be_read_cost_only_what_is_in_them(tmp_path: Path, store: RealStore) -> None:
    session = store.terminal(tmp_path / "dead")
    session.record([claim(1), *(pick(1) for _ in range(400))], worker_id=WORKER)
    session.close()
    path = tmp_path / "dead" / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as db:
        pages = [row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = 'entry' AND pagetype = 'leaf'")]
    raw = bytearray(path.read_bytes())
    spoiled = pages[len(pages) // 2]
    raw[(spoiled - 1) * 4096 : spoiled * 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    salvage = read_ledger(tmp_path / "dead")
    assert 0 < len(salvage.damaged) < 30
    assert len(salvage.entries) + len(salvage.damaged) == 401
    first, last = salvage.damaged[0], salvage.damaged[-1]
    assert salvage.damaged == tuple(range(first, last + 1))
    said = rescued(store, tmp_path / "dead", tmp_path / "desk", exit_code=1).output
    assert f"left out: {first}-{last}" in said


def test_a_file_of_which_nothing_can_be_read_is_said_to_be_so(store: RealStore, tmp_path: Path) -> None:
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "ledger.sqlite").write_bytes(b"\x00garbage" * 2000)
    assert "nothing in it can be read" in rescued(store, tmp_path / "dead", tmp_path / "desk", exit_code=1).output
    said = rescued(store, tmp_path / "nowhere", tmp_path / "desk", exit_code=3).output
    assert "There is no ledger" in said
