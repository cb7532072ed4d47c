"""The pages that take the whole screen until they are acknowledged: an error, and help. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from floor.widgets.page import Line, Page, Role, assembled, fitted, shortened
from floor.widgets.signs import Signs
from floor.wording import PaintedNotice, Row, Text


@dataclass(frozen=True, slots=True)
class ErrorFace:
    """What an error page shows. ``missed``: how many scans came meanwhile, or None."""

    words: PaintedNotice
    scanned: Text
    expected: Text
    missed: Text | None
    go_on: Text


@dataclass(frozen=True, slots=True)
class HelpFace:
    title: Text
    text: Text
    go_on: Text


@dataclass(frozen=True, slots=True)
class _Comfort:
    has_gaps: bool
    has_labels: bool
    what_rows: int
    value_rows: int
    now_rows: int


_LEVELS = (
    _Comfort(has_gaps=True, has_labels=True, what_rows=2, value_rows=3, now_rows=6),
    _Comfort(has_gaps=True, has_labels=False, what_rows=2, value_rows=2, now_rows=5),
    _Comfort(has_gaps=False, has_labels=False, what_rows=2, value_rows=2, now_rows=4),
    _Comfort(has_gaps=False, has_labels=False, what_rows=1, value_rows=1, now_rows=3),
    _Comfort(has_gaps=False, has_labels=False, what_rows=1, value_rows=1, now_rows=2),
)


def error_page(face: ErrorFace, width: int, height: int, signs: Signs) -> Page:
    """What happened, what was scanned, what was expected, what to do now, and how to go on."""
    bottom = [Line(Role.ERROR, row) for row in fitted(face.missed, width, 1, signs)] if face.missed else []
    bottom += [Line(Role.ERROR_TITLE, row) for row in fitted(face.go_on, width, 1, signs)]
    tops = [_error_top(face, level, width, signs) for level in _LEVELS]
    top = next((top for top in tops if len(top) + len(bottom) <= height), tops[-1])
    return assembled(top, bottom, width, height, Role.ERROR)


def help_page(face: HelpFace, width: int, height: int, signs: Signs) -> Page:
    top = [Line(Role.TITLE, row) for row in fitted(face.title, width, 1, signs)]
    top += [Line(Role.REQUEST, row) for row in fitted(face.text, width, height - 2, signs)]
    bottom = [Line(Role.KEYS, row) for row in fitted(face.go_on, width, 1, signs)]
    return assembled(top, bottom, width, height, Role.BLANK)


def _error_top(face: ErrorFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    what = fitted(face.words.what, width - 2, level.what_rows, signs)
    gap = [Line(Role.ERROR)] if level.has_gaps else []
    lines = [Line(Role.ERROR_TITLE, f"{signs.error if index == 0 else ' '} {row}") for index, row in enumerate(what)]
    if face.words.scanned is not None:
        lines += gap + _value(face.scanned, signs.error, face.words.scanned, level, width, signs)
    if face.words.expected is not None:
        lines += gap + _value(face.expected, signs.wanted, face.words.expected, level, width, signs)
    return lines + gap + [Line(Role.ERROR_TITLE, row) for row in fitted(face.words.now, width, level.now_rows, signs)]


def _value(label: Text, sign: str, row: Row, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    fit = shortened if row.shortened else fitted
    rows = fit(row.text, width - 2, level.value_rows, signs)
    if level.has_labels:
        named = [Line(Role.ERROR, text + ":") for text in fitted(label, width - 1, 1, signs)]
        return named + [Line(Role.ERROR_TITLE, f"  {text}") for text in rows]
    return [Line(Role.ERROR, f"{sign if index == 0 else ' '} {text}") for index, text in enumerate(rows)]
