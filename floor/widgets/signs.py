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


def fold_to_ascii(text: str) -> str:
    """``text`` with plain letters for those with accents; what has none becomes ``?``."""
    spelled = unicodedata.normalize("NFKD", text.translate(_LETTERS))
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


UNICODE = Signs("…", "•", "_", ">", "»", "√", "≈", "!", "×", "→", "↵", has_blocks=True, written=str)
ASCII = Signs("..", "*", "_", ">", "-", "+", "~", "!", "x", ">", "Ent", has_blocks=False, written=fold_to_ascii)
