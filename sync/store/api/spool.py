"""Bytes that one thread writes as fast as it can and the event loop sends as fast as the network lets it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator
from typing import Final

_IN_MEMORY_BYTES: Final = 512 * 1024
_PIECE_BYTES: Final = 64 * 1024


class Abandoned(Exception):
    """Nobody reads any more: the writer can stop."""


class Spool:
    """Made in the event loop. `write` and `end` are for one thread, `pieces` for the loop."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - `pieces` closes it
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._written = 0
        self._ended = False
        self._error: BaseException | None = None

    def write(self, data: bytes) -> None:
        """Raises `Abandoned`."""
        with self._lock:
            if self._file.closed:
                raise Abandoned
            self._file.seek(self._written)
            self._written += self._file.write(data)
        self._tell()

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more comes; with ``error``, what was written is not all."""
        self._error = error
        self._ended = True
        self._tell()

    async def begun(self) -> None:
        """Wait until there is something. Raises the writer's error where nothing was written before it."""
        await self._news.wait()
        if self._error is not None and not self._written:
            self._file.close()
            raise self._error

    async def pieces(self) -> AsyncIterator[bytes]:
        """All that is written, until the end. Raises the writer's error at its place."""
        sent = 0
        try:
            while True:
                self._news.clear()
                ended = self._ended
                with self._lock:
                    self._file.seek(sent)
                    piece = self._file.read(_PIECE_BYTES)
                if piece:
                    sent += len(piece)
                    yield piece
                elif not ended:
                    await self._news.wait()
                elif self._error is not None:
                    raise self._error
                else:
                    return
        finally:
            with self._lock:
                self._file.close()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._news.set)
