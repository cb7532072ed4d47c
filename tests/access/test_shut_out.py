"""A terminal that is shut out is told nothing from that moment on, keeps everything, and says plainly why it waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floor.attention import Attention
from floor.conversation import Conversation
from floor.keymap import Keymap
from floor.scene import Scene
from floor.widgets.said_page import HelpFace
from floor.widgets.work_page import WorkFace
from floor.work.prompt import Key, Pressed
from floor.work.reply import PrintLabel
from sync.record.facts import Fact, ReportedEmpty, SignedIn
from sync.record.ids import LocationCode, TerminalId, WorkerId
from sync.store import tables as t
from sync.store.access.enrolling import enrol_key, make_code, revoke
from sync.terminal.enrolment import enrol
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.sync_loop import Pace
from sync.wire.signing import make_key, public_key_of
from tests.store.floor_ledger import Ledger
from tests.store.serving import Client, push_body, served
from tests.store.small_site import SITE, SmallSite

HH_01 = TerminalId("HH-01")
WORKER = WorkerId("W1")
PATIENCE_S = 20.0
QUICK = Pace(first_s=0.02, longest_s=0.1, idle_s=0.5, poll_s=20)
FACTS: list[Fact] = [SignedIn(), ReportedEmpty(location=LocationCode("A1"))]


@pytest.fixture
def url(site: SmallSite) -> Iterator[str]:
    with served(site) as address:
        yield address


def code(site: SmallSite, *scopes: str) -> str:
    with site.write() as work:
        return make_code(work, HH_01, scopes, "Lea")[0]


def shut_out(site: SmallSite, terminal_id: str) -> None:
    with site.write() as work:
        assert revoke(work, TerminalId(terminal_id), "Lea")


def started(folder: Path, url: str) -> TerminalSession:
    session = open_session(folder, site_id=SITE, terminal_id=HH_01, store_url=url, pace=QUICK)
    session.start()
    return session


def verdicts(site: SmallSite) -> list[tuple[str, str | None]]:
    return [(one["verdict"], one["reason"]) for one in site.rows(t.event)]


def test_a_question_that_was_open_when_its_asker_was_shut_out_is_not_answered(site: SmallSite, url: str) -> None:
    client, pusher = Client(site, url, "HH-08"), Client(site, url, "HH-09", Ledger(site, "HH-09").stream_id)
    cursor = client.pull()[1]["cursor"]
    asked = threading.Event()

    def wait() -> tuple[int, dict[str, object]]:
        asked.set()
        return client.pull(cursor, wait=25)

    with ThreadPoolExecutor(1) as pool:
        open_question = pool.submit(wait)
        assert asked.wait(PATIENCE_S)
        shut_out(site, "HH-08")
        with site.write() as work:
            work.touch("location", "A1")
        status, problem = open_question.result(PATIENCE_S)
    assert (status, problem["error"]) == (403, "revoked")
    client.http.close()
    pusher.http.close()


def test_what_a_shut_out_terminal_delivers_is_kept_apart_and_changes_nothing(site: SmallSite, url: str) -> None:
    ledger = Ledger(site, "HH-08")
    ledger.write(SignedIn())
    client = Client(site, url, "HH-08", ledger.stream_id)
    assert client.post(push_body(ledger))[0] == 200
    ledger.write(ReportedEmpty(location=LocationCode("A1")))
    shut_out(site, "HH-08")
    status, pushed = client.post(push_body(ledger))
    assert status == 200
    assert [(one["verdict"], one["reason"]) for one in pushed["verdicts"]][1:] == [("quarantined", "revoked")]
    assert pushed["verdicts"][0]["verdict"] == "accepted"
    assert [one["blocked"] for one in site.rows(t.location) if one["code"] == "A1"] == [None]
    assert client.pull()[1]["error"] == "revoked"
    client.http.close()


def test_a_key_that_was_replaced_opens_nothing_although_the_store_has_seen_it_a_moment_ago(
    site: SmallSite, url: str
) -> None:
    ledger = Ledger(site, "HH-08")
    ledger.write(SignedIn(), SignedIn())
    client = Client(site, url, "HH-08", ledger.stream_id)
    assert client.post(push_body(ledger, 1, 1))[0] == 200
    with site.write() as work:
        enrol_key(work, TerminalId("HH-08"), public_key_of(make_key()), (), "Lea")
    assert client.post(push_body(ledger, 2))[1]["error"] == "not_enrolled"
    assert len(site.rows(t.event)) == 1
    client.http.close()


def test_only_a_rescuer_speaks_for_other_terminals(site: SmallSite, url: str) -> None:
    ledger = Ledger(site, "HH-08")
    ledger.write(SignedIn())
    thief = Client(site, url, "HH-01", "1" * 32)
    status, pushed = thief.post(push_body(ledger, terminal_id="HH-01"))
    assert (status, pushed["verdicts"][0]["reason"]) == (200, "other-terminal")
    assert thief.post(push_body(ledger))[1]["error"] == "not_yours"
    other = Ledger(site, "HH-09")
    other.write(SignedIn())
    rescuer = Client(site, url, "WS-1", "2" * 32, scopes=("rescue",))
    status, pushed = rescuer.post(push_body(other, terminal_id="WS-1"))
    assert (status, pushed["verdicts"][0]["verdict"]) == (200, "accepted")
    thief.http.close()
    rescuer.http.close()


def test_a_terminal_that_was_never_enrolled_keeps_what_it_records_and_delivers_once_it_is(
    site: SmallSite, url: str, tmp_path: Path
) -> None:
    session = started(tmp_path, url)
    try:
        session.record(FACTS, worker_id=WORKER)
        assert session.wait_for(lambda: "does not know the key" in (session.link().problem or ""), PATIENCE_S)
        assert (session.link().undelivered, session.site()) == (2, None)
        assert session.wait_for(lambda: session.link().online, PATIENCE_S)
        assert_the_screen_says_so(session)
    finally:
        session.close()
    assert verdicts(site) == []
    enrol(tmp_path, url, SITE, HH_01, code(site))
    session = started(tmp_path, url)
    try:
        assert session.drain(PATIENCE_S)
        assert session.link().problem is None
    finally:
        session.close()
    assert [verdict for verdict, _ in verdicts(site)] == ["accepted"] * 2


def assert_the_screen_says_so(session: TerminalSession) -> None:
    dialogue = Conversation(session, None, no_label)
    scene = Scene(dialogue, Keymap(), "HH-01", lambda: datetime.now(UTC), is_demo=False)
    attention = Attention(dialogue)
    shown = scene.face(attention)
    assert isinstance(shown, WorkFace)
    assert shown.status.link == ("STOP 2: F1 says why", "STOP 2")
    attention.take(Pressed(Key.HELP))
    help_page = scene.face(attention)
    assert isinstance(help_page, HelpFace)
    assert "does not know the key of this terminal" in help_page.text[0]


def no_label(job: PrintLabel, dpi: int) -> bytes:
    raise AssertionError(f"nothing is printed here, not even {job.sscc}")


def test_a_terminal_that_loses_its_place_says_so_goes_on_recording_and_delivers_when_it_is_enrolled_anew(
    site: SmallSite, url: str, tmp_path: Path
) -> None:
    enrol(tmp_path, url, SITE, HH_01, code(site))
    session = started(tmp_path, url)
    try:
        session.record(FACTS[:1], worker_id=WORKER)
        assert session.drain(PATIENCE_S)
        # Another device was enrolled under this one's name: this one's key is worth nothing any more.
        enrol(tmp_path / "other", url, SITE, HH_01, code(site))
        session.record(FACTS, worker_id=WORKER)
        assert session.wait_for(lambda: "does not know the key" in (session.link().problem or ""), PATIENCE_S)
        assert session.link().undelivered == 2
    finally:
        session.close()
    enrol(tmp_path, url, SITE, HH_01, code(site))
    session = started(tmp_path, url)
    try:
        assert session.drain(PATIENCE_S)
        assert session.link().problem is None
    finally:
        session.close()
    assert [verdict for verdict, _ in verdicts(site)] == ["accepted"] * 3


def test_a_revoked_terminal_is_told_so(site: SmallSite, url: str, tmp_path: Path) -> None:
    enrol(tmp_path, url, SITE, HH_01, code(site))
    session = started(tmp_path, url)
    try:
        assert session.wait_for(lambda: session.link().online, PATIENCE_S)
        shut_out(site, HH_01)
        session.record(FACTS, worker_id=WORKER)
        assert session.wait_for(lambda: "was shut out" in (session.link().problem or ""), PATIENCE_S)
        assert session.wait_for(lambda: session.link().undelivered == 0, PATIENCE_S)
    finally:
        session.close()
    assert verdicts(site) == [("quarantined", "revoked")] * 2
