"""One connection to a ZPL printer: ask how it is, send bytes."""

import time
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from drivers.faults import DeviceSilent
from drivers.printers.answers import Answer, AnswerReader, Count
from drivers.printers.links import PrinterPlace, open_link
from drivers.readings import PrinterState, Silent

CANCEL_STUMP = b"~JX"
ASK_COUNT = b'! U1 getvar "odometer.total_label_count"\r\n'
# Answers come in the order of the questions, so the odometer's answer says that no other is on its way.
_ASK_ALL = b"~HQES~HS" + ASK_COUNT

_COUNT_WAIT_S = 0.5
"""How long a printer that has told its state may think about its odometer; an old one never answers that question."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a printer said. One with a fault may tell its count and not its state, an old one the reverse."""

    state: PrinterState | None
    count: int | None


class Conversation:
    """An open connection; a context manager. Every method raises `DeviceFault` for what link and printer do."""

    def __init__(self, place: PrinterPlace, timeout_s: float, *, answers: bool = True) -> None:
        self._device = str(place)
        self._timeout_s = timeout_s
        self._stream = open_link(place, timeout_s, answers=answers)
        self._reader = AnswerReader(self._device)

    def send(self, data: bytes) -> None:
        """Hand bytes over; `LinkBroken` says how many were taken."""
        self._stream.send(data, self._timeout_s)

    def look(self, ahead: bytes = b"") -> Look:
        """Ask for state and odometer, with `ahead` sent first. Raises `DeviceSilent` when neither comes in time."""
        self.send(ahead + _ASK_ALL)
        state: PrinterState | None = None
        count: Count | None = None
        until_s = time.monotonic() + self._timeout_s
        while not (count and _is_told(state)) and (wait_s := until_s - time.monotonic()) > 0:
            try:
                answers = self._receive(wait_s)
            except DeviceSilent:
                break
            for answer in answers:
                if isinstance(answer, Count):
                    count = answer
                else:
                    state = _both(state, answer)
            if _is_told(state):
                until_s = min(until_s, time.monotonic() + _COUNT_WAIT_S)
        if state is None and count is None:
            raise DeviceSilent(self._device, self._timeout_s)
        return Look(state if _is_told(state) else None, count.labels if count else None)

    def count(self) -> int | None:
        """Wait for the answer to an `ASK_COUNT` that was sent with `send`. None: the printer has no odometer."""
        until_s = time.monotonic() + self._timeout_s
        while (wait_s := until_s - time.monotonic()) > 0:
            for answer in self._receive(wait_s):
                if isinstance(answer, Count):
                    return answer.labels
        raise DeviceSilent(self._device, self._timeout_s)

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _receive(self, wait_s: float) -> list[Answer]:
        return self._reader.feed(self._stream.receive(wait_s))


def untold(place: PrinterPlace) -> Silent:
    """What to say of a printer that answers its odometer and not its state."""
    return Silent(
        f"{place} counts its labels and does not tell its state, as printers do that are out of labels or ribbon or"
        " have an open head. It counts as not ready. Look at its display and lamps."
    )


def _is_told(state: PrinterState | None) -> bool:
    """Whether this is an answer to go by: `~HS`, or a fault by `~HQES`. No fault there and `~HS` silent is silence."""
    return state is not None and (state.formats_in_buffer is not None or not state.ready)


def _both(first: PrinterState | None, second: PrinterState) -> PrinterState:
    if first is None:
        return second
    told = second if second.formats_in_buffer is not None else first
    return replace(told, faults=first.faults | second.faults)
