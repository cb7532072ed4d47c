"""What the terminal's screens and conversations need from the world: implemented by `sync.terminal` and `drivers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.scales.states import ScaleState
from floor.work.prompt import Input, Notice, PrintResult, Prompt, ScaleSaid, ScaleSet, Scan
from floor.work.view import RecordView
from sync.record.delivery import Link as Link
from sync.record.delivery import StorageFailed as StorageFailed
from sync.record.facts import Fact
from sync.record.ids import EventId, WorkerId
from sync.record.signing_in import PinAnswer


class Session(RecordView, Protocol):
    """A terminal's side of the record. Used from one thread; `on_change` callbacks may come from another."""

    def still(self) -> AbstractContextManager[object]:
        """Nothing that comes from the store is taken over within the block: all that is read is of one picture."""
        ...

    def take_in(self, text: str, symbology: str | None) -> int:
        """Write a scan into the durable inbox before anything else happens to it; returns its number."""
        ...

    def record(self, facts: Sequence[Fact], *, worker_id: WorkerId | None, answers: int = 0) -> list[EventId]:
        """Make facts durable, all or none, and mark inbox scan ``answers`` as answered in the same transaction.

        Raises `StorageFailed`; then nothing was recorded.
        """
        ...

    def answered(self, inbox_id: int) -> None:
        """A scan was answered without a fact (a refusal, a wrong code)."""
        ...

    def inbox_depth(self) -> int: ...

    def tell(self, event_ids: Sequence[EventId]) -> None:
        """These verdicts have been told to the worker."""
        ...

    def forget_unanswered(self) -> None: ...

    def check_pin(self, worker_id: WorkerId, pin: str) -> PinAnswer:
        """Counts the try on disk first. ``worker_id`` may be nobody's: then it is wrong, after the same time."""
        ...

    def link(self) -> Link: ...

    def on_change(self, callback: Callable[[], None]) -> None:
        """``callback`` is called, from any thread, whenever rows, verdicts or the link have changed."""
        ...

    def close(self) -> None: ...


class DeviceKind(StrEnum):
    PRINTER = "printer"
    SCALE = "scale"
    SCANNER = "scanner"


@dataclass(frozen=True, slots=True)
class DeviceTrouble:
    """A device that is not well. ``sentence``: what is wrong and what to do; ``name`` as the site calls the device."""

    kind: DeviceKind
    name: str
    sentence: str

    @property
    def said(self) -> str:
        return self.sentence if self.sentence.startswith(self.name) else f"{self.name}: {self.sentence}"


class Unprintable(Exception):
    """No label was made: no font here has the letters of these fields (``ship-to name`` ...)."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class Unmade(Exception):
    """No label was made, so nothing was sent; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class LabelJob:
    """A label to be printed. The same ``job_id`` again is never printed again unless it was lost.

    ``printer``: the one that a person chose, None for the first of the station. A reprint names the job it repeats.
    """

    job_id: str
    printer: str | None
    reprint_of: str | None
    reprint_reason: str | None


@dataclass(frozen=True, slots=True)
class LabelFate:
    """``detail`` names the fault. ``others``: printers of the station that a person may choose instead."""

    result: PrintResult
    detail: str
    printer: str
    others: tuple[str, ...]


class LabelPrinter(Protocol):
    def print_label(self, job: LabelJob, make: Callable[[int], bytes]) -> LabelFate:
        """Have one label printed and judge what became of it; blocks up to a few seconds.

        ``make`` gives the label's ZPL for a printer of so many dots per inch; what it raises is raised.
        """
        ...


class Scale(Protocol):
    """The scale of a pack station, asked beside the dialogue. No call waits for it."""

    def listen(self, hear: Callable[[ScaleSaid | ScaleSet], None]) -> None:
        """``hear`` is called from another thread: while a weight is wanted with each change, and after each `set`."""
        ...

    def weigh(self, is_wanted: bool) -> None:
        """Whether a carton is to be weighed. A weight counts when the scale was seen empty since the last one."""
        ...

    def set(self, *, is_tare: bool) -> None:
        """Set the scale to zero, or take what is on it as its tare."""
        ...

    def state(self) -> ScaleState:
        """How it was when it was heard last."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What the conversation says after an input. A notice with tone ERROR fills the screen until it is acknowledged."""

    prompt: Prompt
    notice: Notice | None


class Dialogue(Protocol):
    """The conversation as the screen drives it, from one thread. What it confirms is durable before it is said."""

    def turn(self) -> Turn:
        """What stands now; at the start it is taken up again from the record."""
        ...

    def give(self, given: Input, /) -> Turn: ...

    def language(self) -> str:
        """Of the worker's badge; ``en`` before sign-in."""
        ...

    def link(self) -> Link: ...

    def inbox_depth(self) -> int: ...

    def take_in(self, text: str, symbology: str | None) -> int:
        """Write a scan into the durable inbox; returns its number for `Scan.inbox_id`. Raises `StorageFailed`."""
        ...

    def dismissed(self, scan: Scan) -> None:
        """This scan came while an error stood on the screen: it is not applied, and the worker is told so."""
        ...

    def expected_scan(self) -> str | None:
        """The barcode that would answer the prompt, for the demo's keys."""
        ...

    def wrong_scan(self) -> str:
        """A barcode that does not answer the prompt, for the demo's keys."""
        ...

    def on_change(self, callback: Callable[[], None]) -> None:
        """``callback`` is called, from any thread, when there is something for the input `Changed`."""
        ...
