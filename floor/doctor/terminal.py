"""The doctor's looks at the terminal that it is started on: its cells, its colours, its letters, what it can say."""

from __future__ import annotations

import atexit
import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from floor.config import Profile
from floor.doctor.findings import Told, fail, ok, warn

LEAST_COLUMNS, LEAST_ROWS = 16, 8
COLUMNS, ROWS = 20, 16
ANSWER_S = 1.0
_ASK_KITTY, _ASK_PASTE, _ASK_WHO = b"\x1b[?u", b"\x1b[?2004$p", b"\x1b[c"
_KITTY = re.compile(rb"\x1b\[\?\d+u")
_PASTE = re.compile(rb"\x1b\[\?2004;[123]\$y")
_WHO = re.compile(rb"\x1b\[\?[\d;]*c")
_INPUT_FLAGS = 0
_NOT_STARTED_ON_ONE = "The doctor was not started on a terminal."
_START_THERE = "Start it where the terminal's screen will be."


def look_at_size() -> Told:
    if not sys.stdout.isatty():
        return warn(_NOT_STARTED_ON_ONE, _START_THERE)
    return judged_size(*os.get_terminal_size(sys.stdout.fileno()))


def judged_size(columns: int, rows: int) -> Told:
    how = f"It has {columns} x {rows} characters."
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        return fail(
            f"{how} Prompts are cut below {LEAST_COLUMNS} x {LEAST_ROWS}.", "Choose a smaller font or a larger window."
        )
    if columns < COLUMNS or rows < ROWS:
        return warn(f"{how} It is made for {COLUMNS} x {ROWS}; texts are shorter here.", "Choose a smaller font.")
    return ok(how)


def judged_colours(environment: Mapping[str, str]) -> Told:
    from rich.console import Console

    term = environment.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        return fail(
            f"TERM is {term or 'not set'}: nothing can be painted in its place.",
            "Set it as the terminal program says, for instance: export TERM=xterm-256color.",
        )
    if environment.get("NO_COLOR"):
        return warn("NO_COLOR is set: errors are not red.", "Take NO_COLOR out of the environment.")
    system = Console(force_terminal=True, _environ=dict(environment)).color_system
    return ok(f"TERM is {term}, painted in {_COLOURS.get(system or '', '16 colours')}.")


_COLOURS = {"256": "256 colours", "truecolor": "all colours"}


def look_at_letters(profile: Profile) -> Told:
    from floor.app import speaks_utf8

    if profile.ascii:
        return ok("ASCII only, as the profile says.")
    if speaks_utf8():
        return ok("UTF-8.")
    return warn(
        "The locale says that it does not take UTF-8: letters lose their accents, other scripts become question marks.",
        "Set a locale with UTF-8, for instance: export LANG=C.UTF-8.",
    )


def look_at_answers() -> Told:
    """Ask for bracketed paste and the kitty keyboard protocol; every terminal answers who it is, and that last."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return warn(_NOT_STARTED_ON_ONE, _START_THERE)
    with raw_input_of(sys.stdin.fileno()) as line:
        os.write(sys.stdout.fileno(), _ASK_KITTY + _ASK_PASTE + _ASK_WHO)
        return judged_answers(_read_until(line, _WHO))


def judged_answers(said: bytes) -> Told:
    paste = "a scan may come as one paste" if _PASTE.search(said) else "does not say whether it brackets pastes"
    keys = "and knows the kitty keyboard protocol" if _KITTY.search(said) else "and has plain keys"
    if not _WHO.search(said):
        return warn(
            f"It did not say within {ANSWER_S:g} s what it can do.",
            "Scans are told by speed then: give the scanner a prefix (docs/terminals.md).",
        )
    return ok(f"It answers: {paste}, {keys}.")


@contextmanager
def raw_input_of(line: int) -> Iterator[int]:
    """The line gives each byte as it comes, unechoed; what waited in it before is thrown away."""
    before = termios.tcgetattr(line)
    # Ctrl+C ends the program and not the thread that may be in here.
    atexit.register(termios.tcsetattr, line, termios.TCSANOW, before)
    try:
        tty.setcbreak(line, termios.TCSAFLUSH)
        plain = termios.tcgetattr(line)
        plain[_INPUT_FLAGS] &= ~(termios.ICRNL | termios.IXON)  # Enter and ctrl+s come as they are
        termios.tcsetattr(line, termios.TCSANOW, plain)
        yield line
    finally:
        termios.tcsetattr(line, termios.TCSAFLUSH, before)


def _read_until(line: int, end: re.Pattern[bytes]) -> bytes:
    said = b""
    until_s = time.monotonic() + ANSWER_S
    while not end.search(said) and (left_s := until_s - time.monotonic()) > 0:
        if not select.select([line], [], [], left_s)[0]:
            break
        said += os.read(line, 4096)
    return said
