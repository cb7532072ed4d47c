"""A terminal with a written-down conversation, to look at and to test on a real terminal line.

    python -m tests.screens.play --log FILE [--step STEP] [--language de] [--ascii] [--light] [--demo] [--prefix]
                                 [--ring]

Every input is written to FILE as it is given, and what the app logs. A scan of ``WRONG`` is an error; one of ``STALL``
takes a while to be answered.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from typing import TextIO

from drivers.scanners.wedge import WedgeSettings
from floor.app import FloorApp
from floor.ports import Turn
from floor.work.prompt import Input, Pressed, Prompt, Scan, Tone, Typed
from tests.screens.prompts import STEPS, notice, prompt
from tests.screens.script import Script, stands

STALL_S = 0.8


class Played(Script):
    """Counts scans; keys F4 and F3 walk through the steps."""

    def __init__(self, step: str, language: str, log: TextIO) -> None:
        super().__init__(stands(prompt(step)), spoken=language)
        self._log = log
        self._steps = list(STEPS)
        self._step = step
        self._count = 0
        self._typed = ""

    def give(self, input: Input) -> Turn:
        match input:
            case Scan(text="WRONG"):
                self._note("wrong", input.text)
                return Turn(self._prompt(), notice("wrong_kind", Tone.ERROR))
            case Scan(text=text):
                if text.startswith("STALL"):
                    time.sleep(STALL_S)
                self._count += 1
                self._note("scan", text)
            case Typed(character):
                self._typed += character
                self._note("typed", character)
            case Pressed(key):
                self._note("key", key.value)
                self._typed = ""
                if key == "problem":
                    self._step = self._steps[(self._steps.index(self._step) + 1) % len(self._steps)]
            case _:
                pass
        return Turn(self._prompt(), None)

    def take_in(self, text: str, symbology: str | None) -> int:
        self._note("in", text)
        return super().take_in(text, symbology)

    def _prompt(self) -> Prompt:
        return prompt(self._step, entry=self._typed, count=(self._count, 60))

    def _note(self, what: str, text: str) -> None:
        self._log.write(f"{what} {text!a}\n")
        self._log.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--step", default="pick", choices=list(STEPS))
    parser.add_argument("--language", default="en")
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--prefix", action="store_true", help="the scanner sends RS before each code")
    parser.add_argument("--ring", action="store_true", help="ring once the first prompt is painted")
    options = parser.parse_args()
    logging.basicConfig(filename=options.log, level=logging.INFO, format="log %(message)s")
    with options.log.open("a", encoding="ascii") as log:
        wedge = WedgeSettings(prefix="\x1e") if options.prefix else None
        played = Played(options.step, options.language, log)
        app = FloorApp(
            played,
            terminal="HH-07",
            ascii_only=options.ascii,
            light=options.light,
            demo=options.demo,
            wedge=wedge,
            when_painted=lambda: app.bell() if options.ring else None,
        )
        app.run(mouse=False)
        log.write("ended\n")


if __name__ == "__main__":
    main()
