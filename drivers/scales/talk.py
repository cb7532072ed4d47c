"""One open connection to a scale: ask, listen within limits, hand on what a command is."""

import time
from collections.abc import Iterator
from enum import Enum

from drivers.faults import DeviceSilent
from drivers.readings import NoWeight, Weight
from drivers.scales.judging import WeightJudge
from drivers.scales.links import Link
from drivers.scales.speech import Speech

ANSWER_S = 1.0
"""How long a scale may take to answer, and one that sends by itself may pause."""

_ASK_PAUSE_S = 0.05
_STALE_READS = 64
"""How many pieces of old bytes are thrown away at most; what comes without end is judged as garbage instead."""


class Command(Enum):
    ZERO = "zero"
    TARE = "tare"


class Talk:
    """Every method raises `DeviceGone` when the link ends. Times `until_s` are of the monotonic clock."""

    def __init__(self, link: Link, speech: Speech, judge: WeightJudge, answer_s: float) -> None:
        self._link = link
        self._speech = speech
        self._judge = judge
        self._answer_s = answer_s
        self._has_heard = False

    def forget_what_came(self) -> None:
        """Throw away what waits in the line and what is there of a frame."""
        for _ in range(_STALE_READS):
            try:
                self._link.receive(0.0)
            except DeviceSilent:
                break
        self._speech.cut()
        self._judge.forget()
        self._has_heard = False

    def offers(self, command: Command) -> bool:
        return bool(self._bytes_of(command))

    def obey(self, command: Command, until_s: float) -> Iterator[Weight | NoWeight]:
        """Send the command and hear its answer, where there is one."""
        self._link.send(self._bytes_of(command), self._answer_s)
        self._judge.forget()
        data = self._receive(min(time.monotonic() + self._answer_s, until_s))
        yield from self._judged(data)

    def answers(self, until_s: float) -> Iterator[Weight | NoWeight]:
        """What the scale answers to one question, or what it sends by itself until it falls silent."""
        if self._speech.ask:
            self._link.send(self._speech.ask, self._answer_s)
        while data := self._receive(min(time.monotonic() + self._answer_s, until_s)):
            has_answered = False
            for reading in self._judged(data):
                has_answered = True
                yield reading
            if has_answered and self._speech.ask:
                pause(_ASK_PAUSE_S, until_s)
                return
        is_over = time.monotonic() >= until_s
        if is_over and self._has_heard:
            # The time ran out in the middle of a frame: what was said before it still stands.
            return
        at_s = time.monotonic()
        half = [self._judge.hear(said, at_s) for said in self._speech.cut()]
        yield from half or [self._judge.silence(at_s)]

    def close(self) -> None:
        self._link.close()

    def _judged(self, data: bytes) -> Iterator[Weight | NoWeight]:
        at_s = time.monotonic()
        for said in self._speech.feed(data):
            self._has_heard = True
            yield self._judge.hear(said, at_s)

    def _receive(self, until_s: float) -> bytes:
        """At least one byte, or b"" when none came in time."""
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            return b""
        try:
            return self._link.receive(left_s)
        except DeviceSilent:
            return b""

    def _bytes_of(self, command: Command) -> bytes:
        return self._speech.zero if command is Command.ZERO else self._speech.tare


def pause(pause_s: float, until_s: float) -> None:
    """Wait, but not past `until_s`."""
    time.sleep(max(0.0, min(pause_s, until_s - time.monotonic())))
