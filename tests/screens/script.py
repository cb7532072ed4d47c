"""A conversation that was written down: prompts in their order, and a record of what it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from floor.ports import Link, StorageFailed, Turn
from floor.work.prompt import Changed, Input, Notice, Prompt, Scan

OK = Link(online=True, undelivered=0, oldest_undelivered_at=None)


@dataclass
class Script:
    """Answers the first input with the first of ``answers`` and so on; when they run out, with the last turn again.

    `Changed` is recorded and answered with the turn that stands.
    """

    opening: Turn
    answers: Sequence[Turn] = ()
    spoken: str = "en"
    state: Link = OK
    depth: int = 0
    expected: str | None = "L-A03-12-2-7"
    storage_fails: bool = False
    given: list[Input] = field(default_factory=list)
    taken_in: list[tuple[str, str | None]] = field(default_factory=list)
    turned_away: list[Scan] = field(default_factory=list)
    said: int = 0
    changed: Callable[[], None] | None = None
    before_answer: Callable[[], None] | None = None

    def turn(self) -> Turn:
        stands = self.answers[min(self.said, len(self.answers)) - 1] if self.said and self.answers else self.opening
        return Turn(stands.prompt, None) if self.said else stands

    def give(self, input: Input) -> Turn:
        self.given.append(input)
        if self.before_answer is not None:
            self.before_answer()
        if isinstance(input, Changed):
            return Turn(self.turn().prompt, None)
        self.said += 1
        if self.said <= len(self.answers):
            return self.answers[self.said - 1]
        return Turn(self.turn().prompt, None)

    def language(self) -> str:
        return self.spoken

    def link(self) -> Link:
        return self.state

    def inbox_depth(self) -> int:
        return self.depth

    def take_in(self, text: str, symbology: str | None) -> int:
        if self.storage_fails:
            raise StorageFailed("No space left on device")
        self.taken_in.append((text, symbology))
        return len(self.taken_in)

    def dismissed(self, scan: Scan) -> None:
        self.turned_away.append(scan)

    def expected_scan(self) -> str | None:
        return self.expected

    def wrong_scan(self) -> str:
        return "T-000193"

    def on_change(self, callback: Callable[[], None]) -> None:
        self.changed = callback


def stands(prompt: Prompt, notice: Notice | None = None) -> Turn:
    return Turn(prompt, notice)
