"""The session as the floor meets it: scans, people, links, and that it stands in no time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from floor.ports import Session
from sync.record.delivery import StorageFailed
from sync.record.facts import SignedIn, SignedOut
from sync.record.ids import SiteId, TerminalId, WorkerId
from sync.record.signing_in import PinAnswer, PinOutcome
from sync.terminal.session import open_session
from sync.terminal.stamper import Stamper, uuid7
from sync.wire.pins import hash_pin
from tests.sync.conftest import Connect
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import SITE, WORKER, long_ago, picked, site, worker


def test_the_session_is_what_the_floor_asks_for(connect: Connect) -> None:
    session: Session = connect(alone=True)
    assert session.terminal_id() == "HH-01"
    assert session.site() is None


def test_a_scan_waits_in_the_inbox_until_it_is_answered(connect: Connect) -> None:
    session = connect(alone=True)
    first, second = session.take_in("A", "]E0"), session.take_in("B", None)
    assert first < second
    assert session.inbox_depth() == 2
    session.record([picked()], worker_id=WORKER, answers=first)
    assert session.inbox_depth() == 1
    session.answered(second)
    assert session.inbox_depth() == 0
    assert session.unanswered_scans() == ()


def test_scans_without_an_answer_are_told_after_a_restart_and_not_applied(connect: Connect) -> None:
    session = connect(alone=True)
    answered = session.take_in("A", None)
    session.record([picked()], worker_id=WORKER, answers=answered)
    session.take_in("B", None)
    session.take_in("C", None)
    session.close()
    again = connect(alone=True)
    assert again.unanswered_scans() == ("B", "C")
    assert again.inbox_depth() == 0
    fresh = again.take_in("D", None)
    again.forget_unanswered()
    assert again.unanswered_scans() == ()
    assert again.inbox_depth() == 1
    again.answered(fresh)


def test_who_is_signed_in_survives_a_restart(connect: Connect) -> None:
    session = connect(alone=True)
    assert session.signed_in() is None
    session.record([SignedIn()], worker_id=WORKER)
    session.close()
    again = connect(alone=True)
    assert again.signed_in() == WORKER
    again.record([SignedOut()], worker_id=WORKER)
    assert again.signed_in() is None


def test_a_second_program_on_the_same_folder_is_refused(connect: Connect) -> None:
    session = connect(alone=True)
    with pytest.raises(StorageFailed, match="Another terminal program"):
        connect(alone=True)
    session.record([picked()], worker_id=WORKER)


def test_after_closing_nothing_is_recorded(connect: Connect) -> None:
    session = connect(alone=True)
    session.close()
    with pytest.raises(StorageFailed, match="closed"):
        session.record([picked()], worker_id=WORKER)


@pytest.mark.parametrize(
    ("pin_hash", "active", "pin", "right"),
    [
        (lambda: PasswordHasher().hash("246810"), True, "246810", True),
        (lambda: PasswordHasher().hash("246810"), True, "135791", False),
        (lambda: PasswordHasher().hash("246810"), False, "246810", False),
        (lambda: "not a hash", True, "246810", False),
        (lambda: hash_pin("246810"), True, "246810", True),
        (lambda: None, True, "", False),
        (lambda: None, False, "", False),
    ],
)
def test_a_pin_is_checked_against_the_workers_hash(
    pin_hash: Callable[[], str | None], active: bool, pin: str, right: bool, store: TinyStore, connect: Connect
) -> None:
    store.tell(worker(pin_hash(), active=active))
    session = connect(start=False)
    assert session.downloader is not None
    session.downloader.round()
    outcome = PinOutcome.RIGHT if right else PinOutcome.WRONG
    assert session.check_pin(WORKER, pin) == PinAnswer(outcome)
    assert session.check_pin(WorkerId("nobody"), pin) == PinAnswer(PinOutcome.WRONG)


def test_a_wrong_clock_changes_neither_order_nor_delivery(store: TinyStore, tmp_path: Path) -> None:
    stamper = Stamper(site_id=SITE, terminal_id=TerminalId("HH-01"), boot_id="b", now=long_ago, since_boot_ms=lambda: 5)
    session = open_session(
        tmp_path, site_id=SITE, terminal_id=TerminalId("HH-01"), store_url=store.url, stamper=stamper
    )
    session.start()
    event_ids = session.record([picked(), picked()], worker_id=WORKER)
    assert session.drain(20.0)
    assert list(store.kept.verdicts) == event_ids
    session.close()


def test_event_ids_are_version_7_and_begin_with_the_time() -> None:
    event_id = uuid7(long_ago(), (1 << 74) - 1)
    assert event_id == "0000000000007fffbfffffffffffffff"


def test_opening_a_session_loads_neither_http_nor_tls_nor_argon2(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from sync.terminal.session import open_session; "
        "s = open_session(pathlib.Path(sys.argv[1]), site_id='n', terminal_id='t', store_url='http://127.0.0.1:9'); "
        "s.held_walk(); s.link(); "
        "print(sorted({'httpx', 'ssl', 'argon2', 'sqlalchemy', 'textual', 'asyncio'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be used"):
        open_session(tmp_path / "file" / "x", site_id=SiteId("n"), terminal_id=TerminalId("t"), store_url=None)


def test_without_the_store_signing_in_ends_after_the_sites_hours(store: TinyStore, connect: Connect) -> None:
    store.tell(replace(site(), offline_sign_in_h=0))
    session = connect()
    assert session.wait_for(lambda: session.site() is not None and session.link().online, 20.0)
    assert not session.sign_in_is_over()
    store.close()
    assert session.wait_for(lambda: not session.link().online, 20.0)
    assert session.sign_in_is_over()
