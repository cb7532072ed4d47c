"""Counters of what a run was to inject: a fault that never struck has proven nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping


class NeverStruck(AssertionError):
    """Faults that a run was to inject and that never happened in it."""


class Sometimes:
    """Counts by name, from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Condition()

    def strike(self, name: str, times: int = 1) -> None:
        with self._lock:
            self._counts[name] += times
            self._lock.notify_all()

    def struck(self, name: str) -> int:
        with self._lock:
            return self._counts[name]

    def counts(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._counts)

    def wait_for(self, name: str, times: int, timeout_s: float) -> bool:
        """Until ``name`` has struck ``times`` times; False when it was not in time."""
        with self._lock:
            return self._lock.wait_for(lambda: self._counts[name] >= times, timeout_s)

    def require(self, names: Iterable[str]) -> None:
        """Raises `NeverStruck` for those that did not happen at all."""
        missing = sorted({str(name) for name in names if not self.struck(str(name))})
        if missing:
            raise NeverStruck(f"these faults never struck, so the run says nothing of them: {', '.join(missing)}")
