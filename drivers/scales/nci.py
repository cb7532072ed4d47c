"""NCI, also called SCP-01: `W CR` asks, `LF 0012.34LB CR LF status CR ETX` answers. Pure. The line is usually 7E1.

The status is two to four characters, on some scales with an `S` before them; a character with bit 6 set has another one
behind it. Sources: Avery Weigh-Tronix 7821 instructions, 6.3; Ohaus Aviator 7000 service manual, status table (motion,
zero, errors, range, net).
"""

import re

from drivers.readings import WeightFault
from drivers.scales.speech import Condition, EndedFrames, Said, Shown, Unreadable, number_in
from drivers.scales.units import unit_named

_FRAME = re.compile(
    rb"\n(?:(?P<display>[\x20-\x7e]{1,14}?)(?P<unit>[A-Za-z]{1,2}) ?\r\n)?"
    rb"S?(?P<status>[\x30-\x3f](?:[\x30-\x3f]|[\x70-\x7f][\x30-\x3f]|[\x70-\x7f]{2}[\x30-\x3f]))\r"
)
_POUNDS_AND_OUNCES = re.compile(rb"[ \d]+lb[ \d.]+", re.IGNORECASE)
_PLACES = range(5, 10)

# Character of the status, its bit, and what it says.
_REASONS = (
    (0, 0x04, WeightFault.DEFECT),
    (0, 0x08, WeightFault.DEFECT),
    (1, 0x04, WeightFault.DEFECT),
    (1, 0x08, WeightFault.DEFECT),
    (2, 0x08, WeightFault.OUT_OF_ZERO),
    (1, 0x02, WeightFault.OVERLOAD),
    (1, 0x01, WeightFault.UNDERLOAD),
    (0, 0x01, WeightFault.MOVING),
)


class Nci:
    ask = b"W\r"
    zero = b"Z\r"
    tare = b""
    agreeing_frames = 2

    def __init__(self) -> None:
        frames = EndedFrames(b"\x03", _read)
        self.feed = frames.feed
        self.cut = frames.cut


def _read(frame: bytes) -> list[Said]:
    if frame == b"\n?\r":
        return [Condition(WeightFault.REFUSED)]
    match = _FRAME.fullmatch(frame)
    if match is None:
        return [Unreadable(frame)]
    status, display = match["status"], match["display"]
    for place, bit, reason in _REASONS:
        if place < len(status) and status[place] & bit:
            return [Condition(reason)]
    if display is None:
        return [Condition(WeightFault.NOT_READY)]
    if _POUNDS_AND_OUNCES.fullmatch(display):
        return [Condition(WeightFault.WRONG_UNIT)]
    amount = number_in(display.decode().rstrip())
    if amount is None or len(display) not in _PLACES:
        return [Unreadable(frame)]
    unit = match["unit"].decode()
    return [Shown(amount, unit_named(unit) or unit, True)]
