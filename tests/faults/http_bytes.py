"""HTTP/1.1 messages as bytes on a socket: read whole, passed on unchanged."""

from __future__ import annotations

import socket
from dataclasses import dataclass

LONGEST_HEAD = 64 * 1024
_END = b"\r\n\r\n"


class Broken(Exception):
    """The other side closed in the middle of a message, or sent what is no HTTP."""


@dataclass(frozen=True, slots=True)
class Message:
    """``raw`` is the whole message byte for byte, ``start`` its first line."""

    raw: bytes
    start: str
    headers: dict[str, str]

    @property
    def method(self) -> str:
        return self.start.split(" ", 1)[0]

    @property
    def path(self) -> str:
        return self.start.split(" ")[1].partition("?")[0]

    @property
    def body_at(self) -> int:
        return self.raw.index(_END) + len(_END)


def read_message(connection: socket.socket) -> Message | None:
    """The next message; None when the other side closed before it began. Raises `Broken`, `OSError`."""
    data = b""
    while _END not in data:
        part = connection.recv(65536)
        if not part:
            if data:
                raise Broken("closed within a head")
            return None
        data += part
        if len(data) > LONGEST_HEAD and _END not in data:
            raise Broken("a head without end")
    head, _, rest = data.partition(_END)
    start, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        rest = _whole_chunks(connection, rest)
    elif not start.endswith((" 204 No Content", " 304 Not Modified")):
        rest = _at_least(connection, rest, int(headers.get("content-length", "0")))
    return Message(head + _END + rest, start, headers)


def _at_least(connection: socket.socket, have: bytes, size: int) -> bytes:
    parts, length = [have], len(have)
    while length < size:
        part = connection.recv(65536)
        if not part:
            raise Broken("closed within a body")
        parts.append(part)
        length += len(part)
    return b"".join(parts)


def _whole_chunks(connection: socket.socket, have: bytes) -> bytes:
    at = 0
    while True:
        while b"\r\n" not in have[at:]:
            have = _at_least(connection, have, len(have) + 1)
        line_end = have.index(b"\r\n", at)
        size = int(have[at:line_end].split(b";")[0], 16)
        at = line_end + 2 + size + 2
        have = _at_least(connection, have, at)
        if size == 0:
            return have


def answer(status: int, reason: str, body: bytes, content_type: str, **headers: str) -> bytes:
    """An answer made up by somebody who is not the store."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + _END + body
