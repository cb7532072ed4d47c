"""The ways to a scale: serial line, TCP (a converter or the scale itself), HID device. Blocking, for worker threads."""

import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drivers.faults import DeviceGone, DeviceSilent
from drivers.transport.descriptor import is_ready, receive
from drivers.transport.device_file import DeviceFile, open_device
from drivers.transport.serial_line import SerialLine, SerialSettings
from drivers.transport.tcp import TcpAddress, TcpStream

_LONGEST_DESCRIPTOR_BYTES = 4096


@dataclass(frozen=True, slots=True)
class HidSettings:
    """A hidraw device. `path` is best a link that survives re-plugging, made by a udev rule.

    `descriptor_path` is where its report descriptor can be read; None looks where Linux has it.
    """

    path: str
    descriptor_path: str | None = None


Where = SerialSettings | TcpAddress | HidSettings


class Link(Protocol):
    """An open way. Raises `DeviceGone` when it ends, `DeviceSilent` when nothing comes in time."""

    def send(self, data: bytes, timeout_s: float) -> None: ...

    def receive(self, timeout_s: float) -> bytes:
        """At least one byte."""
        ...

    def close(self) -> None: ...


def open_link(where: Where, timeout_s: float) -> Link:
    """Open the way. Raises `DeviceGone`."""
    match where:
        case SerialSettings():
            return _SerialLink(where)
        case HidSettings():
            return _HidLink(where)
        case TcpAddress():
            return TcpStream(where, timeout_s)


def described(where: Where) -> bytes:
    """What the device says of its own reports; b"" where there is no such thing or it cannot be read."""
    if not isinstance(where, HidSettings):
        return b""
    name = Path(where.path).resolve().name
    path = where.descriptor_path or f"/sys/class/hidraw/{name}/device/report_descriptor"
    try:
        with Path(path).open("rb") as file:
            return file.read(_LONGEST_DESCRIPTOR_BYTES)
    except OSError:
        return b""


class _SerialLink:
    def __init__(self, settings: SerialSettings) -> None:
        self._path = settings.path
        self._line = SerialLine(settings)

    def send(self, data: bytes, timeout_s: float) -> None:
        _write(self._path, self._line.descriptor, data, timeout_s)

    def receive(self, timeout_s: float) -> bytes:
        if not is_ready(self._line.descriptor, select.POLLIN, timeout_s):
            raise DeviceSilent(self._path, timeout_s)
        data = self._line.read()
        if not data:
            raise DeviceSilent(self._path, timeout_s)
        return data

    def close(self) -> None:
        self._line.close()


class _HidLink:
    def __init__(self, settings: HidSettings) -> None:
        self._path = settings.path
        self._descriptor = open_device(DeviceFile(settings.path), reads=True)

    def send(self, data: bytes, timeout_s: float) -> None:
        _write(self._path, self._descriptor, data, timeout_s)

    def receive(self, timeout_s: float) -> bytes:
        return receive(self._path, self._descriptor, timeout_s)

    def close(self) -> None:
        os.close(self._descriptor)


def _write(path: str, descriptor: int, data: bytes, timeout_s: float) -> None:
    until_s = time.monotonic() + timeout_s
    while data:
        if not is_ready(descriptor, select.POLLOUT, until_s - time.monotonic()):
            raise DeviceGone(path, f"it takes no commands for {timeout_s:.1f} s")
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            continue
        except OSError as fault:
            raise DeviceGone(path, fault.strerror or str(fault)) from fault
