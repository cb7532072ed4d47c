"""The moves that dialogues make from state to state, to be laid beside a conversation's table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from floor.conversation import Conversation
from floor.ports import Turn
from floor.work.prompt import Input, Tone
from floor.work.transitions import Transition
from tests.scenarios.dialogue import Player, read_dialogue
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal

Names = Callable[[Input, Conversation], frozenset[str]]
"""What a given thing may be called in the table."""
Move = tuple[str, frozenset[str], str]
"""The state before, what the given thing may be called, the state after."""


def is_move(before: Turn, after: Turn) -> bool:
    """Another state, or the same one about something else: what was refused or half typed is none."""
    if after.notice is not None and after.notice.tone in (Tone.ERROR, Tone.BOUNCE):
        return after.prompt.step != before.prompt.step
    one, other = before.prompt, after.prompt
    return (one.step, one.values, one.count) != (other.step, other.values, other.count)


def moves_made(dialogues: Sequence[Path], names: Names, monkeypatch: pytest.MonkeyPatch) -> list[Move]:
    """Play dialogues at the real terminal and store, and write down every move."""
    made: list[Move] = []
    stood: dict[int, Turn] = {}
    give = Conversation.give

    def watched(self: Conversation, given: Input) -> Turn:
        turn = give(self, given)
        before = stood.get(id(self))
        stood[id(self)] = turn
        if before is not None and is_move(before, turn):
            made.append((before.prompt.step, names(given, self), turn.prompt.step))
        return turn

    monkeypatch.setattr(Conversation, "give", watched)
    for path in dialogues:
        stood.clear()  # ids come again
        _play(path)
    return made


def _play(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, EmulatedPrinter(Path(folder) / "labels") as printer:
        shop = Shop(Path(folder))
        shop.open()
        try:
            with Terminal(Path(folder), shop.url, printer) as terminal:
                terminal.wait_for("sign_in")
                player = Player(shop, printer, terminal)
                for line in read_dialogue(path):
                    player.play(line)
        finally:
            shop.close()


def never_taken(table: Sequence[Transition], moves: Sequence[Move]) -> list[Transition]:
    return [
        one
        for one in table
        if not any((one.state, one.to) == (before, after) and one.given in names for before, names, after in moves)
    ]


def not_in(table: Sequence[Transition], moves: Sequence[Move]) -> set[tuple[str, tuple[str, ...], str]]:
    known = {(one.state, one.given, one.to) for one in table}
    return {
        (before, tuple(sorted(names)), after)
        for before, names, after in moves
        if not any((before, name, after) in known for name in names)
    }
