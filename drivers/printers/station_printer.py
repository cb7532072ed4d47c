"""One printer of a station: its jobs one after the other, each step in the ledger first, and how it is meanwhile."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from drivers.printers.ledger import Entry, LedgerFailed, PrintLedger
from drivers.printers.links import PrinterPlace
from drivers.printers.one_writer import OneWriter
from drivers.printers.print_jobs import (
    Condition,
    JobFate,
    JobId,
    JobStep,
    PrinterInfo,
    PrinterName,
    PrintJob,
    fate_of,
)
from drivers.printers.zpl_job import labels_in_job
from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrinterState, PrintOutcome, PrintReason, PrintStatus, Silent

_SHARE = Silent("Run `floor station`: its terminals share a printer.")
_TAKEN = PrintOutcome(PrintStatus.LOST, PrintReason.OTHER_WRITER, 0, None, None, _SHARE)

log = logging.getLogger("floorhand.printers")


@dataclass(frozen=True, slots=True)
class PrinterSetup:
    """A printer as the site has set it up. `timeout_s` is how long it may say nothing."""

    name: PrinterName
    place: PrinterPlace
    dpi: int = 203
    media: str = ""
    answers: bool = True
    timeout_s: float = 3.0


class StationPrinter:
    """Called from any thread; jobs wait for each other. `locks` is the folder that all programs here share."""

    def __init__(self, setup: PrinterSetup, ledger: PrintLedger, locks: Path) -> None:
        self.info = PrinterInfo(setup.name, str(setup.place), setup.dpi, setup.media, setup.answers)
        self._ledger = ledger
        self._printer = ZplPrinter(setup.place, setup.timeout_s, answers=setup.answers)
        self._writer = OneWriter(locks, setup.place, ledger.ledger_id)
        self._turn = threading.Lock()
        self._said: PrinterState | Silent = Silent(f"{setup.name} was not asked yet.")
        self._said_at_s = time.monotonic()

    @property
    def condition(self) -> Condition:
        said = self._said
        word = "silent" if isinstance(said, Silent) else "ready" if said.ready else "fault"
        return Condition(self.info.name, word, said.sentence, time.monotonic() - self._said_at_s)

    def print_job(self, job: PrintJob) -> JobFate:
        """Print it unless the ledger knows that it was sent already; then say, or find out, what became of it.

        Raises `LedgerFailed`, and `OSError` when the lock cannot be had; then nothing was sent.
        """
        if not self._turn.acquire(blocking=False):
            if _may_be_sent(self._ledger.find(job.job_id)):
                self._ledger.queue(job)
            self._turn.acquire()
        try:
            if not self._is_ours():
                self._close(job.job_id, _TAKEN)
                return fate_of(job.job_id, self.info.name, _TAKEN)
            entry = self._ledger.find(job.job_id)
            return self._send(job) if entry is None or _may_be_sent(entry) else self._fate(entry)
        finally:
            self._turn.release()

    def look_if_idle(self) -> None:
        """Ask the printer how it is and settle what an earlier run left open, unless a job is under way."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if self._is_ours():
                self._note(self._printer.state())
            else:
                self._note(Silent(f"{self.info.name}: {PrintReason.OTHER_WRITER.value}."))
        except (LedgerFailed, OSError) as failure:
            self._note(Silent(f"{self.info.name}: {failure}"))
        finally:
            self._turn.release()

    def close(self) -> None:
        """Waits for the job that is under way."""
        with self._turn:
            self._writer.give_back()

    def _is_ours(self) -> bool:
        """Whether this program may write to the printer; then nothing that was sent before is open any more."""
        if not self._writer.take():
            return False
        if not self._writer.is_signed:
            self._ledger.forget_counts(self.info.name)
            self._writer.sign()
        for entry in self._ledger.left_open(self.info.name):
            self._judge(entry)
        return True

    def _send(self, job: PrintJob) -> JobFate:
        labels = labels_in_job(job.zpl) or 0
        outcome = self._printer.print_label(job.zpl, lambda before: self._ledger.sending(job, labels, before))
        self._close(job.job_id, outcome)
        return fate_of(job.job_id, self.info.name, outcome)

    def _close(self, job_id: JobId, outcome: PrintOutcome) -> None:
        if outcome.state is not None:
            self._note(outcome.state)
        try:
            self._ledger.close_job(job_id, outcome)
        except LedgerFailed:
            log.exception("what became of %s is not in the ledger: it is judged again", job_id)

    def _fate(self, entry: Entry) -> JobFate:
        """Of a job that was sent before: it is never sent again."""
        if entry.step is JobStep.UNCERTAIN and self._can_tell(entry):
            return self._judge(entry)
        reason = entry.reason or PrintReason.STOPPED
        return JobFate(entry.job_id, entry.printer, PrintStatus(entry.step.value), reason, entry.sentence)

    def _judge(self, entry: Entry) -> JobFate:
        """Ask the printer what became of a job; prints nothing."""
        reason = entry.reason or PrintReason.STOPPED
        outcome = PrintOutcome(PrintStatus.UNCERTAIN, reason, entry.labels, entry.counted_before, None, None)
        if self._can_tell(entry):
            outcome = self._printer.judge_again(outcome)
        self._close(entry.job_id, outcome)
        return fate_of(entry.job_id, entry.printer, outcome)

    def _can_tell(self, entry: Entry) -> bool:
        """Whether the odometer still tells about this job: nobody has printed anything since, neither we nor others."""
        return entry.counted_before is not None and self._ledger.is_last_sent(entry)

    def _note(self, said: PrinterState | Silent) -> None:
        self._said, self._said_at_s = said, time.monotonic()


def _may_be_sent(entry: Entry | None) -> bool:
    return entry is None or entry.step in (JobStep.LOST, JobStep.QUEUED)
