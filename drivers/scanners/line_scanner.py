"""A scanner with a line of its own: readings as they come, and opening again by itself when it was gone."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from drivers.faults import DeviceGone
from drivers.readings import BadRead, LinkChange, ScanFrame
from drivers.scanners.framing import FrameParser, Framing
from drivers.scanners.places import Line, Place
from drivers.scanners.states import ScannerState

Reading = ScanFrame | BadRead | LinkChange

REOPEN_PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses between attempts to open; the last one repeats for ever."""


class LineScanner:
    """One scanner at one place. `name` is what its readings carry and a worker reads, such as "bench left"."""

    def __init__(
        self,
        name: str,
        place: Place,
        framing: Framing | None = None,
        reopen_pauses_s: Sequence[float] = REOPEN_PAUSES_S,
    ) -> None:
        self._name = name
        self._place = place
        self._framing = framing
        self._reopen_pauses_s = reopen_pauses_s
        self.state = ScannerState(name, "opening", f"{name} is waited for at {place}.")

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Yield every reading in order, for ever; close the iterator to release the line.

        A `LinkChange` comes when the scanner is there, when it is gone, and once when it is not there from the start;
        nothing that happens to the device is raised. A wrong setting (such as a baud rate that does not exist) raises
        `ValueError`.
        """
        try:
            async with aclosing(self._opened_again()) as readings:
                async for reading in readings:
                    yield reading
        finally:
            self._place.close()

    async def _opened_again(self) -> AsyncGenerator[Reading, None]:
        attempt = 0
        while True:
            try:
                line = await self._place.open()
            except DeviceGone as gone:
                change = self._changed(False, str(gone))
                if attempt == 0:
                    yield change
                await asyncio.sleep(self._reopen_pauses_s[min(attempt, len(self._reopen_pauses_s) - 1)])
                attempt += 1
                continue
            listener = _Listener(line)
            try:
                yield self._changed(True, f"{self._name} is connected and reads.")
                async with aclosing(self._while_connected(listener)) as readings:
                    async for reading in readings:
                        yield reading
            finally:
                listener.close()
            # It is known to be gone: the next failure to open is no news.
            attempt = 1

    async def _while_connected(self, listener: "_Listener") -> AsyncGenerator[Reading, None]:
        parser = FrameParser(self._name, self._framing)
        while True:
            # What was read before is parsed first: only then may the time say that a code has no end.
            for data, at_s in listener.take():
                for reading in parser.feed(data, at_s):
                    yield reading
            if listener.gone is not None and not listener.has_data:
                for reading in parser.link_lost():
                    yield reading
                yield self._changed(False, str(listener.gone))
                return
            if not listener.has_data:
                for reading in parser.due(time.monotonic()):
                    yield reading
            await listener.wait(parser.next_due_s())

    def _changed(self, up: bool, sentence: str) -> LinkChange:
        self.state = ScannerState(self._name, "ready" if up else "lost", sentence)
        return LinkChange(self._name, up, sentence, time.monotonic())


class _Listener:
    """Reads the line the moment bytes arrive and keeps them with their time."""

    def __init__(self, line: Line) -> None:
        self.gone: DeviceGone | None = None
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[tuple[bytes, float]] = deque()
        self._news = asyncio.Event()
        self._loop.add_reader(line.descriptor, self._read)

    @property
    def has_data(self) -> bool:
        return bool(self._chunks)

    def take(self) -> list[tuple[bytes, float]]:
        """Return what has been read since the last call, oldest first."""
        self._news.clear()
        taken = list(self._chunks)
        self._chunks.clear()
        return taken

    async def wait(self, until_s: float | None) -> None:
        """Return when there is news, or at the monotonic time `until_s`."""
        if self.has_data or self.gone is not None:
            return
        try:
            async with asyncio.timeout(None if until_s is None else max(0.0, until_s - time.monotonic())):
                await self._news.wait()
        except TimeoutError:
            pass

    def close(self) -> None:
        self._loop.remove_reader(self._line.descriptor)
        self._line.close()

    def _read(self) -> None:
        try:
            data = self._line.read()
        except DeviceGone as gone:
            self.gone = gone
            self._loop.remove_reader(self._line.descriptor)
            self._news.set()
            return
        if data:
            self._chunks.append((data, time.monotonic()))
            self._news.set()
