"""The few signs that are painted, for terminals with UTF-8 and without; none is wider than one cell.

The UTF-8 ones stand in WGL4, the set that even old terminal fonts have.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o"}
    | {"Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"'}
    | {"„": '"', "×": "x", "·": ".", "…": "..", "€": "EUR", "£": "GBP"}
)


def seen(text: str) -> str:
    """``text`` without what nobody sees and what would spoil its row.

    Controls, joiners, marks that turn the direction and variation selectors have no width of their own but change how
    wide or where others are painted, and each terminal does that in its own way.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if character.isspace() else character for character in text if _is_seen(character))


def _is_seen(character: str) -> bool:
    if "\ufe00" <= character <= "\ufe0f":
        return False
    return character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def fold_to_ascii(text: str) -> str:
    """``text`` with plain letters for those with accents; what has none becomes ``?``."""
    spelled = unicodedata.normalize("NFKD", seen(text).translate(_LETTERS))
    plain = (character for character in spelled if not unicodedata.combining(character))
    return "".join(c if c.isascii() else "?" for c in plain)


@dataclass(frozen=True, slots=True)
class Signs:
    ellipsis: str
    secret: str
    cursor: str
    prompt: str
    quiet: str
    done: str
    bounce: str
    warning: str
    error: str
    wanted: str
    enter: str
    has_blocks: bool
    """Half blocks can be painted."""
    written: Callable[[str], str]
    """What becomes of a text before it is measured and painted."""


UNICODE = Signs("…", "•", "_", ">", "»", "√", "≈", "!", "×", "→", "↵", has_blocks=True, written=seen)
ASCII = Signs("..", "*", "_", ">", "-", "+", "~", "!", "x", ">", "Ent", has_blocks=False, written=fold_to_ascii)
