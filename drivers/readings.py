"""What devices say, as frozen values. Pure: times come in from outside, as seconds of a monotonic clock."""

from dataclasses import dataclass
from enum import Enum


class BadReason(Enum):
    """Why a reading does not count. The value is a plain sentence part that can be shown as it stands."""

    NO_SUFFIX = "the code stopped without its end mark"
    CUT = "a piece of the code is missing"
    TOO_LONG = "the code is longer than any barcode"
    NOT_TEXT = "the code holds bytes that are not text"
    CONTROL_CHARACTER = "the code holds control characters that no barcode has"
    EMPTY = "the scanner sent a code without content"


@dataclass(frozen=True, slots=True)
class ScanFrame:
    """One whole code as a scanner read it.

    `text` is the content without prefix, suffix and symbology identifier; GS (ASCII 29) is kept. `symbology` is the AIM
    identifier such as "]C1" (ISO/IEC 15424) when the scanner sends one. `typed` marks what a person keyed in instead.
    `read_at_s` is the monotonic time of the last byte.
    """

    text: str
    symbology: str | None
    source: str
    typed: bool
    read_at_s: float


@dataclass(frozen=True, slots=True)
class BadRead:
    """Something arrived from a scanner that is no whole code. `raw` is for the log, never for the record."""

    reason: BadReason
    raw: str
    source: str
    read_at_s: float

    @property
    def sentence(self) -> str:
        return f"Bad read: {self.reason.value}. Nothing was taken over. Scan again."


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A key that belongs to no scan, to be handed on to the screen. `key` is Textual's name of it."""

    key: str
    character: str | None
    read_at_s: float


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A device came (`up`) or went. `sentence` says what happened, what it means and what to do now."""

    source: str
    up: bool
    sentence: str
    at_s: float


class PrinterFault(Enum):
    """What keeps a printer from printing. The value is a plain sentence part."""

    PAPER_OUT = "it is out of labels"
    RIBBON_OUT = "it is out of ribbon"
    HEAD_OPEN = "its print head is open"
    PAUSED = "it is paused"
    BUFFER_FULL = "its buffer is full"
    TOO_COLD = "its print head is too cold"
    TOO_HOT = "its print head is too hot"
    CUTTER = "its cutter is jammed"
    MEMORY_LOST = "it has lost its settings"
    OTHER = "it reports an error that only its own display explains"


@dataclass(frozen=True, slots=True)
class PrinterState:
    """What a printer answered about itself.

    `formats_in_buffer` (whole labels received and not yet printed) and `labels_remaining` (copies of the batch in hand)
    are None when the printer reported faults only (`~HQES`).
    """

    faults: frozenset[PrinterFault]
    partial_format: bool
    formats_in_buffer: int | None
    labels_remaining: int | None

    @property
    def ready(self) -> bool:
        return not self.faults

    @property
    def empty(self) -> bool:
        """Nothing is waiting in the printer: no label, no copies, no piece of a label."""
        return self.formats_in_buffer == 0 and self.labels_remaining == 0 and not self.partial_format

    @property
    def sentence(self) -> str:
        if self.ready:
            return "The printer is ready."
        named = ", ".join(fault.value for fault in PrinterFault if fault in self.faults)
        return f"The printer does not print: {named}. Put that right; what waits in it comes out by itself."


@dataclass(frozen=True, slots=True)
class Silent:
    """A printer that could not be reached or did not answer: not ready."""

    sentence: str


class PrintStatus(Enum):
    """`LOST` may be sent again. `UNCERTAIN` is never sent again without a person's decision."""

    PRINTED = "printed"
    LOST = "lost"
    UNCERTAIN = "uncertain"


class PrintReason(Enum):
    """How the status of a print job is known."""

    COUNTED = "the printer counted the label"
    NOT_A_LABEL = "the job is no whole label, so nothing was sent"
    UNREACHABLE = "the printer could not be reached, so nothing was sent"
    SILENT_BEFORE = "the printer did not answer, so nothing was sent"
    NOT_READY = "the printer is not ready, so nothing was sent"
    BUSY = "the printer still holds other labels, so nothing was sent"
    BROKEN_OFF = "the link broke before the whole label was sent"
    BUFFER_EMPTIED = "the printer emptied its buffer without printing"
    WAITS_IN_PRINTER = "the label waits in the printer"
    SILENT_AFTER = "the printer stopped answering after the label was sent"
    NO_COUNTER = "this printer does not count its labels"
    COUNT_DIFFERS = "the printer counted another number of labels than was sent"


_ADVICE = {
    PrintStatus.PRINTED: "Take the label and scan it.",
    PrintStatus.LOST: "It can be printed again.",
    PrintStatus.UNCERTAIN: "Look whether the label came out before anything is printed again.",
}


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """What became of one job. `counted_before` is the odometer before the job, None when it is not known."""

    status: PrintStatus
    reason: PrintReason
    labels: int
    counted_before: int | None
    counted_after: int | None
    state: PrinterState | Silent | None

    @property
    def sentence(self) -> str:
        told = f" {self.state.sentence}" if isinstance(self.state, Silent) or (self.state and self.state.faults) else ""
        return f"Label {self.status.value}: {self.reason.value}.{told} {_ADVICE[self.status]}"
