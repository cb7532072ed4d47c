"""A character device of the kernel, such as /dev/usb/lp0, written and read through its descriptor."""

import os
from dataclasses import dataclass

from drivers.faults import DeviceGone


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """Where the device is. `path` is best a link that survives re-plugging, made by a udev rule."""

    path: str

    def __str__(self) -> str:
        return self.path


def open_device(place: DeviceFile, *, reads: bool) -> int:
    """A descriptor that never blocks, for writing only unless it `reads`. Raises `DeviceGone`."""
    direction = os.O_RDWR if reads else os.O_WRONLY
    try:
        return os.open(place.path, direction | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as fault:
        raise DeviceGone(place.path, fault.strerror or str(fault)) from fault
