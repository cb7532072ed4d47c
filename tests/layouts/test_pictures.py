"""Text that a printer's own font lacks."""

import os
import subprocess
import sys

import pytest

from layouts.pictures import FontFile, best_font, picture_of, width_dots, with_stand_ins
from layouts.printable import clean_line, clean_lines
from layouts.right_to_left import visual_order
from layouts.zpl import Dpi, LabelBuilder
from tests.layouts.zpl_reading import texts
from tests.zpl_rendering import render

WRITTEN = ["Москва, ул. Ленина 5", "Λεωφόρος 12", "شارع الملك فهد 12، الرياض"]


@pytest.mark.parametrize("line", WRITTEN)
def test_other_scripts_are_drawn_dot_by_dot_in_their_place(line: str) -> None:
    builder = LabelBuilder(100, 30, Dpi.DPI_203)
    builder.text(5, 5, line, field="name", height_mm=6, width_mm=90)
    assert builder.shortfalls == ()
    assert texts(builder.job()) == []
    bitmap = picture_of(line, 48)
    (rendered,) = render(builder.job())
    there = rendered.crop((40, 40, 40 + bitmap.width_dots, 40 + bitmap.height_dots))
    assert there.point(lambda grey: 255 - grey).convert("1").tobytes() == bitmap.rows
    assert any(bitmap.rows)


@pytest.mark.parametrize("line", WRITTEN)
def test_a_drawn_line_that_is_too_wide_shrinks_and_then_ends_in_dots(line: str) -> None:
    builder = LabelBuilder(100, 30, Dpi.DPI_203)
    builder.text(5, 5, line * 9, field="name", height_mm=6, least_height_mm=4, width_mm=50)
    (shortfall,) = builder.shortfalls
    assert shortfall.printed.endswith("...")
    assert width_dots(shortfall.printed, 32) <= 400


def test_a_character_that_no_font_holds_is_printed_as_its_code_point_and_told() -> None:
    builder = LabelBuilder(100, 30, Dpi.DPI_203)
    builder.text(5, 5, "Zoë \ue000\ue001 Ltd", field="name", height_mm=4, width_mm=90)
    assert texts(builder.job()) == ["Zoë [U+E000 E001] Ltd"]
    assert [shortfall.printed for shortfall in builder.shortfalls] == ["Zoë [U+E000 E001] Ltd"]


def test_an_invisible_joiner_is_never_printed_as_a_code_point() -> None:
    assert "200D" not in with_stand_ins("\ue000\u200d\ue001")


def test_without_any_font_of_the_system_nothing_is_lost() -> None:
    """Run apart, with nothing on PATH: no fontconfig, so only the font that is always there."""
    program = "from layouts.pictures import with_stand_ins; print(ascii(with_stand_ins('東京 Москва شارع Αθήνα')))"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == ascii("[U+6771 4EAC] Москва شارع Αθήνα")


def test_the_font_with_the_most_of_the_characters_is_taken_and_the_plainest_of_equals() -> None:
    latin, greek, both = (
        FontFile("latin", 0, (0x41,), (0x5A,)),
        FontFile("greek", 0, (0x391,), (0x3A9,)),
        FontFile("both", 0, (0x41, 0x391), (0x5A, 0x3A9)),
    )
    assert best_font(frozenset("AZΩ"), [latin, greek, both]) is both
    assert best_font(frozenset("AZ中"), [greek, latin, both]) is latin
    assert best_font(frozenset("A"), [latin, both]) is latin
    assert not latin.holds("@")
    assert not latin.holds("[")


def test_what_the_printer_can_write_is_left_to_it() -> None:
    line = "Zażółć gęślą jaźń, Ærø & Þór"
    assert with_stand_ins(line) == line
    builder = LabelBuilder(100, 30, Dpi.DPI_203)
    builder.text(5, 5, line, field="name", height_mm=4, width_mm=90)
    assert texts(builder.job()) == [line]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("O’Brien “Bob” – Ltd…", 'O\'Brien "Bob" - Ltd...'),
        ("Zu\u0308rich", "Zürich"),
        ("a\tb\u00a0c\u3000d", "a b c d"),
        ("  one\r\n\n two \x0b", "one two"),
        ("a\u202eb\u200bc\ufeffd\x07e", "abcde"),
        ("half\ud800pair\udfff", "halfpair"),
        ("C:\\&", "C:/&"),
    ],
)
def test_text_is_cleaned_of_what_no_label_can_show(typed: str, printed: str) -> None:
    assert clean_line(typed) == printed


def test_empty_lines_are_left_out_of_an_address() -> None:
    assert clean_lines("a\n\n \r\nb\u2028c") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("typed", "from_left_to_right"),
    [
        ("Main St 5", "Main St 5"),
        ("תל אביב 50", "50 ביבא לת"),
        ("אב (גד)", "(דג) בא"),
        ("رقم 12.5 كم", "ﻢﻛ 12.5 ﻢﻗﺭ"),
        ("بَيت", "ﺖﻴَﺑ"),
        ("فهد Co", "Co ﺪﻬﻓ"),
    ],
)
def test_without_raqm_letters_are_joined_and_put_in_visual_order(typed: str, from_left_to_right: str) -> None:
    assert visual_order(typed) == from_left_to_right
