"""Toledo continuous output: frames of a fixed length, several in a second, with or without a checksum. Pure.

`STX A B C weight(6) tare(6) CR [checksum]`: A holds the decimal point, B the state, C the unit. The checksum makes the
sum of the low seven bits of all characters, itself included, a multiple of 128. Sources: Mettler-Toledo FTC manual
22017145, 5.2; Rockwell 57C428 manual, appendix D; Wildcat manual, tables 6-9 to 6-11.
"""

import re

from drivers.readings import WeightFault
from drivers.scales.speech import Condition, Said, Shown, Unreadable, number_in
from drivers.scales.units import Unit

_FRAME = re.compile(
    rb"\x02(?P<a>[\x20-\x3f])(?P<b>[\x20-\x3f\x60-\x7f])(?P<c>[\x20-\x3f\x60-\x7f])"
    rb"(?P<weight>[ \d]{5}\d)[ \d]{6}\r"
)
_FRAME_BYTES = 17
_STX = b"\x02"
_UNITS = {1: Unit.GRAM, 2: Unit.TONNE, 3: Unit.OUNCE, 4: Unit.TROY_OUNCE, 5: Unit.PENNYWEIGHT, 6: Unit.SHORT_TON}

_IS_NEGATIVE, _IS_OUT_OF_RANGE, _IS_MOVING, _IS_KILOGRAM, _IS_NOT_ZEROED = 0x02, 0x04, 0x08, 0x10, 0x40
_IS_EXPANDED = 0x10


class ToledoContinuous:
    ask = b""
    zero = b"Z\r\n"
    tare = b"T\r\n"

    def __init__(self, *, has_checksum: bool) -> None:
        self.agreeing_frames = 1 if has_checksum else 2
        self._has_checksum = has_checksum
        self._length = _FRAME_BYTES + has_checksum
        self._pending = b""

    def feed(self, data: bytes) -> list[Said]:
        self._pending += data
        said: list[Said] = []
        while self._pending:
            start = self._pending.find(_STX)
            if start != 0:
                end = len(self._pending) if start < 0 else start
                junk, self._pending = self._pending[:end], self._pending[end:]
                said += [Unreadable(junk)] if junk.strip() else []
            elif len(self._pending) < self._length:
                break
            else:
                told = self._read(self._pending[: self._length])
                # What has not even the form of a frame may hide the start of one behind its first character.
                is_formless = isinstance(told, Unreadable) and told.reason is WeightFault.BAD_FRAME
                self._pending = self._pending[1 if is_formless else self._length :]
                said.append(told)
        return said

    def cut(self) -> list[Said]:
        pending, self._pending = self._pending, b""
        return [Unreadable(pending)] if pending else []

    def _read(self, raw: bytes) -> Said:
        frame = _FRAME.fullmatch(raw[:_FRAME_BYTES])
        digits = number_in(frame["weight"].decode()) if frame else None
        if frame is None or digits is None:
            return Unreadable(raw)
        if self._has_checksum and sum(raw) % 128:
            return Unreadable(raw, WeightFault.BAD_CHECKSUM)
        a, b, c = frame["a"][0], frame["b"][0], frame["c"][0]
        if b & _IS_OUT_OF_RANGE:
            return Condition(WeightFault.UNDERLOAD if b & _IS_NEGATIVE else WeightFault.OVERLOAD)
        if b & _IS_NOT_ZEROED:
            return Condition(WeightFault.OUT_OF_ZERO)
        if c & _IS_EXPANDED:
            return Condition(WeightFault.NOT_READY)
        amount = digits.scaleb(2 - (a & 0x07))
        kilogram_or_pound = Unit.KILOGRAM if b & _IS_KILOGRAM else Unit.POUND
        unit = _UNITS.get(c & 0x07, "custom") if c & 0x07 else kilogram_or_pound
        return Shown(-amount if b & _IS_NEGATIVE else amount, unit, not b & _IS_MOVING)
