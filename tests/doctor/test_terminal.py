"""The doctor's lines about the terminal it runs on, asked over a real terminal line, and `--keys`."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from floor.config import Profile
from floor.doctor.findings import Grade
from floor.doctor.keys import judged_key
from floor.doctor.terminal import judged_answers, judged_colours, judged_size
from floor.keymap import Keymap
from floor.work.prompt import Key
from tests.doctor.seen import said, told

PATIENCE_S = 60.0
_SURROUNDINGS = {"COLORTERM", "LC_ALL", "LANG", "COLUMNS", "LINES", "NO_COLOR", "TERM"}


def doctor_on_a_line(
    folder: Path, *options: str, size: tuple[int, int], answers: dict[bytes, bytes], **surroundings: str
) -> tuple[list[dict[str, str]], str]:
    """Start `floor doctor --json` on a terminal line that answers so; what it found, and what it asked in words."""
    line, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in _SURROUNDINGS}
    program = subprocess.Popen(
        [sys.executable, "-m", "floor", "doctor", "--json", *options],
        stdin=far,
        stdout=far,
        stderr=far,
        env=clean | {"FLOORHAND_DATA": str(folder)} | surroundings,
        start_new_session=True,
    )
    os.close(far)
    heard, waiting, until_s = b"", dict(answers), time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < until_s:
            if not select.select([line], [], [], 0.05)[0]:
                continue
            try:
                heard += os.read(line, 65536)
            except OSError:  # the program has ended and all was read
                break
            for asked in [asked for asked in waiting if asked in heard]:
                os.write(line, waiting.pop(asked))
        assert program.wait(PATIENCE_S) == 1, heard  # there is no store
    finally:
        program.kill()
        program.wait()
        os.close(line)
    text = heard.decode("utf-8", "replace")
    start = text.index("[\r\n")
    found: list[dict[str, str]] = json.loads(text[start : text.rindex("]") + 1])
    return found, text[:start]


def of(found: list[dict[str, str]], what: str) -> str:
    (finding,) = [finding for finding in found if finding["what"] == what]
    return f"{finding['grade']} {finding['how']} {finding['todo']}".rstrip()


def test_a_terminal_that_answers_is_told_what_it_can(tmp_path: Path) -> None:
    answers = {b"\x1b[c": b"\x1b[?0u\x1b[?2004;2$y\x1b[?62;c"}
    found, _ = doctor_on_a_line(tmp_path, size=(20, 16), answers=answers, TERM="xterm-256color", LANG="C.UTF-8")
    assert of(found, "screen") == "ok It has 20 x 16 characters."
    assert of(found, "colours") == "ok TERM is xterm-256color, painted in 256 colours."
    assert of(found, "letters") == "ok UTF-8."
    assert of(found, "answers") == "ok It answers: a scan may come as one paste, and knows the kitty keyboard protocol."


def test_a_small_dumb_terminal_without_utf8_that_says_nothing_and_its_keys(tmp_path: Path) -> None:
    pressed = {b"Press Enter": b"\r", b"Press F1 ": b"\x1bOP", b"Press F2": b"\x1bOR", b"Press F3": b"\x1bOR"}
    pressed |= {b"Press Escape": b"\x1b", b"Press F4": b"x", b"Press F5": b"\x1b[15~", b"Press Backspace": b"\x7f"}
    found, asked = doctor_on_a_line(
        tmp_path, "--keys", size=(19, 16), answers=pressed, TERM="dumb", LANG="C", PYTHONIOENCODING="utf-8"
    )
    assert of(found, "screen").startswith("warn It has 19 x 16 characters.")
    assert of(found, "colours").startswith("FAIL TERM is dumb")
    assert of(found, "letters").startswith("warn The locale says that it does not take UTF-8")
    assert of(found, "answers").startswith("warn It did not say within 1 s")
    assert of(found, "key Enter") == "ok It came and is enter."
    assert of(found, "key F1") == "ok It came and is help."
    assert of(found, "key F2").startswith("FAIL f3 came, which is back and not undo.")
    assert of(found, "key F3") == of(found, "key Escape") == "ok It came and is back."
    assert of(found, "key F4").startswith("FAIL x came, which is nothing and not problem.")
    assert of(found, "key Backspace") == "ok It came and is erase."
    assert "Press F1 (help)." in asked


def test_a_key_that_does_not_come_fails() -> None:
    told_so = judged_key(None, "f4", Key.PROBLEM, Keymap())
    assert (told_so.grade, told_so.how) == (Grade.FAIL, "Nothing came within 10 s.")
    assert '[keys] problem = ["..."]' in told_so.todo
    assert judged_key("escape", "f3", Key.BACK, Keymap()).how == "It came as escape and is back."


def test_sizes() -> None:
    grades = [judged_size(*size).grade for size in ((80, 24), (20, 16), (20, 15), (19, 16), (16, 8), (15, 8), (16, 7))]
    assert grades == [Grade.OK] * 2 + [Grade.WARN] * 3 + [Grade.FAIL] * 2


def test_colours() -> None:
    assert judged_colours({}).grade is Grade.FAIL
    assert judged_colours({"TERM": "linux", "NO_COLOR": "1"}).grade is Grade.WARN
    assert judged_colours({"TERM": "vt220"}).how == "TERM is vt220, painted in 16 colours."
    assert "all colours" in judged_colours({"TERM": "xterm", "COLORTERM": "truecolor"}).how


def test_a_terminal_that_knows_neither_paste_nor_kitty_is_well() -> None:
    found = judged_answers(b"\x1b[?2004;0$y\x1b[?1;2c")
    assert found.grade is Grade.OK
    assert "does not say whether it brackets pastes, and has plain keys" in found.how


def test_letters_are_ascii_where_the_profile_says_so_and_no_terminal_is_said() -> None:
    assert said(told(Profile(ascii=True), "letters")).startswith("ok ASCII only")
    assert "not started on a terminal" in said(told(Profile(), "answers"))
    assert told(Profile(), "screen").grade is Grade.WARN
