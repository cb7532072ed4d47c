"""The table of batch pick is what its dialogues do: no move that is not in it, and none in it that nobody makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from floor.conversation import Conversation
from floor.work.batch_pick import TRANSITIONS
from floor.work.prompt import Changed, Input, Key, Pressed, Scan, Typed
from floor.work.scan_check import kind_and_name
from sync.record.codes.scanned import read_code
from tests.scenarios.moves import Move, moves_made, never_taken, not_in

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("batch_pick_*.txt"))
STATES = {one.state for one in TRANSITIONS}
NAMES = {
    "tote": ("tote", "empty tote"),
    "position": ("cart position",),
    "code": ("lot", "serial"),
    "item": ("item", "lot"),
}
"""What a scan of a kind may be called in the table."""
_ENTER = ("enter", "total", "check digits", "position", "lot", "serial")


def names_of(given: Input, conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation.session, read_code(text, symbology))
            return frozenset(NAMES.get(kind, (kind,)))
        case Typed():
            return frozenset({"digit"})
        case Pressed(Key.ENTER):
            return frozenset(_ENTER)
        case Pressed(key):
            return frozenset({str(key)})
        case Changed():
            return frozenset({"news"})
        case _:
            return frozenset()


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[Move]:
    return [move for move in moves_made(DIALOGUES, names_of, monkeypatch) if move[0] in STATES]


def test_dialogues_make_the_moves_of_the_table_and_no_others(moves: list[Move]) -> None:
    assert not_in(TRANSITIONS, moves) == set()
    assert never_taken(TRANSITIONS, moves) == []
