"""What may reach a label of the text that people and shops typed."""

import re
import unicodedata

_BLANKS = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_ENDS = re.compile(r"\r\n|[\n\v\f\r\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
    r"|[\ud800-\udfff\ufffe\uffff]"
)
_PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2026": "...", "\\": "/"}
)
_LAST_OF_FONT_0 = "\u017f"
_UNDRAWABLE = ("Co", "Cn")
STAND_IN = "[U+"
"""How a stand-in for characters that no font can draw begins."""


def clean_line(text: str) -> str:
    """`text` as one line: composed (NFC), blanks and line ends as one space, what is no visible character left out.

    Typographic quotation marks, dashes and dots become their ASCII forms, so that `O’Brien` needs no picture, and a
    backslash becomes a slash, because printers take `\\&` for a line end.
    """
    return " ".join(clean_lines(text))


def clean_lines(text: str) -> list[str]:
    """The lines of `text`, each cleaned as in `clean_line`; empty lines are left out."""
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN)
    lines = (_BLANKS.sub(" ", _INVISIBLE.sub("", line)).strip(" ") for line in _LINE_ENDS.split(composed))
    return [line for line in lines if line]


def within_font_0(line: str) -> bool:
    """True when the printer's own font prints it: Latin, Latin-1 Supplement and Latin Extended-A."""
    return line.isascii() or max(line) <= _LAST_OF_FONT_0


def drawable(character: str) -> bool:
    """False for what no font can be relied on to hold: private use and unassigned code points."""
    return unicodedata.category(character) not in _UNDRAWABLE


def by_code_points(characters: str) -> str:
    """`[U+4E1C 4EAC]`: the honest stand-in for a run of characters that no font at hand can draw."""
    return STAND_IN + " ".join(f"{ord(character):04X}" for character in characters) + "]"
