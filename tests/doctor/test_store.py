"""The doctor's lines about the store, each against a store that is down, foreign, restored, misread or misclocked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from floor.config import Profile
from floor.doctor.findings import Grade
from floor.doctor.store import judged_certificate, judged_skew
from sync.record.facts import SignedIn
from sync.record.ids import TerminalId, WorkerId
from sync.store.access.enrolling import make_code, revoke
from sync.store.access.tls import TlsFolder, fingerprint, make_certificate, server_certificate
from sync.store.api.access import Admission
from sync.terminal.enrolment import enrol
from sync.terminal.session import open_session
from sync.terminal.sync_loop import Pace
from sync.wire.enrolling import Code
from tests.doctor.seen import said, told
from tests.store.serving import served
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_changes import made_known

HH_01 = TerminalId("HH-01")
PATIENCE_S = 20.0
QUICK = Pace(first_s=0.02, longest_s=0.1, idle_s=0.5, poll_s=20)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SmallSite]:
    with small_site(f"sqlite:///{tmp_path / 'store.sqlite'}") as made:
        made_known(made)
        yield made


def profile(folder: Path, url: str) -> Profile:
    return Profile(site=SITE, terminal=HH_01, store=url, data=str(folder))


def code(site: SmallSite, tls: TlsFolder | None = None) -> str:
    with site.write() as work:
        secret, _ = make_code(work, HH_01, (), "Lea")
    return str(Code(secret, None if tls is None else fingerprint(tls.authority_pem() or "")))


def worked(folder: Path, url: str) -> None:
    """A terminal that has signed somebody in and delivered it."""
    session = open_session(folder, site_id=SITE, terminal_id=HH_01, store_url=url, pace=QUICK)
    session.start()
    try:
        session.record([SignedIn()], worker_id=WorkerId("W1"))
        assert session.drain(PATIENCE_S)
    finally:
        session.close()


def enrolled_and_worked(site: SmallSite, folder: Path, url: str) -> None:
    enrol(folder, url, SITE, HH_01, code(site))
    worked(folder, url)


@contextmanager
def answering(body: bytes, kind: str = "application/json") -> Iterator[str]:
    """Something else at an address: says this to every question."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hello(**changed: object) -> bytes:
    now = datetime.now(UTC).isoformat()
    known = {"product": "floorhand", "protocol_min": 1, "protocol_max": 2, "incarnation": "i1", "server_time": now}
    return json.dumps(known | changed).encode()


