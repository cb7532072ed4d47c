"""What scales say, whatever their protocol, and what a protocol has to offer. Pure.

A protocol's own module turns bytes into these values and never decides whether a weight counts: `judging` does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from drivers.readings import WeightFault
from drivers.scales.units import Unit

_MAX_FRAME_BYTES = 64
"""Longer than any frame of these protocols."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display shows. `unit` is None where frames carry none, and text where the unit is not known."""

    amount: Decimal
    unit: Unit | str | None
    is_stable: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """The scale says why it has no weight."""

    reason: WeightFault


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no frame: `BAD_FRAME` or `BAD_CHECKSUM`. `raw` is for the log."""

    raw: bytes
    reason: WeightFault = WeightFault.BAD_FRAME


Said = Shown | Condition | Unreadable


class Speech(Protocol):
    """A protocol as it is spoken over one connection: it keeps what has come of a frame."""

    @property
    def ask(self) -> bytes:
        """The question for the weight, b"" for a scale that sends by itself."""
        ...

    @property
    def zero(self) -> bytes:
        """The command that sets the scale to zero, b"" where there is none."""
        ...

    @property
    def tare(self) -> bytes:
        """The command that takes the present weight as tare, b"" where there is none."""
        ...

    @property
    def agreeing_frames(self) -> int:
        """How many frames in a row must say the same. Frames that nothing protects from a lost character need two."""
        ...

    def feed(self, data: bytes) -> list[Said]:
        """Return what these bytes complete; any bytes at all may come."""
        ...

    def cut(self) -> list[Said]:
        """No more bytes came in time: forget what is there of a frame, and return it as unreadable."""
        ...


class EndedFrames:
    """Frames that stop with an end mark. Any split of the same bytes gives the same frames.

    `read` turns one frame, without its end mark, into what it says.
    """

    def __init__(self, end: bytes, read: Callable[[bytes], list[Said]]) -> None:
        self._end = end
        self._read = read
        self._pending = b""
        self._is_skipping = False

    def feed(self, data: bytes) -> list[Said]:
        said: list[Said] = []
        *frames, self._pending = (self._pending + data).split(self._end)
        for frame in frames:
            # What follows an over-long piece up to the next end mark is still that piece.
            if self._is_skipping:
                self._is_skipping = False
            elif len(frame) > _MAX_FRAME_BYTES:
                said.append(Unreadable(frame))
            else:
                said += self._read(frame)
        if len(self._pending) > _MAX_FRAME_BYTES + len(self._end):
            if not self._is_skipping:
                said.append(Unreadable(self._pending))
            self._is_skipping = True
            # The last bytes may be the first ones of the end mark.
            self._pending = self._pending[-len(self._end) :]
        return said

    def cut(self) -> list[Said]:
        pending, self._pending = self._pending, b""
        was_skipping, self._is_skipping = self._is_skipping, False
        return [Unreadable(pending)] if pending.strip() and not was_skipping else []


_NUMBER = re.compile(r"[ ]*([+-]?)[ ]*(\d+(?:\.\d+)?|\.\d+)", re.ASCII)


def number_in(text: str) -> Decimal | None:
    """The number that fills `text` except for blanks before it; None for anything else."""
    match = _NUMBER.fullmatch(text)
    return Decimal(match[1] + match[2]) if match else None
