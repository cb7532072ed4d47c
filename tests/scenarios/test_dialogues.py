"""Every dialogue comes out as it is written down, at the real terminal, store and printer.

The moves that they make are those of the tables of states: none beside a table, and none in it that nobody makes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from drivers.emulators.printer import EmulatedPrinter
from tests.scenarios.dialogue import Player, read_dialogue
from tests.scenarios.moves import Move, never_taken, not_in, written_down
from tests.scenarios.shop import Shop
from tests.scenarios.state_tables import STATE_TABLES, StateTable
from tests.scenarios.terminal import Terminal

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
NOT_YET: dict[str, str] = {}
"""What does not come out as written, and why."""
MADE: dict[str, list[Move]] = {}
"""The moves of each dialogue that was played: each is played once, which takes long."""


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) > 20


def _parameter(path: Path) -> ParameterSet:
    why = NOT_YET.get(path.stem)
    return pytest.param(path, id=path.stem, marks=() if why is None else pytest.mark.xfail(reason=why))


@pytest.mark.parametrize("path", [_parameter(path) for path in DIALOGUES])
def test_a_dialogue_comes_out_as_written(path: Path, shop: Shop, printer: EmulatedPrinter, terminal: Terminal) -> None:
    player = Player(shop, printer, terminal)
    with written_down() as MADE[path.stem]:
        for line in read_dialogue(path):
            player.play(line)
    assert printer.problems == ()
    if shop.is_open:
        terminal.drain()
        assert shop.site.differences() == []


@pytest.mark.parametrize("table", STATE_TABLES, ids=lambda table: table.name)
def test_dialogues_make_the_moves_of_a_table_and_no_others(table: StateTable) -> None:
    played = [path.stem for path in DIALOGUES if path.stem.startswith(table.dialogues)]
    assert played
    assert MADE.keys() >= set(played), "its dialogues are played above: run the whole file, in one process"
    moves = [(move, table.names(move)) for name in played for move in MADE[name]]
    assert not_in(table.transitions, [one for one in moves if table.is_own(one[0])]) == set()
    assert never_taken(table.transitions, moves) == []
