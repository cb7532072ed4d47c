"""Bytes of a scanner as they come, with their times: from its line, or from the keyboard in raw mode."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext, suppress
from itertools import pairwise

from drivers.faults import DeviceGone
from drivers.scanners.diagnosis import Heard
from drivers.scanners.places import Line, Place

SILENCE_S = 0.4
"""After it a code is over, whether it had an end mark or not."""

_SKIPS = {b"\r", b"\n"}
_STOPS = {b"q", b"\x03", b"\x04"}
_READ_BYTES = 4096
_INPUT_AS_IT_COMES = termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON
_NOTHING_DONE_TO_IT = termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN

_Chunk = tuple[bytes, float]


class Ears:
    """What came from the scanner and from the keyboard; with a wedge the two are one."""

    def __init__(self, line: Line | None) -> None:
        self._line = line
        self._came: asyncio.Queue[_Chunk | DeviceGone] = asyncio.Queue()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin.fileno(), self._key)
        if self._line is not None:
            loop.add_reader(self._line.descriptor, self._read, self._line)

    def stop(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(sys.stdin.fileno())
        if self._line is not None:
            loop.remove_reader(self._line.descriptor)
            self._line.close()

    async def next_code(self) -> Heard | None:
        """The next code up to a silence; empty where the person left it out, None at the end.

        Raises `DeviceGone`.
        """
        chunks = [_chunk(await self._came.get())]
        with suppress(TimeoutError):
            while True:
                chunks.append(_chunk(await asyncio.wait_for(self._came.get(), SILENCE_S)))
        raw = b"".join(data for data, _ in chunks)
        if raw in _STOPS:
            return None
        times = [at_s for _, at_s in chunks]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        return Heard(b"" if raw in _SKIPS else raw, times[-1] - times[0], max(pauses, default=0.0))

    def _key(self) -> None:
        data = os.read(sys.stdin.fileno(), _READ_BYTES)
        if self._line is None or data in _SKIPS | _STOPS:
            self._came.put_nowait((data, time.monotonic()) if data else (b"q", time.monotonic()))

    def _read(self, line: Line) -> None:
        try:
            data = line.read()
        except DeviceGone as gone:
            asyncio.get_running_loop().remove_reader(line.descriptor)
            self._came.put_nowait(gone)
            return
        if data:
            self._came.put_nowait((data, time.monotonic()))


@asynccontextmanager
async def listening(place: Place | None, tell: Callable[[str], object]) -> AsyncIterator[Ears]:
    """Open the scanner's line (None: the keyboard is it), and the keyboard raw. Raises `DeviceGone`."""
    line: Line | None = None
    with nullcontext() if place is None else closing(place):
        if place is not None:
            tell(f"Waiting for the scanner at {place}.")
            line = await place.open()
        with _raw(sys.stdin.fileno()):
            ears = Ears(line)
            ears.listen()
            try:
                yield ears
            finally:
                ears.stop()


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """What is typed comes as it is, and is not shown; what is written stays in lines."""
    before = termios.tcgetattr(descriptor)
    now = termios.tcgetattr(descriptor)
    now[0] &= ~_INPUT_AS_IT_COMES
    now[3] &= ~_NOTHING_DONE_TO_IT
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, now)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _chunk(came: _Chunk | DeviceGone) -> _Chunk:
    if isinstance(came, DeviceGone):
        raise came
    return came
