"""The table of batch pick is what its dialogues do: no move that is not in it, and none in it that nobody makes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from floor.conversation import Conversation
from floor.ports import Turn
from floor.work.batch_pick import TRANSITIONS
from floor.work.prompt import Changed, Input, Key, Pressed, Scan, Tone, Typed
from floor.work.scan_check import kind_and_name
from sync.record.codes.scanned import read_code
from tests.scenarios.dialogue import Player, read_dialogue
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal

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

Move = tuple[str, frozenset[str], str]
"""The state before, what the given thing may be called, the state after."""


def names_of(given: Input, conversation: Conversation) -> frozenset[str]:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation._session, read_code(text, symbology))
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


def is_move(before: Turn, after: Turn) -> bool:
    """Another state, or the same one about something else: what was refused or half typed is none."""
    if after.notice is not None and after.notice.tone in (Tone.ERROR, Tone.BOUNCE):
        return False
    one, other = before.prompt, after.prompt
    return (one.step, one.values, one.count) != (other.step, other.values, other.count)


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[Move]:
    """What every conversation of the test does, in the order in which it happens."""
    made: list[Move] = []
    stood: dict[int, Turn] = {}
    give = Conversation.give

    def watched(self: Conversation, given: Input) -> Turn:
        turn = give(self, given)
        before = stood.get(id(self))
        stood[id(self)] = turn
        if before is not None and before.prompt.step in STATES and is_move(before, turn):
            made.append((before.prompt.step, names_of(given, self), turn.prompt.step))
        return turn

    monkeypatch.setattr(Conversation, "give", watched)
    return made


def test_dialogues_make_the_moves_of_the_table_and_no_others(moves: list[Move]) -> None:
    for path in DIALOGUES:
        with (
            tempfile.TemporaryDirectory() as folder,
            EmulatedPrinter(Path(folder) / "labels") as printer,
        ):
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
    taken = {
        one
        for one in TRANSITIONS
        for before, names, after in moves
        if (one.state, one.to) == (before, after) and one.given in names
    }
    known = {(one.state, one.given, one.to) for one in TRANSITIONS}
    strange = {
        (before, tuple(sorted(names)), after)
        for before, names, after in moves
        if not any((before, name, after) in known for name in names)
    }
    never = [f"{one.state} {one.given} {one.to}" for one in TRANSITIONS if one not in taken]
    assert not strange, "\n".join(map(str, sorted(strange)))
    assert not never, "\n".join(never)
