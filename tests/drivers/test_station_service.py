"""Several terminals share a station's printers through its service; either side may die in the middle."""

import socket
import stat
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.faults import DeviceGone
from drivers.printers.print_jobs import JobFate, JobId, PrinterName, PrintJob
from drivers.printers.service import AlreadyServed, StationService
from drivers.printers.station import PrintStation
from drivers.printers.station_client import StationClient
from drivers.printers.station_printer import PrinterSetup
from drivers.printers.station_wire import Ask, request_line
from drivers.readings import PrintReason, PrintStatus
from drivers.transport.tcp import TcpAddress
from tests.drivers.station_process import StationProcess
from tests.drivers.waiting import eventually

JOB = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1^FO30,30^A0N,40,40^FDcarton %s^FS^XZ"
FIRST = PrinterName("pack-1")


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short path, as a socket needs."""
    with tempfile.TemporaryDirectory(prefix="fh") as name:
        yield Path(name)


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedPrinter]:
    with EmulatedPrinter(tmp_path / "labels") as printer:
        yield printer


def station(folder: Path, emulated: EmulatedPrinter) -> PrintStation:
    setup = PrinterSetup(FIRST, TcpAddress("127.0.0.1", emulated.port), 300, "4x6", timeout_s=1.0)
    return PrintStation(folder / "printing.db", folder / "locks", [setup])


@pytest.fixture
def client(folder: Path, emulated: EmulatedPrinter) -> Iterator[StationClient]:
    with station(folder, emulated) as own, StationService(own, folder / "s.sock"):
        yield StationClient(folder / "s.sock", return_s=0.5)


def job(name: str) -> PrintJob:
    return PrintJob(JobId(name), FIRST, JOB % name.encode())


def verdict(fate: JobFate) -> tuple[PrintStatus, PrintReason]:
    return fate.status, fate.reason


def test_terminals_print_side_by_side_and_each_is_told_of_its_own_label(
    client: StationClient, emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    names = [f"t{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as terminals:
        fates = list(terminals.map(lambda name: client.hand_over(job(name)), names))
    assert [fate.job_id for fate in fates] == names
    assert {fate.status for fate in fates} == {PrintStatus.PRINTED}
    printed = sorted(path.read_bytes() for path in (tmp_path / "labels").glob("*.zpl"))
    assert printed == sorted(JOB % name.encode() for name in names)


def test_a_terminal_asks_which_printers_there_are_and_how_they_are(client: StationClient) -> None:
    (info,) = client.printers()
    assert (info.name, info.dpi, info.media, info.answers) == (FIRST, 300, "4x6", True)
    eventually(lambda: client.conditions()[0].word == "ready")


def test_only_its_own_user_may_open_the_socket(client: StationClient, folder: Path) -> None:
    assert stat.S_IMODE((folder / "s.sock").stat().st_mode) == 0o600


def test_a_second_service_at_the_same_socket_is_refused(
    client: StationClient, folder: Path, emulated: EmulatedPrinter, tmp_path: Path
) -> None:
    with station(tmp_path, emulated) as other, pytest.raises(AlreadyServed, match="Nothing was started"):
        StationService(other, folder / "s.sock")
    assert client.hand_over(job("a")).status is PrintStatus.PRINTED


def test_without_a_service_nothing_was_sent(folder: Path) -> None:
    client = StationClient(folder / "s.sock")
    fate = client.hand_over(job("a"))
    assert verdict(fate) == (PrintStatus.LOST, PrintReason.NO_SERVICE)
    with pytest.raises(DeviceGone):
        client.printers()


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b'{"form": 2, "ask": "print"}\n', b'{"form": 1, "ask": "dance"}\n',
        b'{"form": 1, "ask": "print", "job": 1}\n', b'{"form": 1, "ask": "print"', b"[" * 100_000 + b"\n",
        request_line(Ask.PRINT, job("a"))[:-20],
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_request_is_hung_up_on_and_harms_nobody(
    client: StationClient, folder: Path, emulated: EmulatedPrinter, line: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.settimeout(20)
        stranger.connect(str(folder / "s.sock"))
        stranger.sendall(line)
        stranger.shutdown(socket.SHUT_WR)
        assert stranger.recv(100) == b""
    assert emulated.odometer == 0
    assert client.hand_over(job("b")).status is PrintStatus.PRINTED


def test_a_terminal_that_dies_while_its_label_prints_is_told_of_it_when_it_is_back(
    client: StationClient, folder: Path, emulated: EmulatedPrinter
) -> None:
    with socket.socket(socket.AF_UNIX) as dying:
        dying.connect(str(folder / "s.sock"))
        dying.sendall(request_line(Ask.PRINT, job("a")))
    eventually(lambda: emulated.odometer == 1)
    assert verdict(client.hand_over(job("a"))) == (PrintStatus.PRINTED, PrintReason.COUNTED)
    assert emulated.odometer == 1


def test_a_service_killed_while_a_label_prints_finds_it_by_the_odometer_when_it_is_back(
    folder: Path, tmp_path: Path
) -> None:
    go_on = threading.Event()

    def hold(_label: object) -> None:
        assert go_on.wait(20)

    with (
        EmulatedPrinter(tmp_path / "labels", on_label=hold) as emulated,
        StationProcess(folder, emulated.port, timeout_s=5.0) as service,
        ThreadPoolExecutor(1) as terminal,
    ):
        service.until_ready()
        running = terminal.submit(service.client().hand_over, job("a"))
        eventually(lambda: (tmp_path / "labels" / "0001.zpl").exists())
        service.kill()
        go_on.set()
        service.start()
        assert verdict(running.result()) == (PrintStatus.PRINTED, PrintReason.COUNTED)
        assert emulated.odometer == 1


def test_a_service_killed_before_the_printer_lost_its_power_prints_the_label_once(folder: Path, tmp_path: Path) -> None:
    with (
        EmulatedPrinter(tmp_path / "labels", print_time_s=0.5) as emulated,
        StationProcess(folder, emulated.port) as service,
        ThreadPoolExecutor(1) as terminal,
    ):
        service.until_ready()
        running = terminal.submit(service.client().hand_over, job("a"))
        eventually(lambda: emulated.waiting_labels == 1)
        service.kill()
        emulated.lose_power()
        emulated.restore_power()
        service.start()
        # The terminal hands the same job over again by itself: what was lost may be sent again.
        assert running.result().status is PrintStatus.PRINTED
        assert emulated.odometer == 1


def test_a_service_killed_again_and_again_doubles_nothing(folder: Path, tmp_path: Path) -> None:
    names = [f"t{number}" for number in range(8)]
    with (
        EmulatedPrinter(tmp_path / "labels", print_time_s=0.05) as emulated,
        StationProcess(folder, emulated.port) as service,
        ThreadPoolExecutor(2) as terminals,
    ):
        fates = [terminals.submit(service.client().hand_over, job(name)) for name in names]
        for label in (1, 3):
            eventually(lambda least=label: emulated.odometer >= least)  # type: ignore[misc]
            service.kill()
            service.start()
        told = [fate.result() for fate in fates]
    printed = Counter(path.read_bytes() for path in (tmp_path / "labels").glob("*.zpl"))
    assert max(printed.values()) == 1
    assert all(JOB % fate.job_id.encode() in printed for fate in told if fate.status is PrintStatus.PRINTED)
    assert sum(fate.status is PrintStatus.PRINTED for fate in told) >= len(names) - 2
