"""Sheets for office printers: drawn as a printer would draw them and read back."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from layouts.sheets.barcode_sheet import sheet_pages
from layouts.sheets.card_page import CARDS_PER_PAGE, Card
from layouts.sheets.cards import badge_card, command_card, item_card, location_card, tote_card
from tests.zpl_rendering import decode

_DOTS_PER_MM = 12
_SVG = "{http://www.w3.org/2000/svg}"
_BAR = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page)  # noqa: S314  # the page is our own


def rasterised(page: str) -> Image.Image:
    """The bars of `page` at about 300 dpi."""
    picture = Image.new("L", (210 * _DOTS_PER_MM, 297 * _DOTS_PER_MM), 255)
    draw = ImageDraw.Draw(picture)
    for path in parsed(page).iter(f"{_SVG}path"):
        bars = _BAR.findall(path.attrib["d"])
        assert bars
        for x, y, width, height in (map(float, bar) for bar in bars):
            left, top = round(x * _DOTS_PER_MM), round(y * _DOTS_PER_MM)
            right, bottom = round((x + width) * _DOTS_PER_MM), round((y + height) * _DOTS_PER_MM)
            draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    return picture


def words(page: str) -> list[str]:
    return [element.text or "" for element in parsed(page).iter(f"{_SVG}text")]


CARDS = [
    Card("B-000017X", "Ayşe Öztürk", "Picker"),
    Card("T-000193K", "Tote 193", "Floorhand Demo Warehouse"),
    Card("L-A-12-03-2X", "A-12-03-2", "Zone A   check 47"),
    Card("K-SHORT7", "Short", "Command card"),
    Card("5901234123457", "Mug <red> & blue", "SKU-1", "ean13"),
    Card("4006381333931", "Pen", "SKU-2", "ean13"),
    Card("12345", "Five digits", ""),
    Card("1234567890", "Ten digits", ""),
    Card("A1B2C3D4E5F6G7H8I9J0", "Twenty characters", ""),
]


def test_every_card_of_a_page_is_read_back() -> None:
    (page,) = sheet_pages("Badges & totes", CARDS)
    found = {(code.text, code.symbology) for code in decode(rasterised(page))}
    assert found == {(card.code, "]E0" if card.symbology == "ean13" else "]C0") for card in CARDS}


@settings(deadline=None, max_examples=40)
@given(st.text([chr(code) for code in range(32, 127)], min_size=1, max_size=18))
def test_any_code_of_ours_is_read_back(code: str) -> None:
    (page,) = sheet_pages("Codes", [Card(code, "", "")])
    picture = rasterised(page).crop((0, 24 * _DOTS_PER_MM, 120 * _DOTS_PER_MM, 70 * _DOTS_PER_MM))
    assert [found.text for found in decode(picture)] == [code]


def test_pages_hold_twelve_cards_each_and_say_which_they_are() -> None:
    cards = [Card(f"T-{number:06}", f"Tote {number}", "") for number in range(CARDS_PER_PAGE + 1)]
    first, second = sheet_pages("Totes", cards)
    assert words(first)[0] == "Totes 1 / 2"
    assert words(second)[0] == "Totes 2 / 2"
    assert len({code.text for code in decode(rasterised(first))}) == CARDS_PER_PAGE
    assert [code.text for code in decode(rasterised(second))] == ["T-000012"]


def test_no_cards_make_no_pages() -> None:
    assert sheet_pages("Nothing", []) == []


def test_a_card_shows_its_words_and_shortens_what_is_too_long() -> None:
    (page,) = sheet_pages("Badges", [Card("B-000017X", "Ayşe <Öztürk> \x1b\ud800", "Picker " * 40)])
    assert words(page)[1:3] == ["Ayşe <Öztürk>", "B-000017X"]
    assert words(page)[3].endswith("...")


def test_every_card_stands_on_the_paper() -> None:
    (page,) = sheet_pages("Totes", [Card(f"T-{number:06}", "Tote", "") for number in range(CARDS_PER_PAGE)])
    for box in parsed(page).iter(f"{_SVG}rect"):
        x, y, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x + width <= 210
        assert y + height <= 297


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("5901234123458", "check digit 8, but its other digits call for 7"),
        ("590123412345", "has to be 13 digits"),
        ("59012341234570", "has to be 13 digits"),
    ],
)
def test_a_wrong_ean_is_refused_and_not_repaired(code: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Card(code, "Mug", "SKU-1", "ean13")


@pytest.mark.parametrize("code", ["", "ü", "tab\t", "\x1d"])
def test_a_code_that_code_128_cannot_carry_here_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Card(code, "", "")


def test_a_code_too_long_to_scan_is_refused() -> None:
    with pytest.raises(ValueError, match="too long for a card"):
        Card("X" * 40, "", "")


def test_the_cards_of_a_site_say_what_they_are_for() -> None:
    cards = [
        badge_card("B-000017X", "Ayşe Öztürk", "Picker"),
        tote_card("T-000193-C", "T-000193"),
        location_card("L-A12-03-2-K", "A12-03-2", "A", "47"),
        command_card("K-SHORT7", "SHORT", "fewer here than asked"),
        item_card("5901234123457", "Mug", "SKU-1"),
    ]
    (page,) = sheet_pages("Site", cards)
    assert words(page)[1:] == [
        *("Ayşe Öztürk", "B-000017X", "Picker"),
        *("T-000193", "T-000193-C", "tote"),
        *("A12-03-2 [47]", "L-A12-03-2-K", "zone A, check digits 47"),
        *("SHORT", "K-SHORT7", "fewer here than asked"),
        *("Mug", "5901234123457", "SKU-1"),
    ]
    assert {code.text for code in decode(rasterised(page))} == {card.code for card in cards}
    with pytest.raises(ValueError, match="check digit"):
        item_card("5901234123458", "Mug", "SKU-1")
