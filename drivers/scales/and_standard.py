"""A&D standard format: `ST,+00123.45  g` in lines that end with CR LF, asked with `Q` or sent without end. Pure.

`ST` is at rest, `US` moving, `OL` out of range, `QT` a count; indicators put `GS` or `NT` (gross, net) between. A
command is answered with ACK or `EC,Enn`, or with nothing, as the scale is set. Sources: A&D GC series manual, 16.2; A&D
HC series manual, RS-232C commands.
"""

import re

from drivers.readings import WeightFault
from drivers.scales.speech import Condition, EndedFrames, Said, Shown, Unreadable, number_in
from drivers.scales.units import unit_named

_LINE = re.compile(rb"(ST|US|OL|QT),(?:(?:GS|NT),)?( {0,1}[+-])([ \d.]{7,8})( {0,2}[A-Za-z]{1,3})")
_ACKNOWLEDGED = frozenset({b"\x06", b"AK", b"\x06\x06"})
_ERROR = re.compile(rb"EC,E\d{1,2}")
_NOT_NOW = frozenset({b"EC,E2", b"EC,E02", b"EC,E11"})


class AndStandard:
    """`streams` for a scale that sends without being asked."""

    zero = b"Z\r\n"
    tare = b"T\r\n"
    agreeing_frames = 2

    def __init__(self, *, streams: bool) -> None:
        self.ask = b"" if streams else b"Q\r\n"
        frames = EndedFrames(b"\r\n", _read)
        self.feed = frames.feed
        self.cut = frames.cut


def _read(line: bytes) -> list[Said]:
    if line in _ACKNOWLEDGED:
        return []
    if _ERROR.fullmatch(line):
        return [Condition(WeightFault.NOT_READY if line in _NOT_NOW else WeightFault.REFUSED)]
    match = _LINE.fullmatch(line)
    amount = number_in((match[2] + match[3]).decode()) if match else None
    if match is None or amount is None:
        return [Unreadable(line)]
    if match[1] == b"OL":
        return [Condition(WeightFault.UNDERLOAD if b"-" in match[2] else WeightFault.OVERLOAD)]
    if match[1] == b"QT":
        return [Condition(WeightFault.WRONG_UNIT)]
    name = match[4].decode().strip()
    return [Shown(amount, unit_named(name) or name, match[1] == b"ST")]
