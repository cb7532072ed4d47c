"""Every dialogue comes out as it is written down, at the real terminal, store and printer."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from drivers.emulators.printer import EmulatedPrinter
from tests.scenarios.dialogue import Player, read_dialogue
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.txt"))
NOT_YET: dict[str, str] = {}
"""What does not come out as written, and why."""


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) > 20


def _parameter(path: Path) -> ParameterSet:
    why = NOT_YET.get(path.stem)
    return pytest.param(path, id=path.stem, marks=() if why is None else pytest.mark.xfail(reason=why))


@pytest.mark.parametrize("path", [_parameter(path) for path in DIALOGUES])
def test_a_dialogue_comes_out_as_written(path: Path, shop: Shop, printer: EmulatedPrinter, terminal: Terminal) -> None:
    player = Player(shop, printer, terminal)
    for line in read_dialogue(path):
        player.play(line)
    assert printer.problems == ()
    if shop.is_open:
        terminal.drain()
        assert shop.site.differences() == []
