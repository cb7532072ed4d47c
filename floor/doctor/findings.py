"""What the doctor finds: one line for each thing that was looked at, and how things are looked at within a limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum

LIMIT_S = 5.0
"""How long a look may take; all of them are taken at the same time."""


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Told:
    """How something is, and what to do about it (empty: nothing, or ``how`` says so already)."""

    grade: Grade
    how: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    told: Told

    @property
    def line(self) -> str:
        """``FAIL  printer pack-1: it is out of labels. Load labels.``"""
        return f"{self.told.grade:<4}  {self.what}: {self.told.how} {self.told.todo}".rstrip()


@dataclass(frozen=True, slots=True)
class Probe:
    """One look. ``look`` may raise and may hang."""

    what: str
    look: Callable[[], Told]


def ok(how: str) -> Told:
    return Told(Grade.OK, how)


def warn(how: str, todo: str = "") -> Told:
    return Told(Grade.WARN, how, todo)


def fail(how: str, todo: str = "") -> Told:
    return Told(Grade.FAIL, how, todo)


def examine(probes: Iterable[Probe], limit_s: float = LIMIT_S) -> list[Finding]:
    """Take all looks at the same time; what came of them, in their order, within ``limit_s``."""
    under_way = [(probe, _begun(probe)) for probe in probes]
    until_s = time.monotonic() + limit_s
    return [Finding(probe.what, _outcome(looking, until_s, limit_s)) for probe, looking in under_way]


def _begun(probe: Probe) -> Future[Told]:
    looking: Future[Told] = Future()

    def look() -> None:
        try:
            looking.set_result(probe.look())
        except BaseException as failure:  # noqa: BLE001 - it is told where the look's outcome is asked for
            looking.set_exception(failure)

    # A thread that hangs must not keep the program from ending.
    threading.Thread(target=look, name=f"doctor-{probe.what}", daemon=True).start()
    return looking


def _outcome(looking: Future[Told], until_s: float, limit_s: float) -> Told:
    try:
        failure = looking.exception(max(until_s - time.monotonic(), 0.0))
    except TimeoutError:
        return fail(
            f"The look at it did not end within {limit_s:g} s.", "Switch it off and on, look at its cable, ask again."
        )
    if failure is None:
        return looking.result()
    return fail(
        f"The look at it broke ({type(failure).__name__}: {failure}).",
        "Ask again; if it stays, show this line to the makers of this program.",
    )


def has_failed(findings: Sequence[Finding]) -> bool:
    return any(finding.told.grade is Grade.FAIL for finding in findings)
