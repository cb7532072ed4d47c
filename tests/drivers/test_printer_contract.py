"""What holds for every way to a printer: TCP, serial line, character device. Over real sockets and ptys."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrinterFault, PrinterState, PrintReason, PrintStatus, Silent
from tests.drivers.printer_places import LINES, WAYS, Stand, standing
from tests.drivers.waiting import eventually

JOB = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1^FO30,30^A0N,40,40^FDcarton 1^FS^XZ"

LARGE = JOB.replace(b"^FS", b"^FS" + b"^FO30,30^FDx^FS" * 4000)


@pytest.fixture(params=WAYS)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with standing(request.param, tmp_path) as stand:
        yield stand


@pytest.fixture
def printer(stand: Stand) -> ZplPrinter:
    return ZplPrinter(stand.place, timeout_s=1.0)


def test_a_label_arrives_as_it_was_sent_and_is_counted(stand: Stand, printer: ZplPrinter) -> None:
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert printer.print_label(JOB.replace(b"carton 1", b"carton 2")).status is PrintStatus.PRINTED
    assert (stand.labels / "0001.zpl").read_bytes() == JOB
    assert (stand.labels / "0002.zpl").read_bytes() == JOB.replace(b"carton 1", b"carton 2")
    assert stand.emulated.problems == ()


def test_a_label_larger_than_any_buffer_on_the_way_arrives_whole(stand: Stand, printer: ZplPrinter) -> None:
    assert printer.print_label(LARGE).status is PrintStatus.PRINTED
    assert (stand.labels / "0001.zpl").read_bytes() == LARGE


def test_a_fault_is_named_and_nothing_is_sent(stand: Stand, printer: ZplPrinter) -> None:
    stand.emulated.run_out_of_paper()
    state = printer.state()
    assert isinstance(state, PrinterState)
    assert state.faults == {PrinterFault.PAPER_OUT}
    assert printer.print_label(JOB).reason is PrintReason.NOT_READY
    assert stand.emulated.waiting_labels == 0


def test_paper_out_in_the_middle_is_uncertain_and_printed_once_when_paper_is_loaded(
    stand: Stand, printer: ZplPrinter
) -> None:
    assert isinstance(printer.state(), PrinterState)
    stand.emulated.run_out_of_paper()
    outcome = printer.print_label(JOB)
    assert (outcome.status, outcome.reason) == (PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
    stand.emulated.load_paper()
    assert printer.judge_again(outcome).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


def test_silence_is_not_ready_and_nothing_is_sent(stand: Stand, printer: ZplPrinter) -> None:
    stand.emulated.fall_silent()
    assert isinstance(printer.state(), Silent)
    assert printer.print_label(JOB).reason is PrintReason.SILENT_BEFORE
    stand.emulated.speak()
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


@pytest.mark.parametrize("shown", [0, 1, 10, 37])
def test_half_answers_are_silence_and_nothing_is_sent(stand: Stand, printer: ZplPrinter, shown: int) -> None:
    stand.emulated.cut_answers_after(shown)
    assert printer.print_label(JOB).reason is PrintReason.SILENT_BEFORE
    stand.emulated.speak()
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


@pytest.mark.parametrize(
    "garbage", [b"\x02nonsense\x03" * 3, b'"twelve"', b"\xff" * 5000], ids=["words", "count", "noise"]
)
def test_garbage_is_no_answer_and_nothing_is_sent(stand: Stand, printer: ZplPrinter, garbage: bytes) -> None:
    stand.emulated.babble(garbage)
    assert printer.print_label(JOB).reason is PrintReason.SILENT_BEFORE
    stand.emulated.speak()
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


def test_garbage_after_the_label_leaves_it_uncertain(stand: Stand, printer: ZplPrinter) -> None:
    assert isinstance(printer.state(), PrinterState)
    stand.emulated.babble(b"\x02nonsense\x03")
    outcome = printer.print_label(JOB)
    assert (outcome.status, outcome.reason) == (PrintStatus.UNCERTAIN, PrintReason.SILENT_AFTER)
    stand.emulated.speak()
    assert printer.judge_again(outcome).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


def test_an_unplugged_printer_gets_nothing_and_needs_nobody_when_it_is_back(stand: Stand, printer: ZplPrinter) -> None:
    stand.unplug()
    assert isinstance(printer.state(), Silent)
    outcome = printer.print_label(JOB)
    assert outcome.status is PrintStatus.LOST
    assert "not connected" in outcome.sentence
    stand.plug_in()
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert stand.emulated.odometer == 1


@pytest.mark.parametrize("way", LINES)
def test_a_slow_trickle_each_way_is_waited_for(way: str, tmp_path: Path) -> None:
    with standing(way, tmp_path, trickle_s=0.0005) as stand:
        printer = ZplPrinter(stand.place, timeout_s=10.0)
        assert isinstance(printer.state(), PrinterState)
        assert printer.print_label(JOB).status is PrintStatus.PRINTED
        assert (stand.labels / "0001.zpl").read_bytes() == JOB


@pytest.mark.parametrize("way", LINES)
def test_a_label_that_the_line_takes_only_in_part_is_lost_and_its_stump_spoils_no_other(
    way: str, tmp_path: Path
) -> None:
    with standing(way, tmp_path) as stand:
        assert stand.line is not None
        printer = ZplPrinter(stand.place, timeout_s=0.5)
        assert isinstance(printer.state(), PrinterState)
        stand.line.hold_back()
        outcome = printer.print_label(LARGE)
        assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.BROKEN_OFF)
        assert "takes nothing for 0.5 s" in outcome.sentence
        stand.line.take_on()
        printer = ZplPrinter(stand.place, timeout_s=5.0)
        assert printer.print_label(JOB).status is PrintStatus.PRINTED
        assert (stand.labels / "0001.zpl").read_bytes() == JOB
        assert stand.emulated.odometer == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_link_lost_while_the_label_is_printed_is_told_by_the_odometer(way: str, tmp_path: Path) -> None:
    with standing(way, tmp_path, print_time_s=0.3) as stand, ThreadPoolExecutor(1) as thread:
        printer = ZplPrinter(stand.place, timeout_s=5.0)
        running = thread.submit(printer.print_label, JOB)
        eventually(lambda: stand.emulated.waiting_labels == 1)
        stand.unplug()
        stand.plug_in()
        assert running.result().status is PrintStatus.PRINTED
        assert stand.emulated.odometer == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_power_loss_empties_the_buffer_and_the_label_is_lost(way: str, tmp_path: Path) -> None:
    with standing(way, tmp_path, print_time_s=3600) as stand, ThreadPoolExecutor(1) as thread:
        printer = ZplPrinter(stand.place, timeout_s=1.0)
        running = thread.submit(printer.print_label, JOB)
        eventually(lambda: stand.emulated.waiting_labels == 1)
        stand.emulated.lose_power()
        stand.emulated.restore_power()
        # On a line, a question that went down with the power is silence: then it is known at the next look.
        outcome = printer.judge_again(running.result())
        assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.BUFFER_EMPTIED)
        assert stand.emulated.odometer == 0


def test_a_printer_that_cannot_answer_is_never_asked_and_its_labels_only_count_as_sent(stand: Stand) -> None:
    stand.emulated.fall_silent()
    printer = ZplPrinter(stand.place, timeout_s=1.0, answers=False)
    assert isinstance(printer.state(), Silent)
    outcome = printer.print_label(JOB)
    assert (outcome.status, outcome.reason) == (PrintStatus.UNCERTAIN, PrintReason.NO_ANSWERS)
    eventually(lambda: stand.emulated.odometer == 1)
    assert (stand.labels / "0001.zpl").read_bytes() == JOB
