"""HTTP to the store, and the judgement of what came back: only what can only be the store's is believed."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.terminal.ledger import Batch
from sync.wire.messages import PROTOCOL, Changes, Problem, Push, Pushed, encode

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 30.0
MAX_ANSWER_BYTES = 8 * 1024 * 1024
PAGE_ROWS = 200
"""Few enough that taking a page over does not hold up a scan."""
_INCARNATION = re.compile(r"[0-9A-Za-z_-]{1,64}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the store got the request is not known: it is made again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The request was broken off from here."""


@dataclass(frozen=True, slots=True)
class Forked:
    """Somebody else writes under this stream's id."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The store lacks entries before those sent: it holds up to ``hwm``."""

    hwm: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The store understood the request and will not have it."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content_type: str
    body: bytes


class StoreClient:
    """One connection to the store, for one thread; `interrupt` and `close` may be called from another.

    Neither proxies of the environment nor redirects are followed: both lead to somebody else.
    """

    def __init__(self, url: str, site_id: SiteId, terminal_id: TerminalId) -> None:
        self._url = url.rstrip("/")
        self._site_id = site_id
        self._terminal_id = terminal_id
        self._http: httpx.Client | None = None
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._in_flight = False
        self._broken_off = False
        self._closed = False

    def push(self, batch: Batch) -> Pushed | Forked | Gap | Refused | Unknown | Interrupted:
        """Offer entries. The caller compares ``head_h`` of a `Pushed` with its own chain."""
        nonce = secrets.token_hex(16)
        body = encode(
            Push(
                protocol=PROTOCOL,
                site_id=self._site_id,
                terminal_id=self._terminal_id,
                nonce=nonce,
                from_seq=batch.from_seq,
                prev_h=batch.prev_h,
                entries=[msgspec.Raw(entry) for entry in batch.bodies],
            )
        )
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
        headers = {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"}
        path = f"/v1/streams/{batch.stream_id}/events"
        answer = self._exchange("POST", path, headers=headers, content=body, answer_timeout_s=ANSWER_TIMEOUT_S)
        if not isinstance(answer, _Answer):
            return answer
        if answer.status != 200:
            return _refusal(answer)
        pushed = _decoded(answer, Pushed)
        if isinstance(pushed, Unknown):
            return pushed
        if pushed.nonce != nonce or not _INCARNATION.fullmatch(pushed.incarnation) or pushed.hwm < 0:
            return Unknown("an answer came that was not made for this request")
        return pushed

    def changes(
        self, stream_id: StreamId, cursor: str | None, *, reflected_seq: int, wait_s: int, scopes: Sequence[str]
    ) -> Changes | Refused | Unknown | Interrupted:
        """Ask for what has changed since ``cursor``; the store may take ``wait_s`` until something has.

        It also answers once it holds entries of the stream beyond ``reflected_seq``: they may have changed no row.
        """
        asked = [("site_id", self._site_id), ("terminal_id", self._terminal_id), ("stream_id", stream_id)]
        asked += [("reflected", str(reflected_seq)), ("wait", str(wait_s)), ("limit", str(PAGE_ROWS))]
        asked += [("scope", scope) for scope in scopes]
        if cursor is not None:
            asked.append(("cursor", cursor))
        answer = self._exchange(
            "GET",
            "/v1/changes",
            params=asked,
            headers={"Cache-Control": "no-store"},
            answer_timeout_s=ANSWER_TIMEOUT_S + wait_s,
        )
        if not isinstance(answer, _Answer):
            return answer
        if answer.status != 200:
            refusal = _refusal(answer)
            return refusal if isinstance(refusal, Refused) else Unknown(f"the store answered {answer.status}")
        page = _decoded(answer, Changes)
        if isinstance(page, Unknown):
            return page
        now = _position(page.cursor, page.incarnation)
        before = None if cursor is None or page.reset else _position(cursor, page.incarnation)
        if now is None or (cursor is not None and not page.reset and (before is None or now < before)):
            return Unknown("a page came that does not follow what is known here")
        return page

    def interrupt(self) -> None:
        """Break off the request that is under way, if there is one; the next one is made normally."""
        with self._guard:
            if self._in_flight:
                self._break_off()

    def close(self) -> None:
        """Break off what is under way and let nothing begin any more."""
        with self._guard:
            self._closed = True
            if self._in_flight:
                self._break_off()
            elif self._http is not None:
                self._http.close()

    def _was_broken_off(self) -> bool:
        return self._broken_off

    def _break_off(self) -> None:
        self._broken_off = True
        if self._socket is not None:
            try:
                # By the base class: an SSL socket would first forget its session under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        answer_timeout_s: float,
        params: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
    ) -> _Answer | Unknown | Interrupted:
        import httpx  # in the sync threads only: a terminal's first screen does not wait for it

        with self._guard:
            if self._closed:
                return Interrupted()
            if self._http is None:
                self._http = _open_client(httpx, self._url)
            self._in_flight, self._broken_off = True, False
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, read=answer_timeout_s)
        try:
            request = self._http.build_request(
                method,
                self._url + path,
                params=list(params) or None,
                headers=dict(headers),
                content=content,
                timeout=timeout,
                extensions={"trace": self._trace},
            )
            return self._send(request, deadline=time.monotonic() + CONNECT_TIMEOUT_S + answer_timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Interrupted() if self._was_broken_off() else Unknown(f"{type(error).__name__}: {error}")
        finally:
            self._landed()

    def _landed(self) -> None:
        with self._guard:
            self._in_flight = False
            if self._closed and self._http is not None:
                self._http.close()

    def _send(self, request: httpx.Request, *, deadline: float) -> _Answer | Unknown:
        if self._http is None:
            raise RuntimeError("a request is sent only by an open client")
        response = self._http.send(request, stream=True)
        try:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                    return Unknown("the answer did not end")
            return _Answer(response.status_code, response.headers.get("content-type", ""), bytes(body))
        finally:
            response.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket: closing it is the only way to end a read that waits."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._guard:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._broken_off:
                    self._break_off()


def _open_client(library: Any, url: str) -> httpx.Client:
    client: httpx.Client = library.Client(
        # Certificates take a tenth of a second to load; plain HTTP, where no redirect is followed, has no use for them.
        verify=url.lower().startswith("https:"),
        trust_env=False,
        follow_redirects=False,
        limits=library.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60),
        headers={"Accept": "application/json", "User-Agent": f"floorhand-terminal/{PROTOCOL}"},
    )
    return client


def _is_json(answer: _Answer) -> bool:
    return answer.content_type.split(";", 1)[0].strip().lower() == "application/json"


def _decoded(answer: _Answer, kind: type[_T]) -> _T | Unknown:
    if not _is_json(answer):
        return Unknown("something that is not the store answered (a login page of the network?)")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown("the answer cannot be read")


def _refusal(answer: _Answer) -> Forked | Gap | Refused | Unknown:
    if not 400 <= answer.status < 500 or answer.status in (408, 429):
        return Unknown(f"the store answered {answer.status}")
    problem = _decoded(answer, Problem)
    if isinstance(problem, Unknown):
        return problem
    if answer.status == 409 and problem.error == "fork":
        return Forked()
    if answer.status == 409 and problem.error == "gap" and problem.hwm is not None and problem.hwm >= 0:
        return Gap(problem.hwm)
    return Refused(problem.error, problem.text)


def _position(cursor: str, incarnation: str) -> int | None:
    """The number in ``<incarnation>:<n>``; None where the cursor is not of this incarnation."""
    named, _, number = cursor.rpartition(":")
    valid = named == incarnation and _INCARNATION.fullmatch(named) and number.isascii() and number.isdigit()
    return int(number) if valid else None
