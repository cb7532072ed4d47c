"""GS1-128 as ZPL field data, in the fewest symbol characters.

The result is for `^BC` in mode N, where the data itself switches the subsets: `>:` and `>;` start in B and C, `>5` and
`>6` go to C and B, `>8` is FNC1 and `>0` a greater-than sign (ZPL II Programming Guide, `^BC`, table "Code 128
invocation characters").
"""

from collections.abc import Sequence
from dataclasses import dataclass

from layouts.gs1 import LONGEST_SYMBOL, Element, element_string

_FNC1 = "\x1d"
_START = {"B": ">:", "C": ">;"}
_GO_TO = {"B": ">6", "C": ">5"}
_MODULES_PER_CHARACTER = 11
_MODULES_OF_STOP = 13


@dataclass(frozen=True)
class Symbol:
    """`field_data` for `^FD` and the width of the bars, quiet zones not counted."""

    field_data: str
    width_modules: int


@dataclass(frozen=True, order=True)
class _Way:
    """A way to write the data so far; the cheapest one sorts first."""

    characters: int
    returns_to_c: int
    field_data: str

    def then(self, field_data: str) -> "_Way":
        return _Way(self.characters + 1, self.returns_to_c, self.field_data + field_data)

    def switched(self, subset: str) -> "_Way":
        return _Way(self.characters + 1, self.returns_to_c + (subset == "C"), self.field_data + _GO_TO[subset])


def gs1_128(elements: Sequence[Element]) -> Symbol:
    """The symbol of `elements`, FNC1 first and after each element that needs one.

    Raises ValueError when the elements make more than the 48 characters that GS1 allows.
    """
    data = element_string(elements, _FNC1)
    if len(data) > LONGEST_SYMBOL:
        raise ValueError(
            f"{len(data)} characters do not fit into one GS1-128 symbol of at most {LONGEST_SYMBOL}; use two symbols"
        )
    best = _cheapest(_FNC1 + data)
    with_start_and_check = best.characters + 2
    return Symbol(best.field_data, with_start_and_check * _MODULES_PER_CHARACTER + _MODULES_OF_STOP)


def _cheapest(data: str) -> _Way:
    """The best way through `data` over both subsets, place by place (dynamic programming)."""
    ways: list[dict[str, _Way]] = [{} for _ in range(len(data) + 1)]
    ways[0] = {subset: _Way(0, 0, start) for subset, start in _START.items()}
    for place, here in enumerate(ways[:-1]):
        for subset, other in (("B", "C"), ("C", "B")):
            if other in here:
                _keep_better(here, subset, here[other].switched(subset))
        for subset, way in here.items():
            if data[place] == _FNC1:
                _keep_better(ways[place + 1], subset, way.then(">8"))
            elif subset == "B":
                _keep_better(ways[place + 1], subset, way.then(data[place].replace(">", ">0")))
            elif data[place : place + 2].isdigit() and place + 2 <= len(data):
                _keep_better(ways[place + 2], subset, way.then(data[place : place + 2]))
    return min(ways[-1].values())


def _keep_better(ways: dict[str, _Way], subset: str, way: _Way) -> None:
    if subset not in ways or way < ways[subset]:
        ways[subset] = way
