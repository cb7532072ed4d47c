"""One HTTP connection to the store: one request at a time, which can be broken off from another thread."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sync.terminal.identity import Identity
from sync.wire.signing import Target

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 30.0
MAX_ANSWER_BYTES = 8 * 1024 * 1024
LONGEST_RETRY_AFTER_S = 300.0
"""Whoever asks for more patience than this is not believed."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the store got the request is not known: it is made again, not before ``retry_after_s``."""

    reason: str
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The request was broken off from here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` is empty where it was taken piece by piece."""

    status: int
    content_type: str
    body: bytes
    retry_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request. With ``take``, the body of an answer 200 goes there piece by piece, with its content encoding."""

    method: str
    path: str
    headers: Mapping[str, str]
    params: Sequence[tuple[str, str]] = ()
    content: bytes = b""
    answer_timeout_s: float = ANSWER_TIMEOUT_S
    take: Callable[[bytes, str], None] | None = None
    waits: bool = False
    """Whether the store may take its time: only then `Connection.interrupt` breaks it off."""


def http_library() -> ModuleType:
    """httpx without its own command line, which would load 6 MiB that paint tables and colours."""
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # as Python marks what cannot be imported
    import httpx

    return httpx


class Connection:
    """For one thread; `interrupt` and `close` may be called from another.

    Neither proxies of the environment nor redirects are followed: both lead to somebody else.
    """

    def __init__(self, url: str, identity: Identity | None = None) -> None:
        self._url = url.rstrip("/")
        self._identity = identity
        self._http: httpx.Client | None = None
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._in_flight: Question | None = None
        self._broken_off = False
        self._closed = False

    def ask(self, question: Question) -> Answer | Unknown | Interrupted:
        # In the sync threads only: a terminal's first screen does not wait for them.
        library = http_library()

        from sync.terminal.trust import NotTheStore, why_not_trusted

        with self._guard:
            if self._closed:
                return Interrupted()
            if self._http is None:
                try:
                    self._http = _open_client(library, self._url, self._identity)
                except NotTheStore as error:
                    return Unknown(str(error))
            self._in_flight, self._broken_off = question, False
        try:
            return self._send(self._http, self._request(library, self._http, question), question)
        except (library.HTTPError, library.InvalidURL, OSError) as error:
            if self._was_broken_off():
                return Interrupted()
            return Unknown(why_not_trusted(error, self._url) or f"{type(error).__name__}: {error}")
        finally:
            self._landed()

    def interrupt(self) -> None:
        """Break off a request that waits for news, if there is one; the next one is made normally."""
        with self._guard:
            if self._in_flight is not None and self._in_flight.waits:
                self._break_off()

    def close(self) -> None:
        """Break off what is under way and let nothing begin any more."""
        with self._guard:
            self._closed = True
            if self._in_flight is not None:
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

    def _landed(self) -> None:
        with self._guard:
            self._in_flight = None
            if self._closed and self._http is not None:
                self._http.close()

    def _request(self, library: Any, client: httpx.Client, question: Question) -> httpx.Request:
        request = client.build_request(
            question.method,
            self._url + question.path,
            params=list(question.params) or None,
            headers=dict(question.headers),
            content=question.content or None,
            timeout=library.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, read=question.answer_timeout_s),
            extensions={"trace": self._trace},
        )
        if self._identity is not None:
            path, _, query = request.url.raw_path.decode("ascii").partition("?")
            request.headers.update(self._identity.sign(Target(question.method, path, query), question.content))
        return request

    def _send(self, client: httpx.Client, request: httpx.Request, question: Question) -> Answer | Unknown:
        deadline = time.monotonic() + CONNECT_TIMEOUT_S + question.answer_timeout_s
        response = client.send(request, stream=True)
        try:
            taken = response.status_code == 200 and question.take is not None
            body = bytearray()
            if taken and question.take is not None:
                encoding = response.headers.get("content-encoding", "").strip().lower()
                for part in response.iter_raw():
                    question.take(part, encoding)
            else:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                        return Unknown("the answer did not end")
            content_type = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
            return Answer(
                response.status_code, content_type, bytes(body), _seconds(response.headers.get("retry-after", ""))
            )
        finally:
            response.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the socket: closing it is the only way to end a read that waits."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._guard:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._broken_off:
                    self._break_off()


def _open_client(library: Any, url: str, identity: Identity | None) -> httpx.Client:
    from sync.terminal.trust import check_agreed, tls_context

    authority = None if identity is None else identity.authority
    check_agreed(url, authority)
    client: httpx.Client = library.Client(
        # Plain HTTP, where no redirect is followed, has no use for certificates; the system's are never believed.
        verify=False if authority is None else tls_context(authority),
        trust_env=False,
        follow_redirects=False,
        limits=library.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60),
        headers={"Accept": "application/json, application/x-ndjson", "User-Agent": "floorhand-terminal"},
    )
    return client


def _seconds(retry_after: str) -> float:
    """Of a Retry-After that says seconds; a date would need a clock that is right."""
    said = retry_after.strip()
    return min(float(said), LONGEST_RETRY_AFTER_S) if said.isascii() and said.isdigit() and len(said) < 10 else 0.0
