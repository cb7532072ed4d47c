"""Prints the conversations' tables of states and transitions into docs/conversations.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from floor.work.transitions import Transition, tables

DOCUMENT = Path(__file__).parents[1] / "docs" / "conversations.md"
HEAD = """# Conversations

Written by `scripts/state_tables` from the tables in `floor/work`, which the dialogues in `tests/scenarios/dialogues`
are checked against: a transition that is not here never happens there, and one that is here does. What is given and is
not here is refused, and the state stays. A state is named as its prompt in the catalogue (`floor/locale`); piece
picking and packing have no table.
"""


def document() -> str:
    return "\n".join([HEAD, *(line for name, table in tables().items() for line in _chapter(name, table))])


def _chapter(name: str, table: tuple[Transition, ...]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield "| state | given | next state | |"
    yield "| --- | --- | --- | --- |"
    before = ""
    for one in table:
        yield f"| {'' if one.state == before else f'`{one.state}`'} | {one.given} | `{one.to}` | {one.note} |"
        before = one.state
    yield ""


def main() -> int:
    text = document()
    if sys.argv[1:] != ["--check"]:
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    print("docs/conversations.md is not what the tables say: run scripts/state_tables", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
