"""A serial line (RS-232, USB CDC) opened and configured by pyserial, read through its descriptor."""

import errno
import os
import termios
from dataclasses import dataclass
from typing import Literal

import serial

from drivers.faults import DeviceGone

_READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """Where the line is and how it is set. `path` is best one of /dev/serial/by-id, which survives re-plugging.

    `flow` is how the device holds back what is sent to it: by characters, or by the wire that is our CTS.
    """

    path: str
    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    flow: Literal["none", "xonxoff", "rtscts"] = "none"

    def __str__(self) -> str:
        return self.path


class SerialLine:
    """An open line. Opening and reading raise `DeviceGone` for whatever the device, the driver or pyserial raises."""

    def __init__(self, settings: SerialSettings) -> None:
        self._path = settings.path
        try:
            self._port = serial.Serial(
                settings.path,
                baudrate=settings.baud,
                bytesize=settings.data_bits,
                parity=settings.parity,
                stopbits=settings.stop_bits,
                xonxoff=settings.flow == "xonxoff",
                rtscts=settings.flow == "rtscts",
                timeout=0,
                write_timeout=1.0,
                exclusive=True,
            )
        # A pty set to 7E1 and a device that goes while it is configured raise termios.error, which is no OSError.
        except (OSError, termios.error) as fault:
            raise DeviceGone(settings.path, _cause(fault)) from fault
        self.descriptor: int = self._port.fileno()

    def read(self) -> bytes:
        """Return what has arrived, b"" when nothing has. Raises `DeviceGone` when the other end is gone."""
        try:
            data = os.read(self.descriptor, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as fault:
            raise DeviceGone(self._path, _cause(fault)) from fault
        if not data:
            raise DeviceGone(self._path, "it was unplugged")
        return data

    def close(self) -> None:
        """Close the line; a device that has gone already is no error here."""
        self._port.close()


def _cause(fault: BaseException) -> str:
    number = fault.args[0] if fault.args else None
    if number == errno.EAGAIN:
        return "another program uses it"
    return os.strerror(number) if isinstance(number, int) else str(fault)
