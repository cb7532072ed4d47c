"""What becomes of a label when the printer or its link fails in the middle. Over real TCP to the emulated printer."""

import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.emulators.label_files import PrintedLabel
from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.conversation import ASK_COUNT, CANCEL_STUMP
from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrinterFault, PrinterState, PrintOutcome, PrintReason, PrintStatus
from drivers.transport.tcp import TcpAddress
from tests.drivers.waiting import eventually

JOB = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1^FO30,30^A0N,40,40^FDcarton 1^FS^XZ"
AHEAD = len(CANCEL_STUMP + ASK_COUNT)


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path) as printer:
        yield printer


@pytest.fixture
def printer(emulated: EmulatedPrinter) -> ZplPrinter:
    return ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)


@pytest.fixture
def station() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def printing(
    station: ThreadPoolExecutor, emulated: EmulatedPrinter, printer: ZplPrinter, job: bytes = JOB
) -> "Future[PrintOutcome]":
    """Send a job to a printer that takes its time and return when it waits there."""
    assert isinstance(printer.state(), PrinterState)
    outcome = station.submit(printer.print_label, job)
    eventually(lambda: emulated.waiting_labels > 0)
    return outcome


def verdict(outcome: PrintOutcome) -> tuple[PrintStatus, PrintReason]:
    return outcome.status, outcome.reason


def test_paper_that_ran_out_since_the_last_look_leaves_the_label_waiting_and_uncertain(
    emulated: EmulatedPrinter, printer: ZplPrinter
) -> None:
    assert isinstance(printer.state(), PrinterState)
    emulated.run_out_of_paper()
    outcome = printer.print_label(JOB)
    assert verdict(outcome) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
    assert PrinterFault.PAPER_OUT.value in outcome.sentence
    assert verdict(printer.judge_again(outcome)) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
    emulated.load_paper()
    assert verdict(printer.judge_again(outcome)) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 1


def test_paper_out_in_the_middle_of_a_job_prints_the_rest_once_when_paper_is_loaded(tmp_path: Path) -> None:
    def run_out(label: PrintedLabel) -> None:
        if label.number == 1:
            machine.run_out_of_paper()

    with EmulatedPrinter(tmp_path, on_label=run_out) as machine:
        printer = ZplPrinter(TcpAddress("127.0.0.1", machine.port), timeout_s=1.0)
        outcome = printer.print_label(JOB.replace(b"^PQ1", b"^PQ3"))
        assert verdict(outcome) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
        assert outcome.counted_after == 1
        machine.load_paper()
        assert printer.judge_again(outcome).status is PrintStatus.PRINTED
        assert machine.odometer == 3


@pytest.mark.parametrize("received", [1, len(JOB) // 2, len(JOB) - 1])
def test_a_link_cut_in_the_middle_of_a_label_loses_it_and_its_stump_spoils_no_other(
    emulated: EmulatedPrinter, printer: ZplPrinter, tmp_path: Path, received: int
) -> None:
    assert isinstance(printer.state(), PrinterState)
    emulated.cut_link_after(AHEAD + received)
    outcome = printer.print_label(JOB)
    assert outcome.status is PrintStatus.LOST
    assert emulated.odometer == 0
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert (tmp_path / "0001.zpl").read_bytes() == JOB
    assert emulated.odometer == 1


def test_a_link_cut_right_after_the_label_is_told_from_a_lost_one_by_the_odometer(
    emulated: EmulatedPrinter, printer: ZplPrinter
) -> None:
    assert isinstance(printer.state(), PrinterState)
    emulated.cut_link_after(AHEAD + len(JOB))
    assert verdict(printer.print_label(JOB)) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 1


def test_a_power_loss_empties_the_buffer_and_the_label_is_lost(tmp_path: Path, station: ThreadPoolExecutor) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=3600) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        outcome = printing(station, emulated, printer)
        emulated.lose_power()
        emulated.restore_power()
        assert verdict(outcome.result()) == (PrintStatus.LOST, PrintReason.BUFFER_EMPTIED)
        assert outcome.result().sentence.endswith("It can be printed again.")
        assert emulated.odometer == 0


def test_a_printer_that_stays_dark_leaves_the_label_uncertain_until_it_is_looked_at_again(
    tmp_path: Path, station: ThreadPoolExecutor
) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=3600) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        running = printing(station, emulated, printer)
        emulated.lose_power()
        outcome = running.result()
        assert verdict(outcome) == (PrintStatus.UNCERTAIN, PrintReason.SILENT_AFTER)
        emulated.restore_power()
        assert emulated.waiting_labels == 0
        assert verdict(printer.judge_again(outcome)) == (PrintStatus.LOST, PrintReason.BUFFER_EMPTIED)
        assert emulated.waiting_labels == 0


