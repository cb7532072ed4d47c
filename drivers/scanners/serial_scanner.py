"""A scanner on a serial line: readings as they come, and re-opening by itself when it was unplugged."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from drivers.faults import DeviceGone
from drivers.readings import BadRead, LinkChange, ScanFrame
from drivers.scanners.framing import FrameParser, Framing
from drivers.transport.serial_line import SerialLine, SerialSettings

Reading = ScanFrame | BadRead | LinkChange

REOPEN_PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses between attempts to open; the last one repeats for ever."""


class SerialScanner:
    """One scanner on one path. `source` is the name that its readings carry, such as "bench left"."""

    def __init__(
        self,
        source: str,
        settings: SerialSettings,
        framing: Framing | None = None,
        reopen_pauses_s: Sequence[float] = REOPEN_PAUSES_S,
    ) -> None:
        self._source = source
        self._settings = settings
        self._framing = framing
        self._reopen_pauses_s = reopen_pauses_s

    async def readings(self) -> AsyncGenerator[Reading, None]:
        """Yield every reading in order, for ever; close the iterator to release the line.

        A `LinkChange` comes when the scanner is there, when it is gone, and once when it is not there from the start;
        nothing that happens to the device is raised. A wrong setting (such as a baud rate that does not exist) raises
        `ValueError`.
        """
        attempt = 0
        while True:
            try:
                line = SerialLine(self._settings)
            except DeviceGone as gone:
                if attempt == 0:
                    yield LinkChange(self._source, False, str(gone), time.monotonic())
                await asyncio.sleep(self._reopen_pauses_s[min(attempt, len(self._reopen_pauses_s) - 1)])
                attempt += 1
                continue
            listener = _Listener(line)
            try:
                yield LinkChange(self._source, True, f"{self._source} is connected and reads.", time.monotonic())
                async with aclosing(self._while_connected(listener)) as readings:
                    async for reading in readings:
                        yield reading
            finally:
                listener.close()
            # It is known to be gone: the next failure to open is no news.
            attempt = 1

    async def _while_connected(self, listener: "_Listener") -> AsyncGenerator[Reading, None]:
        parser = FrameParser(self._source, self._framing)
        while True:
            # What was read before is parsed first: only then may the time say that a code has no end.
            for data, at_s in listener.take():
                for reading in parser.feed(data, at_s):
                    yield reading
            if listener.gone is not None and not listener.has_data:
                for reading in parser.link_lost():
                    yield reading
                yield LinkChange(self._source, False, str(listener.gone), time.monotonic())
                return
            if not listener.has_data:
                for reading in parser.due(time.monotonic()):
                    yield reading
            await listener.wait(parser.next_due_s())


class _Listener:
    """Reads the line the moment bytes arrive and keeps them with their time."""

    def __init__(self, line: SerialLine) -> None:
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
