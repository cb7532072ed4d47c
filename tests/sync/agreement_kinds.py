"""What can be recorded in the model and behind the real code alike: a new kind of fact is one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync.record.facts import Fact, ReportedEmpty
from sync.record.ids import LocationCode
from tests.store.floor_ledger import locate, pick, skip

ASKED = {1: 4, 2: 3, 3: 2}
"""Pieces asked of each line; lines 1 and 2 are of list 1, line 3 is of list 2 (`tests.store.floor_ledger.lay_out`)."""
_GOODS = {1: ("MUG", "A1"), 2: ("TEA", "B1"), 3: ("MUG", "A1")}


@dataclass(frozen=True)
class Kind:
    """``fact``: of a line. ``pieces``: how many it counts. ``is_poison``: the store cannot judge it."""

    name: str
    fact: Callable[[int], Fact]
    pieces: int = 0
    is_poison: bool = False


KINDS = (
    Kind("pick", lambda line: pick(1, line, *_GOODS[line]), pieces=1),
    Kind("locate", lambda line: locate(line, _GOODS[line][1])),
    Kind("skip", lambda line: skip(line)),
    Kind("poison", lambda _line: ReportedEmpty(location=LocationCode("POISON")), is_poison=True),
)
