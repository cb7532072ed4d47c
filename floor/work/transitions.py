"""The conversations as tables: which states there are, and which answer leads from one to the next.

A table does not drive its conversation; a test walks real dialogues and fails on every transition that the table does
not have, and on every one that no dialogue takes. `scripts/state_tables` prints the tables into docs/conversations.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

CONVERSATIONS = ("batch_pick", "zone_pick", "put_wall", "cycle_count", "pack_weight")
"""The modules of `floor.work` that have a `TRANSITIONS`, in the order in which they are printed."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From ``state``, when ``given``, to the state ``to``; all three are the names that people read in the picture."""

    state: str
    given: str
    to: str
    note: str = ""
    """What a reader must know beside it: who decides, what is said."""


def tables() -> dict[str, tuple[Transition, ...]]:
    """The table of each conversation, by its name."""
    return {name: import_module(f"floor.work.{name}").TRANSITIONS for name in CONVERSATIONS}