def test_a_terminal_that_works_with_its_store_is_well(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "terminal"
    with served(site) as url:
        enrolled_and_worked(site, folder, url)
        here = profile(folder, url)
        assert said(told(here, "store")).startswith(f"ok {url} answered within ")
        assert said(told(here, "certificate")).startswith("ok There is none, and none is needed")
        assert said(told(here, "enrolment")) == "ok HH-01 of site main is known there, for picking."
        assert said(told(here, "store's clock")).startswith("ok It is within ")


def test_a_store_that_is_down_fails_and_what_hangs_on_it_points_there(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "terminal"
    with served(site) as url:
        enrolled_and_worked(site, folder, url)
    here = profile(folder, url)
    assert said(told(here, "store")).startswith("FAIL Nobody answers at 127.0.0.1:")
    assert said(told(here, "enrolment")).endswith("See the line of the store.")
    assert told(here, "store's clock").grade is Grade.WARN


def test_a_store_that_takes_the_connection_and_says_nothing_fails(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        line = said(told(profile(tmp_path, url), "store"))
    assert line.startswith(f"FAIL {url} did not answer: ReadTimeout")


@pytest.mark.parametrize(
    "body",
    [b"<html>Log in</html>", hello(product="other"), b"{}", b"\xff"],
    ids=["login page", "other product", "nothing", "no text"],
)
def test_what_is_no_order_store_fails(tmp_path: Path, body: bytes) -> None:
    with answering(body) as url:
        assert "is not an order store" in said(told(profile(tmp_path, url), "store"))
    with answering(body, "text/html") as url:
        assert "is not an order store" in said(told(profile(tmp_path, url), "store"))


def test_a_store_of_another_age_fails(tmp_path: Path) -> None:
    with answering(hello(protocol_min=90, protocol_max=99)) as url:
        assert "Update this terminal." in said(told(profile(tmp_path, url), "store"))


def test_an_address_that_is_none_fails(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:99999999", "nowhere", "http://store.invalid:8440"):
        assert told(profile(tmp_path, url), "store").grade is Grade.FAIL, url


def test_another_store_at_the_address_knows_neither_the_rows_nor_the_terminal(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "terminal"
    with served(site) as url:
        enrolled_and_worked(site, folder, url)
    with small_site(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        made_known(other, "second")
        with served(other) as url:
            enrolment, store = (told(profile(folder, url), name) for name in ("enrolment", "store"))
    assert "is another store than the one" in said(store)
    assert enrolment.grade is Grade.FAIL
    assert "enrol" in enrolment.how.lower()


def test_a_terminal_that_was_shut_out_never_enrolled_or_lent_fails(site: SmallSite, tmp_path: Path) -> None:
    folder = tmp_path / "terminal"
    with served(site) as url:
        assert "start the terminal with --enrol CODE" in said(told(profile(folder, url), "enrolment"))
        enrol(folder, url, SITE, HH_01, code(site))
        assert said(told(profile(folder, url), "enrolment")).startswith("warn This terminal has a key and has never")
        worked(folder, url)
        with site.write() as work:
            revoke(work, HH_01, "a test")
        assert told(profile(folder, url), "enrolment").grade is Grade.FAIL
        other = Profile(site=SITE, terminal="HH-02", store=url, data=str(folder))
        assert "belongs to terminal HH-01" in said(told(other, "enrolment"))
        (folder / "identity.json").chmod(0o644)
        assert "chmod 600" in said(told(profile(folder, url), "enrolment"))


def test_over_tls_the_certificate_is_told_and_a_foreign_or_expired_one_fails(site: SmallSite, tmp_path: Path) -> None:
    folder, tls, foreign = tmp_path / "terminal", TlsFolder(tmp_path / "tls"), TlsFolder(tmp_path / "foreign")
    for made in (tls, foreign):
        make_certificate(made, ["127.0.0.1"], datetime.now(UTC))
    with served(site, Admission(authority=tls.authority_pem()), server_certificate(tls.server, tls.server_key)) as url:
        enrol(folder, url, SITE, HH_01, code(site, tls))
        worked(folder, url)
        assert said(told(profile(folder, url), "certificate")).startswith("ok It is the store's own and holds ")
        assert told(profile(folder, url), "enrolment").grade is Grade.OK
    with served(site, Admission(), server_certificate(foreign.server, foreign.server_key)) as url:
        for name in ("store", "certificate"):
            assert "is not the store that this terminal was enrolled at" in said(told(profile(folder, url), name))
    make_certificate(tls, ["127.0.0.1"], datetime.now(UTC) - timedelta(days=900))
    with served(site, Admission(), server_certificate(tls.server, tls.server_key)) as url:
        assert "has expired, or this terminal's clock is wrong" in said(told(profile(folder, url), "certificate"))


def test_an_encrypted_address_at_which_nobody_speaks_tls_fails(tmp_path: Path) -> None:
    with answering(hello()) as url:
        line = said(told(profile(tmp_path, url.replace("http:", "https:")), "certificate"))
    assert line.startswith("FAIL ")


def test_a_certificate_that_soon_ends_is_a_warning() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert judged_certificate(now + timedelta(days=30), now).grade is Grade.OK
    soon = judged_certificate(now + timedelta(days=29), now)
    assert (soon.grade, "29 more days, until 2026-12-21" in soon.how) == (Grade.WARN, True)


def test_a_network_that_is_not_this_machine_needs_a_certificate(tmp_path: Path) -> None:
    assert told(profile(tmp_path, "http://10.0.0.5:8440"), "certificate").grade is Grade.WARN


def test_a_clock_that_differs_from_the_stores_is_told_by_how_much(tmp_path: Path) -> None:
    for off, grade, words in ((60, Grade.WARN, "s ahead of the store's"), (-900, Grade.FAIL, "s behind the store's")):
        theirs = (datetime.now(UTC) - timedelta(seconds=off)).isoformat()
        with answering(hello(server_time=theirs)) as url:
            found = told(profile(tmp_path, url), "store's clock")
        assert (found.grade, words in found.how) == (grade, True), found
    with answering(hello(server_time="noon")) as url:
        assert "tells a time that cannot be read" in said(told(profile(tmp_path, url), "store's clock"))


def test_a_slow_answer_excuses_half_of_its_time() -> None:
    assert judged_skew(timedelta(seconds=5.4), took_s=1.0).grade is Grade.OK
    assert judged_skew(timedelta(seconds=5.6), took_s=1.0).grade is Grade.WARN
