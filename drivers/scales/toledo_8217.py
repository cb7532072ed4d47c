"""Toledo 8217: one letter asks, `STX 12.34 CR` or `STX ? status CR` answers. Pure. The line is usually 7E1.

Frames carry no unit. An `N` behind the weight marks a net weight. Bit 5 of the status is fixed on some scales and says
net or gross on others, so it decides nothing. Sources: Brecknell 67XXU service manual, 7.6.6; PSC Magellan 8500 service
manual, "Status Byte Format"; Transcell PC-150 manual, B.1.4 (8213).
"""

import re

from drivers.readings import WeightFault
from drivers.scales.speech import Condition, EndedFrames, Said, Shown, Unreadable, number_in

_WEIGHT = re.compile(rb"\n?\x02([ \d][ \d.]{3,5}\d)[N ]?")
_STATUS = re.compile(rb"\n?\x02\?([\x40-\x7f])")

_REASONS = (
    (0x02, WeightFault.OVERLOAD),
    (0x04, WeightFault.UNDERLOAD),
    (0x01, WeightFault.MOVING),
    (0x08, WeightFault.OUT_OF_ZERO),
)


class Toledo8217:
    ask = b"W"
    zero = b"Z"
    tare = b"T"
    agreeing_frames = 2

    def __init__(self) -> None:
        frames = EndedFrames(b"\r", _read)
        self.feed = frames.feed
        self.cut = frames.cut


def _read(frame: bytes) -> list[Said]:
    if match := _STATUS.fullmatch(frame):
        status = match[1][0]
        return [Condition(next((reason for bit, reason in _REASONS if status & bit), WeightFault.NOT_READY))]
    match = _WEIGHT.fullmatch(frame)
    amount = number_in(match[1].decode()) if match else None
    return [Unreadable(frame)] if amount is None else [Shown(amount, None, True)]
