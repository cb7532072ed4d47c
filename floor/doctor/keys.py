"""The doctor's question for each key of the terminal: what comes when it is pressed, as the work screen reads it."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable

from textual import events
from textual._xterm_parser import XTermParser

from floor.doctor.findings import Finding, Told, fail, ok
from floor.doctor.terminal import raw_input_of
from floor.keymap import Keymap
from floor.work.prompt import Key

PATIENCE_S = 10.0
_REST_S = 0.2


def ask_keys(keymap: Keymap, tell: Callable[[str], None]) -> list[Finding]:
    """Ask for every key that has a function, one after the other; ten seconds each."""
    findings = []
    with raw_input_of(sys.stdin.fileno()) as line:
        for function, names in keymap.keys.items():
            for name in names:
                tell(f"Press {_said(name)} ({function}).")
                findings.append(Finding(f"key {_said(name)}", judged_key(_pressed(line), name, function, keymap)))
    return findings


def judged_key(came: str | None, wanted: str, function: Key, keymap: Keymap) -> Told:
    """``came``: the name of the key that arrived; None when none did."""
    other = f'If no key does it, give {function} another one in the profile: [keys] {function} = ["..."].'
    if came is None:
        return fail(f"Nothing came within {PATIENCE_S:g} s.", other)
    if keymap.function(came) is function:
        as_other = "" if came == wanted else f" as {came}"
        return ok(f"It came{as_other} and is {function}.")
    found = keymap.function(came)
    return fail(f"{came} came, which is {'nothing' if found is None else found} and not {function}.", other)


def _pressed(line: int) -> str | None:
    """Textual's name of the next key; None when none came, or the line was hung up."""
    parser = XTermParser()
    until_s = time.monotonic() + PATIENCE_S
    wait_s = PATIENCE_S
    while wait_s > 0:
        came = bool(select.select([line], [], [], wait_s)[0])
        data = os.read(line, 4096) if came else b""
        if came and not data:
            return None
        for message in [*parser.feed(data.decode("utf-8", "replace"))] if data else [*parser.tick()]:
            if isinstance(message, events.Key):
                return message.key
        # A lone Escape is one only when nothing follows it: after a while the parser is asked again.
        wait_s = min(_REST_S, until_s - time.monotonic())
    return None


def _said(name: str) -> str:
    return name.upper() if len(name) <= 3 else name.capitalize()
