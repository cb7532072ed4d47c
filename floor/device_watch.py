"""Looks at the terminal's devices again and again, beside the screen, and says when one has got or lost a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from textual.message import Message

from drivers.scales.states import ScaleState
from drivers.scanners.states import ScannerState
from floor.ports import DeviceKind, DeviceTrouble

LOOK_S = 2.0
Look = Callable[[], Iterable[DeviceTrouble]]


class DevicesChanged(Message):
    """A device has got a fault, or has lost it."""


class DeviceWatch:
    """``looks`` are made in a thread of its own: they may wait for a device. ``troubles`` is what they found last."""

    def __init__(self, looks: Sequence[Look], pause_s: float = LOOK_S) -> None:
        self.troubles: tuple[DeviceTrouble, ...] = ()
        self._looks = looks
        self._pause_s = pause_s
        self._stop = threading.Event()

    def start(self, changed: Callable[[], object]) -> None:
        """``changed`` is called from the thread. The first look comes after a pause: devices are being opened."""
        if self._looks:
            # It must not keep the program from ending while a device keeps it waiting.
            threading.Thread(target=self._run, args=(changed,), name="device-watch", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self, changed: Callable[[], object]) -> None:
        while not self._stop.wait(self._pause_s):
            found = tuple(chain.from_iterable(look() for look in self._looks))
            if found != self.troubles:
                self.troubles = found
                changed()


def lost_scanners(states: Iterable[ScannerState]) -> list[DeviceTrouble]:
    return [DeviceTrouble(DeviceKind.SCANNER, one.name, one.detail) for one in states if one.word == "lost"]


def scale_trouble(state: ScaleState) -> list[DeviceTrouble]:
    return [] if state.is_ok else [DeviceTrouble(DeviceKind.SCALE, "", state.detail)]
