"""Threads that never stop trying: rounds on an unconditional timer, at once when there is something to do."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a loop rests: after a failure between ``first_s`` and ``longest_s``, doubling, with full jitter."""

    first_s: float = 0.5
    longest_s: float = 30.0
    idle_s: float = 30.0
    """How long a loop that has nothing to do waits before it looks again, woken or not."""
    poll_s: int = 25
    """How long the store may keep a question for changes open."""
    check_s: float = 3600.0
    """How often, more or less, the rows here are compared with the store's."""


class Backoff:
    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> float:
        """Seconds to rest after one more failure."""
        self._failures += 1
        # The exponent is bounded: after days without a store the power would no longer fit a float.
        longest_s = min(self._pace.longest_s, self._pace.first_s * 2 ** min(self._failures, 16))
        return random.uniform(self._pace.first_s, longest_s)  # noqa: S311 - spreads load, guards nothing

    def rest(self, wait_s: float = 0.0) -> Rest:
        """The rest after one more failure, not shorter than the ``wait_s`` that the store asks for."""
        return Rest(wait_s + self.failed(), max(wait_s, self._pace.first_s))


@dataclass(frozen=True, slots=True)
class Rest:
    """What a round says of the time to the next one; news ends a rest early, but not before ``at_least_s``."""

    at_most_s: float
    at_least_s: float = 0.0


class SyncLoop:
    """One daemon thread that does rounds. No exception ends it: ``failed`` is told and says how long to rest."""

    def __init__(self, name: str, round_: Callable[[], Rest], failed: Callable[[Exception], Rest]) -> None:
        self._round = round_
        self._failed = failed
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        """Let no further round begin."""
        self._stop.set()
        self._news.set()

    def join(self, timeout_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._news.clear()
            try:
                rest = self._round()
            except Exception as error:  # noqa: BLE001 - a loop that ended would be a queue that silently stops
                rest = self._failed(error)
            self._stop.wait(rest.at_least_s)
            self._news.wait(max(0.0, rest.at_most_s - rest.at_least_s))
