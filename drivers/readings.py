"""What devices say, as frozen values. Pure: times come in from outside, as seconds of a monotonic clock."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum


class BadReason(Enum):
    """Why a reading does not count. The value is a plain sentence part that can be shown as it stands."""

    NO_SUFFIX = "the code stopped without its end mark"
    CUT = "a piece of the code is missing"
    TOO_LONG = "the code is longer than any barcode"
    NOT_TEXT = "the code holds bytes that are not text"
    CONTROL_CHARACTER = "the code holds control characters that no barcode has"
    EMPTY = "the scanner sent a code without content"
    NO_READ = "the scanner looked and found no code"


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
    OTHER_WRITER = "another program on this machine writes to the printer, so nothing was sent"
    NOT_STORED = "the print ledger could not be written, so nothing was sent"
    NO_SUCH_PRINTER = "this station has no printer of that name, so nothing was sent"
    NO_SERVICE = "the station's print service could not be reached, so nothing was sent"
    NEVER_SENT = "the station stopped before the label's turn came, so nothing was sent"
    BROKEN_OFF = "the link broke before the whole label was sent"
    BUFFER_EMPTIED = "the printer emptied its buffer without printing"
    WAITS_IN_PRINTER = "the label waits in the printer"
    SILENT_AFTER = "the printer stopped answering after the label was sent"
    NO_COUNTER = "this printer does not count its labels"
    NO_ANSWERS = "this printer cannot answer, so only scanning the label proves it"
    STOPPED = "the station stopped while the label was on its way"
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


class WeightFault(Enum):
    """Why there is no weight, or why a scale could not be set. The value is a plain sentence part."""

    EMPTY = "nothing is on it"
    MOVING = "its weight has not come to rest"
    OVERLOAD = "more is on it than it can weigh"
    UNDERLOAD = "it shows less than zero"
    NOT_CLEARED = "it was not seen empty since the last weight"
    OUT_OF_ZERO = "it has lost its zero"
    NOT_AT_ZERO = "it does not show zero"
    WRONG_UNIT = "it weighs in a unit that it is not set up for here"
    NOT_READY = "it says that it is not ready"
    REFUSED = "it did not understand what it was asked"
    DEFECT = "it reports a fault of its own"
    NOT_OFFERED = "it cannot be set from here"
    GONE = "it is not connected"
    SILENT = "it does not answer"
    BAD_FRAME = "what it sent cannot be read"
    BAD_CHECKSUM = "what it sent was damaged on the way"
    WRONG_DEVICE = "it does not describe itself as a scale"


_WEIGHT_ADVICE = {
    WeightFault.EMPTY: "Put the carton on.",
    WeightFault.MOVING: "Take your hands off and wait.",
    WeightFault.OVERLOAD: "Take the carton off and weigh it on a larger scale.",
    WeightFault.UNDERLOAD: "Take everything off and set it to zero.",
    WeightFault.NOT_CLEARED: "Take everything off, wait for zero, then put the next carton on.",
    WeightFault.OUT_OF_ZERO: "Take everything off and set it to zero, or switch it off and on.",
    WeightFault.NOT_AT_ZERO: "Take everything off and try again, or press its own zero key.",
    WeightFault.WRONG_UNIT: "Press its unit key, or correct the unit in the terminal's profile.",
    WeightFault.NOT_READY: "Wait until its display shows a weight.",
    WeightFault.REFUSED: "Check that the profile names the protocol that the scale is set to.",
    WeightFault.DEFECT: "Read its display. Weigh elsewhere until it was serviced.",
    WeightFault.NOT_OFFERED: "Press the key on the scale.",
    WeightFault.GONE: "Check its plug and power.",
    WeightFault.SILENT: "Look at its display, its cable and the protocol in the profile.",
    WeightFault.BAD_FRAME: "Check the protocol and line settings in the profile.",
    WeightFault.BAD_CHECKSUM: "Check its cable, and whether it is set to send a checksum.",
    WeightFault.WRONG_DEVICE: "Check the path in the terminal's profile.",
}


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight that counts: at rest, above zero, in a known unit, from a whole frame.

    `weight_g` is what the scale showed, converted exactly; `shown` is its own number and unit, such as "12.34 lb".
    `read_at_s` is the monotonic time at which it was read.
    """

    weight_g: Decimal
    shown: str
    source: str
    read_at_s: float

    @property
    def weight_mg(self) -> int:
        """To the nearest milligram, half up."""
        return int((self.weight_g * 1000).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def rounded_g(self) -> int:
        """To the nearest gram, half up."""
        return int(self.weight_g.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class NoWeight:
    """A scale has no weight to give, or could not be set. `detail` is what is known beyond the reason, or empty."""

    reason: WeightFault
    source: str
    read_at_s: float
    detail: str = ""

    @property
    def sentence(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.source}: {self.reason.value}{detail}. Nothing was taken over. {_WEIGHT_ADVICE[self.reason]}"


@dataclass(frozen=True, slots=True)
class AtZero:
    """A scale shows zero, at rest."""

    source: str
    read_at_s: float

    @property
    def sentence(self) -> str:
        return f"{self.source} shows zero."
