"""Over TLS a terminal believes the authority whose fingerprint came with its code, and says nothing to anybody else."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from sync.record.facts import SignedIn
from sync.record.ids import TerminalId, WorkerId
from sync.store.access.enrolling import make_code
from sync.store.access.tls import (
    ServerCertificate,
    TlsFolder,
    TlsRefused,
    adopt_authority,
    fingerprint,
    make_certificate,
    server_certificate,
)
from sync.store.api.access import Admission
from sync.terminal.enrolment import NotEnrolled, enrol
from sync.terminal.identity import BadIdentity, Identity, identity_of, load_identity, save_identity
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.sync_loop import Pace
from sync.wire.enrolling import Code
from tests.store.serving import served
from tests.store.small_site import SITE, SmallSite

HH_01 = TerminalId("HH-01")
PATIENCE_S = 20.0
QUICK = Pace(first_s=0.02, longest_s=0.1, idle_s=0.5, poll_s=20)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> TlsFolder:
    folder = TlsFolder(tmp_path / "tls")
    make_certificate(folder, ["127.0.0.1"], now())
    return folder


@contextmanager
def encrypted(site: SmallSite, folder: TlsFolder) -> Iterator[str]:
    certificate = server_certificate(folder.server, folder.server_key)
    with served(site, Admission(authority=folder.authority_pem()), certificate) as url:
        yield url


def code(site: SmallSite, folder: TlsFolder) -> str:
    with site.write() as work:
        secret, _ = make_code(work, HH_01, (), "Lea")
    return str(Code(secret, fingerprint(folder.authority_pem() or "")))


def started(folder: Path, url: str) -> TerminalSession:
    session = open_session(folder, site_id=SITE, terminal_id=HH_01, store_url=url, pace=QUICK)
    session.start()
    return session


def told(folder: Path, url: str) -> str:
    """Why the terminal of this folder does not reach the store at the address."""
    session = started(folder, url)
    try:
        session.record([SignedIn()], worker_id=WorkerId("W1"))
        assert session.wait_for(lambda: session.link().problem is not None, PATIENCE_S)
        assert session.link().undelivered > 0
        return session.link().problem or ""
    finally:
        session.close()


class Overheard:
    """Somebody else at an address: takes connections, shows its certificate, and keeps what it can read."""

    def __init__(self, certificate: ServerCertificate | None) -> None:
        self.heard = bytearray()
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.certificate, certificate.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            try:
                line = connection if self._context is None else self._context.wrap_socket(connection, server_side=True)
                line.settimeout(PATIENCE_S)
                self.heard += line.recv(65536)
                line.close()
            except OSError:
                connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_S)


@contextmanager
def overheard(certificate: ServerCertificate | None) -> Iterator[Overheard]:
    stranger = Overheard(certificate)
    try:
        yield stranger
    finally:
        stranger.close()


def test_a_terminal_is_enrolled_and_works_over_tls_and_its_certificate_may_be_renewed(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    with encrypted(site, folder) as url:
        identity = enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))
        assert identity.authority == folder.authority_pem()
        session = started(tmp_path / "terminal", url)
        try:
            assert session.wait_for(lambda: session.link().online, PATIENCE_S)
        finally:
            session.close()
    make_certificate(folder, ["127.0.0.1", "store.example"], now())
    with encrypted(site, folder) as url:
        session = started(tmp_path / "terminal", url)
        try:
            session.record([SignedIn()], worker_id=WorkerId("W1"))
            assert session.drain(PATIENCE_S)
        finally:
            session.close()


def test_a_question_that_is_open_over_tls_can_be_broken_off_at_once(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    with encrypted(site, folder) as url:
        enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))
        session = started(tmp_path / "terminal", url)
        assert session.wait_for(lambda: session.link().online, PATIENCE_S)
        assert session.downloader is not None
        client = session.downloader._client
        deadline = time.monotonic() + PATIENCE_S
        while client._connection._in_flight is None or not client._connection._in_flight.waits:
            assert time.monotonic() < deadline
            session.wait_for(lambda: False, 0.01)
        session.record([SignedIn()], worker_id=WorkerId("W1"))
        assert session.drain(PATIENCE_S)
        session.close()
        assert not any(loop._thread.is_alive() for loop in session._loops)


def test_a_store_that_another_authority_vouches_for_is_told_nothing(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    foreign = TlsFolder(tmp_path / "foreign")
    make_certificate(foreign, ["127.0.0.1"], now())
    with encrypted(site, folder) as url:
        enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))
    with overheard(server_certificate(foreign.server, foreign.server_key)) as stranger:
        problem = told(tmp_path / "terminal", f"https://127.0.0.1:{stranger.port}")
        assert stranger.heard == b""
    assert "is not the store that this terminal was enrolled at" in problem
    assert "Nothing was sent." in problem


def test_a_certificate_of_another_name_or_one_that_has_expired_is_not_taken(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    with encrypted(site, folder) as url:
        enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))
    for hosts, made_at, words in (
        (["store.example"], now(), "was made for another name"),
        (["127.0.0.1"], now() - timedelta(days=900), "has expired, or this terminal's clock is wrong"),
    ):
        make_certificate(folder, hosts, made_at)
        with overheard(server_certificate(folder.server, folder.server_key)) as stranger:
            problem = told(tmp_path / "terminal", f"https://127.0.0.1:{stranger.port}")
            assert stranger.heard == b""
        assert words in problem
        assert "Nothing was sent." in problem


def test_what_was_agreed_at_enrolment_is_kept_to(site: SmallSite, folder: TlsFolder, tmp_path: Path) -> None:
    with encrypted(site, folder) as url:
        identity = enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))
    with overheard(None) as stranger:
        problem = told(tmp_path / "terminal", f"http://127.0.0.1:{stranger.port}")
        assert stranger.heard == b""
    assert "is not encrypted, and this terminal was enrolled with a certificate" in problem
    save_identity(tmp_path / "plain", msgspec.structs.replace(identity, authority=None))
    with overheard(server_certificate(folder.server, folder.server_key)) as stranger:
        problem = told(tmp_path / "plain", f"https://127.0.0.1:{stranger.port}")
        assert stranger.heard == b""
    assert "was enrolled without one" in problem


def test_the_code_itself_is_shown_to_nobody_but_the_store_that_made_it(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    foreign = TlsFolder(tmp_path / "foreign")
    make_certificate(foreign, ["127.0.0.1"], now())
    secret = code(site, folder)
    with encrypted(site, foreign) as url:
        with pytest.raises(NotEnrolled, match="is not the store that made this code"):
            enrol(tmp_path / "terminal", url, SITE, HH_01, secret)
        with pytest.raises(NotEnrolled, match="needs the long code"):
            enrol(tmp_path / "terminal", url, SITE, HH_01, secret[:15])
    with overheard(None) as stranger:
        with pytest.raises(NotEnrolled, match="is not encrypted"):
            enrol(tmp_path / "terminal", f"http://127.0.0.1:{stranger.port}", SITE, HH_01, secret)
        assert stranger.heard == b""
    assert load_identity(tmp_path / "terminal") is None


def test_a_stranger_who_shows_the_right_authority_and_cannot_prove_it_gets_no_code(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    """The authority's certificate is no secret: only a server whose own it signed is told the code."""
    foreign = TlsFolder(tmp_path / "foreign")
    make_certificate(foreign, ["127.0.0.1"], now())
    certificate = server_certificate(foreign.server, foreign.server_key)
    admission = Admission(authority=folder.authority_pem())
    with (
        served(site, admission, certificate) as url,
        pytest.raises(NotEnrolled, match=r"its certificate is foreign\. Nothing was sent"),
    ):
        enrol(tmp_path / "terminal", url, SITE, HH_01, code(site, folder))


