"""What was confirmed is on stable storage, in one whole chain."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync.record.delivery import StorageFailed
from sync.record.facts import Entry
from sync.record.ids import SiteId, TerminalId
from sync.terminal.ledger import Ledger, NewEntry
from sync.terminal.session import TerminalSession
from sync.terminal.stamper import Stamper
from sync.terminal.verdicts import KEPT_MS, Verdicts
from sync.wire.codec import chain
from sync.wire.messages import GENESIS, Judged
from tests.sync.conftest import Connect
from tests.sync.warehouse import WORKER, picked

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tests.sync.recording_program"]
STAMPER = Stamper(site_id=SiteId("north"), terminal_id=TerminalId("HH-01"), boot_id="b")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def append(ledger: Ledger, count: int) -> None:
    for _ in range(count):
        ledger.append([NewEntry(Entry(stamp=STAMPER.stamp(WORKER), fact=picked()), "list:1")], answers=0)


def judged(ledger: Ledger, first: int, last: int) -> list[Judged]:
    rows = ledger.file.rows("SELECT seq, event_id FROM entry WHERE seq BETWEEN ? AND ?", first, last)
    return [Judged(seq=seq, event_id=event_id, verdict="accepted") for seq, event_id in rows]


def test_a_killed_terminal_has_every_confirmed_fact_in_a_whole_chain(tmp_path: Path) -> None:
    chance = random.Random(7)
    confirmed: list[str] = []
    for _ in range(12):
        with subprocess.Popen([*PROGRAM, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            for _ in range(chance.randint(1, 60)):
                confirmed += json.loads(program.stdout.readline())["event_ids"]
            program.send_signal(signal.SIGKILL)
            for line in program.stdout:  # what it still said before it died
                if line.endswith("\n"):
                    confirmed += json.loads(line)["event_ids"]
        ledger = Ledger(tmp_path / "ledger.sqlite")
        found = [event_id for (event_id,) in ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")]
        assert [event_id for event_id in found if event_id in set(confirmed)] == confirmed
        assert len(found) - len(confirmed) <= 2 * 13, "at most the pair in hand at each kill was not confirmed"
        assert len(found) % 2 == 0, "a pair that was written together is there together"
        assert ledger.verify().seq == len(found)
        unanswered = ledger.file.rows("SELECT id FROM inbox")
        assert len(unanswered) <= 13
        ledger.close()


def test_the_chain_is_the_hash_of_all_bodies_and_has_no_gaps(ledger: Ledger) -> None:
    append(ledger, 20)
    h = GENESIS
    for seq, (stored_seq, stored_h, body) in enumerate(
        ledger.file.rows("SELECT seq, h, body FROM entry ORDER BY seq"), start=1
    ):
        h = chain(h, body)
        assert (stored_seq, stored_h) == (seq, h)
    assert ledger.verify() == ledger.head()
    assert ledger.hash_at(20) == h
    assert ledger.hash_at(21) is None


def test_a_changed_byte_in_the_ledger_is_noticed_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    append(ledger, 5)
    ledger.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE entry SET body = CAST(replace(body, 'I1', 'I2') AS BLOB) WHERE seq = 4")
    with pytest.raises(StorageFailed, match="damaged at entry 4"):
        Ledger(path)


def test_a_ledger_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(StorageFailed, match="another release"):
        Ledger(path)


def test_a_disk_that_takes_no_more_records_nothing_and_works_again_afterwards(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, str(tmp_path), "limited"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    failures = [words["failed"] for words in said if "failed" in words]
    confirmed = [event_id for words in said for event_id in words.get("event_ids", []) + words.get("after", [])]
    assert len(failures) == 5
    assert all("Nothing was recorded" in failure for failure in failures)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = [event_id for (event_id,) in ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")]
    assert found == confirmed
    assert ledger.verify().seq == len(confirmed)
    ledger.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_records_nothing_and_works_again_when_there_is_room(tmp_path: Path, connect: Connect) -> None:
    disk = tmp_path / "HH-01"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=False, capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        session = connect(alone=True)
        (disk / "ballast").write_bytes(b"x" * 100_000)
        confirmed = record_until_full(session)
        with pytest.raises(StorageFailed, match="Nothing was recorded"):
            session.take_in("4006381333931", None)
        (disk / "ballast").unlink()
        confirmed += session.record([picked()], worker_id=WORKER)
        session.close()
        ledger = Ledger(disk / "ledger.sqlite")
        assert [event_id for (event_id,) in ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")] == confirmed
        assert ledger.verify().seq == len(confirmed)
        ledger.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def record_until_full(session: TerminalSession) -> list[Any]:
    confirmed: list[Any] = []
    for _ in range(100_000):
        try:
            confirmed += session.record([picked()], worker_id=WORKER)
        except StorageFailed:
            return confirmed
    raise AssertionError("the disk never got full")


class CommitsAndThenFails:
    """A connection whose next commit reaches the disk and is reported as failed: what an fsync error can leave."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        found = self._db.execute(sql, values)
        if sql == "COMMIT":
            raise sqlite3.OperationalError("disk I/O error")
        return found

    def close(self) -> None:
        self._db.close()


