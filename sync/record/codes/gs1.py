"""GS1 element strings: what a GS1-128, DataMatrix or QR symbol says, element by element.

Source: GS1 General Specifications, chapter 3 (application identifiers) and figure 7.8.5-2 (predefined lengths).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from sync.record.codes.check_digits import has_gs1_check_digit

FNC1 = "\x1d"
"""How a scanner sends the separator: GS, ASCII 29."""

GS1_SYMBOLOGIES = frozenset({"]C1", "]d2", "]Q3", "]e0"})
"""AIM identifiers of symbols with GS1 content. Without one of them a text is never read as GS1."""

PREDEFINED_LENGTHS = {
    **{f"{prefix:02d}": length for prefix, length in ((0, 20), (1, 16), (2, 16), (3, 16), (4, 18))},
    **{f"{prefix:02d}": 8 for prefix in range(11, 20)},
    "20": 4,
    **{f"{prefix:02d}": 10 for prefix in range(31, 37)},
    "41": 16,
}
"""Whole length (with identifier) by the identifier's first two digits: only these need no FNC1 behind them."""

_CHARACTER = r"[!\"%-?A-Z_a-z]"
"""GS1 character set 82 (General Specifications, figure 7.11-1)."""
_VALUES: tuple[tuple[str, str], ...] = (
    (r"00", r"\d{18}"),
    (r"0[12]", r"\d{14}"),
    (r"10", _CHARACTER + "{1,20}"),
    (r"1[1-7]", r"\d{6}"),
    (r"20", r"\d{2}"),
    (r"21", _CHARACTER + "{1,20}"),
    (r"22", _CHARACTER + "{1,20}"),
    (r"24[01]", _CHARACTER + "{1,30}"),
    (r"25[01]", _CHARACTER + "{1,30}"),
    (r"30", r"\d{1,8}"),
    (r"3[1-6]\d\d", r"\d{6}"),
    (r"37", r"\d{1,8}"),
    (r"400", _CHARACTER + "{1,30}"),
    (r"401", _CHARACTER + "{1,30}"),
    (r"402", r"\d{17}"),
    (r"41[0-7]", r"\d{13}"),
    (r"420", _CHARACTER + "{1,20}"),
    (r"421", rf"\d{{3}}{_CHARACTER}{{1,9}}"),
    (r"422", r"\d{3}"),
    (r"9[0-9]", _CHARACTER + "{1,90}"),
)
_CHECKED = re.compile(r"0[012]|402|41[0-7]")
"""Numbers that end with a check digit."""
_STAND_IN = re.compile(r"[^!\"%-?A-Z_a-z]+(?:GS[^!\"%-?A-Z_a-z]+)?")
"""What scanners send for GS when they are set so: ``|``, ``^]``, ``{GS}``."""
_ELEMENTS = tuple((re.compile(ai, re.ASCII), re.compile(value, re.ASCII)) for ai, value in _VALUES)


class BadGs1(ValueError):
    """The text does not follow GS1's rules: a wrong length, a missing separator, a wrong check digit."""


def parse_elements(text: str) -> dict[str, str]:
    """Application identifier -> value. Raises `BadGs1`; never guesses where a separator may have been lost."""
    elements: dict[str, str] = {}
    rest = text.removeprefix(FNC1)
    if not rest:
        raise BadGs1("no element")
    while rest:
        ai = _identifier(rest)
        length = PREDEFINED_LENGTHS.get(ai[:2])
        if length is not None:
            element, rest = rest[:length], rest[length:].removeprefix(FNC1)
        else:
            element, _, rest = rest.partition(FNC1)
        value = element[len(ai) :]
        _check(ai, value)
        if elements.setdefault(ai, value) != value:
            raise BadGs1(f"({ai}) stands twice with different values")
    return elements


def misses_separator(text: str) -> bool:
    """Whether a text that does not parse would do so with GS put in once, or for one foreign sign that stands for it.

    Only a diagnosis: where the separator belongs is never guessed, because several places may be right.
    """
    if FNC1 in text:
        return False
    foreign = _STAND_IN.search(text)
    spaces = [foreign.span()] if foreign else [(place, place) for place in range(1, len(text))]
    return any(_parses(text[:start] + FNC1 + text[end:]) for start, end in spaces)


def _parses(text: str) -> bool:
    try:
        parse_elements(text)
    except BadGs1:
        return False
    return True


def _identifier(text: str) -> str:
    for ai, _ in _ELEMENTS:
        if match := ai.match(text):
            return match.group()
    raise BadGs1(f"no application identifier that we know at {text[:4]!r}")


def _check(ai: str, value: str) -> None:
    pattern = next(value_form for ai_form, value_form in _ELEMENTS if ai_form.fullmatch(ai))
    if not pattern.fullmatch(value):
        raise BadGs1(f"({ai}) cannot be {value!r}")
    if _CHECKED.fullmatch(ai) and not has_gs1_check_digit(value):
        raise BadGs1(f"({ai}) {value} has a wrong check digit")


def gs1_date(value: str, *, today: date) -> date:
    """A YYMMDD date; day 00 means the last day of the month. The century is that within 50 years of ``today``.

    Raises `BadGs1`.
    """
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:])
    century = today.year // 100 * 100
    difference = year - today.year % 100
    full_year = century + year + (-100 if difference >= 51 else 100 if difference <= -50 else 0)
    try:
        if day:
            return date(full_year, month, day)
        return date(full_year, month, monthrange(full_year, month)[1])
    except ValueError as error:
        raise BadGs1(f"{value} is no date") from error
