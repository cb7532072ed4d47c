"""A program on a terminal line, and what its screen shows: the far side of `floor terminal`."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE_S = 60.0
ROWS, COLUMNS = 16, 20
_NOT_FROM_HERE = {"COLORTERM", "COLUMNS", "LC_ALL", "LINES"}
"""They would speak of another terminal: COLUMNS and LINES even win over the size of the line."""
_SEQUENCE = re.compile(
    rb"\x1b\[([<=>?]*)([0-9;]*)\$?([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>78cM]"
)


class Grid:
    """The cells of a screen, as far as programs of Textual write them: text, cursor moves and erasing."""

    def __init__(self, rows: int, columns: int) -> None:
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._rest = b""

    def rows(self) -> list[str]:
        return ["".join(row) for row in self._cells]

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        at = 0
        while at < len(data):
            if data[at] == 0x1B:
                found = _SEQUENCE.match(data, at)
                if found is None:
                    break  # the sequence is not whole yet
                self._control(found)
                at = found.end()
            else:
                end = data.find(b"\x1b", at)
                end = len(data) if end < 0 else end
                text = data[at:end].decode("utf-8", "ignore")
                self._write(text)
                # A character that is cut in two waits for its other bytes.
                whole = len(text.encode())
                if whole < end - at and end == len(data):
                    at += whole
                    break
                at = end
        self._rest = data[at:]

    def _control(self, found: re.Match[bytes]) -> None:
        private, numbers, final = found[1], found[2], found[3]
        if final == b"H" and not private:
            row, _, column = (numbers or b"1;1").partition(b";")
            self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
        elif (final == b"J" and not private) or (final == b"h" and b"1049" in numbers):
            self._cells = [[" "] * len(row) for row in self._cells]

    def _write(self, text: str) -> None:
        for character in text:
            if character == "\r":
                self._column = 0
            elif character == "\n":
                self._row += 1
            elif character.isprintable():
                if self._row < len(self._cells) and self._column < len(self._cells[0]):
                    self._cells[self._row][self._column] = character
                self._column += 1


class OnScreen:
    """A program under a pty of 20x16. Close it when done: what is still running is killed with its children."""

    def __init__(self, command: Sequence[str | Path], *, cwd: Path, environment: dict[str, str] | None = None) -> None:
        self.printed = b""
        self.grid = Grid(ROWS, COLUMNS)
        self.line, far = pty.openpty()
        fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_FROM_HERE}
        self.program = subprocess.Popen(
            command,
            stdin=far,
            stdout=far,
            stderr=far,
            cwd=cwd,
            env=kept | {"TERM": "xterm", "LANG": "C.UTF-8"} | (environment or {}),
            start_new_session=True,
        )
        os.close(far)

    def read(self, wait_s: float) -> bool:
        """Take what the program writes within ``wait_s``; False when it has closed its side."""
        if select.select([self.line], [], [], wait_s)[0]:
            try:
                data = os.read(self.line, 65536)
            except OSError:
                return False
            self.printed += data
            self.grid.feed(data)
        return True

    def text(self) -> str:
        return "\n".join(self.grid.rows())

    def words(self) -> str:
        """What it says, however it is broken into rows."""
        return " ".join(self.text().split())

    def takes_single_keys(self) -> bool:
        """Whether the program has taken the line out of its line by line mode."""
        flags: int = termios.tcgetattr(self.line)[3]
        return not flags & termios.ICANON

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Read until something is so; fails with the screen after a minute, or when the program ends first."""
        end_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end_s, f"{what} did not come:\n{self.text()}\n{self.printed[-600:]!r}"
            assert self.read(0.05), f"the program ended before {what} came:\n{self.text()}\n{self.printed[-2000:]!r}"

    def until_shown(self, *texts: str) -> str:
        """Wait until one of the texts stands on the screen; returns which."""
        self.until(lambda: any(each in self.words() for each in texts), " or ".join(texts))
        words = self.words()
        return next(each for each in texts if each in words)

    def type(self, keys: str | bytes) -> None:
        os.write(self.line, keys.encode() if isinstance(keys, str) else keys)

    def until_ended(self) -> int:
        """Its exit code, after it closed the line."""
        end_s = time.monotonic() + PATIENCE_S
        while self.read(0.05) and self.program.poll() is None:
            assert time.monotonic() < end_s, f"it does not end:\n{self.text()}"
        return self.program.wait(PATIENCE_S)

    def kill(self) -> None:
        self.program.kill()
        self.program.wait(PATIENCE_S)

    def close(self) -> None:
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
            self.program.wait(PATIENCE_S)
        os.close(self.line)
