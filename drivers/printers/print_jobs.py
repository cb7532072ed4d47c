"""A print job and what became of it, as values that cross the station's socket. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from drivers.readings import PrintOutcome, PrintReason, PrintStatus, Silent

JobId = NewType("JobId", str)
"""Made by who wants the label, the same each time it is asked for: handing a job over again never prints it again."""

PrinterName = NewType("PrinterName", str)


class JobStep(StrEnum):
    """`LOST` may be sent again under the same id. `UNCERTAIN` is never sent again: a reprint is another job."""

    QUEUED = "queued"
    SENDING = "sending"
    PRINTED = "printed"
    LOST = "lost"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Reprint:
    """A person decided that a label is needed once more. The label itself carries the mark, which is the layout's."""

    of: JobId
    reason: str


@dataclass(frozen=True, slots=True)
class PrintJob:
    """`zpl` is made of whole formats, `^XA` to `^XZ`."""

    job_id: JobId
    printer: PrinterName
    zpl: bytes
    reprint: Reprint | None = None


@dataclass(frozen=True, slots=True)
class JobFate:
    """What became of a job. `sentence` says what happened, what it means and what to do now."""

    job_id: JobId
    printer: PrinterName
    status: PrintStatus
    reason: PrintReason
    sentence: str


def fate_of(job_id: JobId, printer: PrinterName, outcome: PrintOutcome) -> JobFate:
    return JobFate(job_id, printer, outcome.status, outcome.reason, outcome.sentence)


def nothing_sent(job: PrintJob, reason: PrintReason, told: str | None = None) -> JobFate:
    """The fate of a job that no printer got; `told` says more than the reason does."""
    state = None if told is None else Silent(told)
    return fate_of(job.job_id, job.printer, PrintOutcome(PrintStatus.LOST, reason, 0, None, None, state))


@dataclass(frozen=True, slots=True)
class PrinterInfo:
    """A printer of a station. `media` is what lies in it in the site's words, `answers` whether it can be asked."""

    name: PrinterName
    place: str
    dpi: int
    media: str
    answers: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """How a printer was when it was last asked: `word` is ready, fault or silent; `age_s` how long ago that was."""

    name: PrinterName
    word: str
    sentence: str
    age_s: float
