"""Tones through the terminal's bell: a hand-held has one beep, so the number of beeps says what it means."""

from __future__ import annotations

from collections.abc import Callable

from floor.work.prompt import Tone

BEEP_GAP_S = 0.2
"""Closer bells run together into one on common terminals."""
_BEEPS = {Tone.QUIET: 0, Tone.BOUNCE: 0, Tone.DONE: 1, Tone.WARNING: 2, Tone.ERROR: 3}


class Sound:
    """``ring`` sounds the bell once; ``later`` calls a function after so many seconds."""

    def __init__(self, ring: Callable[[], None], later: Callable[[float, Callable[[], None]], object]) -> None:
        self._ring = ring
        self._later = later

    def play(self, tone: Tone) -> None:
        for beep in range(_BEEPS[tone]):
            if beep == 0:
                self._ring()
            else:
                self._later(beep * BEEP_GAP_S, self._ring)
