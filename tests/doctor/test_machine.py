"""The doctor's lines about the device itself: clock, disk and record, each of one that is broken so."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from floor.config import Profile
from floor.doctor.findings import Grade
from floor.doctor.machine import judged_clock, judged_ledger, judged_room, judged_writing
from sync.record.facts import SignedIn, Stamp
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId
from sync.terminal.health import read_health
from sync.terminal.session import open_session
from sync.terminal.stamper import Stamper, boot_id
from tests.doctor.seen import said, told

SITE, HH_01 = SiteId("DEMO"), TerminalId("HH-01")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOK = """
import sys
from floor.config import Profile
from tests.doctor.seen import said, told
print(said(told(Profile(data=sys.argv[1]), "disk writing")))
"""


def stamp(*, ago_s: float, boot: str = "b1", since_boot_ms: int = 0) -> Stamp:
    return Stamp(
        event_id=EventId("0" * 32),
        site_id=SITE,
        terminal_id=HH_01,
        worker_id=None,
        at=NOW - timedelta(seconds=ago_s),
        boot_id=boot,
        since_boot_ms=since_boot_ms,
    )


def recorded(folder: Path, *, ahead: timedelta = timedelta(0)) -> Profile:
    """A terminal that has worked alone, by a clock that was so far ahead."""
    stamper = Stamper(site_id=SITE, terminal_id=HH_01, boot_id=boot_id(), now=lambda: datetime.now(UTC) + ahead)
    session = open_session(folder, site_id=SITE, terminal_id=HH_01, store_url=None, stamper=stamper)
    session.record([SignedIn()], worker_id=WorkerId("W1"))
    session.close()
    return Profile(terminal=HH_01, data=str(folder))


def test_a_device_that_is_well(tmp_path: Path) -> None:
    profile = Profile(data=str(tmp_path / "not" / "yet"))
    for name in ("clock", "disk room", "ledger"):
        assert told(profile, name).grade is Grade.OK, name
    assert told(profile, "disk writing").grade is not Grade.FAIL
    assert list(tmp_path.iterdir()) == []


def test_a_year_that_cannot_be_fails() -> None:
    for year in (1970, 2019, 2127):
        assert judged_clock(NOW.replace(year=year), 0, "b1", None).grade is Grade.FAIL


def test_a_clock_that_was_set_since_the_last_entry_is_told_by_how_much() -> None:
    newest = stamp(ago_s=100, since_boot_ms=50_000)
    assert judged_clock(NOW, 150_000, "b1", newest).grade is Grade.OK
    forth = judged_clock(NOW, 90_000, "b1", newest)
    assert (forth.grade, "was set by +60 s" in forth.how) == (Grade.WARN, True)
    back = judged_clock(NOW, 250_000, "b1", newest)
    assert (back.grade, "was set by -100 s" in back.how) == (Grade.WARN, True)
    assert judged_clock(NOW, 90_000, "b2", newest).grade is Grade.OK


def test_a_clock_that_is_behind_the_record_fails(tmp_path: Path) -> None:
    line = said(told(recorded(tmp_path, ahead=timedelta(hours=2)), "clock"))
    assert line.startswith("FAIL ")
    assert "it ran ahead" in line


def test_little_room_is_a_warning_and_none_fails() -> None:
    grades = [judged_room(size, 10_000).grade for size in (200_000_000, 199_999_999, 19_999_999)]
    assert grades == [Grade.OK, Grade.WARN, Grade.FAIL]
    assert judged_room(10**12, 99).grade is Grade.FAIL
    assert judged_room(10**12, None).grade is Grade.OK


def test_a_slow_disk_is_told_by_its_median() -> None:
    grades = [judged_writing([0.1, ms, 9000.0]).grade for ms in (49.0, 51.0, 501.0)]
    assert grades == [Grade.OK, Grade.WARN, Grade.FAIL]


def test_a_folder_that_cannot_be_written_fails() -> None:
    line = said(told(Profile(data="/proc/self"), "disk writing"))
    assert line.startswith("FAIL /proc/self cannot be written (")


def test_a_disk_that_takes_nothing_more_fails(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith(f"FAIL {tmp_path} cannot be written (File too large)"), done.stderr


def test_what_is_not_delivered_is_counted_with_its_age(tmp_path: Path) -> None:
    line = said(told(recorded(tmp_path), "ledger"))
    assert line.startswith("warn 1 of 1 entries are not delivered, the oldest since ")
    late = judged_ledger(9, 7, NOW - timedelta(hours=25), NOW)
    assert (late.grade, "floor terminal rescue" in late.todo) == (Grade.FAIL, True)
    assert judged_ledger(9, 0, None, NOW).how == "All 9 entries are at the store."


def test_a_damaged_ledger_fails(tmp_path: Path) -> None:
    profile = recorded(tmp_path)
    for log in tmp_path.glob("ledger.sqlite-*"):
        log.unlink()
    (tmp_path / "ledger.sqlite").write_bytes(b"SQLite no more" * 400)
    line = said(told(profile, "ledger"))
    assert line.startswith("FAIL Cannot write ledger.sqlite (")
    assert told(profile, "clock").grade is Grade.OK


def test_the_record_is_read_while_the_terminal_is_at_work_with_it(tmp_path: Path) -> None:
    session = open_session(tmp_path, site_id=SITE, terminal_id=HH_01, store_url=None)
    try:
        session.record([SignedIn()], worker_id=WorkerId("W1"))
        health = read_health(tmp_path)
        assert health is not None
        assert (health.entries, health.undelivered, health.cursor) == (1, 1, None)
        session.record([SignedIn()], worker_id=WorkerId("W1"))
        assert session.link().undelivered == 2
    finally:
        session.close()


@pytest.mark.parametrize("name", ["ledger", "disk writing", "disk room"])
def test_a_folder_that_is_a_file_fails_or_is_looked_at_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    finding = told(Profile(data=str(tmp_path / "file")), name)
    assert "Traceback" not in said(finding)
