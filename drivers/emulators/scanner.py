"""Emulated scanners on a pty and on TCP, for tests, the demo and a site's own trials."""

import os
import socket
import time
import tty
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path

_CONNECT_S = 20.0


class EmulatedScanner(ABC):
    """A scanner that sends what it is told, can be unplugged and comes back at the same place."""

    def send(
        self,
        code: str | bytes,
        *,
        symbology: str = "",
        suffix: str = "\r",
        prefix: str = "",
        delay_per_char_s: float = 0.0,
    ) -> None:
        """Scan one code: prefix, symbology identifier, code and suffix go out as UTF-8, or bytes as they are."""
        content = code if isinstance(code, bytes) else code.encode()
        self.send_raw(prefix.encode() + symbology.encode() + content + suffix.encode(), delay_per_char_s)

    def send_raw(self, data: bytes, delay_per_char_s: float = 0.0) -> None:
        """Put bytes on the line as they are, for half codes and garbage. Raises `OSError` when it is unplugged."""
        if delay_per_char_s <= 0:
            self._write(data)
            return
        for byte in data:
            self._write(bytes((byte,)))
            time.sleep(delay_per_char_s)

    @abstractmethod
    def unplug(self) -> None:
        """Pull the plug: whoever reads it is told by the operating system. Nothing happens when it is unplugged."""

    @abstractmethod
    def replug(self) -> None:
        """Plug it in again at the same place. Nothing happens when it is plugged in."""

    @abstractmethod
    def _write(self, data: bytes) -> None: ...

    def close(self) -> None:
        self.unplug()


class SerialEmulator(EmulatedScanner):
    """On a pty behind `path`, a link that stays the same like those of /dev/serial/by-id; plugged in from the start.

    `path` must not exist yet; its directory must.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: tuple[int, int] | None = None
        self.replug()

    def unplug(self) -> None:
        if self._ends is None:
            return
        self.path.unlink()
        for end in self._ends:
            os.close(end)
        self._ends = None

    def replug(self) -> None:
        if self._ends is not None:
            return
        scanner_end, host_end = os.openpty()
        tty.setraw(host_end)
        self._ends = (scanner_end, host_end)
        self.path.symlink_to(os.ttyname(host_end))

    def _write(self, data: bytes) -> None:
        if self._ends is None:
            raise OSError("the scanner is unplugged")
        while data:
            data = data[os.write(self._ends[0], data) :]


class ListeningEmulator(EmulatedScanner):
    """On a TCP port of its own, to which one terminal connects; plugged in from the start."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._door: socket.socket | None = None
        self._connection: socket.socket | None = None
        self.replug()

    def unplug(self) -> None:
        if self._door is None:
            return
        # What has connected and was never written to hears of the end as well.
        self._door.setblocking(False)
        with suppress(BlockingIOError):
            self._door.accept()[0].close()
        self._door.close()
        if self._connection is not None:
            self._connection.close()
        self._door = self._connection = None

    def replug(self) -> None:
        if self._door is None:
            self._door = socket.create_server(("127.0.0.1", self.port))
            self._door.settimeout(_CONNECT_S)
            self.port = self._door.getsockname()[1]

    def _write(self, data: bytes) -> None:
        if self._door is None:
            raise OSError("the scanner is unplugged")
        if self._connection is None:
            self._connection, _ = self._door.accept()
        self._connection.sendall(data)


class CallingEmulator(EmulatedScanner):
    """Connects to a terminal that listens at `port`; not plugged in before `replug`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self._lost: list[socket.socket] = []

    def unplug(self) -> None:
        for connection in (self._connection, *self._lost):
            if connection is not None:
                connection.close()
        self._connection = None
        self._lost.clear()

    def replug(self) -> None:
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=_CONNECT_S)

    def lose_radio(self) -> None:
        """Forget the connection without closing it: the next `replug` makes another one beside it."""
        if self._connection is not None:
            self._lost.append(self._connection)
            self._connection = None

    def _write(self, data: bytes) -> None:
        if self._connection is None:
            raise OSError("the scanner is unplugged")
        self._connection.sendall(data)
