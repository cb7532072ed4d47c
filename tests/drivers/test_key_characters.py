"""Key names against Textual's own reader of terminal input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key

from drivers.scanners.key_characters import character_of


def keys_of(sent: str) -> list[Key]:
    return [event for event in XTermParser().feed(sent) if isinstance(event, Key)]


@pytest.mark.parametrize("char", [chr(code) for code in range(32, 127)] + list("éßŁΩд€"))
def test_every_printable_character_is_known_with_and_without_its_character(char: str) -> None:
    (key,) = keys_of(char)
    assert character_of(key.key, key.character) == char
    assert character_of(key.key, None) == char


@pytest.mark.parametrize("char", "\x02\x03\x04\t\n\r\x1c\x1d\x1e\x1f")
def test_control_characters_are_known_by_name_alone(char: str) -> None:
    (key,) = keys_of(char)
    assert character_of(key.key, None) == char


@pytest.mark.parametrize(
    ("sent", "char"),
    [
        ("\x1b[93;5u", "\x1d"),
        ("\x1b[94;5u", "\x1e"),
        ("\x1b[54;5u", "\x1e"),
        ("\x1b[92;5u", "\x1c"),
        ("\x1b[99;5u", "\x03"),
        ("\x1b[13u", "\r"),
        ("\x1b[9u", "\t"),
        ("\x1b[46u", "."),
        ("\x1b[97;2u", "A"),
    ],
)
def test_keys_of_the_kitty_protocol_are_known(sent: str, char: str) -> None:
    (key,) = keys_of(sent)
    assert character_of(key.key, key.character) == char


@pytest.mark.parametrize(
    "name",
    ["f1", "f12", "up", "escape", "backspace", "delete", "home", "end", "pageup", "shift+tab", "ctrl+up", "insert"],
)
def test_keys_that_write_nothing_have_no_character(name: str) -> None:
    assert character_of(name, None) is None


@settings(max_examples=50, deadline=None)
@given(key=st.text(max_size=30), character=st.none() | st.text(max_size=3))
def test_any_key_stands_for_one_character_or_none(key: str, character: str | None) -> None:
    found = character_of(key, character)
    assert found is None or len(found) == 1
