"""The table of the cycle count's states is what its dialogues do: no move beside it, none in it that nobody makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from floor.conversation import Conversation
from floor.work.cycle_count import TRANSITIONS
from floor.work.prompt import Changed, Input, Key, Pressed, Scan, Typed
from floor.work.scan_check import kind_and_name
from sync.record.codes.scanned import read_code
from tests.scenarios.moves import Move, moves_made, never_taken, not_in

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("count_*.txt"))
STATES = {one.state for one in TRANSITIONS}
NAMES = {"code": ("lot",), "item": ("item", "lot")}
"""What a scan of a kind may be called in the table."""


def names_of(given: Input, conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation.session, read_code(text, symbology))
            return frozenset(NAMES.get(kind, (kind,)))
        case Typed():
            return frozenset({"digit"})
        case Pressed(Key.ENTER):
            return frozenset({"enter", "number", "check digits", "lot"})
        case Pressed(key):
            return frozenset({str(key)})
        case Changed():
            return frozenset({"news"})
        case _:
            return frozenset()


def is_of_counting(move: Move) -> bool:
    before, _, after = move
    if after == "sign_in":
        return False  # the same words stand before the first contact
    return before in STATES - {"menu"} or (before == "menu" and after in STATES - {"menu"})


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[Move]:
    return [move for move in moves_made(DIALOGUES, names_of, monkeypatch) if is_of_counting(move)]


def test_dialogues_make_the_moves_of_the_table_and_no_others(moves: list[Move]) -> None:
    assert not_in(TRANSITIONS, moves) == set()
    assert never_taken(TRANSITIONS, moves) == []
