"""The real store behind a real socket, which can be stopped, put back and started again, and terminals beside it."""

from __future__ import annotations

import hashlib
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.record.ids import TerminalId, WorkerId
from sync.store import tables as t
from sync.store.access.enrolling import enrol_key
from sync.store.api.server import StoreServer
from sync.store.database import Database
from sync.terminal.identity import Identity, save_identity
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.sync_loop import Pace
from tests.store.floor_ledger import lay_out
from tests.store.small_site import NOW, SITE, SmallSite

WORKER = WorkerId("W1")
AT_ONCE = Pace(first_s=0.0, longest_s=0.0, poll_s=0)
"""Rounds are made by the test, one by one."""
ROUNDS = 60
QUIET_ROUNDS = 3
"""A round notices that the store was put back, the next fetches everything, the third shows what was owed."""


class RealStore:
    """A small site with two released orders (`lay_out`), served on one address for all its life."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.site = SmallSite(Database(url, now=lambda: NOW), "Europe/London")
        with self.site.write() as work:
            work.conn.execute(t.store.insert().values(one=1, incarnation="first", created_at=NOW))
        lay_out(self.site)
        self.sessions: list[TerminalSession] = []
        self.port = 0
        self._server: StoreServer | None = None
        self._thread: threading.Thread | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._server = StoreServer(self.site.database)
        self._thread = threading.Thread(target=_run, args=(self._server, listener))
        self._thread.start()

    def stop(self) -> None:
        """The server ends and the database is closed."""
        if self._server is None or self._thread is None:
            return
        self._server.handle_exit(signal.SIGTERM, None)
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        self._server = self._thread = None
        self.site.database.close()

    def restart(self) -> None:
        self.stop()
        self.site.database = Database(self.url, now=lambda: NOW)
        self.start()

    @property
    def file(self) -> Path:
        """Of a store on SQLite."""
        return Path(self.url.removeprefix("sqlite:///"))

    def put_back(self, copy: Path) -> None:
        """What an administrator does with a backup: stop, put the file in place, start."""
        self.stop()
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        self.file.write_bytes(copy.read_bytes())
        self.site.database = Database(self.url, now=lambda: NOW)
        self.start()

    def terminal(
        self, folder: Path, terminal_id: str = "HH-07", *, scopes: tuple[str, ...] = (), pace: Pace = AT_ONCE
    ) -> TerminalSession:
        """An enrolled terminal in a folder; not started: `round_up` and `round_down` are its rounds."""
        identity = enrolled(self.site, terminal_id, scopes)
        save_identity(folder, identity)
        return self.opened(folder, terminal_id, url=self.address, scopes=scopes, pace=pace)

    def opened(
        self, folder: Path, terminal_id: str, *, url: str, scopes: tuple[str, ...] = (), pace: Pace = AT_ONCE
    ) -> TerminalSession:
        """The terminal whose folder this is; closed at the end, if not before."""
        session = open_session(
            folder, site_id=SITE, terminal_id=TerminalId(terminal_id), store_url=url, scopes=scopes, pace=pace
        )
        self.sessions.append(session)
        return session


@contextmanager
def real_store(url: str) -> Iterator[RealStore]:
    store = RealStore(url)
    try:
        yield store
    finally:
        for session in store.sessions:
            session.close()
        store.stop()


def enrolled(site: SmallSite, terminal_id: str, scopes: tuple[str, ...] = ()) -> Identity:
    """A terminal's identity, known to the store; its key is always the same, so that it may be asked for twice."""
    private_key = hashlib.sha256(f"{SITE}/{terminal_id}".encode()).hexdigest()
    identity = Identity(site_id=SITE, terminal_id=terminal_id, private_key=private_key, scopes=scopes)
    with site.write() as work:
        enrol_key(work, TerminalId(terminal_id), identity.public_key, scopes, "a test")
    return identity


def up(session: TerminalSession) -> None:
    assert session.uploader is not None
    session.uploader.round()


def down(session: TerminalSession) -> None:
    assert session.downloader is not None
    session.downloader.round()


def settle(*sessions: TerminalSession) -> None:
    """Rounds of all until nothing is owed, every row holds what was delivered, and nothing comes of more rounds."""
    quiet = 0
    for _ in range(ROUNDS):
        for session in sessions:
            up(session)
            down(session)
        quiet = quiet + 1 if all(is_quiet(session) for session in sessions) else 0
        if quiet == QUIET_ROUNDS:
            return
    raise AssertionError(f"the queue has stopped: {[session.link() for session in sessions]}")


def is_quiet(session: TerminalSession) -> bool:
    """Nothing is owed either way: what the last answer said has been acted upon."""
    asks = session.downloader
    owes_rows = asks is not None and (asks._from_nothing or asks._staged_cursor is not None)
    return session._is_reflected() and session.link().problem is None and not owes_rows


def _run(server: StoreServer, listener: socket.socket) -> None:
    with listener:
        server.run(sockets=[listener])
