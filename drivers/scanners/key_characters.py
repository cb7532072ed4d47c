"""Which character a key press stands for. Pure.

With the kitty keyboard protocol control characters come without a character, so the key's name decides. Names are those
of Textual 8.2.8 (`textual.keys`).
"""

import unicodedata

_NAMED = {
    "enter": "\r",
    "tab": "\t",
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    # What a keyboard sends for the same characters when it has no key of their own (xterm's Ctrl+4 to Ctrl+7).
    "ctrl+4": "\x1c",
    "ctrl+5": "\x1d",
    "ctrl+6": "\x1e",
    "ctrl+7": "\x1f",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
    "hyphen_minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def character_of(key: str, character: str | None) -> str | None:
    """The character of a key press, control characters included, or None for F-keys, arrows and the like."""
    named = _NAMED.get(key)
    if named is not None:
        return named
    if key.startswith("ctrl+") and len(key) == len("ctrl+a") and "a" <= key[-1] <= "z":
        return chr(ord(key[-1]) - ord("a") + 1)
    if character is not None and len(character) == 1:
        return character
    if len(key) == 1:
        return key
    if key.startswith("shift+") and len(key) == len("shift+a") and key[-1].isalpha():
        return key[-1].upper()
    try:
        found = unicodedata.lookup(key.replace("_", " ").upper())
    except KeyError:
        return None
    return found if len(found) == 1 and found.isprintable() else None
