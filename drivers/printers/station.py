"""The printers of a station and their ledger, in one process: every label of its terminals goes through here."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.printers.ledger import LedgerFailed, PrintLedger
from drivers.printers.print_jobs import Condition, JobFate, JobId, JobStep, PrinterInfo, PrintJob, nothing_sent
from drivers.printers.station_printer import PrinterSetup, StationPrinter
from drivers.readings import PrintReason

IDLE_LOOK_S = 3.0
"""How often an idle printer is asked how it is. Shorter than its answer is believed: a label then goes out at once."""

_SILENT_LOOK_S = 10.0
"""How often one that did not answer is: asking it keeps a job waiting."""


class PrintStation:
    """Called from any thread; a context manager. Raises `LedgerFailed` when its ledger cannot be opened.

    `ledger` is its own file; `locks` the folder that all programs of this machine share, with a lock for each printer.
    """

    def __init__(self, ledger: Path, locks: Path, setups: Sequence[PrinterSetup]) -> None:
        self._ledger = PrintLedger(ledger)
        self._printers = {setup.name: StationPrinter(setup, self._ledger, locks) for setup in setups}
        self._under_way: dict[JobId, Future[JobFate]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._lookers = [
            threading.Thread(target=self._look, args=(printer,), name=f"printer-{name}", daemon=True)
            for name, printer in self._printers.items()
        ]
        for looker in self._lookers:
            looker.start()

    def printers(self) -> tuple[PrinterInfo, ...]:
        """In the order in which they were set up: the first is where labels go unless a person chose another."""
        return tuple(printer.info for printer in self._printers.values())

    def conditions(self) -> tuple[Condition, ...]:
        """How they were when last asked, which is some seconds ago."""
        return tuple(printer.condition for printer in self._printers.values())

    def hand_over(self, job: PrintJob) -> JobFate:
        """Print a job and say what became of it; blocks for some seconds at most.

        One that was handed over before is not sent again, unless it was lost: the answer is what became of it then.
        """
        with self._lock:
            under_way = self._under_way.get(job.job_id)
            mine: Future[JobFate] | None = None
            if under_way is None:
                under_way = mine = self._under_way[job.job_id] = Future()
        if mine is None:
            return under_way.result()
        try:
            mine.set_result(self._print(job))
        except BaseException as failure:
            mine.set_exception(failure)
            raise
        finally:
            with self._lock:
                del self._under_way[job.job_id]
        return mine.result()

    def close(self) -> None:
        """Waits for the jobs that are under way."""
        self._stop.set()
        for looker in self._lookers:
            looker.join()
        for printer in self._printers.values():
            printer.close()
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _print(self, job: PrintJob) -> JobFate:
        try:
            entry = self._ledger.find(job.job_id)
            was_sent = entry is not None and entry.step is not JobStep.LOST
            # Another printer may get what the first one lost, never what the first one may still print.
            name = entry.printer if entry is not None and was_sent else job.printer
            printer = self._printers.get(name)
            if printer is None:
                return nothing_sent(job, PrintReason.NO_SUCH_PRINTER, f"It has {', '.join(self._printers)}.")
            return printer.print_job(job)
        except (LedgerFailed, OSError) as failure:
            return nothing_sent(job, PrintReason.NOT_STORED, str(failure))

    def _look(self, printer: StationPrinter) -> None:
        pause_s = 0.0
        while not self._stop.wait(pause_s):
            printer.look_if_idle()
            pause_s = _SILENT_LOOK_S if printer.condition.word == "silent" else IDLE_LOOK_S
