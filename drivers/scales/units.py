"""Units of weight and their exact size in grams. Pure.

Sources: international avoirdupois pound of 1959 (0.45359237 kg) and what follows from it; NIST Handbook 44, appendix C.
The tael is missing on purpose: it differs from country to country.
"""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded
from enum import Enum


class Unit(Enum):
    """The value is how the unit is written."""

    MILLIGRAM = "mg"
    GRAM = "g"
    KILOGRAM = "kg"
    TONNE = "t"
    CARAT = "ct"
    GRAIN = "gr"
    PENNYWEIGHT = "dwt"
    OUNCE = "oz"
    TROY_OUNCE = "ozt"
    POUND = "lb"
    SHORT_TON = "tn"


_GRAMS = {
    Unit.MILLIGRAM: Decimal("0.001"),
    Unit.GRAM: Decimal(1),
    Unit.KILOGRAM: Decimal(1000),
    Unit.TONNE: Decimal(1_000_000),
    Unit.CARAT: Decimal("0.2"),
    Unit.GRAIN: Decimal("0.06479891"),
    Unit.PENNYWEIGHT: Decimal("1.55517384"),
    Unit.OUNCE: Decimal("28.349523125"),
    Unit.TROY_OUNCE: Decimal("31.1034768"),
    Unit.POUND: Decimal("453.59237"),
    Unit.SHORT_TON: Decimal("907184.74"),
}

_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow, Rounded])

_NAMES = {unit.value: unit for unit in Unit} | {"lbs": Unit.POUND, "ton": Unit.SHORT_TON}


def in_grams(amount: Decimal, unit: Unit) -> Decimal:
    """The same weight in grams, to the last digit. Raises `decimal.Inexact` rather than round."""
    return _EXACT.multiply(amount, _GRAMS[unit])


def unit_named(name: str) -> Unit | None:
    """The unit that a scale writes as `name`, in capitals or not; None when it is not known here."""
    return _NAMES.get(name.strip().lower())
