"""Where a scanner with a line of its own is: a serial line, a TCP port of its own, or a port here that it calls."""

import asyncio
import socket
from contextlib import suppress
from typing import Protocol

from drivers.faults import DeviceGone
from drivers.transport.serial_line import SerialLine, SerialSettings
from drivers.transport.tcp import TcpAddress

CONNECT_S = 5.0
CALL_S = 10.0
_READ_BYTES = 4096
_KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 3), (socket.TCP_KEEPCNT, 3))
"""A scanner that went out of radio range closes nothing: after about 20 s without a sign it counts as gone."""


class Line(Protocol):
    """An open line. `read` returns b"" when nothing has come and raises `DeviceGone` when the other end is gone."""

    @property
    def descriptor(self) -> int: ...

    def read(self) -> bytes: ...

    def close(self) -> None: ...


class Place(Protocol):
    """`open` may wait for the scanner; it raises `DeviceGone`. `close` gives up what is held between two lines."""

    async def open(self) -> Line: ...

    def close(self) -> None: ...


class SerialPlace:
    """RS-232 or USB CDC."""

    def __init__(self, settings: SerialSettings) -> None:
        self._settings = settings

    def __str__(self) -> str:
        return self._settings.path

    async def open(self) -> SerialLine:
        return SerialLine(self._settings)

    def close(self) -> None:
        pass


class TcpLine:
    """A connection, read without blocking."""

    def __init__(self, connection: socket.socket, device: str) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEP_ALIVE:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
        self._connection = connection
        self._device = device
        self.descriptor = connection.fileno()

    def read(self) -> bytes:
        try:
            data = self._connection.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as fault:
            raise DeviceGone(self._device, fault.strerror or str(fault)) from fault
        if not data:
            raise DeviceGone(self._device, "it closed the connection")
        return data

    def hang_up(self) -> None:
        """End it from here: what has arrived can still be read, then it is gone."""
        with suppress(OSError):  # the other end may have been quicker
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._connection.close()


class TcpPlace:
    """A scanner that listens, or the serial server that it is plugged into."""

    def __init__(self, address: TcpAddress) -> None:
        self._address = address

    def __str__(self) -> str:
        return str(self._address)

    async def open(self) -> TcpLine:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                host, port = self._address.host, self._address.port
                [(family, *_, where), *_] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                connection = socket.socket(family, socket.SOCK_STREAM)
                try:
                    connection.setblocking(False)
                    await loop.sock_connect(connection, where)
                    return TcpLine(connection, str(self))
                except BaseException:
                    connection.close()
                    raise
        except TimeoutError as fault:
            raise DeviceGone(str(self), f"no answer within {CONNECT_S:.0f} s") from fault
        except OSError as fault:
            raise DeviceGone(str(self), fault.strerror or str(fault)) from fault

    def close(self) -> None:
        pass


class ListeningPlace:
    """A port here to which the scanner at `host` connects; a connection from anywhere else is closed at once.

    A scanner that lost its radio calls again while its old connection still seems to stand: the newest one counts.
    With `port` 0 the system chooses one at the first `open`. That one raises `DeviceGone` when nobody has called within
    `call_s`, so that it can be told; later ones wait as long as it takes.
    """

    def __init__(self, host: str, port: int, call_s: float = CALL_S) -> None:
        self.port = port
        self._host = host
        self._patience_s: float | None = call_s
        self._door: socket.socket | None = None
        self._caller: asyncio.Future[socket.socket] | None = None
        self._line: TcpLine | None = None

    def __str__(self) -> str:
        return f"{self._host} (it connects to port {self.port} here)"

    async def open(self) -> TcpLine:
        if self._door is None:
            self._listen()
        if self._caller is None:
            self._caller = asyncio.get_running_loop().create_future()
        patience_s, self._patience_s = self._patience_s, None
        await asyncio.wait({self._caller}, timeout=patience_s)
        if not self._caller.done():
            raise DeviceGone(str(self), "it has not called yet")
        self._line, self._caller = TcpLine(self._caller.result(), str(self)), None
        return self._line

    def close(self) -> None:
        if self._door is not None:
            asyncio.get_running_loop().remove_reader(self._door)
            self._door.close()
            self._door = None
        if self._caller is not None and self._caller.done():
            self._caller.result().close()
        self._caller = None

    def _listen(self) -> None:
        try:
            self._door = socket.create_server(("", self.port))
        except OSError as fault:
            raise DeviceGone(str(self), fault.strerror or str(fault)) from fault
        self._door.setblocking(False)
        self.port = self._door.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._door, self._called)

    def _called(self) -> None:
        assert self._door is not None  # noqa: S101 - for mypy: the reader is removed before the door goes
        try:
            connection, (host, *_) = self._door.accept()
        except OSError:
            return  # whoever called has hung up already
        if host != self._host:
            connection.close()
            return
        if self._caller is None:
            self._caller = asyncio.get_running_loop().create_future()
        if self._caller.done():
            self._caller.result().close()
            self._caller = asyncio.get_running_loop().create_future()
        self._caller.set_result(connection)
        if self._line is not None:
            self._line.hang_up()
            self._line = None
