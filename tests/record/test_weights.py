"""Net weights in GS1 symbols become whole grams, exactly."""

from __future__ import annotations

import pytest

from sync.record.codes.gs1 import BadGs1
from sync.record.codes.scanned import ItemScan, MisreadScan, read_code
from sync.record.codes.weights import net_weight_g


@pytest.mark.parametrize(
    ("elements", "grams"),
    [
        ({}, None),
        ({"3100": "000012"}, 12_000),
        ({"3103": "001250"}, 1250),
        ({"3105": "000150"}, 2),  # 1.5 g
        ({"3202": "000250"}, 1134),  # 2.5 lb are 1133.98 g
        ({"3200": "000001"}, 454),
        ({"3103": "001000", "3102": "000100"}, 1000),  # the same said twice
    ],
)
def test_kilograms_and_pounds_are_grams(elements: dict[str, str], grams: int | None) -> None:
    assert net_weight_g(elements) == grams


@pytest.mark.parametrize("elements", [{"3103": "000000"}, {"3106": "000001"}, {"3103": "001000", "3202": "000250"}])
def test_a_weight_that_cannot_be_is_not_guessed(elements: dict[str, str]) -> None:
    with pytest.raises(BadGs1):
        net_weight_g(elements)


def test_one_symbol_says_item_lot_date_number_and_weight() -> None:
    text = "0109521234000013310300125017110131" + "10L1\x1d21SN-1\x1d3002"
    scanned = read_code(text, "]C1")
    assert isinstance(scanned, ItemScan)
    assert (scanned.lot, scanned.expiry, scanned.serial, scanned.pieces, scanned.weight_g) == (
        "L1",
        "110131",
        "SN-1",
        2,
        1250,
    )
    assert isinstance(read_code("0109521234000013" + "3103000000", "]C1"), MisreadScan)
