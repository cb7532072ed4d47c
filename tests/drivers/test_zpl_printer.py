"""Printing over real TCP to the emulated printer, when nothing goes wrong and when the printer is not ready."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrinterFault, PrinterState, PrintReason, PrintStatus, Silent
from drivers.transport.tcp import TcpAddress

JOB = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1^FO30,30^A0N,40,40^FDcarton 1^FS^XZ"


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path / "labels") as printer:
        yield printer


@pytest.fixture
def printer(emulated: EmulatedPrinter) -> ZplPrinter:
    return ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)


def test_a_label_is_printed_as_it_was_sent_and_counted(
    emulated: EmulatedPrinter, printer: ZplPrinter, tmp_path: Path
) -> None:
    first, second = printer.print_label(JOB), printer.print_label(JOB.replace(b"carton 1", b"carton 2"))
    assert [first.status, second.status] == [PrintStatus.PRINTED] * 2
    assert (first.counted_before, first.counted_after, second.counted_after) == (0, 1, 2)
    assert first.sentence == "Label printed: the printer counted the label. Take the label and scan it."
    assert (tmp_path / "labels" / "0001.zpl").read_bytes() == JOB
    assert (tmp_path / "labels" / "0002.zpl").read_bytes() == JOB.replace(b"carton 1", b"carton 2")
    assert emulated.odometer == 2
    assert emulated.problems == ()


def test_copies_and_several_labels_in_one_job_are_all_counted(emulated: EmulatedPrinter, printer: ZplPrinter) -> None:
    outcome = printer.print_label(JOB.replace(b"^PQ1", b"^PQ3") + JOB)
    assert (outcome.status, outcome.labels, emulated.odometer) == (PrintStatus.PRINTED, 4, 4)


@pytest.mark.parametrize("job", [b"", b"^XA^FDhalf", b"^XA^PW800^XZ", b"~JR"])
def test_what_is_no_whole_label_is_not_sent(emulated: EmulatedPrinter, printer: ZplPrinter, job: bytes) -> None:
    outcome = printer.print_label(job)
    assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.NOT_A_LABEL)
    assert emulated.problems == ()


def test_a_printer_that_cannot_be_reached_got_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        printer = ZplPrinter(TcpAddress("127.0.0.1", closed.getsockname()[1]), timeout_s=1.0)
        assert isinstance(printer.state(), Silent)
        outcome = printer.print_label(JOB)
    assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.UNREACHABLE)
    assert "is not connected (Connection refused)" in outcome.sentence
    assert outcome.sentence.endswith("It can be printed again.")


def test_silence_means_not_ready_and_nothing_is_sent(emulated: EmulatedPrinter, printer: ZplPrinter) -> None:
    emulated.fall_silent()
    state = printer.state()
    assert isinstance(state, Silent)
    assert "did not answer within 1.0 s. It counts as not ready." in state.sentence
    outcome = printer.print_label(JOB)
    assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.SILENT_BEFORE)
    emulated.speak()
    assert printer.print_label(JOB).status is PrintStatus.PRINTED
    assert emulated.odometer == 1


@pytest.mark.parametrize("is_silent", [False, True])
@pytest.mark.parametrize(
    ("fault", "begin"),
    [
        (PrinterFault.PAPER_OUT, EmulatedPrinter.run_out_of_paper),
        (PrinterFault.RIBBON_OUT, EmulatedPrinter.run_out_of_ribbon),
        (PrinterFault.HEAD_OPEN, EmulatedPrinter.open_head),
        (PrinterFault.PAUSED, EmulatedPrinter.pause),
    ],
)
def test_a_printer_that_is_not_ready_is_named_by_its_fault_and_gets_nothing(
    tmp_path: Path, fault: PrinterFault, begin: object, is_silent: bool
) -> None:
    assert callable(begin)
    with EmulatedPrinter(tmp_path, silent_when_faulted=is_silent) as emulated:
        printer = ZplPrinter(TcpAddress("127.0.0.1", emulated.port), timeout_s=1.0)
        begin(emulated)
        state = printer.state()
        assert isinstance(state, PrinterState)
        assert state.faults == {fault}
        outcome = printer.print_label(JOB)
        assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.NOT_READY)
        assert fault.value in outcome.sentence
        assert emulated.waiting_labels == 0


def test_jobs_from_many_threads_wait_for_each_other(emulated: EmulatedPrinter, printer: ZplPrinter) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: printer.print_label(JOB), range(24)))
    assert {outcome.status for outcome in outcomes} == {PrintStatus.PRINTED}
    assert sorted(outcome.counted_after or 0 for outcome in outcomes) == list(range(1, 25))
    assert emulated.odometer == 24


class AnsweringPeer:
    """Something on a port that says the same whatever it is told: a printer of another kind."""

    def __init__(self, answer: bytes) -> None:
        self.received = b""
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    first = data = connection.recv(4096)
                    if data == b"end":
                        return
                    while data:
                        if data is first:
                            connection.sendall(self._answer)
                        self.received += data
                        data = connection.recv(4096)

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"end")
        self._thread.join()


READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


@pytest.mark.parametrize("answer", [READY, READY + b'"?"'])
def test_a_printer_without_an_odometer_leaves_every_job_uncertain(answer: bytes) -> None:
    old = AnsweringPeer(answer)
    try:
        outcome = ZplPrinter(TcpAddress("127.0.0.1", old.port), timeout_s=1.0).print_label(JOB)
    finally:
        old.close()
    assert (outcome.status, outcome.reason) == (PrintStatus.UNCERTAIN, PrintReason.NO_COUNTER)
    assert old.received.count(JOB) == 1


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x02garbage\x03" * 3, b"\x02030,0", b'"x"'])
def test_what_answers_something_else_is_not_ready_and_gets_no_label(answer: bytes) -> None:
    other = AnsweringPeer(answer)
    try:
        printer = ZplPrinter(TcpAddress("127.0.0.1", other.port), timeout_s=1.0)
        assert isinstance(printer.state(), Silent)
        outcome = printer.print_label(JOB)
    finally:
        other.close()
    assert (outcome.status, outcome.reason) == (PrintStatus.LOST, PrintReason.SILENT_BEFORE)
    assert JOB not in other.received
