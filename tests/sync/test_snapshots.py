"""A terminal that is new or far behind gets everything at once: whole, or nothing of it."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sync.store import tables as t
from sync.terminal.client import BrokenOff
from sync.terminal.identity import save_identity
from sync.terminal.session import TerminalSession
from sync.terminal.snapshot import SnapshotFile
from sync.wire.messages import FAR_BEHIND, SnapshotEnd
from sync.wire.signing import Target
from tests.store.floor_ledger import bind, claim, hand_over, pick
from tests.sync.real_store import WORKER, RealStore, down, enrolled, is_quiet, real_store, settle, up


@pytest.fixture
def store(any_database: str) -> Iterator[RealStore]:
    with real_store(any_database) as made:
        yield made


def replica_rows(session: TerminalSession) -> dict[tuple[str, str], bytes]:
    return {(kind, key): data for kind, key, data in session._record.replica.rows_behind("", "", 10_000)}


def asked_for(store: RealStore, session: TerminalSession) -> bytes:
    """The answer to a question for a snapshot, byte for byte."""
    identity = session._identity
    assert identity is not None
    query = f"stream_id={session._record.ledger.stream_id()}"
    headers = identity.sign(Target("GET", "/v1/snapshot", query), b"") | {"Accept-Encoding": "identity"}
    with httpx.stream("GET", f"{store.address}/v1/snapshot?{query}", headers=headers, trust_env=False) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        return b"".join(answer.iter_raw())


def test_a_new_terminal_gets_everything_it_may_see_at_once(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    down(session)
    rows = replica_rows(session)
    assert {key for kind, key in rows if kind == "pick_list"} == {"1", "2"}
    assert session._record.replica.picture().cursor is not None
    assert session.link().problem is None
    assert not list((tmp_path / "a").glob("replica-new*"))
    session.record([claim(1), bind()], worker_id=WORKER)
    settle(session)
    walk = session.held_walk()
    assert walk is not None
    assert [line.line_id for line in walk.lines] == [1, 2]
    session.close()


def test_a_new_terminal_asks_for_pages_only_from_where_the_snapshot_ended(store: RealStore, tmp_path: Path) -> None:
    with a_line_that_breaks(store.port, after=(1,)) as line:
        session = _through(store, tmp_path / "a", line.url)
        down(session)
        assert session._record.replica.picture().cursor is None
        settle(session)
        session.close()
    asked = [request for request in line.asked if b"/v1/snapshot" in request or b"/v1/changes" in request]
    assert [b"/v1/snapshot" in request for request in asked[:3]] == [True, True, False]
    assert all(b"cursor=" in request for request in asked[2:])


def test_the_last_line_proves_what_came_before_it(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    *lines, last = gzip.decompress(asked_for(store, session)).splitlines(keepends=True)
    end = SnapshotEnd(**json.loads(last)["end"])
    assert end.count == len(lines) == len(replica_rows(session))
    said = f"{end.count} {end.incarnation} {end.cursor} {end.hwm} {end.head_h}\n".encode()
    assert end.sha256 == hashlib.sha256(b"".join(lines) + said).hexdigest()
    assert end.cursor.startswith(end.incarnation + ":")
    session.close()


def test_a_snapshot_cut_or_changed_at_any_byte_is_not_believed(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    plain = gzip.decompress(asked_for(store, session))
    session.close()
    step = max(1, len(plain) // 150)
    for at in range(0, len(plain), step):
        for changed in (plain[:at], plain[:at] + bytes([plain[at] ^ 1]) + plain[at + 1 :]):
            file = SnapshotFile(tmp_path / "new.sqlite")
            with pytest.raises(BrokenOff):
                read_to_the_end(file, changed)
            file.drop()
    assert not (tmp_path / "new.sqlite").exists()
    whole = SnapshotFile(tmp_path / "new.sqlite")
    whole.take(plain)
    assert whole.end().count > 0
    whole.drop()


def test_a_line_that_breaks_in_the_middle_changes_nothing_and_it_is_asked_again(
    store: RealStore, tmp_path: Path
) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    before = replica_rows(session)
    answer = asked_for(store, session)
    session.close()
    with a_line_that_breaks(store.port, after=(0, 1, len(answer) // 2, len(answer) - 1)) as line:
        cut = _through(store, tmp_path / "b", line.url)
        for _ in range(line.times):
            down(cut)
            assert replica_rows(cut) == {}
            assert cut.link().problem is not None
            assert not cut.link().online or "whole" in (cut.link().problem or "")
        down(cut)
        assert replica_rows(cut) == before
        assert is_quiet(cut)
        cut.close()


def test_a_terminal_that_is_far_behind_takes_a_snapshot_instead_of_thousands_of_pages(
    store: RealStore, tmp_path: Path
) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    for first in range(0, FAR_BEHIND + 500, 500):
        with store.site.write() as work:
            work.insert(t.tote, [_tote(first + n) for n in range(500)])
            for n in range(500):
                work.touch("tote", f"T{first + n}")
    rounds = 0
    while session._record.replica.get("tote", f"T{FAR_BEHIND}") is None:
        down(session)
        rounds += 1
        assert rounds < 5
    assert len(replica_rows(session)) > FAR_BEHIND
    session.close()


def test_facts_that_the_snapshot_does_not_hold_stay_on_the_screen(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "a")
    settle(session)
    session.record([claim(1), bind()], worker_id=WORKER)
    settle(session)
    session.record([pick(2)], worker_id=WORKER)
    assert session.downloader is not None
    session.downloader._from_nothing = True
    down(session)
    walk = session.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2
    settle(session)
    walk = session.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2
    up(session)
    session.record([hand_over()], worker_id=WORKER)
    settle(session)
    assert session.held_walk() is None
    session.close()


def read_to_the_end(file: SnapshotFile, sent: bytes) -> None:
    file.take(sent)
    file.end()


def _tote(n: int) -> dict[str, object]:
    return {"tote": f"T{n}", "status": "empty", "labels_sent": 0, "label_proven": False}


def _through(store: RealStore, folder: Path, url: str) -> TerminalSession:
    save_identity(folder, enrolled(store.site, "HH-07"))
    return store.opened(folder, "HH-07", url=url)


class a_line_that_breaks:  # noqa: N801 - it reads as what it is
    """A relay before the store that cuts the answers to questions for snapshots after some bytes of their body."""

    def __init__(self, port: int, *, after: tuple[int, ...]) -> None:
        self.port = port
        self.cuts = list(after)
        self.times = len(after)
        self.asked: list[bytes] = []
        """The first line of each request."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> a_line_that_breaks:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            while asked := near.recv(65536):
                self.asked.append(asked.partition(b"\r\n")[0])
                far.sendall(asked)
                cut = self.cuts.pop(0) if b"/v1/snapshot" in asked and self.cuts else None
                if not _answer(far, near, cut):
                    return


def _answer(far: socket.socket, near: socket.socket, cut: int | None) -> bool:
    """Pass one answer on; with ``cut`` only so many bytes of its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += far.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    chunked = b"transfer-encoding: chunked" in head.lower()
    length = 0 if chunked else int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while (not body.endswith(b"0\r\n\r\n")) if chunked else (len(body) < length):
        body += far.recv(65536)
    near.sendall(head + b"\r\n\r\n" + (body if cut is None else body[:cut]))
    return cut is None
