"""The table of the weighing's states is what its dialogues do: no move beside it, none in it that nobody makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from floor.conversation import Conversation
from floor.work.pack_weight import TRANSITIONS
from floor.work.prompt import Changed, Input, Pressed, Scan, Typed
from floor.work.scan_check import kind_and_name
from sync.record.codes.scanned import read_code
from tests.scenarios.moves import Move, moves_made, never_taken, not_in

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("weigh_*.txt"))
STATES = {"pack_weigh", "pack_light", "pack_heavy"}


def names_of(given: Input, conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation.session, read_code(text, symbology))
            return frozenset({kind})
        case Typed():
            return frozenset({"digit"})
        case Pressed(key):
            return frozenset({str(key)})
        case Changed():
            return frozenset({"news", "weight", "no weight"})  # what the scale says comes with the news
        case _:
            return frozenset()


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[Move]:
    made = moves_made(DIALOGUES, names_of, monkeypatch)
    return [(before, names, after) for before, names, after in made if STATES & {before, after}]


def test_dialogues_make_the_moves_of_the_table_and_no_others(moves: list[Move]) -> None:
    assert not_in(TRANSITIONS, moves) == set()
    assert never_taken(TRANSITIONS, moves) == []
