"""The table of the put wall's states is what its dialogues do: no move is missing, and none is never made."""

from __future__ import annotations

from pathlib import Path

import pytest

from floor.conversation import Conversation
from floor.work.prompt import Changed, Input, Key, Pressed, Scan, Typed
from floor.work.put_wall import TRANSITIONS
from floor.work.scan_check import kind_and_name
from sync.record.codes.scanned import read_code
from tests.scenarios.moves import moves_made, never_taken, not_in

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("sort_*.txt"))
OWN = {one.state for one in TRANSITIONS if one.state.startswith("sort_")}


def names_of(given: Input, conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation._session, read_code(text, symbology))
            return frozenset({"code": ("lot",), "item": ("item", "lot")}.get(kind, (kind,)))
        case Typed():
            return frozenset({"digit", "sort"})
        case Pressed(Key.ENTER):
            return frozenset({"enter", "total", "number"})
        case Pressed(key):
            return frozenset({str(key)})
        case Changed():
            return frozenset({"news", "granted", "refused"})
        case _:
            return frozenset()


def test_dialogues_make_the_moves_of_the_table_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = moves_made(DIALOGUES, names_of, monkeypatch)
    at_the_wall = [move for move in moves if move[0] in OWN or move[2] in OWN]
    assert not_in(TRANSITIONS, at_the_wall) == set()
    assert never_taken(TRANSITIONS, moves) == []
