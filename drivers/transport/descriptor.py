"""Waiting for a descriptor that never blocks, and reading it. Blocking, for worker threads."""

import os
import select

from drivers.faults import DeviceGone, DeviceSilent

_READ_BYTES = 4096


def is_ready(descriptor: int, event: int, timeout_s: float) -> bool:
    """Whether the descriptor can be read or written within the time, which is also so when its other end is gone."""
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(timeout_s, 0.0) * 1000))


def receive(name: str, descriptor: int, timeout_s: float) -> bytes:
    """At least one byte of the device ``name``; raises `DeviceSilent` after the time, `DeviceGone` when it ends."""
    if not is_ready(descriptor, select.POLLIN, timeout_s):
        raise DeviceSilent(name, timeout_s)
    try:
        data = os.read(descriptor, _READ_BYTES)
    except BlockingIOError as fault:
        raise DeviceSilent(name, timeout_s) from fault
    except OSError as fault:
        raise DeviceGone(name, fault.strerror or str(fault)) from fault
    if not data:
        raise DeviceGone(name, "it was unplugged")
    return data
