"""The app as a program on a real terminal line: bytes in, bytes out, signals."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_S = 20.0
_NOT_PASSED_ON = {"COLORTERM", "LC_ALL", "COLUMNS", "LINES", "NO_COLOR"}
"""What a test runner's surroundings would change about the terminal."""
_COLOURS = re.compile(rb"\x1b\[([0-9;]*)m")
_TITLES = re.compile(rb"\x1b\][^\x07\x1b]*(\x07|\x1b\\\\)")
"""Operating system commands may end in BEL without ringing."""


class Terminal:
    """The far side of the line: a 20x16 terminal that somebody types on."""

    def __init__(self, log: Path, *options: str) -> None:
        self.log = log
        self.painted = b""
        self._line, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 16, 20, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.screens.play", "--log", str(log), *options],
            stdin=far,
            stdout=far,
            stderr=far,
            env=environment | {"TERM": "xterm", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        os.close(far)

    def hang_up(self) -> None:
        """Nobody is there any more: what the program reads and paints from now on goes nowhere."""
        os.close(self._line)
        self._line = os.open(os.devnull, os.O_RDONLY)

    def read(self, wait_s: float = 0.05) -> None:
        if select.select([self._line], [], [], wait_s)[0]:
            try:
                self.painted += os.read(self._line, 65536)
            except OSError:  # the program has closed its side
                time.sleep(wait_s)

    def until(self, holds: Callable[[], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end_s, self.painted[-2000:]
            self.read()

    def send(self, data: bytes) -> None:
        os.write(self._line, data)

    def said(self, what: str) -> list[str]:
        lines = self.log.read_text(encoding="ascii").splitlines() if self.log.exists() else []
        return [line.partition(" ")[2].strip("'") for line in lines if line.startswith(f"{what} ")]

    def until_keys(self, count: int) -> None:
        self.until(lambda: len(self.said("key")) == count)

    def bells(self) -> int:
        return _TITLES.sub(b"", self.painted).count(b"\x07")

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.program.pid}/task").iterdir()))

    def state(self) -> str:
        """One letter, as ps gives it: T is stopped."""
        return Path(f"/proc/{self.program.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]

    def close(self) -> None:
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait(PATIENCE_S)
        os.close(self._line)


Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Terminal] = []

    def begin(*options: str) -> Terminal:
        terminal = Terminal(tmp_path / "given.log", *options)
        begun.append(terminal)
        terminal.until(lambda: b"A03 - 12 - 2" in terminal.painted)
        return terminal

    yield begin
    for terminal in begun:
        terminal.close()


def test_scans_are_whole_and_in_order_while_the_program_stalls(start: Start) -> None:
    terminal = start("--prefix")
    codes = ["STALL-0", *(f"CODE-{number:03}" for number in range(1, 30))]
    for code in codes:
        terminal.send(f"\x1e{code}\r".encode())
    terminal.until(lambda: len(terminal.said("scan")) == len(codes))
    assert terminal.said("scan") == codes
    assert terminal.said("in") == codes
    assert (terminal.said("typed"), terminal.said("key")) == ([], [])


def test_a_scan_is_whole_although_the_program_had_no_time_in_the_middle_of_it(start: Start) -> None:
    terminal = start("--prefix")
    while not _stopped_in_mid_scan(terminal, b"\x1eCODE"):
        terminal.program.send_signal(signal.SIGCONT)
        terminal.send(b"\r")
    terminal.send(b"-85123")
    time.sleep(1.0)
    terminal.send(b"4567\r")
    terminal.program.send_signal(signal.SIGCONT)
    terminal.until(lambda: terminal.said("scan")[-1:] == ["CODE-851234567"])


def test_a_program_that_was_stopped_goes_on_with_one_reader_and_paints_anew(start: Start) -> None:
    terminal = start("--prefix")
    terminal.send(b"\x1eCODE-1\r")
    terminal.until(lambda: terminal.said("scan") == ["CODE-1"])
    threads = terminal.threads()
    for _ in range(3):
        terminal.painted = b""
        terminal.program.send_signal(signal.SIGSTOP)
        terminal.until(lambda: terminal.state() == "T")
        terminal.program.send_signal(signal.SIGCONT)
        terminal.until(lambda: b"A03 - 12 - 2" in terminal.painted)
    terminal.send(b"\x1eCODE-2\r")
    terminal.until(lambda: terminal.said("scan") == ["CODE-1", "CODE-2"])
    assert terminal.threads() == threads


def _stopped_in_mid_scan(terminal: Terminal, begun: bytes) -> bool:
    """Whether it was this side that kept pace; else the scan did pause."""
    sent_at = time.monotonic()
    terminal.send(begun)
    time.sleep(0.03)
    terminal.program.send_signal(signal.SIGSTOP)
    return time.monotonic() - sent_at < 0.1


def test_a_scanner_that_pauses_is_not_taken_for_a_program_without_time(start: Start) -> None:
    terminal = start("--prefix")
    terminal.send(b"\x1eCODE")
    terminal.until(lambda: b"Bad read" in terminal.painted)
    terminal.send(b"-85123A\r")
    terminal.send(b"\x1e85123A\r")
    terminal.until(lambda: terminal.said("scan") == ["85123A"])


def test_what_waits_for_the_first_prompt_begins_once_it_is_painted(start: Start) -> None:
    terminal = start("--ring")
    terminal.until(lambda: terminal.bells() == 1)
    assert b"A03 - 12 - 2" in _TITLES.sub(b"", terminal.painted).partition(b"\x07")[0]


def test_a_bracketed_paste_of_two_codes_is_two_scans(start: Start) -> None:
    terminal = start()
    terminal.send(b"\x1b[200~]d20104006381333931\x1d21S1\r85123A\r\x1b[201~")
    terminal.until(lambda: len(terminal.said("scan")) == 2)
    assert terminal.said("scan") == ["0104006381333931\\x1d21S1", "85123A"]


def test_a_byte_that_is_not_utf8_is_a_bad_read_and_no_end(start: Start) -> None:
    terminal = start()
    terminal.send(b"85\xff123A\r")
    terminal.until(lambda: b"Bad read" in terminal.painted)
    terminal.send(b"85123A\r")
    terminal.until(lambda: terminal.said("scan") == ["85123A"])
    assert terminal.said("in") == ["85123A"]


def test_keys_of_an_old_terminal_work_and_ctrl_c_does_not_end_the_program(start: Start) -> None:
    terminal = start()
    for pressed, expected in ((b"\x03", 0), (b"\x11", 0), (b"\x10", 0), (b"\x1bOQ", 1), (b"\x1b[13~", 2), (b"\x7f", 3)):
        terminal.send(pressed)
        terminal.until_keys(expected)
    assert terminal.said("key") == ["undo", "back", "erase"]
    assert terminal.program.poll() is None


def test_an_error_rings_three_times_and_a_good_scan_not_at_all(start: Start) -> None:
    terminal = start()
    terminal.send(b"85123A\r")
    terminal.until(lambda: b"1 of 60" in terminal.painted)
    assert terminal.bells() == 0
    terminal.send(b"WRONG\r")
    terminal.until(lambda: terminal.bells() == 3)
    assert b"a tote" in terminal.painted


def test_sigterm_ends_it_and_gives_the_terminal_back(start: Start) -> None:
    terminal = start()
    terminal.program.send_signal(signal.SIGTERM)
    terminal.until(lambda: b"\x1b[?1049l" in terminal.painted and terminal.program.poll() is not None)
    assert terminal.program.returncode == 0
    assert terminal.log.read_text(encoding="ascii").endswith("ended\n")


def test_a_line_that_is_hung_up_ends_it(start: Start) -> None:
    terminal = start()
    terminal.hang_up()
    assert terminal.program.wait(PATIENCE_S) is not None


def test_only_the_sixteen_colours_are_used_and_nothing_is_dim_or_blinks(start: Start) -> None:
    terminal = start()
    terminal.send(b"WRONG\r")
    terminal.until(lambda: terminal.bells() == 3)
    codes = {int(code) for sequence in _COLOURS.findall(terminal.painted) for code in sequence.split(b";") if code}
    allowed = {0, 1, 39, 49, *range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}
    assert {37, 97, 41, 44} & codes
    assert codes <= allowed
    assert b"\x1b[?25l" in terminal.painted  # no cursor, so none that blinks


def test_ascii_mode_paints_nothing_else(start: Start) -> None:
    terminal = start("--ascii", "--language", "de")
    for _ in range(3):
        terminal.send(b"\x1bOS")
    terminal.until(lambda: len(terminal.said("key")) == 3)
    terminal.send(b"WRONG\r")
    terminal.until(lambda: b"  Behaelter" in terminal.painted)
    assert terminal.painted.isascii()
    assert b"\\u" not in terminal.painted
