"""A TCP byte stream with an explicit limit on every step. Blocking: for worker threads, never for an event loop."""

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from drivers.faults import DeviceGone, DeviceSilent

_READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class TcpAddress:
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class LinkBroken(DeviceGone):
    """The link broke while sending. `accepted_bytes` went into the operating system's buffer, perhaps no further."""

    def __init__(self, device: str, cause: str, accepted_bytes: int) -> None:
        super().__init__(device, cause)
        self.accepted_bytes = accepted_bytes


class TcpStream:
    """An open connection; a context manager. Raises `DeviceGone` when it cannot be opened within `timeout_s`."""

    def __init__(self, address: TcpAddress, timeout_s: float) -> None:
        self._device = str(address)
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=timeout_s)
        except OSError as fault:
            raise DeviceGone(self._device, _cause(fault, timeout_s)) from fault
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, timeout_s: float) -> None:
        """Send all of `data`; raises `LinkBroken`, also when the other end takes no byte for `timeout_s`."""
        self._socket.settimeout(timeout_s)
        accepted = 0
        view = memoryview(data)
        try:
            while accepted < len(data):
                accepted += self._socket.send(view[accepted:])
        except OSError as fault:
            raise LinkBroken(self._device, _cause(fault, timeout_s), accepted) from fault

    def receive(self, timeout_s: float) -> bytes:
        """Return at least one byte; raises `DeviceSilent` after `timeout_s`, `DeviceGone` when the link is closed."""
        self._socket.settimeout(max(timeout_s, 0.001))
        try:
            data = self._socket.recv(_READ_BYTES)
        except TimeoutError as fault:
            raise DeviceSilent(self._device, timeout_s) from fault
        except OSError as fault:
            raise DeviceGone(self._device, _cause(fault, timeout_s)) from fault
        if not data:
            raise DeviceGone(self._device, "it closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cause(fault: OSError, timeout_s: float) -> str:
    if isinstance(fault, TimeoutError):
        return f"no answer within {timeout_s:.1f} s"
    return fault.strerror or str(fault)
