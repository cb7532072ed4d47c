"""The table of zone picking is what its dialogues do: no move that is not in it, none in it that nobody makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from floor.conversation import Conversation
from floor.work.prompt import Changed, Input, Pressed, Scan, Typed
from floor.work.zone_pick import TRANSITIONS
from sync.record.codes.scanned import BadgeScan, LocationScan, ToteScan, read_code
from tests.scenarios.moves import moves_made, never_taken, not_in

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("zone_*.txt"))
OWN = frozenset({"choose_zone", "fetch_tote", "pass_on", "consolidate_first", "consolidate", "no_work"})
"""States that are zone picking's own: whatever leads to them or away from them is in the table."""


def names_of(given: Input, _conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            match read_code(text, symbology):
                case ToteScan():
                    return frozenset({"tote", "empty tote"})
                case LocationScan():
                    return frozenset({"location", "place"})
                case BadgeScan():
                    return frozenset({"badge"})
                case _:
                    return frozenset({"code"})
        case Typed():
            return frozenset({"digit"})
        case Pressed(key):
            return frozenset({str(key)})
        case Changed():
            return frozenset({"news"})
        case _:
            return frozenset()


def test_dialogues_make_the_moves_of_the_table_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = moves_made(DIALOGUES, names_of, monkeypatch)
    in_zones = [move for move in moves if move[0] in OWN or move[2] in OWN]
    assert not_in(TRANSITIONS, in_zones) == set()
    assert never_taken(TRANSITIONS, moves) == []
