"""The ledger keeps what was begun over restarts, in one program at a time, and says in words when it cannot."""

import sqlite3
from pathlib import Path

import pytest

from drivers.printers.ledger import LedgerFailed, PrintLedger
from drivers.printers.print_jobs import JobId, JobStep, PrinterName, PrintJob, Reprint
from drivers.readings import PrintOutcome, PrintReason, PrintStatus

PRINTER = PrinterName("pack-1")


def job(number: int, reprint: Reprint | None = None) -> PrintJob:
    return PrintJob(JobId(f"job-{number}"), PRINTER, b"^XA^FDx^FS^XZ", reprint)


def steps(ledger: PrintLedger, *numbers: int) -> list[JobStep | None]:
    entries = [ledger.find(JobId(f"job-{number}")) for number in numbers]
    return [None if entry is None else entry.step for entry in entries]


def test_what_was_queued_is_lost_with_its_station_and_what_was_sending_stays_open(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "printing.db")
    ledger.queue(job(1))
    ledger.sending(job(2), 1, 41)
    ledger.close()
    again = PrintLedger(tmp_path / "printing.db")
    assert steps(again, 1, 2, 3) == [JobStep.LOST, JobStep.SENDING, None]
    (left,) = again.left_open(PRINTER)
    assert (left.job_id, left.labels, left.counted_before) == ("job-2", 1, 41)
    lost = again.find(JobId("job-1"))
    assert lost is not None
    assert "nothing was sent. It can be printed again." in lost.sentence
    again.close()


def test_only_the_last_job_that_was_sent_can_be_told_by_the_odometer(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "printing.db")
    ledger.sending(job(1), 1, 41)
    first = ledger.find(JobId("job-1"))
    assert first is not None
    ledger.queue(job(2))
    assert ledger.is_last_sent(first)
    ledger.sending(job(2), 1, 41)
    assert not ledger.is_last_sent(first)
    ledger.close()


def test_the_outcome_stands_with_its_words(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "printing.db")
    ledger.sending(job(1, Reprint(JobId("job-0"), "damaged")), 1, 41)
    outcome = PrintOutcome(PrintStatus.PRINTED, PrintReason.COUNTED, 1, 41, 42, None)
    ledger.close_job(JobId("job-1"), outcome)
    entry = ledger.find(JobId("job-1"))
    assert entry is not None
    assert (entry.step, entry.reason, entry.sentence) == (JobStep.PRINTED, PrintReason.COUNTED, outcome.sentence)
    ledger.close()
    with sqlite3.connect(tmp_path / "printing.db") as db:
        assert db.execute("SELECT reprint_of, reprint_reason FROM job").fetchall() == [("job-0", "damaged")]
    db.close()


def test_a_second_program_cannot_open_it(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "printing.db")
    with pytest.raises(LedgerFailed, match="whether another program has it open"):
        PrintLedger(tmp_path / "printing.db")
    ledger.close()
    PrintLedger(tmp_path / "printing.db").close()


def test_a_ledger_of_another_release_or_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"this is no database at all, whatever its name says" * 20)
    with pytest.raises(LedgerFailed, match="cannot be used"):
        PrintLedger(tmp_path / "no.db")
    with sqlite3.connect(tmp_path / "later.db") as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(LedgerFailed, match="form 9, this one knows 1"):
        PrintLedger(tmp_path / "later.db")


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "printing.db")
    ledger.close()
    with pytest.raises(LedgerFailed, match="cannot be used"):
        ledger.queue(job(1))