def test_a_commit_that_landed_although_it_was_reported_as_failed_is_recorded_once(ledger: Ledger) -> None:
    append(ledger, 2)
    assert ledger.file._db is not None
    ledger.file._db = CommitsAndThenFails(ledger.file._db)  # type: ignore[assignment]
    append(ledger, 1)
    assert ledger.head().seq == 3, "saying that it was not recorded would have it scanned twice"
    append(ledger, 1)
    assert ledger.verify().seq == 4


def test_a_batch_has_at_most_200_entries_or_256_kib(ledger: Ledger) -> None:
    append(ledger, 250)
    batch = ledger.batch()
    assert batch is not None
    assert len(batch.bodies) == 200
    long = Entry(stamp=STAMPER.stamp(WORKER), fact=picked())
    ledger.append([NewEntry(long, "x" * 10)], answers=0)
    with ledger.file.transaction() as db:
        db.execute("UPDATE entry SET body = zeroblob(100000)")
    batch = ledger.batch()
    assert batch is not None
    assert len(batch.bodies) == 2
    with ledger.file.transaction() as db:
        db.execute("UPDATE entry SET body = zeroblob(300000)")
    batch = ledger.batch()
    assert batch is not None
    assert len(batch.bodies) == 1, "an entry of any size is offered in the end"


def test_delivered_entries_are_kept_14_days_of_life_and_the_head_for_ever(ledger: Ledger) -> None:
    verdicts = Verdicts(ledger)
    append(ledger, 10)
    assert verdicts.settle(judged(ledger, 1, 8), hwm=8, boot_id="b", since_boot_ms=1000)
    assert verdicts.purge(reflected_seq=8, boot_id="b", since_boot_ms=KEPT_MS + 999) == 0
    assert verdicts.purge(reflected_seq=8, boot_id="c", since_boot_ms=0) == 0, "after a restart no time is invented"
    assert verdicts.purge(reflected_seq=5, boot_id="c", since_boot_ms=1) == 5
    assert verdicts.settle(judged(ledger, 6, 10), hwm=10, boot_id="c", since_boot_ms=2)
    assert verdicts.purge(reflected_seq=10, boot_id="c", since_boot_ms=KEPT_MS + 2) == 4
    assert ledger.verify() == ledger.head()
    assert (ledger.head().seq, ledger.base().seq) == (10, 9)
    append(ledger, 1)
    assert ledger.verify().seq == 11


def test_a_purged_ledger_still_knows_its_place_in_the_chain(ledger: Ledger) -> None:
    verdicts = Verdicts(ledger)
    append(ledger, 6)
    assert verdicts.settle(judged(ledger, 1, 6), hwm=6, boot_id="b", since_boot_ms=0)
    before = ledger.hash_at(5)
    assert verdicts.purge(reflected_seq=6, boot_id="b", since_boot_ms=KEPT_MS) == 5
    assert ledger.hash_at(5) == before
    assert ledger.hash_at(4) is None
    verdicts.heed(5)
    batch = ledger.batch()
    assert batch is not None
    assert (batch.from_seq, batch.prev_h) == (6, before)


def test_a_new_stream_keeps_event_ids_and_bodies_and_begins_at_one(ledger: Ledger) -> None:
    append(ledger, 5)
    old = ledger.stream_id()
    before = ledger.file.rows("SELECT event_id, body FROM entry ORDER BY seq")
    ledger.start_new_stream(reflected_seq=3, incarnation="i")
    assert ledger.stream_id() != old
    assert ledger.file.rows("SELECT event_id, body FROM entry ORDER BY seq") == before
    assert (ledger.verify().seq, ledger.acked(), ledger.base().seq) == (5, 0, 0)
    assert (ledger.reflected_floor("i"), ledger.reflected_floor("j")) == (3, 0)
    append(ledger, 1)
    assert ledger.verify().seq == 6
