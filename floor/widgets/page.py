"""A page: the rows that fill the screen, and how a text is fitted into cells. Pure.

Widths are in terminal cells, so that wide characters count as two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len, set_cell_size

from floor.widgets.signs import Signs
from floor.wording import Text


class Role(StrEnum):
    """What a row is; the style sheet gives each its colours."""

    TITLE = "title"
    HEADLINE = "headline"
    REQUEST = "request"
    NAME = "name"
    DETAIL = "detail"
    CHOICE = "choice"
    COUNT = "count"
    ENTRY = "entry"
    QUIET = "quiet"
    DONE = "done"
    BOUNCE = "bounce"
    WARNING = "warning"
    DEMO = "demo"
    KEYS = "keys"
    STATUS = "status"
    BLANK = "blank"
    ERROR = "error"
    ERROR_TITLE = "error-title"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: ``left`` from the left edge, ``right`` at the right edge."""

    role: Role
    left: str = ""
    right: str = ""

    @property
    def width(self) -> int:
        """In cells, with the space between both sides."""
        return cell_len(self.left) + (1 + cell_len(self.right) if self.right else 0)

    def painted(self, width: int) -> str:
        """The row in exactly ``width`` cells."""
        if not self.right:
            return set_cell_size(self.left, width)
        return set_cell_size(self.left, max(width - cell_len(self.right), 0)) + set_cell_size(
            self.right, min(cell_len(self.right), width)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """The rows from the top, as many as the screen has."""

    lines: tuple[Line, ...]
    cut: tuple[str, ...]
    """Texts that are not there in full although they must be: empty from 16x8 upwards."""


def assembled(top: Sequence[Line], bottom: Sequence[Line], width: int, height: int, blank: Role) -> Page:
    """Rows at the top and rows at the bottom edge with blank ones between them."""
    room = max(height - len(bottom), 0)
    lines = [*top[:room], *(Line(blank) for _ in range(room - len(top))), *bottom[:height]]
    lost = [*top[room:], *bottom[height:], *(line for line in lines if line.width > width)]
    return Page(tuple(lines), tuple(f"{line.left} {line.right}".strip() for line in lost if line.left))


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in rows of at most ``width`` cells, broken between words; a longer word is broken anywhere."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        row = word
        while cell_len(row) > width:
            head = _head(row, width)
            rows.append(head)
            row = row[len(head) :]
    return [*rows, row] if row else rows


def fitted(text: Text, width: int, max_rows: int, signs: Signs) -> list[str]:
    """The longest form of ``text`` that needs at most ``max_rows`` rows; else the shortest, in all its rows."""
    rows: list[str] = []
    for form in text:
        rows = wrapped(signs.written(form), width)
        if len(rows) <= max_rows:
            break
    return rows


def shortened(text: Text, width: int, max_rows: int, signs: Signs) -> list[str]:
    """As `fitted`, but what does not fit ends in an ellipsis."""
    rows = fitted(text, width, max_rows, signs)
    if len(rows) <= max_rows:
        return rows
    last = _head(" ".join(rows[max_rows - 1 :]), width - cell_len(signs.ellipsis))
    return [*rows[: max_rows - 1], last.rstrip() + signs.ellipsis]


def _head(text: str, width: int) -> str:
    """As many characters as fit into ``width`` cells, and at least one."""
    end, used = 0, 0
    for character in text:
        used += cell_len(character)
        if used > width and end:
            break
        end += 1
    return text[:end]
