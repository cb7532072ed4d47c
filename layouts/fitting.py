"""Fitting text into a width: measured beforehand, never silently cut."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ELLIPSIS = "..."
LONGEST_LINE = 500
"""Characters looked at in one line; no place on a label holds more."""

Measure = Callable[[str], float]
"""Width of a text, in dots."""


@dataclass(frozen=True)
class Fitted:
    """Lines as they will be printed; not `whole`: something was left out and `...` ends the last line."""

    lines: tuple[str, ...]
    whole: bool


def fit_line(line: str, width_dots: float, measure: Measure) -> Fitted:
    """`line` if it is at most `width_dots` wide, otherwise its beginning and an ellipsis that together are."""
    if len(line) <= LONGEST_LINE and measure(line) <= width_dots:
        return Fitted((line,), True)
    room = width_dots - measure(ELLIPSIS)
    return Fitted((_beginning(line, room, measure).rstrip() + ELLIPSIS,), False)


def wrap(lines: Sequence[str], width_dots: float, most_lines: int, measure: Measure) -> Fitted:
    """`lines` broken at blanks, or within a word that is wider than a line, into at most `most_lines` lines."""
    wrapped: list[str] = []
    waiting = list(reversed(lines))
    while waiting and len(wrapped) < most_lines:
        line = waiting.pop()
        taken = _one_line(line, width_dots, measure)
        wrapped.append(taken)
        rest = line[len(taken) :].lstrip(" ")
        if rest:
            waiting.append(rest)
    if not waiting:
        return Fitted(tuple(wrapped), True)
    last = fit_line(wrapped[-1] + ELLIPSIS, width_dots, measure)
    return Fitted((*wrapped[:-1], *last.lines), False)


def _one_line(line: str, width_dots: float, measure: Measure) -> str:
    if len(line) <= LONGEST_LINE and measure(line) <= width_dots:
        return line
    fitting = _beginning(line, width_dots, measure)
    if line[len(fitting) : len(fitting) + 1] == " ":
        return fitting
    at_a_blank = fitting.rpartition(" ")[0].rstrip(" ")
    return at_a_blank or fitting


def _beginning(line: str, width_dots: float, measure: Measure) -> str:
    """The longest beginning that fits, at least one character, never cut before a combining mark."""
    low, high = 1, min(len(line), LONGEST_LINE)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(line[:middle]) <= width_dots else (low, middle - 1)
    while low > 1 and measure(line[:low]) > width_dots:
        low -= 1
    while 1 < low < len(line) and unicodedata.combining(line[low]):
        low -= 1
    return line[:low]
