"""How a scale is, in one word and one sentence: for a status row and for the doctor. Pure."""

from dataclasses import dataclass

from drivers.readings import AtZero, NoWeight, Weight, WeightFault

_USABLE = frozenset({WeightFault.EMPTY, WeightFault.MOVING, WeightFault.NOT_CLEARED, WeightFault.NOT_AT_ZERO})
"""What a sound scale says in the middle of the work."""
_WORDS = {
    WeightFault.GONE: "gone",
    WeightFault.SILENT: "silent",
    WeightFault.WRONG_UNIT: "unit",
    WeightFault.OUT_OF_ZERO: "zero",
    WeightFault.UNDERLOAD: "zero",
}


@dataclass(frozen=True, slots=True)
class ScaleState:
    """``word``: ``ok``, ``gone``, ``silent``, ``unit``, ``zero`` (it must be set to zero) or ``fault``.

    ``detail`` is a whole sentence for a person, empty when all is well.
    """

    word: str
    detail: str

    @property
    def is_ok(self) -> bool:
        return self.word == "ok"


def state_after(told: Weight | NoWeight | AtZero) -> ScaleState:
    """The state of the scale that has just said this."""
    if not isinstance(told, NoWeight) or told.reason in _USABLE:
        return ScaleState("ok", "")
    return ScaleState(_WORDS.get(told.reason, "fault"), told.sentence)
