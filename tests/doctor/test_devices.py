"""The doctor's lines of scanners, printers, print service and scale, each against a device that is broken so."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.emulators.scale import EmulatedScale
from drivers.emulators.scanner import SerialEmulator
from drivers.printers.one_writer import OneWriter
from drivers.transport.serial_line import SerialLine, SerialSettings
from drivers.transport.tcp import TcpAddress
from floor.config import PrinterProfile, Profile, ScaleProfile, ScannerProfile
from floor.doctor import devices
from floor.printing import locks_folder
from tests.doctor.seen import said, seen, told
from tests.drivers.station_process import StationProcess
from tests.drivers.waiting import eventually

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORHAND_DATA", str(tmp_path / "data"))


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path / "labels", silent_when_faulted=True) as emulated:
        yield emulated


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "ANSWER_S", 1.0)


def of_printer(emulated: EmulatedPrinter, *, answers: bool = True) -> str:
    own = PrinterProfile(name="pack-1", host=HERE, port=emulated.port, media="4x6 white", answers=answers)
    return said(told(Profile(printers=(own,)), "printer"))


def of_scanner(scanner: ScannerProfile) -> str:
    return said(told(Profile(scanners=(scanner,)), "scanner"))


def of_scale(scale: ScaleProfile) -> str:
    return said(told(Profile(scale=scale), "scale"))


def free_port() -> int:
    with socket.create_server((HERE, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_sound_printer_is_ready_and_says_how_much_it_has_printed(printer: EmulatedPrinter) -> None:
    line = of_printer(printer)
    assert line.startswith("ok It is ready")
    assert "203 dpi, 4x6 white in it; 0 labels printed so far." in line
    assert printer.odometer == 0
    assert printer.problems == ()


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (EmulatedPrinter.run_out_of_paper, "it is out of labels"),
        (EmulatedPrinter.run_out_of_ribbon, "it is out of ribbon"),
        (EmulatedPrinter.open_head, "its print head is open"),
        (EmulatedPrinter.pause, "it is paused"),
        (EmulatedPrinter.fall_silent, "did not answer within 2.0 s"),
        (EmulatedPrinter.lose_power, "is not connected"),
        (lambda emulated: emulated.babble(b"\x02NOTHING\x03" * 3), "sent an answer that cannot be read"),
    ],
    ids=["paper", "ribbon", "head", "pause", "silent", "power", "garbage"],
)
def test_a_printer_that_cannot_print_fails(
    printer: EmulatedPrinter, broken: Callable[[EmulatedPrinter], None], words: str
) -> None:
    broken(printer)
    line = of_printer(printer)
    assert line.startswith("FAIL "), line
    assert words in line


def test_a_printer_that_is_not_there_fails() -> None:
    line = said(told(Profile(printer=PrinterProfile(host=HERE, port=free_port())), "printer"))
    assert line.startswith("FAIL ")
    assert "is not connected (Connection refused)" in line


def test_a_printer_that_cannot_be_asked_is_a_warning(printer: EmulatedPrinter) -> None:
    assert of_printer(printer, answers=False).startswith("warn It cannot be asked")


def test_a_printer_that_a_terminal_writes_to_is_not_disturbed(printer: EmulatedPrinter) -> None:
    writer = OneWriter(locks_folder(), TcpAddress(HERE, printer.port), "terminal")
    assert writer.take()
    try:
        assert of_printer(printer).startswith("warn Another program here writes to it")
    finally:
        writer.give_back()
    assert of_printer(printer).startswith("ok ")


def test_what_still_waits_in_a_printer_is_said(tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path / "slow", print_time_s=60.0) as slow:
        with socket.create_connection((HERE, slow.port)) as link:
            link.sendall(b"^XA^FDone^FS^XZ^XA^FDtwo^FS^XZ~HS")
            link.recv(10)
        assert "something waits in it" in of_printer(slow)


def test_the_stations_service_says_which_printer_is_not_ready(tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="fh") as short,
        EmulatedPrinter(tmp_path / "labels") as emulated,
        StationProcess(Path(short), emulated.port) as service,
    ):
        service.until_ready()
        profile = Profile(station=str(service.socket))
        assert said(told(profile, "station")) == "ok All its printers are ready: pack-1 (203 dpi)."
        emulated.open_head()
        eventually(lambda: service.client().conditions()[0].word == "fault")
        assert "FAIL pack-1: The printer does not print: its print head is open." in said(told(profile, "station"))
    line = said(told(profile, "station"))
    assert line.startswith("FAIL ")
    assert line.endswith("Start it with `floor station serve`.")


def test_a_serial_scanner_opens_is_in_use_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "scanner"
    profile = ScannerProfile(name="left", serial=str(path))
    scanner = SerialEmulator(path)
    assert of_scanner(profile) == f"ok {path} opens."
    line = SerialLine(SerialSettings(str(path)))
    assert of_scanner(profile).startswith(f"warn {path} is in use by another program.")
    line.close()
    scanner.unplug()
    assert "is not connected (No such file or directory)" in of_scanner(profile)


def test_a_scanner_on_the_network_takes_the_connection_or_fails() -> None:
    with socket.create_server((HERE, 0)) as scanner:
        port = scanner.getsockname()[1]
        profile = ScannerProfile(name="ring", host=HERE, port=port)
        assert of_scanner(profile) == f"ok {HERE}:{port} opens."
    assert of_scanner(profile).startswith("FAIL ")


def test_a_scanner_that_should_call_has_not_or_its_port_is_taken(impatient: None) -> None:
    port = free_port()
    profile = ScannerProfile(name="ring", host=HERE, listen=port)
    assert of_scanner(profile).startswith("warn It has not connected within 1 s.")
    with socket.create_server(("", port)):
        assert "is in use by another program" in of_scanner(profile)


@pytest.mark.parametrize("protocol", ["mt-sics", "nci", "a-and-d-stream"])
def test_a_scale_that_answers_is_well_empty_or_not(protocol: Literal["mt-sics", "nci", "a-and-d-stream"]) -> None:
    with EmulatedScale(protocol) as scale:
        profile = ScaleProfile(protocol=protocol, host=HERE, port=scale.port)
        assert of_scale(profile) == "ok It answers: nothing is on it."
        scale.put("1.250")
        assert of_scale(profile).startswith("ok It shows 1.250 kg.")


def test_a_scale_of_another_protocol_silent_or_gone_fails(impatient: None) -> None:
    with EmulatedScale("nci") as scale:
        profile = ScaleProfile(protocol="mt-sics", host=HERE, port=scale.port)
        assert of_scale(profile).startswith("FAIL scale: ")
        profile = ScaleProfile(protocol="nci", host=HERE, port=scale.port)
        scale.babble(b"login: ")
        assert "what it sent cannot be read" in of_scale(profile)
        scale.fall_silent()
        assert "it does not answer" in of_scale(profile)
        scale.unplug()
        assert "it is not connected" in of_scale(profile)


def test_a_scale_that_the_terminal_has_open_is_a_warning(tmp_path: Path, impatient: None) -> None:
    path = tmp_path / "scale"
    with EmulatedScale("mt-sics", path=path):
        line = SerialLine(SerialSettings(str(path)))
        assert of_scale(ScaleProfile(protocol="mt-sics", serial=str(path))).startswith("warn It is in use")
        line.close()


def test_what_a_profile_does_not_have_is_not_looked_at() -> None:
    assert [seen(Profile(), name) for name in ("scanner", "printer", "station", "scale")] == [[]] * 4
