"""A store in memory behind a real socket: it keeps the agreement, and it can be told to break it.

It shares the codec and the folds with the product, and nothing else. ``struck`` counts the faults that really happened.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import socket
import threading
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from sync.record.facts import (
    CartonClosed,
    ClaimedList,
    Entry,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    PackReported,
    Picked,
    PieceVerified,
    PutInTote,
    ReportedEmpty,
    SsccAssigned,
    ToteBound,
    Undone,
)
from sync.record.packing import fold_packing
from sync.record.picking import fold_head, fold_line, unfold_line
from sync.record.rows import ROW_KINDS, ListStatus, PackingRow, PickLineRow, PickListRow, Row, row_key
from sync.wire.codec import MalformedEntry, UnknownKind, chain, decode_entry, encode_row
from sync.wire.messages import GENESIS, NO_ROW, Change, Changes, Hello, Judged, Problem, Push, Pushed, encode
from tests.sync.warehouse import NOWHERE


@dataclass
class Kept:
    """All that the store keeps, and what a backup of it holds."""

    rows: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    feed: dict[tuple[str, str], int] = field(default_factory=dict)
    head: int = 0
    streams: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """By stream: the hash and event id of each entry."""
    verdicts: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    by_seq: dict[tuple[str, int], Judged] = field(default_factory=dict)


class TinyStore:
    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.kept = Kept()
        self.incarnation = uuid.uuid4().hex
        self.lock = threading.Condition()
        self.faults: dict[str, deque[str]] = {"POST": deque(), "GET": deque()}
        self.struck: Counter[str] = Counter()
        self.pushes: list[bytes] = []
        self.waiting = 0
        self.page_rows: int | None = None
        self.protocol = 1
        """The release before: it has no snapshots, so that terminals read it page by page."""
        self.connections: set[socket.socket] = set()
        self.server: ThreadingHTTPServer | None = None
        self.port = 0
        self.tell(*rows)
        self.open()

    # Its life.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        self.server = _Server(("127.0.0.1", self.port), _Handler)
        self.server.tiny = self  # type: ignore[attr-defined]
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Down: nothing listens and every connection is cut."""
        if self.server is None:
            return
        server, self.server = self.server, None
        server.shutdown()
        server.server_close()
        with self.lock:
            cut, self.connections = self.connections, set()
            self.lock.notify_all()
        for connection in cut:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def backup(self) -> Kept:
        with self.lock:
            return copy.deepcopy(self.kept)

    def restore(self, backup: Kept) -> None:
        with self.lock:
            self.kept = copy.deepcopy(backup)
            self.incarnation = uuid.uuid4().hex
            self.lock.notify_all()

    # Its rows.

    def tell(self, *rows: Row) -> None:
        with self.lock:
            for row in rows:
                self._change(_kind(row), row_key(row), row)
            self.lock.notify_all()

    def drop(self, kind: str, key: str) -> None:
        with self.lock:
            self._change(kind, key, None)
            self.lock.notify_all()

    def tell_raw(self, kind: str, key: str, data: bytes) -> None:
        with self.lock:
            self._change(kind, key, msgspec.Raw(data))  # type: ignore[arg-type]
            self.lock.notify_all()

    def _change(self, kind: str, key: str, row: Row | None) -> None:
        self.kept.head += 1
        self.kept.rows[kind, key] = row
        self.kept.feed[kind, key] = self.kept.head

    def line(self, line_id: int) -> PickLineRow:
        row = self.kept.rows["pick_line", str(line_id)]
        assert isinstance(row, PickLineRow)
        return row

    def head(self, list_id: int) -> PickListRow:
        row = self.kept.rows["pick_list", str(list_id)]
        assert isinstance(row, PickListRow)
        return row

    # The agreement.

    def hello(self) -> Hello:
        return Hello(
            product="floorhand",
            protocol_min=1,
            protocol_max=self.protocol,
            incarnation=self.incarnation,
            server_time="1970-01-01T00:00:00Z",
        )

    def mark(self, stream_id: str) -> tuple[int, str]:
        entries = self.kept.streams.get(stream_id, [])
        return len(entries), entries[-1][0] if entries else GENESIS

    def push(self, stream_id: str, push: Push) -> Pushed | Problem:
        with self.lock:
            entries = self.kept.streams.get(stream_id, [])
            if push.from_seq > len(entries) + 1:
                return Problem(error="gap", text="Entries are missing.", hwm=len(entries))
            if push.prev_h != (entries[push.from_seq - 2][0] if push.from_seq > 1 else GENESIS):
                return Problem(error="fork", text="Another history.")
            h = push.prev_h
            new: list[tuple[str, bytes]] = []
            for seq, raw in enumerate(push.entries, start=push.from_seq):
                h = chain(h, bytes(raw))
                if seq <= len(entries):
                    if entries[seq - 1][0] != h:
                        return Problem(error="fork", text="Another history.")
                else:
                    new.append((h, bytes(raw)))
            for h, body in new:
                self._take(stream_id, h, body)
            hwm, head_h = self.mark(stream_id)
            judged = [
                self.kept.by_seq[stream_id, seq] for seq in range(push.from_seq, push.from_seq + len(push.entries))
            ]
            self.lock.notify_all()
            return Pushed(
                nonce=push.nonce, incarnation=self.incarnation, hwm=hwm, head_h=head_h, safe_seq=0, verdicts=judged
            )

    def _take(self, stream_id: str, h: str, body: bytes) -> None:
        try:
            entry = decode_entry(body)
            event_id = entry.stamp.event_id
            verdict = self._judge(entry) if event_id not in self.kept.verdicts else None
            self.kept.entries.setdefault(event_id, entry)
        except (UnknownKind, MalformedEntry):
            event_id, verdict = "?" + h[:31], "quarantined"  # type: ignore[assignment]
        said = f"duplicate:{self.kept.verdicts[event_id]}" if verdict is None else verdict
        self.kept.verdicts.setdefault(event_id, said)
        entries = self.kept.streams.setdefault(stream_id, [])
        entries.append((h, event_id))
        kind, _, reason = said.partition(":")
        judged = Judged(seq=len(entries), event_id=event_id, verdict=kind, reason=reason or None)
        self.kept.by_seq[stream_id, len(entries)] = judged

    def _judge(self, entry: Entry) -> str:
        match entry.fact:
            case ReportedEmpty(location=location) if location == NOWHERE:
                return "quarantined:ValueError"
            case ClaimedList():
                return self._claim(entry, entry.fact)
            case ToteBound() | ListHandedOver():
                head = self.head(entry.fact.list_id)
                self.tell(fold_head(head, entry.fact))
            case Picked() | LocationConfirmed() | PutInTote() | LineSkipped() | LineShorted():
                line = fold_line(self.line(entry.fact.line_id), entry.fact)
                self.tell(line)
                return "discrepancy:overpick" if line.picked > line.asked else "accepted"
            case Undone():
                undone = self.kept.entries.get(entry.fact.undoes)
                if undone is not None and isinstance(undone.fact, Picked | PutInTote | LineShorted):
                    self.tell(unfold_line(self.line(undone.fact.line_id), undone.fact))
            case PieceVerified() | PackReported() | SsccAssigned() | CartonClosed():
                packing = self.kept.rows.get(("packing", entry.fact.tote))
                if isinstance(entry.fact, CartonClosed) and isinstance(packing, PackingRow) and packing.stop:
                    return f"refused:{packing.stop}"
                if isinstance(packing, PackingRow):
                    self.tell(fold_packing(packing, entry.fact))
            case _:
                pass
        return "accepted"

    def _claim(self, entry: Entry, claim: ClaimedList) -> str:
        lists = [row for row in self.kept.rows.values() if isinstance(row, PickListRow)]
        wanted = [row for row in lists if claim.list_id in (None, row.list_id)]
        free = next((row for row in wanted if row.status is ListStatus.OPEN), None)
        if free is None:
            return f"refused:held-by:{wanted[0].terminal_id}" if wanted else "refused:none-open"
        self.tell(
            replace(free, status=ListStatus.HELD, terminal_id=entry.stamp.terminal_id, token=free.token + 1),
            *(row for row in self.kept.rows.values() if isinstance(row, PickLineRow) and row.list_id == free.list_id),
        )
        return "accepted"

    def changes(self, asked: dict[str, list[str]]) -> Changes:
        with self.lock:
            stream_id = asked["stream_id"][0]
            mark = self.mark(stream_id)
            self.waiting += 1
            self.lock.notify_all()
            self.lock.wait_for(
                lambda: self.server is None or self._page(asked).changes or self.mark(stream_id) != mark,
                float(asked["wait"][0]),
            )
            self.waiting -= 1
            return self._page(asked)

    def _page(self, asked: dict[str, list[str]]) -> Changes:
        named, _, number = asked.get("cursor", [""])[0].rpartition(":")
        reset = named != self.incarnation or int(number) > self.kept.head
        after = 0 if reset else int(number)
        limit = self.page_rows or int(asked["limit"][0])
        found = sorted((n, kind, key) for (kind, key), n in self.kept.feed.items() if n > after)
        page, more = found[:limit], len(found) > limit
        hwm, head_h = self.mark(asked["stream_id"][0])
        return Changes(
            incarnation=self.incarnation,
            cursor=f"{self.incarnation}:{page[-1][0] if more else self.kept.head}",
            more=more,
            reset=reset,
            hwm=hwm,
            head_h=head_h,
            changes=[self._told(kind, key, asked["terminal_id"][0]) for _, kind, key in page],
        )

    def _told(self, kind: str, key: str, terminal_id: str) -> Change:
        row: Any = self.kept.rows[kind, key]
        if isinstance(row, msgspec.Raw):
            return Change(kind=kind, key=key, row=row)
        if isinstance(row, PickLineRow) and self.head(row.list_id).terminal_id != terminal_id:
            row = None
        return Change(kind=kind, key=key, row=NO_ROW if row is None else msgspec.Raw(encode_row(row)))


