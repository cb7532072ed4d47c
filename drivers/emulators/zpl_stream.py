"""What a ZPL printer makes of the bytes that it receives. Pure.

Any split of the same bytes gives the same formats and commands.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Immediate:
    """A `~` command without data. It takes effect at once, also inside a format, as it does in real printers."""

    name: str


@dataclass(frozen=True, slots=True)
class GetVariable:
    """`! U1 getvar "name"`."""

    name: str


@dataclass(frozen=True, slots=True)
class Format:
    """One whole label format, from ^XA to ^XZ."""

    zpl: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes outside a format, or a `~` command, that this printer does not know."""

    raw: bytes


Received = Immediate | GetVariable | Format | Unknown

_IMMEDIATE = {b"~HS": 3, b"~JX": 3, b"~JA": 3, b"~HQ": 5}
_TOKEN = re.compile(rb"~|\^|!")
_GET_VARIABLE = re.compile(rb'! U1 getvar "([^"\r\n]+)"\s*')


class ZplStream:
    """Reads one connection. `stump` is what a connection that broke off left behind in the printer's buffer."""

    def __init__(self, stump: bytes = b"") -> None:
        self._pending = b""
        self._format: bytearray | None = None
        self.feed(stump)

    @property
    def stump(self) -> bytes:
        """The format that has begun and not ended."""
        return bytes(self._format) + self._pending if self._format is not None else b""

    def cancel_format(self) -> None:
        """Throw the begun format away (`~JX`)."""
        self._format = None

    def feed(self, data: bytes) -> list[Received]:
        """Return what these bytes complete, in order. A `~JX` among them has already cancelled the begun format."""
        self._pending += data
        received: list[Received] = []
        while match := _TOKEN.search(self._pending):
            self._keep(self._pending[: match.start()], received)
            self._pending = self._pending[match.start() :]
            taken = self._take(received)
            if taken == 0:
                return received
            self._pending = self._pending[taken:]
        self._keep(self._pending, received)
        self._pending = b""
        return received

    def _take(self, received: list[Received]) -> int:
        """Take one token from the start of what is pending; return its length, 0 when more bytes are needed."""
        sign = self._pending[:1]
        if sign == b"!":
            return self._take_variable(received)
        if len(self._pending) < 3:
            return 0
        head = self._pending[:3].upper()
        if sign == b"~":
            return self._take_immediate(head, received)
        if head == b"^XA":
            self._format = bytearray(self._format or b"") + self._pending[:3]
        elif head == b"^XZ":
            if self._format is not None:
                received.append(Format(bytes(self._format) + b"^XZ"))
            self._format = None
        else:
            self._keep(sign, received)
            return 1
        return 3

    def _take_immediate(self, head: bytes, received: list[Received]) -> int:
        size = _IMMEDIATE.get(head, 3)
        if len(self._pending) < size:
            return 0
        name = self._pending[:size].upper()
        if head not in _IMMEDIATE:
            received.append(Unknown(name))
            return 1
        if name == b"~JX":
            self.cancel_format()
        received.append(Immediate(name.decode("ascii", "replace")))
        return size

    def _take_variable(self, received: list[Received]) -> int:
        if self._format is not None:
            self._keep(b"!", received)
            return 1
        end = self._pending.find(b"\n")
        if end < 0:
            return 0
        line = self._pending[: end + 1]
        match = _GET_VARIABLE.fullmatch(line)
        received.append(GetVariable(match[1].decode("ascii", "replace")) if match else Unknown(line))
        return len(line)

    def _keep(self, raw: bytes, received: list[Received]) -> None:
        if self._format is not None:
            self._format += raw
        elif raw.strip():
            received.append(Unknown(raw))
