"""What comes from outside the keyboard, as Textual messages: readings of scanners, changes of the record, time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from textual.message import Message

from drivers.readings import BadRead, BadReason, LinkChange, ScanFrame
from drivers.scanners.states import ScannerState
from floor.work.prompt import Notice, Tone

_UNENDED_IN_A_ROW = 2
"""One code without its end mark is a disturbance, two are a setting."""


class Scanner(Protocol):
    """A scanner with a line of its own (not a keyboard wedge)."""

    @property
    def state(self) -> ScannerState: ...

    def readings(self) -> AsyncIterator[ScanFrame | BadRead | LinkChange]: ...


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


class ScannerTroubles:
    """What a worker is told about scanners, each by its name; ``keyboard`` is the wedge's, which needs none."""

    def __init__(self, keyboard: str) -> None:
        self._keyboard = keyboard
        self._gone: set[str] = set()
        self._unended: dict[str, int] = {}
        self._explained: set[str] = set()

    def heard(self, reading: ScanFrame) -> None:
        """A whole code: its scanner does send an end mark."""
        self._unended.pop(reading.source, None)

    def bad_read(self, bad: BadRead) -> Notice:
        """Names the scanner. One that sends no end mark is explained once: it is a setting, not a bad barcode."""
        source = "" if bad.source == self._keyboard else bad.source
        if bad.reason is BadReason.NO_SUFFIX:
            self._unended[bad.source] = self._unended.get(bad.source, 0) + 1
            if self._unended[bad.source] >= _UNENDED_IN_A_ROW and bad.source not in self._explained:
                self._explained.add(bad.source)
                return Notice("no_end_mark", {"source": source}, Tone.WARNING)
        key = "no_read" if bad.reason is BadReason.NO_READ else "bad_read"
        return Notice(f"{key}_at" if source else key, {"source": source} if source else {}, Tone.WARNING)

    def link(self, change: LinkChange) -> Notice | None:
        """None for a scanner that was there from the start."""
        if not change.up:
            self._gone.add(change.source)
            return Notice("scanner_gone", {"source": change.source}, Tone.WARNING)
        if change.source not in self._gone:
            return None
        self._gone.remove(change.source)
        return Notice("scanner_back", {"source": change.source}, Tone.DONE)
