"""Rows: how texts are fitted into cells, split and made large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from floor.app import speaks_utf8
from floor.keymap import Keymap, KeymapFault
from floor.widgets.big_letters import big_rows, big_width
from floor.widgets.page import Line, Role, assembled, fitted, shortened, wrapped
from floor.widgets.signs import ASCII, UNICODE, fold_to_ascii
from floor.wording import VARIATION_SELECTORS, visible
from floor.work.prompt import Key

WRITTEN = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs"], exclude_characters=[*VARIATION_SELECTORS]),
)
"""Any text as it may come to a row: every value goes through `visible`, which leaves less."""


@given(WRITTEN, st.integers(min_value=2, max_value=40))
def test_wrapped_rows_fit_and_lose_nothing(text: str, width: int) -> None:
    rows = wrapped(text, width)
    assert all(cell_len(row) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


@given(WRITTEN, WRITTEN, st.integers(min_value=1, max_value=40))
def test_a_line_is_painted_in_exactly_its_cells(left: str, right: str, width: int) -> None:
    assert cell_len(Line(Role.DETAIL, left, right).painted(width)) == width


def test_the_longest_form_that_fits_is_taken() -> None:
    forms = ("Scan the location now", "Scan location", "Scan")
    assert fitted(forms, 21, 1, UNICODE) == ["Scan the location now"]
    assert fitted(forms, 16, 1, UNICODE) == ["Scan location"]
    assert fitted(forms, 16, 2, UNICODE) == ["Scan the", "location now"]
    assert fitted(forms, 3, 1, UNICODE) == ["Sca", "n"]


def test_a_name_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert shortened(("WHITE HANGING HEART",), 10, 1, UNICODE) == ["WHITE HAN…"]
    assert shortened(("WHITE HANGING HEART",), 10, 2, UNICODE) == ["WHITE", "HANGING H…"]
    assert shortened(("WHITE HANGING HEART",), 10, 1, ASCII) == ["WHITE HA.."]


def test_wide_characters_count_as_two_cells() -> None:
    assert wrapped("白い心臓", 4) == ["白い", "心臓"]
    assert shortened(("白い心臓",), 5, 1, UNICODE) == ["白い…"]


def test_a_page_tells_what_it_had_to_cut() -> None:
    top = [Line(Role.TITLE, "one"), Line(Role.DETAIL, "two"), Line(Role.DETAIL, "three")]
    page = assembled(top, [Line(Role.STATUS, "OK")], width=4, height=3, blank=Role.BLANK)
    assert [line.left for line in page.lines] == ["one", "two", "OK"]
    assert page.cut == ("three",)
    assert assembled([Line(Role.TITLE, "wider")], [], 4, 1, Role.BLANK).cut == ("wider",)


def test_large_letters_are_three_columns_wide() -> None:
    assert big_rows("A1", 1) == ["▄▀▄ ▄█ ", "█▀█  █ ", "▀ ▀ ▀▀▀"]
    assert big_width("A1", 1) == 7
    assert [len(row) for row in big_rows("A1", 2)] == [14] * 5
    assert big_width("A1", 2) == 14


def test_what_cannot_be_painted_large_says_so() -> None:
    assert big_width("Ä1", 1) is None
    assert big_width("", 1) is None


def test_every_large_letter_is_different() -> None:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
    assert len({tuple(big_rows(letter, 1)) for letter in letters}) == len(letters)


def test_what_nobody_sees_does_not_come_into_a_row() -> None:
    assert visible("BLUE\u200d MUG\ufe0f \u202eLIVNA\x1b[2J\tNO\u00ad") == "BLUE MUG LIVNA[2J NO"
    assert ASCII.written(visible("BLUE\u200d MUG\ufe0f \u202eLIVNA")) == "BLUE MUG LIVNA"


@given(st.text(alphabet="a \u200d\ufe0f\u2764\u0301\U0001f469\u767d\u202e", max_size=8), st.integers(1, 12))
def test_a_row_with_joined_characters_is_painted_in_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(Line(Role.DETAIL, visible(text)).painted(width)) == width


def test_ascii_has_plain_letters_for_others() -> None:
    assert fold_to_ascii("Behälter für Größe – „Ø“ crème 10 €…") == 'Behaelter fuer Groesse - "O" creme 10 EUR..'
    assert fold_to_ascii("白い") == "??"


def test_the_plain_c_locale_is_taken_for_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", "C")
    assert not speaks_utf8()
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert speaks_utf8()
    monkeypatch.setenv("LC_ALL", "POSIX")
    assert not speaks_utf8()


def test_a_key_table_changes_only_what_it_names() -> None:
    keymap = Keymap.from_table({"problem": ["f12", "pageup"]})
    assert (keymap.function("pageup"), keymap.function("f4"), keymap.function("f2")) == (Key.PROBLEM, None, Key.UNDO)
    assert (keymap.shown(Key.PROBLEM), keymap.shown(Key.ENTER)) == ("F12", "Ent")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"jump": ["f6"]}, "jump, which is no function"),
        ({"help": "f1"}, "help is not a list"),
        ({"help": []}, "help is not a list"),
        ({"help": ["f2"]}, "f2 stands for help and for undo"),
    ],
)
def test_a_wrong_key_table_says_what_to_write(table: dict[str, object], said: str) -> None:
    with pytest.raises(KeymapFault, match=said):
        Keymap.from_table(table)
