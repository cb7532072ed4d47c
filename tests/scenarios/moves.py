"""The moves that dialogues make from state to state, to be laid beside a conversation's table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from floor.conversation import Conversation
from floor.ports import Turn
from floor.work.prompt import Changed, Input, Pressed, Scan, Tone, Typed
from floor.work.scan_check import kind_and_name
from floor.work.transitions import Transition
from sync.record.codes.scanned import read_code


class Move(NamedTuple):
    """The state before, what was given (the kind of a scan, a key, ``typed``, ``changed``), the state after."""

    before: str
    given: str
    after: str
    by_scan: bool


Named = tuple[Move, frozenset[str]]
"""A move, and what the given thing may be called in a table."""


def is_move(before: Turn, after: Turn) -> bool:
    """Another state, or the same one about something else: what was refused or half typed is none."""
    if after.notice is not None and after.notice.tone in (Tone.ERROR, Tone.BOUNCE):
        return after.prompt.step != before.prompt.step
    one, other = before.prompt, after.prompt
    return (one.step, one.values, one.count) != (other.step, other.values, other.count)


@contextmanager
def written_down() -> Iterator[list[Move]]:
    """Every move that a conversation makes meanwhile."""
    made: list[Move] = []
    stood: dict[int, Turn] = {}
    give = Conversation.give

    def watched(self: Conversation, given: Input) -> Turn:
        turn = give(self, given)
        before = stood.get(id(self))
        stood[id(self)] = turn
        if before is not None and is_move(before, turn):
            made.append(Move(before.prompt.step, _name(given, self), turn.prompt.step, isinstance(given, Scan)))
        return turn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conversation, "give", watched)
        yield made


def _name(given: Input, conversation: Conversation) -> str:
    match given:
        case Scan(text, symbology):
            kind, _ = kind_and_name(conversation.session, read_code(text, symbology))
            return kind
        case Typed():
            return "typed"
        case Pressed(key):
            return str(key)
        case Changed():
            return "changed"
        case _:
            return ""


def never_taken(table: Sequence[Transition], moves: Sequence[Named]) -> list[Transition]:
    return [
        one
        for one in table
        if not any((one.state, one.to) == (move.before, move.after) and one.given in names for move, names in moves)
    ]


def not_in(table: Sequence[Transition], moves: Sequence[Named]) -> set[tuple[Move, frozenset[str]]]:
    known = {(one.state, one.given, one.to) for one in table}
    return {
        (move, names) for move, names in moves if not any((move.before, name, move.after) in known for name in names)
    }