def test_keys_are_for_their_owner_only_and_files_that_do_not_fit_are_refused(folder: TlsFolder, tmp_path: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in (folder.server_key, folder.authority_key)} == {0o600}
    assert folder.path.stat().st_mode & 0o777 == 0o700
    other = TlsFolder(tmp_path / "other")
    make_certificate(other, ["::1", "bücher.example"], now())
    with pytest.raises(TlsRefused, match="does not belong to"):
        server_certificate(folder.server, other.server_key)
    with pytest.raises(TlsRefused, match="no certificate in PEM"):
        adopt_authority(TlsFolder(tmp_path / "third"), b"nothing")
    with pytest.raises(TlsRefused, match="has an authority of its own"):
        adopt_authority(folder, other.authority.read_bytes())
    with pytest.raises(TlsRefused, match="neither a host's name nor an address"):
        make_certificate(folder, ["\u2603" * 80], now())
    folder.server_key.chmod(0o644)
    with pytest.raises(TlsRefused, match="chmod 600"):
        server_certificate(folder.server, folder.server_key)
    with pytest.raises(TlsRefused, match="cannot be read"):
        server_certificate(tmp_path / "nothing.pem", folder.server_key)


def test_behind_a_proxy_terminals_believe_what_the_proxys_authority_vouches_for(
    site: SmallSite, folder: TlsFolder, tmp_path: Path
) -> None:
    before = TlsFolder(tmp_path / "store")
    adopt_authority(before, folder.authority.read_bytes())
    assert before.authority_pem() == folder.authority_pem()
    with pytest.raises(TlsRefused, match="whose key is elsewhere"):
        make_certificate(before, ["127.0.0.1"], now())


def test_an_identity_is_kept_whole_for_its_owner_only_and_refused_otherwise(tmp_path: Path) -> None:
    identity = Identity(site_id=SITE, terminal_id=HH_01, private_key="ab" * 32, pin_pepper="cd")
    save_identity(tmp_path, identity)
    path = tmp_path / "identity.json"
    assert (load_identity(tmp_path), path.stat().st_mode & 0o777) == (identity, 0o600)
    assert "ab" * 32 not in repr(identity)
    with pytest.raises(BadIdentity, match="belongs to terminal HH-01"):
        identity_of(tmp_path, SITE, TerminalId("HH-02"))
    path.chmod(0o640)
    with pytest.raises(BadIdentity, match="chmod 600"):
        load_identity(tmp_path)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(BadIdentity, match="is damaged"):
        load_identity(tmp_path)
