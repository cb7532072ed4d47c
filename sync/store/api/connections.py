"""The bounds of a connection: how many there are, how large a request's head may be and how long it may take."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sync.store.access.tls import ServerCertificate

MAX_CONNECTIONS: Final = 900
"""Of one process: two for each terminal, within the files that a process may usually open."""
MAX_HEAD_BYTES: Final = 16 * 1024
HEAD_S: Final = 10.0
MESSAGE_S: Final = 660.0
"""A whole request; who reads its body ends it sooner (`Limits.body_s`)."""


class TooLargeHead(Exception):
    """The parser answers it with status 400 and closes."""


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection that does not get on: uvicorn itself waits for a head, and keeps of it, without end."""

    _head_bytes = 0
    """As received, of a head that has not ended."""
    _kept_bytes = 0
    """As parsed: of a head that came in one piece."""
    _in_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.server_state.connections) > MAX_CONNECTIONS:
            transport.close()
        self._close_in(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._close_in(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        self._head_bytes, self._kept_bytes, self._in_head = 0, 0, True
        self._close_in(HEAD_S)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._keep(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._keep(len(name) + len(value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._close_in(MESSAGE_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._close_in(None)
        super().on_message_complete()

    def _keep(self, count: int) -> None:
        self._kept_bytes += count
        if self._kept_bytes > MAX_HEAD_BYTES:
            raise TooLargeHead

    def _close_in(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self.transport.close)


def connection_options(certificate: ServerCertificate | None) -> dict[str, Any]:
    """What `uvicorn.Config` is told for it."""
    options: dict[str, Any] = {"http": BoundedProtocol, "ws": "none"}
    if certificate is not None:
        options |= {"ssl_certfile": certificate.certificate, "ssl_keyfile": certificate.key}
    return options
