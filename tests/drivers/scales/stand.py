"""A scale and the emulated one it speaks to, over a real pty or real TCP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from drivers.emulators.scale import EmulatedScale
from drivers.readings import NoWeight, Weight, WeightFault
from drivers.scales.links import HidSettings, Where
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.units import Unit
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress
from tests.drivers.waiting import LIMIT_S, eventually

ANSWER_S = 0.15
LOOK_S = 0.2

BY_LINE = [name for name in PROTOCOLS if name != "hid"]
EVERY_PROTOCOL = [*((name, "tcp") for name in BY_LINE), ("hid", "pty")]
EVERY_WAY = [*((name, carrier) for name in BY_LINE for carrier in ("pty", "tcp")), ("hid", "pty")]


@dataclass(frozen=True)
class Stand:
    """The scale under test and the emulated one that it speaks to."""

    protocol: str
    carrier: str
    scale: Scale
    emulated: EmulatedScale

    def weigh(self) -> Weight:
        """A weight must come, however slow the machine is."""
        found = self.scale.weigh(LIMIT_S)
        assert isinstance(found, Weight), found
        return found

    def comes_to_say(self, *reasons: WeightFault, after_zero: bool = False) -> NoWeight:
        """Weigh until one of the reasons is given; meanwhile there must be no weight at all."""
        told: list[NoWeight] = []

        def is_said() -> bool:
            found = self.scale.weigh(LOOK_S, after_zero=after_zero)
            assert isinstance(found, NoWeight), found
            told.append(found)
            return found.reason in reasons

        eventually(is_said)
        return told[-1]


def place_of(emulated: EmulatedScale, protocol: str) -> Where:
    if emulated.path is None:
        return TcpAddress(emulated.host, emulated.port)
    if protocol == "hid":
        return HidSettings(str(emulated.path), str(emulated.descriptor_path))
    return SerialSettings(str(emulated.path))


@contextmanager
def standing(
    protocol: str, carrier: str, folder: Path, *, unit: str = "kg", decimals: int = 3, expected: Unit | None = None
) -> Iterator[Stand]:
    path = folder / "scale-if00" if carrier == "pty" else None
    with EmulatedScale(protocol, path=path, unit=unit, decimals=decimals, capacity=Decimal(30)) as emulated:
        named = expected or (None if PROTOCOLS[protocol].names_unit else Unit(unit))
        with Scale("scale 2", place_of(emulated, protocol), PROTOCOLS[protocol], named, ANSWER_S) as scale:
            yield Stand(protocol, carrier, scale, emulated)
