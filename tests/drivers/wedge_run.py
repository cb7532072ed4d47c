"""Wedge scans back to back through a real terminal line into the real app, with or without tmux between."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import REPOSITORY
from tests.terminal_process.screen import OnScreen

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-./+$%\x1d"
_PACES_S = (0.0, 0.001, 0.004, 0.008, 0.012)
_STALL_EVERY = 60
_QUIET_S = 5.0
_MOST_S = 0.1
"""The slowest pace pauses an eighth of it, and a scan may pause for three times as long."""
_STALL = "STALL"
"""A scan that begins so keeps the screen busy for more than half a second (see `tests.screens.play`)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the scans; `strange` holds what came and was never sent, such as a piece of a code.

    ``held_up``: codes between whose characters this machine let the sender wait longer than a scan may pause. They are
    no scans of any pace, so that one of them is refused is no fault; that it is taken in wrongly still is. ``refused``:
    what the app said of everything that it took for a bad read.
    """

    sent: int
    lost: list[str]
    doubled: list[str]
    strange: list[str]
    is_in_order: bool
    held_up: list[str]
    refused: list[str]

    @property
    def faults(self) -> int:
        return len(self.lost) + len(self.doubled) + len(self.strange) + (not self.is_in_order)


def run(count: int, *, seed: int, tmux: bool, prefix: str = "\x1e", paces_s: tuple[float, ...] = _PACES_S) -> Outcome:
    """Send `count` scans of 20 to 60 characters, each at a pace of its own, and compare with what was taken in."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="wedge-") as name:
        log, socket = Path(name) / "given.log", Path(name) / "tmux"
        command = play_command(log, socket, tmux=tmux, prefix=prefix)
        with _ended(socket), closing(OnScreen(command, cwd=REPOSITORY, environment={"TMUX": ""})) as screen:
            screen.until(lambda: b"A03" in screen.printed, "the first prompt")
            codes = [_code(dice, number) for number in range(count)]
            held_up = [
                code for code in codes if _scan(screen, f"{prefix}{code}\r".encode(), dice.choice(paces_s)) > _MOST_S
            ]
            screen.until(lambda: _is_over(log, count), "the last scan")
            taken, refused = taken_in(log), _refused(log)
    sent = Counter(codes)
    came = Counter(taken)
    return Outcome(
        count,
        lost=[code for code in sent if code not in came and code not in held_up],
        doubled=[code for code in came if code in sent and came[code] > sent[code]],
        strange=[code for code in came if code not in sent],
        is_in_order=[code for code in taken if code in sent] == [code for code in codes if code in came],
        held_up=held_up,
        refused=refused,
    )


def has_tmux() -> bool:
    return shutil.which("tmux") is not None


def play_command(log: Path, socket: Path, *, tmux: bool, prefix: str) -> list[str | Path]:
    program = [sys.executable, "-m", "tests.screens.play", "--log", str(log), *(["--prefix"] if prefix else [])]
    if not tmux:
        return [*program]
    session = ["new-session", "-x", "20", "-y", "16", shlex.join(program)]
    return ["tmux", "-S", socket, "-f", "/dev/null", *session, ";", "set", "status", "off"]


def _code(dice: random.Random, number: int) -> str:
    start = _STALL if number % _STALL_EVERY == _STALL_EVERY // 2 else "C"
    body = "".join(dice.choices(_ALPHABET, k=dice.randint(20, 60) - len(start) - 6))
    return f"{start}{number:05d}{body}X"


def _scan(screen: OnScreen, data: bytes, pace_s: float) -> float:
    """Returns the longest pause between two characters, in seconds."""
    screen.read(0)
    if not pace_s:
        os.write(screen.line, data)
        return 0.0
    longest_s, before = 0.0, time.monotonic()
    for byte in data:
        os.write(screen.line, bytes((byte,)))
        longest_s, before = max(longest_s, time.monotonic() - before), time.monotonic()
        time.sleep(pace_s)
    return longest_s


def taken_in(log: Path) -> list[str]:
    lines = log.read_text("ascii").splitlines()
    return [line[len("in '") : -1].encode().decode("unicode_escape") for line in lines if line.startswith("in ")]


def _refused(log: Path) -> list[str]:
    return [
        line.removeprefix("log ") for line in log.read_text("ascii").splitlines() if line.startswith("log bad read")
    ]


def _is_over(log: Path, count: int) -> bool:
    """All have come, or nothing comes any more."""
    return len(taken_in(log)) >= count or time.time() - log.stat().st_mtime > _QUIET_S


@contextmanager
def _ended(socket: Path) -> Iterator[None]:
    """tmux's server lives on behind its client unless it is told to end."""
    try:
        yield
    finally:
        if socket.exists():
            subprocess.run(["tmux", "-S", socket, "kill-server"], check=False, capture_output=True)
