"""`floor station`: what it says when it cannot start, how the printers are, and a terminal's label through it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.station_client import StationClient
from floor.commands.station import station
from floor.config import BadProfile, load_profile
from floor.ports import LabelFate, LabelJob
from floor.printing import StationLabelPrinter
from floor.work.prompt import PrintResult
from tests.drivers.station_process import StationProcess

ZPL = b"^XA^PQ1^FO30,30^FD%d dpi^FS^XZ"
TWO = """
[[printers]]
name = "pack-1"
host = "127.0.0.1"

[[printers]]
name = "pack-2"
serial = "/dev/serial/by-id/usb-x"
dpi = 300
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a short path, as a socket needs."""
    with tempfile.TemporaryDirectory(prefix="fh") as name:
        yield Path(name)


def printed(terminal: StationLabelPrinter, job_id: str, printer: str | None = None) -> LabelFate:
    return terminal.print_label(LabelJob(job_id, printer, None, None), lambda dpi: ZPL % dpi)


def test_a_terminals_label_goes_through_the_service_to_the_first_printer(folder: Path, tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path) as emulated, StationProcess(folder, emulated.port) as service:
        terminal = StationLabelPrinter(StationClient(service.socket))
        fate = printed(terminal, "a")
        assert (fate.result, fate.printer, fate.others) == (PrintResult.PRINTED, "pack-1", ())
        assert (tmp_path / "0001.zpl").read_bytes() == ZPL % 203
        gone = printed(terminal, "b", "pack-9")
        assert (gone.result, gone.others) == (PrintResult.LOST, ("pack-1",))
        assert emulated.odometer == 1


def test_status_says_in_one_line_each_how_the_printers_are(folder: Path, tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path) as emulated, StationProcess(folder, emulated.port) as service:
        service.until_ready()
        done = CliRunner().invoke(station, ["status", "--socket", str(service.socket)])
        assert done.exit_code == 0, done.output
        assert done.output.startswith("pack-1: ready, ")
    gone = CliRunner().invoke(station, ["status", "--socket", str(service.socket)])
    assert gone.exit_code == 3
    assert "Start it with `floor station serve`." in gone.output


def test_without_a_service_the_terminal_says_so_and_nothing_was_sent(folder: Path) -> None:
    fate = printed(StationLabelPrinter(StationClient(folder / "s.sock")), "a")
    assert fate.result is PrintResult.LOST
    assert "the print service at" in fate.detail


def test_a_service_without_printers_or_with_a_bad_profile_does_not_start(folder: Path) -> None:
    profile = folder / "station.toml"
    profile.write_text('site = "DEMO"\n', "utf-8")
    done = CliRunner().invoke(station, ["serve", "--profile", str(profile), "--socket", str(folder / "s.sock")])
    assert done.exit_code == 3
    assert "names no printer. Nothing was started." in done.output
    profile.write_text("[[printers]]\nhost = 1\n", "utf-8")
    done = CliRunner().invoke(station, ["serve", "--profile", str(profile)])
    assert done.exit_code == 3
    assert "printers[0].host" in done.output


def test_a_profile_names_its_printers_in_order(folder: Path) -> None:
    profile = folder / "terminal.toml"
    profile.write_text(TWO, "utf-8")
    printers = load_profile(profile, {}).all_printers()
    assert [(printer.called, printer.dpi, printer.flow) for printer in printers] == [
        ("pack-1", 203, "xonxoff"),
        ("pack-2", 300, "xonxoff"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[printers]]\nname = "a"\n', "stands at one of"),
        ('[[printers]]\nhost = "a"\nserial = "/dev/x"\n', "stands at one of"),
        ('[[printers]]\nhost = "a"\n[[printers]]\nhost = "a"\n', "same `name`"),
        ('station = "/run/s"\n[[printers]]\nhost = "a"\n', "with `station`"),
        ('[[printers]]\nhost = "a"\ndpi = 600\n', "dpi"),
        ('[[printers]]\nhost = "a"\ntimeout_s = 0.0\n', "timeout_s"),
        ("".join(f'[[printers]]\nhost = "h{number}"\n' for number in range(10)), "more than 9"),
    ],
)
def test_printers_that_do_not_fit_are_refused_in_words(folder: Path, text: str, said: str) -> None:
    profile = folder / "terminal.toml"
    profile.write_text(text, "utf-8")
    with pytest.raises(BadProfile, match=said):
        load_profile(profile, {})
