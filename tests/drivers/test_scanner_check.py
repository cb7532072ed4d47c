"""`floor devices scanner-check` as an administrator uses it: the real program, its profile, scanners set wrong."""

import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.emulators.scanner import CallingEmulator, ListeningEmulator, SerialEmulator
from drivers.emulators.scanner_settings import EmulatedSettings
from drivers.scanners.check_codes import CHECK_CODES
from floor.cli import floor
from floor.config import BadProfile, load_profile
from floor.profile_part import write_part
from tests.house.tree import REPOSITORY
from tests.terminal_process.by_hand import FLOOR
from tests.terminal_process.screen import OnScreen


def checked(screen: OnScreen, scan: Callable[[bytes], object], scanner: EmulatedSettings) -> str:
    """Scan all test barcodes with a scanner so set; returns all that was said."""
    for number, code in enumerate(CHECK_CODES, 1):
        asked = f"({number} of {len(CHECK_CODES)}): scan".encode()
        screen.until(lambda asked=asked: asked in screen.printed, code.name)  # type: ignore[misc]
        scan(scanner.sends(code))
    screen.until_ended()
    while screen.read(0):
        pass
    return screen.printed.decode().replace("\r\n", "\n")


def check(*options: str | Path) -> OnScreen:
    return OnScreen([FLOOR, "devices", "scanner-check", *options], cwd=REPOSITORY)


def test_a_wedge_set_well_is_written_into_a_profile_that_keeps_all_else(tmp_path: Path) -> None:
    profile = tmp_path / "hh-07.toml"
    profile.write_text('# ours\nsite = "LUND"\n\n[wedge]\nprefix = "\\u0002"\n\n# keys\n[keys]\nproblem = ["f12"]\n')
    with closing(check("--profile", profile)) as screen:
        said = checked(screen, screen.type, EmulatedSettings(prefix="\x1e", suffix="\x1c"))
    assert "SET" not in said
    assert "ok   GS: kept." in said
    assert profile.read_text() == (
        '# ours\nsite = "LUND"\n\n[wedge]\nprefix = "\\u001e"\nsuffix = "\\u001c"\n\n'
        '# keys\n[keys]\nproblem = ["f12"]\n'
    )
    assert load_profile(profile, {}).wedge.settings.suffixes == {"\x1c"}


def test_a_serial_scanner_that_drops_gs_is_told_what_to_set(tmp_path: Path) -> None:
    port, profile = tmp_path / "usb-scanner-if00", tmp_path / "new.toml"
    with (
        closing(SerialEmulator(port)) as gun,
        closing(check("--port", port, "--name", "bench left", "--profile", profile)) as screen,
    ):
        said = checked(screen, gun.send_raw, EmulatedSettings(gs="", upc="13"))
    assert "SET  GS: lost. Set it to send FNC1 as GS" in said
    assert said.count("SET ") == 1
    assert tomllib.loads(profile.read_text()) == {"scanners": [{"name": "bench left", "serial": str(port)}]}


def test_a_tcp_scanner_without_an_end_mark_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    profile = tmp_path / "new.toml"
    with (
        closing(ListeningEmulator()) as gun,
        closing(check("--port", f"127.0.0.1:{gun.port}", "--profile", profile)) as screen,
    ):
        said = checked(screen, gun.send_raw, EmulatedSettings(suffix=""))
        assert screen.program.returncode == 1
    assert "SET  end mark: none. Set the suffix Enter (CR)" in said
    assert "Nothing was written" in said
    assert not profile.exists()


def test_a_scanner_of_the_profile_is_checked_at_its_place_and_may_be_left_early(tmp_path: Path) -> None:
    profile = tmp_path / "pack.toml"
    with closing(ListeningEmulator()) as free:
        port = free.port
    profile.write_text(f'[[scanners]]\nname = "ring"\nhost = "127.0.0.1"\nlisten = {port}\nprefix = "\\u0002"\n')
    with closing(CallingEmulator(port)) as gun, closing(check("--profile", profile, "--name", "ring")) as screen:
        screen.until(lambda: b"Waiting for the scanner" in screen.printed, "the port")
        screen.until(lambda: _is_there(gun), "the door")
        screen.until(lambda: b"(1 of 6)" in screen.printed, "the first code")
        gun.send_raw(EmulatedSettings().sends(CHECK_CODES[0]))
        screen.until(lambda: b"(2 of 6)" in screen.printed, "the second code")
        screen.type("\r")
        screen.until(lambda: b"(3 of 6)" in screen.printed, "the third code")
        screen.type("q")
        assert screen.until_ended() == 0
    assert b"left out" in screen.printed
    assert tomllib.loads(profile.read_text()) == {"scanners": [{"name": "ring", "host": "127.0.0.1", "listen": port}]}


def _is_there(gun: CallingEmulator) -> bool:
    try:
        gun.replug()
    except ConnectionRefusedError:
        return False
    return True


def test_a_port_that_is_not_there_is_said_without_a_traceback(tmp_path: Path) -> None:
    with closing(check("--port", tmp_path / "none")) as screen:
        assert screen.until_ended() == 1
    assert b"is not connected (No such file or directory)" in screen.printed
    assert b"Traceback" not in screen.printed


@pytest.mark.parametrize(("name", "begins"), [("sheet.pdf", b"%PDF"), ("sheet.svg", b"<svg")])
def test_the_sheet_is_written(tmp_path: Path, name: str, begins: bytes) -> None:
    done = CliRunner().invoke(floor, ["devices", "scanner-check", "--sheet", str(tmp_path / name)])
    assert done.exit_code == 0, done.output
    assert (tmp_path / name).read_bytes().startswith(begins)
    refused = CliRunner().invoke(floor, ["devices", "scanner-check", "--sheet", str(tmp_path / "no" / name)])
    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '[[scanners]]\nname = "b"\nbaud = 1\n'),
        ("ascii = true", 'ascii = true\n\n[[scanners]]\nname = "b"\nbaud = 1\n'),
        (
            '[[scanners]]\nname = "a"\n[[scanners]]\nname = "b"\nhost = "x"\n# of c\n[[scanners]]\nname = "c"\n',
            '[[scanners]]\nname = "a"\n[[scanners]]\nname = "b"\nbaud = 1\n# of c\n[[scanners]]\nname = "c"\n',
        ),
    ],
)
def test_one_scanner_of_several_is_written_anew_in_its_place(tmp_path: Path, text: str, written: str) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(text)
    write_part(profile, "[[scanners]]", {"name": "b", "baud": 1})
    assert profile.read_text() == written


@pytest.mark.parametrize("text", ['wedge = {prefix = "a"}\n', "wedge = \n", '"wedge".suffix = "b"\n'])
def test_a_profile_that_cannot_be_changed_safely_stays_as_it_is(tmp_path: Path, text: str) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(text)
    with pytest.raises(BadProfile, match="by hand"):
        write_part(profile, "[wedge]", {"prefix": "x"})
    assert profile.read_text() == text
    assert list(tmp_path.iterdir()) == [profile]
