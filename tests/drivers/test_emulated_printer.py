"""The emulated printer as whoever talks to it sees it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.emulators.label_files import PrintedLabel
from drivers.emulators.printer import EmulatedPrinter
from tests.drivers.waiting import LIMIT_S, eventually

JOB = b"^XA^PW400^LL200^BY2^FO20,20^BCN,100,N,N,N,N^FD>:T-000193^FS^XZ"


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path) as printer:
        yield printer


def connected(printer: EmulatedPrinter) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", printer.port), timeout=LIMIT_S)
    link.settimeout(LIMIT_S)
    return link


def asked(printer: EmulatedPrinter, question: bytes, size: int) -> bytes:
    with connected(printer) as link:
        link.sendall(question)
        return link.recv(size, socket.MSG_WAITALL)


def test_the_host_status_has_three_lines_of_the_real_shape(emulated: EmulatedPrinter) -> None:
    expected = (
        b"\x02030,0,0,1218,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x020000,0\x03\r\n"
    )
    assert asked(emulated, b"~HS", len(expected)) == expected
    emulated.run_out_of_paper()
    emulated.open_head()
    with connected(emulated) as link:
        link.sendall(JOB + b"^XA^FDbegun~HS")
        answer = link.recv(len(expected), socket.MSG_WAITALL)
    assert answer.startswith(b"\x02030,1,0,1218,001,0,0,1,000")
    assert b"\x02000,0,1,0,1,2,6,0,00000001,1" in answer


def test_the_error_status_and_variables_are_answered(emulated: EmulatedPrinter) -> None:
    emulated.run_out_of_ribbon()
    assert b"ERRORS:         1 00000000 00000002" in asked(emulated, b"~HQES", 150)
    assert asked(emulated, b'! U1 getvar "odometer.total_label_count"\r\n', 3) == b'"0"'
    assert asked(emulated, b'! U1 getvar "device.name"\r\n', 3) == b'"?"'


def test_labels_are_numbered_announced_and_drawn(tmp_path: Path) -> None:
    announced: list[PrintedLabel] = []
    out = threading.Event()

    def announce(label: PrintedLabel) -> None:
        announced.append(label)
        if len(announced) == 3:
            out.set()

    with EmulatedPrinter(tmp_path / "new" / "labels", on_label=announce) as printer, connected(printer) as link:
        link.sendall(JOB + b"^XA^PW400^XZ" + JOB.replace(b"193", b"194^FS^PQ2"))
        assert out.wait(LIMIT_S)
        assert printer.odometer == 3
    assert [label.number for label in announced] == [1, 2, 3]
    assert [label.zpl_path.read_bytes() for label in announced] == [JOB, *[JOB.replace(b"193", b"194^FS^PQ2")] * 2]
    decoded = [zxingcpp.read_barcodes(Image.open(label.picture_path).convert("L")) for label in announced]
    assert [barcode.text for barcodes in decoded for barcode in barcodes] == ["T-000193", "T-000194", "T-000194"]
    assert sorted(path.name for path in (tmp_path / "new" / "labels").iterdir()) == [
        f"000{number}.{kind}" for number in (1, 2, 3) for kind in ("png", "zpl")
    ]


def test_numbers_and_odometer_go_on_after_a_restart(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        with EmulatedPrinter(tmp_path) as printer, connected(printer) as link:
            assert printer.odometer == expected - 1
            link.sendall(JOB)
            eventually(lambda number=expected: printer.odometer == number)  # type: ignore[misc]
    assert len(list(tmp_path.glob("000[123].png"))) == 3


def test_many_connections_print_side_by_side(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    def send(number: int) -> None:
        with connected(emulated) as link:
            for byte in JOB.replace(b"000193", b"%06d" % number):
                link.sendall(bytes((byte,)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, range(16)))
    eventually(lambda: emulated.odometer == 16)
    printed = {path.read_bytes() for path in tmp_path.glob("*.zpl")}
    assert printed == {JOB.replace(b"000193", b"%06d" % number) for number in range(16)}


def test_a_label_interrupted_by_paper_out_comes_out_whole_when_paper_is_loaded(tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path, print_time_s=0.05) as printer, connected(printer) as link:
        link.sendall(JOB)
        eventually(lambda: printer.waiting_labels == 1)
        printer.run_out_of_paper()
        assert printer.waiting_labels == 1
        printer.load_paper()
        eventually(lambda: printer.odometer == 1)
        assert printer.waiting_labels == 0


def test_cancelling_all_empties_the_buffer(emulated: EmulatedPrinter) -> None:
    emulated.pause()
    with connected(emulated) as link:
        link.sendall(JOB * 3)
        eventually(lambda: emulated.waiting_labels == 3)
        link.sendall(b"~JA")
        eventually(lambda: emulated.waiting_labels == 0)
    emulated.resume()
    assert emulated.odometer == 0


def test_a_cut_link_leaves_a_stump_that_spoils_the_next_label(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    emulated.cut_link_after(20)
    with connected(emulated) as link:
        link.sendall(JOB)
        with pytest.raises(ConnectionError):
            assert link.recv(1), "the link ended without an error"
    with connected(emulated) as link:
        link.sendall(JOB)
        eventually(lambda: emulated.odometer == 1)
    assert (tmp_path / "0001.zpl").read_bytes() == JOB[:20] + JOB


def test_what_it_does_not_know_is_kept_and_told(emulated: EmulatedPrinter) -> None:
    with connected(emulated) as link:
        link.sendall(b"hello\r\n^XA^PW400^QQ1^FO1,1^FDx^FS^XZ")
        eventually(lambda: len(emulated.problems) == 2)
    assert emulated.problems == (
        "not known outside a label: b'hello\\r\\n'",
        "0001.zpl: the command ^QQ is not known",
    )


def test_a_port_that_is_taken_is_an_error_at_the_start(emulated: EmulatedPrinter, tmp_path: Path) -> None:
    second = EmulatedPrinter(tmp_path / "second", port=emulated.port)
    with pytest.raises(OSError, match="address already in use"):
        second.start()
    second.close()


def test_it_runs_as_a_program_and_ends_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "drivers.emulators.printer", "--port", "0", "--labels", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout is not None
        port = re.search(r":(\d+),", run.stdout.readline())
        assert port is not None
        with socket.create_connection(("127.0.0.1", int(port[1])), timeout=LIMIT_S) as link:
            link.sendall(JOB)
            assert run.stdout.readline() == f"printed {tmp_path / '0001.zpl'}\n"
        run.send_signal(signal.SIGTERM)
        rest = run.stdout.read()
    assert (run.returncode, rest) == (0, "")
    assert (tmp_path / "0001.png").exists()
