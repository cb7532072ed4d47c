"""MT-SICS: questions and answers in lines that end with CR LF. Pure.

`SI` asks for the weight now: `S S     123.45 g` at rest, `S D` moving, `S I` busy, `S +` and `S -` out of range. The
number fills ten places, to the right. `ES`, `ET` and `EL` say that a command was not understood. Source:
Mettler-Toledo, "Reference Manual MT-SICS", "Response formats" and levels 0 and 1.
"""

import re

from drivers.readings import WeightFault
from drivers.scales.speech import Condition, EndedFrames, Said, Shown, Unreadable, number_in
from drivers.scales.units import unit_named

_WEIGHT = re.compile(rb"S ([SD]) ([ \d.+-]{10}) ([A-Za-z]{1,3}) {0,2}")
_TARED = re.compile(rb"TI? [SD] [ \d.+-]{10} [A-Za-z]{1,3} {0,2}")

_SAID: dict[bytes, list[Said]] = {
    b"S I": [Condition(WeightFault.NOT_READY)],
    b"S +": [Condition(WeightFault.OVERLOAD)],
    b"S -": [Condition(WeightFault.UNDERLOAD)],
    b"Z A": [],
    b"Z I": [Condition(WeightFault.NOT_READY)],
    b"Z +": [Condition(WeightFault.NOT_AT_ZERO)],
    b"Z -": [Condition(WeightFault.NOT_AT_ZERO)],
    b"T I": [Condition(WeightFault.NOT_READY)],
    b"T +": [Condition(WeightFault.OVERLOAD)],
    b"T -": [Condition(WeightFault.UNDERLOAD)],
    b"ES": [Condition(WeightFault.REFUSED)],
    b"ET": [Condition(WeightFault.REFUSED)],
    b"EL": [Condition(WeightFault.REFUSED)],
}


class MtSics:
    ask = b"SI\r\n"
    zero = b"Z\r\n"
    tare = b"T\r\n"
    agreeing_frames = 2

    def __init__(self) -> None:
        frames = EndedFrames(b"\r\n", _read)
        self.feed = frames.feed
        self.cut = frames.cut


def _read(line: bytes) -> list[Said]:
    if line in _SAID:
        return list(_SAID[line])
    if _TARED.fullmatch(line):
        return []
    match = _WEIGHT.fullmatch(line)
    amount = number_in(match[2].decode()) if match else None
    if match is None or amount is None:
        return [Unreadable(line)]
    name = match[3].decode()
    return [Shown(amount, unit_named(name) or name, match[1] == b"S")]
