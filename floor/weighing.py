"""The scale of a pack station as the conversation uses it: listened to by a thread of its own, all day.

Between cartons it is looked at now and then, so that it is seen empty: only then the next weight counts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from drivers.readings import AtZero, NoWeight, Weight, WeightFault
from drivers.scales.links import HidSettings, Where
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.states import ScaleState, state_after
from drivers.scales.units import Unit
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress
from floor.config import ScaleProfile
from floor.work.prompt import ScaleSaid, ScaleSet

LISTEN_S = 1.5
"""Longer than a scale may take to answer. A weight that counts ends it at once."""
PAUSE_S = 0.5
"""Between two looks while no weight is wanted."""

Hear = Callable[[ScaleSaid | ScaleSet], None]


class StationScale:
    """`floor.ports.Scale` over one scale. ``listen_s``: how soon the worker is told why there is no weight."""

    def __init__(self, scale: Scale, listen_s: float = LISTEN_S, pause_s: float = PAUSE_S) -> None:
        self._scale = scale
        self._listen_s = listen_s
        self._pause_s = pause_s
        self._state = ScaleState("ok", "")
        self._hear: Hear | None = None
        self._wanted: object | None = None
        """Another one for each time that a weight was wanted: an answer to an earlier one is told to nobody."""
        self._is_tare: bool | None = None
        """What is to be set."""
        self._last: ScaleSaid | None = None
        self._is_closed = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="scale", daemon=True)
        self._thread.start()

    def listen(self, hear: Hear) -> None:
        self._hear = hear

    def weigh(self, is_wanted: bool) -> None:
        with self._news:
            if is_wanted is not (self._wanted is not None):
                self._wanted, self._last = object() if is_wanted else None, None
                self._news.notify()

    def set(self, *, is_tare: bool) -> None:
        with self._news:
            self._is_tare = is_tare
            self._news.notify()

    def state(self) -> ScaleState:
        return self._state

    def close(self) -> None:
        with self._news:
            self._is_closed = True
            self._news.notify()
        self._thread.join()
        self._scale.close()

    def _run(self) -> None:
        while not self._is_closed:
            with self._news:
                wanted, is_tare, self._is_tare = self._wanted, self._is_tare, None
            if is_tare is not None:
                self._set(is_tare)
            elif wanted is not None:
                self._weigh(wanted)
            else:
                self._state = state_after(self._scale.look(self._listen_s))
                with self._news:
                    self._news.wait_for(self._is_needed, self._pause_s)

    def _is_needed(self) -> bool:
        return self._is_closed or self._wanted is not None or self._is_tare is not None

    def _set(self, is_tare: bool) -> None:
        told = self._scale.tare() if is_tare else self._scale.zero()
        self._state = state_after(told)
        self._tell(ScaleSet() if isinstance(told, AtZero) else ScaleSet(_code(told.reason)))

    def _weigh(self, wanted: object) -> None:
        told = self._scale.weigh(self._listen_s, after_zero=True)
        self._state = state_after(told)
        said = _said(told)
        with self._news:
            if wanted is not self._wanted or said == self._last:
                return
            self._last = said
            if said.weight_g is not None:
                # The conversation wants the next one when it has made something of this one.
                self._wanted = None
        self._tell(said)

    def _tell(self, said: ScaleSaid | ScaleSet) -> None:
        if self._hear is not None:
            self._hear(said)


def _said(told: Weight | NoWeight) -> ScaleSaid:
    if isinstance(told, NoWeight):
        return ScaleSaid(fault=_code(told.reason))
    return ScaleSaid(told.rounded_g) if told.rounded_g else ScaleSaid(fault=_code(WeightFault.EMPTY))


def _code(fault: WeightFault) -> str:
    return fault.name.lower()


def scale_of(profile: ScaleProfile) -> Scale:
    """The scale of a profile; nothing is opened yet."""
    protocol = PROTOCOLS[profile.protocol]
    return Scale(profile.name, _where(profile), protocol, Unit(profile.unit) if profile.unit else None)


def _where(profile: ScaleProfile) -> Where:
    if profile.hid:
        return HidSettings(profile.hid)
    if profile.host:
        return TcpAddress(profile.host, profile.port)
    usual = PROTOCOLS[profile.protocol].usual_line(profile.serial)
    return SerialSettings(usual.path, profile.baud or usual.baud, usual.data_bits, usual.parity)
