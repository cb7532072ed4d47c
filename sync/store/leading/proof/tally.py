"""Sums of what follows from the facts beside what the record says, on disk: a store may be larger than the memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_AT_ONCE = 5000


class Rule(StrEnum):
    """How two sums must stand to each other."""

    EQUAL = "equal"
    BOTH_OR_NONE = "both or none"
    """Both above zero or both zero."""
    AT_MOST = "at most"
    """The record's is not above the other."""


_BROKEN = {
    Rule.EQUAL: "sum(follows) <> sum(said)",
    Rule.BOTH_OR_NONE: "(sum(follows) > 0) <> (sum(said) > 0)",
    Rule.AT_MOST: "sum(said) > sum(follows) OR sum(said) < 0",
}


@dataclass(frozen=True, slots=True)
class Unequal:
    rule: Rule
    what: str
    where: str
    said: int
    """By the row that says it."""
    follows: int
    """By what it must follow from."""


class Tally:
    """One scratch database, gone when it is closed."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")  # a private file that SQLite itself removes
        self._db.execute("CREATE TABLE tally (rule TEXT, what TEXT, place TEXT, follows INTEGER, said INTEGER)")
        self._new: list[tuple[str, str, str, int, int]] = []

    def follows(self, what: str, where: object, count: int, rule: Rule = Rule.EQUAL) -> None:
        """So many more of ``what`` at ``where`` follow from the facts."""
        self._add((str(rule), what, str(where), count, 0))

    def says(self, what: str, where: object, count: int, rule: Rule = Rule.EQUAL) -> None:
        """So many of it the record says."""
        self._add((str(rule), what, str(where), 0, count))

    def unequal(self) -> Iterator[Unequal]:
        """Where the two are not as they must be, in the order of their names."""
        self._write()
        for rule, broken in _BROKEN.items():
            rows = self._db.execute(
                "SELECT what, place, sum(said), sum(follows) FROM tally WHERE rule = ? GROUP BY what, place "  # noqa: S608
                f"HAVING {broken} ORDER BY what, place",
                (str(rule),),
            )
            for what, where, said, follows in rows:
                yield Unequal(rule, what, where, said, follows)

    def close(self) -> None:
        self._db.close()

    def _add(self, row: tuple[str, str, str, int, int]) -> None:
        if row[3] or row[4]:
            self._new.append(row)
        if len(self._new) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._db.executemany("INSERT INTO tally VALUES (?, ?, ?, ?, ?)", self._new)
        self._new.clear()
