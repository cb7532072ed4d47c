"""Racks of a demo warehouse: zones side by side, aisles of bays and levels, and the way through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from sync.record.ids import LocationCode, ZoneId

ZONES = (ZoneId("A"), ZoneId("B"), ZoneId("C"), ZoneId("D"))
LEVEL_HEIGHTS_M = (0.2, 0.9, 1.4, 1.9)
"""Where a hand goes at level 1, 2, 3 and 4."""
WAIST_HEIGHTS_M = (0.8, 1.5)
POSITION_STEP = 10
_MOST_BAYS = 24
_AISLE_PITCH_M = 3.0
_BAY_WIDTH_M = 1.2
_CROSS_AISLE_M = 2.0
_SPARE = 0.1
_NEAR_ROWS = 2


@dataclass(frozen=True, slots=True)
class Aisle:
    code: str
    """Zone letter and number: ``A03``."""
    zone_id: ZoneId
    index: int
    """Counted over all zones from the depot on; 0 is the first."""
    bays: int
    """Odd ones on the left, even ones on the right."""

    @property
    def x_m(self) -> float:
        return _CROSS_AISLE_M + self.index * _AISLE_PITCH_M

    @property
    def length_m(self) -> float:
        return _rows(self.bays) * _BAY_WIDTH_M


@dataclass(frozen=True, slots=True)
class Face:
    """A pick face. The depot is at (0, 0, 0)."""

    code: LocationCode
    aisle: Aisle
    position: int
    x_m: float
    y_m: float
    z_m: float
    check_digits: str


def aisles_for(faces: int) -> list[Aisle]:
    """Aisles of four zones of one size for so many pick faces, and some to spare."""
    in_zone = ceil(faces * (1 + _SPARE) / len(ZONES))
    count, bays = _aisles(in_zone)
    return [
        Aisle(f"{zone}{number:02d}", zone, place * count + number - 1, bays)
        for place, zone in enumerate(ZONES)
        for number in range(1, count + 1)
    ]


def further_aisles(faces: int, aisles_there: int, in_last_zone: int) -> list[Aisle]:
    """Aisles behind the last ones, for pick faces that the racks have no room for."""
    zone = ZONES[-1]
    count, bays = _aisles(ceil(faces * (1 + _SPARE)))
    return [
        Aisle(f"{zone}{in_last_zone + number:02d}", zone, aisles_there + number - 1, bays)
        for number in range(1, count + 1)
    ]


def faces_of(aisles: Sequence[Aisle], first_position: int, chance: Random) -> list[Face]:
    """The pick faces of these aisles in walking order: up one aisle and down the next."""
    faces: list[Face] = []
    for aisle in aisles:
        digits = _CheckDigits(chance)
        for row, bay, level in _places(aisle):
            faces.append(
                Face(
                    code=LocationCode(f"{aisle.code}-{bay:02d}-{level}"),
                    aisle=aisle,
                    position=first_position + len(faces) * POSITION_STEP,
                    x_m=aisle.x_m,
                    y_m=round(_CROSS_AISLE_M + (row + 0.5) * _BAY_WIDTH_M, 2),
                    z_m=LEVEL_HEIGHTS_M[level - 1],
                    check_digits=digits.draw(row),
                )
            )
    return faces


def reach(x_m: float, y_m: float, z_m: float) -> tuple[bool, float]:
    """Orders places by how handy they are: at waist level first, then by the way from the depot."""
    lowest, highest = WAIST_HEIGHTS_M
    return not lowest <= z_m <= highest, x_m + y_m


class _CheckDigits:
    """Two digits for each face of one aisle, other than those of all faces within two bays on both sides."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._used: defaultdict[int, set[str]] = defaultdict(set)

    def draw(self, row: int) -> str:
        near = set().union(*(self._used[row + step] for step in range(-_NEAR_ROWS, _NEAR_ROWS + 1)))
        digits = self._chance.choice([f"{number:02d}" for number in range(100) if f"{number:02d}" not in near])
        self._used[row].add(digits)
        return digits


def _aisles(faces: int) -> tuple[int, int]:
    """How many aisles for so many faces, and how many bays in each."""
    levels = len(LEVEL_HEIGHTS_M)
    count = ceil(faces / (_MOST_BAYS * levels))
    return count, 2 * ceil(faces / (count * levels * 2))


def _rows(bays: int) -> int:
    return ceil(bays / 2)


def _places(aisle: Aisle) -> Iterator[tuple[int, int, int]]:
    """Row (pair of bays, from the front), bay and level, in walking order."""
    rows = range(_rows(aisle.bays))
    for row in rows if aisle.index % 2 == 0 else reversed(rows):
        for bay in (2 * row + 1, 2 * row + 2):
            for level in range(1, len(LEVEL_HEIGHTS_M) + 1):
                yield row, bay, level
