"""The ways to a printer: TCP, serial line, character device. Blocking, for worker threads.

A TCP connection begins anew with each conversation. A line does not: what a printer said late is still on its way when
the line is opened, so everything is thrown away there until it has been quiet for `QUIET_S`.
"""

import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Callable
from typing import Protocol

from drivers.faults import DeviceGone, DeviceSilent
from drivers.transport.descriptor import is_ready, receive
from drivers.transport.device_file import DeviceFile, open_device
from drivers.transport.serial_line import SerialLine, SerialSettings
from drivers.transport.tcp import LinkBroken, TcpAddress, TcpStream

PrinterPlace = TcpAddress | SerialSettings | DeviceFile

QUIET_S = 0.1
_DRAIN_PAUSE_S = 0.005


class PrinterLink(Protocol):
    """An open way to a printer."""

    def send(self, data: bytes, timeout_s: float) -> None:
        """Hand over all of `data`; raises `LinkBroken`, also when no byte is taken for `timeout_s`."""
        ...

    def receive(self, timeout_s: float) -> bytes:
        """At least one byte; raises `DeviceSilent` after `timeout_s`, `DeviceGone` when the link ends."""
        ...

    def close(self) -> None: ...


def open_link(place: PrinterPlace, timeout_s: float, *, answers: bool) -> PrinterLink:
    """Open the way; without `answers` nothing will be read from it. Raises `DeviceGone`."""
    if isinstance(place, TcpAddress):
        return TcpStream(place, timeout_s)
    link = _line_link(place) if isinstance(place, SerialSettings) else _device_link(place, reads=answers)
    if answers:
        try:
            link.until_quiet(timeout_s)
        except DeviceGone:
            link.close()
            raise
    return link


def _line_link(place: SerialSettings) -> "_DescriptorLink":
    line = SerialLine(place)
    return _DescriptorLink(place.path, line.descriptor, line.close)


def _device_link(place: DeviceFile, *, reads: bool) -> "_DescriptorLink":
    descriptor = open_device(place, reads=reads)
    return _DescriptorLink(place.path, descriptor, lambda: os.close(descriptor))


class _DescriptorLink:
    def __init__(self, name: str, descriptor: int, close: Callable[[], None]) -> None:
        self._name = name
        self._descriptor = descriptor
        self._close: Callable[[], None] | None = close
        self._is_line = os.isatty(descriptor)

    def until_quiet(self, timeout_s: float) -> None:
        """Throw away what comes until nothing comes any more; at most for `timeout_s`."""
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            try:
                self.receive(QUIET_S)
            except DeviceSilent:
                return

    def send(self, data: bytes, timeout_s: float) -> None:
        accepted = 0
        until_s = time.monotonic() + timeout_s
        while accepted < len(data):
            if not is_ready(self._descriptor, select.POLLOUT, until_s - time.monotonic()):
                raise self._stuck(accepted, timeout_s)
            try:
                accepted += os.write(self._descriptor, data[accepted:])
            except BlockingIOError:
                continue
            except OSError as fault:
                raise LinkBroken(self._name, fault.strerror or str(fault), accepted) from fault
            until_s = time.monotonic() + timeout_s
        if self._is_line:
            self._drain(accepted, timeout_s)

    def _drain(self, accepted: int, timeout_s: float) -> None:
        """Wait until the line has taken everything: a label is under way for seconds at 9600 baud."""
        left = self._waiting_bytes(accepted)
        until_s = time.monotonic() + timeout_s
        while left:
            if time.monotonic() > until_s:
                raise self._stuck(accepted, timeout_s)
            time.sleep(_DRAIN_PAUSE_S)
            before, left = left, self._waiting_bytes(accepted)
            if left < before:
                until_s = time.monotonic() + timeout_s

    def _stuck(self, accepted: int, timeout_s: float) -> LinkBroken:
        """What the printer has not taken is thrown away, or it would come out when nobody expects it any more."""
        unsent = 0
        if self._is_line:
            try:
                termios.tcflow(self._descriptor, termios.TCOOFF)
                unsent = self._waiting_bytes(accepted)
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
                termios.tcflow(self._descriptor, termios.TCOON)
            except termios.error as fault:
                return LinkBroken(self._name, str(fault), accepted)
        return LinkBroken(self._name, f"it takes nothing for {timeout_s:.1f} s", accepted - unsent)

    def _waiting_bytes(self, accepted: int) -> int:
        try:
            (waiting,) = struct.unpack("i", fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, b"\0\0\0\0"))
        except OSError as fault:
            raise LinkBroken(self._name, fault.strerror or str(fault), accepted) from fault
        return int(waiting)

    def receive(self, timeout_s: float) -> bytes:
        return receive(self._name, self._descriptor, timeout_s)

    def close(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            close()
