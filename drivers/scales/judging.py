"""Whether what a scale says is a weight that counts. Pure.

It counts when it is whole, at rest, above zero and in a known unit, and when as many frames in a row say the same as
the protocol needs: a lost character in a frame without checksum makes another number, and not twice the same one.
"""

from decimal import Decimal

from drivers.readings import NoWeight, Weight, WeightFault
from drivers.scales.speech import Condition, Said, Shown, Unreadable
from drivers.scales.units import Unit, in_grams

_RAW_SHOWN_BYTES = 40


class WeightJudge:
    """Judges what comes over one connection, in order.

    `source` is the scale's name. `unit`, where given, is the one that the scale is set to: another one does not count,
    and frames without a unit are in it.
    """

    def __init__(self, source: str, unit: Unit | None, agreeing_frames: int) -> None:
        self._source = source
        self._unit = unit
        self._needed = agreeing_frames
        self._last: tuple[Decimal, Unit] | None = None
        self._agreeing = 0

    def forget(self) -> None:
        """What was heard before counts no longer for what comes."""
        self._last = None

    def silence(self, at_s: float) -> NoWeight:
        """Nothing was said at all."""
        self._last = None
        return NoWeight(WeightFault.SILENT, self._source, at_s)

    def hear(self, said: Said, at_s: float) -> Weight | NoWeight:
        """`at_s` is the monotonic time at which it came. `EMPTY` is as certain as a weight."""
        last, self._last = self._last, None
        match said:
            case Condition(reason):
                return NoWeight(reason, self._source, at_s)
            case Unreadable(raw, reason):
                return NoWeight(reason, self._source, at_s, ascii(raw[:_RAW_SHOWN_BYTES]))
            case Shown(_, _, False):
                return NoWeight(WeightFault.MOVING, self._source, at_s)
            case Shown(amount, named, True):
                unit = self._unit if named is None else named
                if not isinstance(unit, Unit) or self._unit not in (None, unit):
                    shown = unit.value if isinstance(unit, Unit) else unit
                    return NoWeight(WeightFault.WRONG_UNIT, self._source, at_s, f"it shows {shown}" if shown else "")
                self._last = (amount, unit)
                self._agreeing = self._agreeing + 1 if self._last == last else 1
                return self._settled(amount, unit, at_s)
            case _:
                raise AssertionError(said)

    def _settled(self, amount: Decimal, unit: Unit, at_s: float) -> Weight | NoWeight:
        if self._agreeing < self._needed:
            return NoWeight(WeightFault.MOVING, self._source, at_s)
        if amount == 0:
            return NoWeight(WeightFault.EMPTY, self._source, at_s)
        if amount < 0:
            return NoWeight(WeightFault.UNDERLOAD, self._source, at_s)
        return Weight(in_grams(amount, unit), f"{amount:f} {unit.value}", self._source, at_s)
