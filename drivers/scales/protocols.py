"""The protocols that a profile can name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from drivers.scales.and_standard import AndStandard
from drivers.scales.hid_pos import HidPos
from drivers.scales.mt_sics import MtSics
from drivers.scales.nci import Nci
from drivers.scales.speech import Speech
from drivers.scales.toledo_8217 import Toledo8217
from drivers.scales.toledo_continuous import ToledoContinuous
from drivers.transport.serial_line import SerialSettings


@dataclass(frozen=True, slots=True)
class ScaleProtocol:
    """`begin` starts a conversation; it gets the device's HID descriptor, or b"". Raises `NotAScale`.

    `names_unit` says whether frames carry their unit. The line settings are those that scales leave the factory with.
    """

    begin: Callable[[bytes], Speech]
    names_unit: bool = True
    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E"] = "N"

    def usual_line(self, path: str) -> SerialSettings:
        return SerialSettings(path, baud=self.baud, data_bits=self.data_bits, parity=self.parity)


def _spoken(make: Callable[[], Speech]) -> Callable[[bytes], Speech]:
    return lambda _descriptor: make()


PROTOCOLS = {
    "mt-sics": ScaleProtocol(_spoken(MtSics)),
    "toledo-8217": ScaleProtocol(_spoken(Toledo8217), names_unit=False, data_bits=7, parity="E"),
    "nci": ScaleProtocol(_spoken(Nci), data_bits=7, parity="E"),
    "a-and-d": ScaleProtocol(_spoken(partial(AndStandard, streams=False)), baud=2400, data_bits=7, parity="E"),
    "a-and-d-stream": ScaleProtocol(_spoken(partial(AndStandard, streams=True)), baud=2400, data_bits=7, parity="E"),
    "toledo-continuous": ScaleProtocol(_spoken(partial(ToledoContinuous, has_checksum=False)), data_bits=7, parity="E"),
    "toledo-continuous-checksum": ScaleProtocol(
        _spoken(partial(ToledoContinuous, has_checksum=True)), data_bits=7, parity="E"
    ),
    "hid": ScaleProtocol(HidPos),
}
