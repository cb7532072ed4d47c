"""Net weights in GS1 symbols: AI 310n in kilograms, AI 320n in pounds, n of the six digits behind the point.

Source: GS1 General Specifications, 3.6.2 (trade measures); the international pound is 0.45359237 kg exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sync.record.codes.gs1 import BadGs1

_GRAMS = {"310": Decimal(1000), "320": Decimal("453.59237")}
MOST_DECIMALS = 5


def net_weight_g(elements: Mapping[str, str]) -> int | None:
    """The weight in whole grams; None where the symbol says none.

    Raises `BadGs1` for two weights that differ, for none at all (zero) and for more decimals than there are.
    """
    found = {_in_grams(ai, value) for ai, value in elements.items() if len(ai) == 4 and ai[:3] in _GRAMS}
    if len(found) > 1:
        raise BadGs1(f"several weights: {sorted(found)} g")
    weight_g = next(iter(found), None)
    if weight_g == 0:
        raise BadGs1("a weight of nothing")
    return weight_g


def _in_grams(ai: str, value: str) -> int:
    decimals = int(ai[3])
    if decimals > MOST_DECIMALS:
        raise BadGs1(f"({ai}) has {decimals} decimals")
    grams = Decimal(value).scaleb(-decimals) * _GRAMS[ai[:3]]
    return int(grams.quantize(Decimal(1), rounding=ROUND_HALF_UP))
