"""The print ledger: what is being printed and what became of it, on stable storage before it is done.

One SQLite file for each station, open in one program at a time. Each step is committed before the act: `sending` with
the odometer of before, then the first byte; the outcome, then the answer to who asked. The labels' bytes are not kept.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from drivers.printers.print_jobs import JobId, JobStep, PrinterName, PrintJob
from drivers.readings import PrintOutcome, PrintReason

_VERSION = 1
_KEPT_JOBS = 100_000
"""Finished jobs beyond these are forgotten when the file is opened. No terminal asks for a job of last month."""

_SCHEMA = """
CREATE TABLE job (
    job_id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,  -- of the last step that sent it or tried to
    printer TEXT NOT NULL,
    step TEXT NOT NULL,
    reason TEXT,
    sentence TEXT NOT NULL DEFAULT '',
    labels INTEGER NOT NULL DEFAULT 0,
    counted_before INTEGER,
    reprint_of TEXT,
    reprint_reason TEXT
) WITHOUT ROWID;
CREATE TABLE ledger (ledger_id TEXT NOT NULL);
INSERT INTO ledger VALUES (lower(hex(randomblob(16))));
CREATE INDEX job_of_printer ON job (printer, number);
"""
_COLUMNS = "job_id, number, printer, step, reason, sentence, labels, counted_before"
_NEVER_SENT = f"Label lost: {PrintReason.NEVER_SENT.value}. It can be printed again."


class LedgerFailed(Exception):
    """The ledger could not be read or written. The text says what that means and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A job as the ledger has it. `counted_before` is the odometer before it, None where that is not known."""

    job_id: JobId
    number: int
    printer: PrinterName
    step: JobStep
    reason: PrintReason | None
    sentence: str
    labels: int
    counted_before: int | None


class PrintLedger:
    """An open ledger, used from any thread. Every method raises `LedgerFailed`; then nothing was changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise self._failed(error) from error
        except LedgerFailed:
            self._db.close()
            raise
        self.ledger_id: str = self._db.execute("SELECT ledger_id FROM ledger").fetchone()[0]

    def find(self, job_id: JobId) -> Entry | None:
        found = self._rows("WHERE job_id = ?", job_id)
        return found[0] if found else None

    def left_open(self, printer: PrinterName) -> list[Entry]:
        """Those that were on their way when their station ended, or when the ledger could not be written."""
        return self._rows("WHERE printer = ? AND step = ? ORDER BY number", printer, JobStep.SENDING)

    def is_last_sent(self, entry: Entry) -> bool:
        """Whether its printer has got nothing since: only then the odometer still tells about it."""
        where = "WHERE printer = ? AND number > ? AND labels > 0 LIMIT 1"
        return not self._rows(where, entry.printer, entry.number)

    def forget_counts(self, printer: PrinterName) -> None:
        """Others have written to the printer: its odometer tells nothing about the jobs of before."""
        with self._change() as db:
            db.execute("UPDATE job SET counted_before = NULL WHERE printer = ?", (printer,))

    def queue(self, job: PrintJob) -> None:
        """It waits for its printer."""
        self._put(job, JobStep.QUEUED, 0, None)

    def sending(self, job: PrintJob, labels: int, counted_before: int | None) -> None:
        """Its first byte goes out when this has returned."""
        self._put(job, JobStep.SENDING, labels, counted_before)

    def close_job(self, job_id: JobId, outcome: PrintOutcome) -> None:
        """What became of a job that the ledger has."""
        step = JobStep(outcome.status.value)
        with self._change() as db:
            db.execute(
                "UPDATE job SET step = ?, reason = ?, sentence = ? WHERE job_id = ?",
                (step, outcome.reason.name, outcome.sentence, job_id),
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # two programs with one ledger would print side by side
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found == 0:
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif found != _VERSION:
            raise LedgerFailed(
                f"The print ledger {self._path} was written by another release (form {found}, this one knows"
                f" {_VERSION}). Nothing was sent. Start the release that wrote it."
            )
        self._db.execute(
            "UPDATE job SET step = ?, reason = ?, sentence = ? WHERE step = ?",
            (JobStep.LOST, PrintReason.NEVER_SENT.name, _NEVER_SENT, JobStep.QUEUED),
        )
        self._db.execute(
            "DELETE FROM job WHERE step != ? AND number <= (SELECT max(number) FROM job) - ?",
            (JobStep.SENDING, _KEPT_JOBS),
        )

    def _put(self, job: PrintJob, step: JobStep, labels: int, counted_before: int | None) -> None:
        reprint = (job.reprint.of, job.reprint.reason) if job.reprint is not None else (None, None)
        with self._change() as db:
            db.execute(
                "INSERT OR REPLACE INTO job (job_id, number, printer, step, labels, counted_before, reprint_of,"
                " reprint_reason) VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM job), ?, ?, ?, ?, ?, ?)",
                (job.job_id, job.printer, step, labels, counted_before, *reprint),
            )

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                with suppress(sqlite3.Error):  # a closed ledger has nothing to take back
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                raise self._failed(error) from error

    def _rows(self, where: str, *values: object) -> list[Entry]:
        with self._lock:
            try:
                rows = self._db.execute(f"SELECT {_COLUMNS} FROM job {where}", values).fetchall()  # noqa: S608 - own text
            except sqlite3.Error as error:
                raise self._failed(error) from error
        return [
            Entry(
                job_id,
                number,
                printer,
                JobStep(step),
                PrintReason[reason] if reason else None,
                sentence,
                labels,
                before,
            )
            for job_id, number, printer, step, reason, sentence, labels, before in rows
        ]

    def _failed(self, error: Exception) -> LedgerFailed:
        return LedgerFailed(
            f"The print ledger {self._path} cannot be used ({error}). Free space on the disk, and"
            " check who may write there and whether another program has it open."
        )
