"""The field data of GS1-128, read by Zebra's table here and drawn from python-barcode's bar patterns."""

import barcode.charsets.code128 as patterns
import pytest
import zxingcpp
from barcode.codex import Gs1_128
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from layouts.code128 import gs1_128
from layouts.gs1 import CHARACTER_SET_82, Element, element_string

_SPECIAL = {">8": 102, ">0": 30}
_SWITCH = {">5": ("C", 99), ">6": ("B", 100)}
_START = {">:": ("B", 104), ">;": ("C", 105)}

values = st.text(sorted(CHARACTER_SET_82), min_size=1, max_size=20) | st.text("0123456789", min_size=1, max_size=20)
element_lists = st.lists(
    st.builds(Element, st.sampled_from(["10", "21", "240", "400", "422", "91"]), values)
    | st.just(Element("00", "340123451234567895"))
    | st.just(Element("01", "09521234543213")),
    min_size=1,
    max_size=3,
).filter(lambda elements: sum(len(element.ai + element.value) + 1 for element in elements) <= 48)


def characters_by_zebras_table(field_data: str) -> list[int]:
    """Symbol characters, start included, as the ZPL II guide says that `^BC` mode N reads the data."""
    subset, start = _START[field_data[:2]]
    symbol, rest = [start], field_data[2:]
    while rest:
        size = 2 if rest[0] == ">" or subset == "C" else 1
        part, rest = rest[:size], rest[size:]
        if part in _SWITCH:
            subset, value = _SWITCH[part]
            symbol.append(value)
        elif part in _SPECIAL:
            symbol.append(_SPECIAL[part])
        else:
            symbol.append(int(part) if subset == "C" else ord(part) - 32)
    return symbol


def decoded(symbol: list[int]) -> list[tuple[bytes, str]]:
    check = (symbol[0] + sum(place * value for place, value in enumerate(symbol))) % 103
    bars = "".join(patterns.CODES[value] for value in [*symbol, check]) + patterns.STOP + "11"
    row = bytes(255 * (bar == "0") for bar in "0" * 12 + bars + "0" * 12)
    picture = Image.frombytes("L", (len(row), 1), row).resize((len(row) * 3, 60), Image.Resampling.NEAREST)
    return [(found.bytes, found.symbology_identifier) for found in zxingcpp.read_barcodes(picture)]


@settings(deadline=None)
@given(element_lists)
@example([Element("10", "1234567A12345678>>"), Element("21", "A1234B12345")])
def test_every_element_string_is_read_back_as_gs1(elements: list[Element]) -> None:
    symbol = gs1_128(elements)
    characters = characters_by_zebras_table(symbol.field_data)
    assert decoded(characters) == [(element_string(elements, "\x1d").encode(), "]C1")]
    assert symbol.width_modules == (len(characters) + 1) * 11 + 13


@settings(deadline=None)
@given(element_lists)
def test_no_symbol_is_longer_than_python_barcode_makes_it(elements: list[Element]) -> None:
    data = element_string(elements, Gs1_128.FNC1_CHAR)
    assert len(characters_by_zebras_table(gs1_128(elements).field_data)) <= len(Gs1_128(data).encoded)


@pytest.mark.parametrize(
    ("elements", "field_data"),
    [
        ([Element("00", "340123451234567895")], ">;>800340123451234567895"),
        ([Element("10", "AB")], ">:>810AB"),
        ([Element("10", "LOT1"), Element("21", "SER1")], ">:>810LOT1>821SER1"),
        ([Element("01", "09521234543213"), Element("10", "A>B")], ">;>8010952123454321310>6A>0B"),
    ],
)
def test_well_known_symbols_are_written_the_short_way(elements: list[Element], field_data: str) -> None:
    assert gs1_128(elements).field_data == field_data


def test_more_than_48_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="49 characters do not fit"):
        gs1_128([Element("10", "A" * 20), Element("21", "B" * 20), Element("91", "C")])


def test_no_elements_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one element"):
        gs1_128([])
