"""A station's printers and their ledger: nothing is printed twice, nothing is called printed that was not."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.ledger import PrintLedger
from drivers.printers.print_jobs import JobFate, JobId, PrinterName, PrintJob, Reprint
from drivers.printers.station import PrintStation
from drivers.printers.station_printer import PrinterSetup
from drivers.readings import PrintReason, PrintStatus
from drivers.transport.tcp import TcpAddress
from tests.drivers.waiting import eventually

JOB = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1^FO30,30^A0N,40,40^FDcarton 1^FS^XZ"
FIRST = PrinterName("pack-1")


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path / "labels") as printer:
        yield printer


def station(folder: Path, *printers: EmulatedPrinter, ledger: str = "printing.db") -> PrintStation:
    setups = [
        PrinterSetup(PrinterName(f"pack-{number}"), TcpAddress("127.0.0.1", printer.port), timeout_s=1.0)
        for number, printer in enumerate(printers, 1)
    ]
    return PrintStation(folder / ledger, folder / "locks", setups)


def job(name: str, printer: PrinterName = FIRST) -> PrintJob:
    return PrintJob(JobId(name), printer, JOB)


def left_behind(folder: Path, counted_before: int | None) -> None:
    """A station was killed when it had sent a job of one label."""
    ledger = PrintLedger(folder / "printing.db")
    ledger.sending(job("left"), 1, counted_before)
    ledger.close()


def verdict(fate: JobFate) -> tuple[PrintStatus, PrintReason]:
    return fate.status, fate.reason


def test_a_job_handed_over_again_is_not_printed_again_also_after_a_restart(
    emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    with station(tmp_path, emulated) as own:
        assert own.hand_over(job("a")) == own.hand_over(job("a"))
    with station(tmp_path, emulated) as own:
        assert verdict(own.hand_over(job("a"))) == (PrintStatus.PRINTED, PrintReason.COUNTED)
        assert emulated.odometer == 1
        assert (
            own.hand_over(PrintJob(JobId("a-1"), FIRST, JOB, Reprint(JobId("a"), "damaged"))).status.value == "printed"
        )
    assert emulated.odometer == 2


def test_the_same_job_from_many_threads_at_once_is_printed_once(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own, ThreadPoolExecutor(8) as threads:
        fates = set(threads.map(lambda _: own.hand_over(job("a")), range(8)))
    assert len(fates) == 1
    assert emulated.odometer == 1


def test_a_lost_label_may_be_handed_over_again_under_its_id(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    emulated.run_out_of_paper()
    with station(tmp_path, emulated) as own:
        assert verdict(own.hand_over(job("a"))) == (PrintStatus.LOST, PrintReason.NOT_READY)
        emulated.load_paper()
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
    assert emulated.odometer == 1


def test_an_uncertain_label_is_only_looked_for_when_it_is_handed_over_again(
    emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    with station(tmp_path, emulated) as own:
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
        emulated.run_out_of_paper()
        assert verdict(own.hand_over(job("b"))) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
        assert verdict(own.hand_over(job("b"))) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
        emulated.load_paper()
        assert own.hand_over(job("b")).status is PrintStatus.PRINTED
    assert emulated.odometer == 2


def test_a_label_left_on_its_way_is_proven_by_the_odometer(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own:
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
    left_behind(tmp_path, 0)
    with station(tmp_path, emulated) as own:
        assert verdict(own.hand_over(job("left"))) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 1


def test_a_label_left_on_its_way_that_never_arrived_is_lost_and_printed_when_asked_for(
    emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    with station(tmp_path, emulated) as own:
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
    left_behind(tmp_path, 1)
    with station(tmp_path, emulated) as own:
        assert verdict(own.hand_over(job("left"))) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 2


@pytest.mark.parametrize("counted_before", [0, None])
def test_a_label_left_on_its_way_stays_uncertain_when_others_wrote_to_the_printer(
    emulated: EmulatedPrinter, tmp_path: Path, counted_before: int | None
) -> None:
    left_behind(tmp_path, counted_before)
    with station(tmp_path, emulated, ledger="other.db") as other:
        assert other.hand_over(job("theirs")).status is PrintStatus.PRINTED
    with station(tmp_path, emulated) as own:
        assert verdict(own.hand_over(job("left"))) == (PrintStatus.UNCERTAIN, PrintReason.STOPPED)
        assert own.hand_over(job("next")).status is PrintStatus.PRINTED
    assert emulated.odometer == 2


def test_two_stations_never_write_to_one_printer(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own, station(tmp_path, emulated, ledger="other.db") as other:
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
        refused = other.hand_over(job("b"))
        assert verdict(refused) == (PrintStatus.LOST, PrintReason.OTHER_WRITER)
        assert "floor station" in refused.sentence
    with station(tmp_path, emulated, ledger="other.db") as other:
        assert other.hand_over(job("b")).status is PrintStatus.PRINTED
    assert emulated.odometer == 2


def test_a_lost_label_goes_to_another_printer_only_when_it_is_handed_over_for_it(
    emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    emulated.open_head()
    with EmulatedPrinter(tmp_path / "second") as second, station(tmp_path, emulated, second) as own:
        assert own.hand_over(job("a")).status is PrintStatus.LOST
        assert second.odometer == 0
        fate = own.hand_over(job("a", PrinterName("pack-2")))
        assert (fate.status, fate.printer) == (PrintStatus.PRINTED, "pack-2")
        emulated.close_head()
        assert own.hand_over(job("a")).printer == "pack-2"
        assert (emulated.odometer, second.odometer) == (0, 1)


def test_a_label_that_may_still_come_out_does_not_go_to_another_printer(
    emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    with EmulatedPrinter(tmp_path / "second") as second, station(tmp_path, emulated, second) as own:
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
        emulated.run_out_of_paper()
        assert own.hand_over(job("b")).status is PrintStatus.UNCERTAIN
        fate = own.hand_over(job("b", PrinterName("pack-2")))
        assert (fate.status, fate.printer) == (PrintStatus.UNCERTAIN, FIRST)
        assert second.odometer == 0


def test_a_printer_that_the_station_does_not_have_is_said(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own:
        fate = own.hand_over(job("a", PrinterName("pack-7")))
    assert verdict(fate) == (PrintStatus.LOST, PrintReason.NO_SUCH_PRINTER)
    assert "It has pack-1." in fate.sentence


def test_a_job_waits_in_the_ledger_while_its_printer_is_at_work(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(_data: bytes) -> None:
        begun.set()
        assert go_on.wait(20)

    with (
        EmulatedPrinter(tmp_path / "labels", on_bytes=hold) as emulated,
        station(tmp_path, emulated) as own,
        ThreadPoolExecutor(1) as thread,
    ):
        assert begun.wait(20)  # it is asked how it is
        waiting = thread.submit(own.hand_over, job("a"))
        eventually(lambda: own._ledger.find(JobId("a")) is not None)
        entry = own._ledger.find(JobId("a"))
        assert entry is not None
        assert entry.step.value == "queued"
        go_on.set()
        assert waiting.result().status is PrintStatus.PRINTED


def test_idle_printers_are_asked_how_they_are(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own:
        eventually(lambda: own.conditions()[0].word == "ready")
        emulated.run_out_of_ribbon()
        eventually(lambda: own.conditions()[0].word == "fault")
        assert "out of ribbon" in own.conditions()[0].sentence
        emulated.lose_power()
        eventually(lambda: own.conditions()[0].word == "silent")
    assert emulated.waiting_labels == 0


def test_a_ledger_that_cannot_be_written_keeps_every_label_back(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    with station(tmp_path, emulated) as own:
        own._ledger._db.execute("PRAGMA query_only = ON")
        fate = own.hand_over(job("a"))
        assert verdict(fate) == (PrintStatus.LOST, PrintReason.NOT_STORED)
        assert "Free space on the disk" in fate.sentence
        own._ledger._db.execute("PRAGMA query_only = OFF")
        assert own.hand_over(job("a")).status is PrintStatus.PRINTED
    assert emulated.odometer == 1
