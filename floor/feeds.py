"""What comes from outside the keyboard, as Textual messages: readings of scanners, changes of the record, time."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from drivers.readings import BadRead, LinkChange, ScanFrame
from floor.ports import Scanner


class Read(Message):
    """A scanner with a line of its own has said something."""

    def __init__(self, reading: ScanFrame | BadRead | LinkChange) -> None:
        super().__init__()
        self.reading = reading


class RecordChanged(Message):
    """The record, a verdict or the link has changed."""


class WedgeDue(Message):
    """Time alone may have decided about the keys collected so far, up to ``at_s``."""

    def __init__(self, at_s: float) -> None:
        super().__init__()
        self.at_s = at_s


async def pass_on(scanner: Scanner, post: Callable[[Message], object]) -> None:
    """Post what a scanner reads, in order, for as long as it gives readings."""
    async for reading in scanner.readings():
        post(Read(reading))
