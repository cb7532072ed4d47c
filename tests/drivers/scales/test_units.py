"""Weights in grams, to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readings import NoWeight, Weight, WeightFault
from drivers.scales.units import Unit, in_grams, unit_named


@pytest.mark.parametrize(
    ("amount", "unit", "weight_g"),
    [
        ("1", Unit.POUND, "453.59237"),
        ("0.01", Unit.POUND, "4.5359237"),
        ("16", Unit.OUNCE, "453.59237"),
        ("0.1", Unit.OUNCE, "2.8349523125"),
        ("7000", Unit.GRAIN, "453.59237"),
        ("20", Unit.PENNYWEIGHT, "31.1034768"),
        ("1", Unit.TROY_OUNCE, "31.1034768"),
        ("2000", Unit.POUND, "907184.74"),
        ("1", Unit.SHORT_TON, "907184.74"),
        ("1.250", Unit.KILOGRAM, "1250"),
        ("5", Unit.CARAT, "1"),
        ("0.001", Unit.TONNE, "1000"),
        ("1", Unit.MILLIGRAM, "0.001"),
    ],
)
def test_units_are_converted_exactly(amount: str, unit: Unit, weight_g: str) -> None:
    assert in_grams(Decimal(amount), unit) == Decimal(weight_g)


@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**8, min_value=0))
def test_pounds_are_sixteen_ounces_whatever_the_number(amount: Decimal) -> None:
    assert in_grams(amount * 16, Unit.OUNCE) == in_grams(amount, Unit.POUND)


@pytest.mark.parametrize(
    ("written", "unit"), [("KG", Unit.KILOGRAM), (" g", Unit.GRAM), ("LBS", Unit.POUND), ("tl", None)]
)
def test_units_are_known_by_their_names(written: str, unit: Unit | None) -> None:
    assert unit_named(written) is unit


@pytest.mark.parametrize(("weight_g", "mg", "g"), [("4.5359237", 4536, 5), ("0.0004", 0, 0), ("2.5", 2500, 3)])
def test_rounding_is_to_the_nearest_half_up(weight_g: str, mg: int, g: int) -> None:
    weight = Weight(Decimal(weight_g), "", "scale 2", 0.0)
    assert (weight.weight_mg, weight.rounded_g) == (mg, g)


@pytest.mark.parametrize("reason", WeightFault)
def test_every_reason_says_what_it_is_what_it_means_and_what_to_do(reason: WeightFault) -> None:
    what, means, todo = NoWeight(reason, "scale 2", 0.0).sentence.split(". ", 2)
    assert what == f"scale 2: {reason.value}"
    assert means == "Nothing was taken over"
    assert todo.endswith(".")
