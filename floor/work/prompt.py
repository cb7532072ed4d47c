"""What the conversation asks and answers: values only; the words for them stand in `floor.wording`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sync.record.signing_in import PinAnswer


class Key(StrEnum):
    """The functions of a terminal's keys (see floor-behaviour: F1 to F5, Enter), and of its command cards."""

    ENTER = "enter"
    HELP = "help"
    UNDO = "undo"
    BACK = "back"
    PROBLEM = "problem"
    REPRINT = "reprint"
    ERASE = "erase"
    """Backspace: takes the last typed character away."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A barcode as a scanner gave it. ``inbox_id`` is its place in the durable inbox (0: not kept there)."""

    text: str
    symbology: str | None = None
    """The AIM identifier, e.g. ``]C1``, where the scanner sends one."""
    inbox_id: int = 0
    at_ms: int = 0
    """When it was read, on a clock that only runs forwards: tells a bounce from a second piece."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One typed character."""

    character: str


@dataclass(frozen=True, slots=True)
class Pressed:
    key: Key


@dataclass(frozen=True, slots=True)
class Changed:
    """The record changed under the conversation: rows came from the store or a verdict."""


@dataclass(frozen=True, slots=True)
class PinChecked:
    answer: PinAnswer


class PrintResult(StrEnum):
    PRINTED = "printed"
    LOST = "lost"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    """To a printer that cannot tell: only scanning the label proves it."""


@dataclass(frozen=True, slots=True)
class LabelDone:
    """The printer's answer to the label that was sent last. ``detail`` names the printer's fault, if any."""

    sscc: str
    result: PrintResult
    detail: str = ""
    printer: str = ""
    reprint_reason: str | None = None
    others: tuple[str, ...] = ()
    """Printers that a person may choose instead."""


@dataclass(frozen=True, slots=True)
class LabelImpossible:
    """The label of a carton was not made: no font here has the letters of these fields."""

    tote: str
    sscc: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScaleSaid:
    """What the scale says while a carton is to be weighed: a weight that counts, or why there is none."""

    weight_g: int | None = None
    fault: str = ""
    """A code: ``empty``, ``moving``, ``gone`` ...; empty where there is a weight."""


@dataclass(frozen=True, slots=True)
class ScaleSet:
    """What came of setting the scale to zero or tare; ``fault`` as in `ScaleSaid`, empty when it shows zero."""

    fault: str = ""


Input = Scan | Typed | Pressed | Changed | PinChecked | LabelDone | LabelImpossible | ScaleSaid | ScaleSet


class Tone(StrEnum):
    QUIET = "quiet"
    """A success that leads on: no sound or one short click."""
    DONE = "done"
    """A line, a list or a carton is complete."""
    BOUNCE = "bounce"
    """The same scan again within half a second: ignored, and audibly different."""
    WARNING = "warning"
    ERROR = "error"
    """Three beeps; the screen is filled and must be acknowledged."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something said to the worker. ``key`` names its words in the catalogue, ``values`` fill them.

    With tone ERROR it fills the screen until it is acknowledged; else it stands on the message row.
    """

    key: str
    values: dict[str, str] = field(default_factory=dict)
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True)
class Choice:
    """One digit to press, and the catalogue key of what it means."""

    digit: str
    key: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to the worker.

    ``step`` names the words in the catalogue: it has a title, a headline (the brightest row: the location, the PIN),
    the request and detail rows, all filled from ``values``. ``entry`` is what has been typed so far (None: nothing can
    be typed); ``secret`` shows it as dots. ``count`` is (done, asked).
    """

    step: str
    values: dict[str, str] = field(default_factory=dict)
    count: tuple[int, int] | None = None
    entry: str | None = None
    secret: bool = False
    choices: tuple[Choice, ...] = ()
    keys: tuple[Key, ...] = ()
    """The function keys that mean something here, in the order of the key bar."""
    busy: bool = False
    """Waiting for the store or the printer, not for the worker."""