def _kind(row: Row) -> str:
    return next(kind for kind, row_type in ROW_KINDS.items() if isinstance(row, row_type))


def _forged(push: Push, fault: str) -> Pushed:
    """All accepted, says somebody who has passed nothing on; only one thing gives the answer away."""
    judged, h = [], push.prev_h
    for seq, raw in enumerate(push.entries, start=push.from_seq):
        h = chain(h, bytes(raw))
        judged.append(Judged(seq=seq, event_id=decode_entry(bytes(raw)).stamp.event_id, verdict="accepted"))
    return Pushed(
        nonce="0" * 32 if fault == "wrong_nonce" else push.nonce,
        incarnation="i",
        hwm=judged[-1].seq,
        head_h="f" * 64 if fault == "wrong_head" else h,
        safe_seq=0,
        verdicts=judged,
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections that break are what is tested here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def tiny(self) -> TinyStore:
        store: TinyStore = self.server.tiny  # type: ignore[attr-defined]
        return store

    def setup(self) -> None:
        super().setup()
        self.tiny.connections.add(self.connection)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert self.headers["Content-Digest"] == f"sha-256=:{digest}:"
        push = msgspec.json.decode(body, type=Push)
        stream_id = self.path.split("/")[3]
        fault = self._fault("POST")
        if fault == "lost_request":
            return self._cut()
        if fault is not None and self._plain(fault):
            return None
        if fault in ("wrong_nonce", "wrong_head"):
            return self._send(200, "application/json", encode(_forged(push, fault)))
        self.tiny.pushes.append(body)
        answer = self.tiny.push(stream_id, push)
        if fault == "twice":
            answer = self.tiny.push(stream_id, push)
        if fault == "no_verdicts" and isinstance(answer, Pushed):
            answer = msgspec.structs.replace(answer, verdicts=[])
        return self._answer(409 if isinstance(answer, Problem) else 200, encode(answer), fault)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/v1/hello":
            return self._send(200, "application/json", encode(self.tiny.hello()))
        assert url.path == "/v1/changes"
        fault = self._fault("GET")
        if fault == "lost_request":
            return self._cut()
        if fault is not None and self._plain(fault):
            return None
        page = self.tiny.changes(parse_qs(url.query))
        if fault == "wrong_incarnation":
            page = msgspec.structs.replace(page, incarnation="someone-else")
        return self._answer(200, encode(page), fault)

    def _fault(self, method: str) -> str | None:
        faults = self.tiny.faults[method]
        fault = faults.popleft() if faults else None
        if fault is not None:
            self.tiny.struck[fault] += 1
        return fault

    def _plain(self, fault: str) -> bool:
        """Answers that somebody other than the store gives, before the store has seen the request."""
        match fault:
            case "html":
                self._send(200, "text/html", b"<html>Please log in</html>")
            case "html_as_json":
                self._send(200, "application/json", b"<html>Please log in</html>")
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "/login")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "busy":
                self.send_response(503)
                self.send_header("Retry-After", "7")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "status_503" | "status_429" | "status_500":
                self._send(int(fault[-3:]), "application/json", json.dumps({"error": "x", "text": "y"}).encode())
            case "status_400" | "status_413" | "status_422":
                self._send(int(fault[-3:]), "application/json", json.dumps({"error": "bad", "text": "No."}).encode())
            case _:
                return False
        return True

    def _answer(self, status: int, body: bytes, fault: str | None) -> None:
        if fault == "lost_answer":
            return self._cut()
        if fault == "half_answer":
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            return self._cut()
        return self._send(status, "application/json", body)

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