def test_silence_after_the_label_is_uncertain_and_nothing_is_sent_again(
    emulated: EmulatedPrinter, printer: ZplPrinter
) -> None:
    assert isinstance(printer.state(), PrinterState)
    emulated.fall_silent()
    outcome = printer.print_label(JOB)
    assert verdict(outcome) == (PrintStatus.UNCERTAIN, PrintReason.SILENT_AFTER)
    assert outcome.sentence.endswith("Look whether the label came out before anything is printed again.")
    emulated.speak()
    assert verdict(printer.judge_again(outcome)) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 1


def test_a_label_that_another_writer_printed_meanwhile_is_not_taken_for_ours(
    emulated: EmulatedPrinter, printer: ZplPrinter
) -> None:
    assert isinstance(printer.state(), PrinterState)
    emulated.pause()
    outcome = printer.print_label(JOB)
    assert verdict(outcome) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
    with socket.create_connection(("127.0.0.1", emulated.port)) as other:
        other.sendall(JOB)
        eventually(lambda: emulated.waiting_labels == 2)
    emulated.resume()
    eventually(lambda: emulated.odometer == 2)
    assert verdict(printer.judge_again(outcome)) == (PrintStatus.UNCERTAIN, PrintReason.COUNT_DIFFERS)


def test_a_label_that_still_waits_is_never_taken_for_the_next_one(tmp_path: Path, station: ThreadPoolExecutor) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=0.3) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        assert isinstance(printer.state(), PrinterState)
        emulated.run_out_of_paper()
        waiting = printer.print_label(JOB)
        assert verdict(waiting) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
        emulated.load_paper()
        assert verdict(printer.print_label(JOB)) == (PrintStatus.PRINTED, PrintReason.COUNTED)
        assert emulated.odometer == 2


def test_a_printer_that_is_busy_with_the_labels_of_others_gets_none_of_ours(tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=3600) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        with socket.create_connection(("127.0.0.1", emulated.port)) as other:
            other.sendall(JOB)
            eventually(lambda: emulated.waiting_labels == 1)
        assert isinstance(printer.state(), PrinterState)
        assert verdict(printer.print_label(JOB)) == (PrintStatus.LOST, PrintReason.BUSY)
        assert emulated.waiting_labels == 1


def test_a_queue_that_somebody_cancelled_is_a_lost_label(tmp_path: Path, station: ThreadPoolExecutor) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=3600) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        outcome = printing(station, emulated, printer)
        with socket.create_connection(("127.0.0.1", emulated.port)) as other:
            other.sendall(b"~JA")
            assert verdict(outcome.result()) == (PrintStatus.LOST, PrintReason.BUFFER_EMPTIED)
        assert emulated.odometer == 0


def test_labels_through_random_faults_are_never_doubled_and_never_called_printed_wrongly(tmp_path: Path) -> None:
    dice = random.Random(20)
    faults: list[tuple[str, Callable[[EmulatedPrinter], None]]] = [
        ("none", lambda _: None),
        ("paper", EmulatedPrinter.run_out_of_paper),
        ("cut", lambda emulated: emulated.cut_link_after(AHEAD + dice.randint(1, len(JOB) - 1))),
        ("power", EmulatedPrinter.lose_power),
    ]
    printed_at_once: Counter[str] = Counter()
    finished: dict[bytes, PrintStatus] = {}
    with EmulatedPrinter(tmp_path) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        for number in range(12):
            job = JOB.replace(b"carton 1", b"carton %d" % number)
            name, begin = faults[number % len(faults)]
            printer.state()
            begin(emulated)
            outcome = printer.print_label(job)
            printed_at_once[name] += outcome.status is PrintStatus.PRINTED
            emulated.load_paper()
            emulated.restore_power()
            outcome = printer.judge_again(outcome)
            if outcome.status is PrintStatus.LOST:
                outcome = printer.print_label(job)
            finished[job] = outcome.status
    printed = Counter(path.read_bytes() for path in tmp_path.glob("*.zpl"))
    assert max(printed.values()) == 1
    assert [job for job, status in finished.items() if status is PrintStatus.PRINTED] == list(finished)
    assert set(printed) == set(finished)
    assert printed_at_once == {"none": 3, "paper": 0, "cut": 0, "power": 0}
