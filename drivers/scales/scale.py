"""A scale: weighs, and is set to zero or tare, over one connection that it opens again by itself.

Nothing that was said before a call counts in it: what waits in the line is thrown away first. A command (zero, tare)
counts as done when the scale then shows zero, whatever it answered: not every scale answers, and none answers alike.
"""

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from drivers.faults import DeviceFault, DeviceGone
from drivers.readings import AtZero, NoWeight, Weight, WeightFault
from drivers.scales.hid_descriptor import NotAScale
from drivers.scales.judging import WeightJudge
from drivers.scales.links import Where, described, open_link
from drivers.scales.protocols import ScaleProtocol
from drivers.scales.talk import ANSWER_S, Command, Talk, pause
from drivers.scales.units import Unit

WEIGH_S = 5.0

_REOPEN_PAUSE_S = 0.2


class Scale:
    """One scale, called from worker threads; calls wait for each other. Nothing that the world does is raised.

    `source` is the name that its readings carry, such as "scale 2". `unit` is the one that the scale is set to: frames
    with another one do not count. `answer_s` is how long it may take to answer. Raises `ValueError` when frames of this
    protocol carry no unit and none is given.
    """

    def __init__(
        self,
        source: str,
        where: Where,
        protocol: ScaleProtocol,
        unit: Unit | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        if unit is None and not protocol.names_unit:
            raise ValueError(f"{source}: its protocol sends weights without a unit, so its profile must name one")
        self._source = source
        self._where = where
        self._protocol = protocol
        self._unit = unit
        self._answer_s = answer_s
        self._talk: Talk | None = None
        self._was_empty = False
        self._one_at_a_time = threading.Lock()

    def weigh(self, wait_s: float = WEIGH_S, *, after_zero: bool = False) -> Weight | NoWeight:
        """Wait up to `wait_s` for a weight that counts; otherwise return why there was none in the end.

        With `after_zero` a weight counts only when the scale was seen empty, by any call, since the last one that
        counted: the same carton is not weighed twice. A caller that has something else to do asks with a short wait
        again and again, so that the empty scale is seen.
        """
        with self._one_at_a_time:
            told = self._no_weight(WeightFault.SILENT)
            for reading in self._listen(time.monotonic() + wait_s):
                if isinstance(reading, NoWeight):
                    told = reading
                elif after_zero and not self._was_empty:
                    told = self._no_weight(WeightFault.NOT_CLEARED, f"it shows {reading.shown}")
                else:
                    self._was_empty = False
                    return reading
            return told

    def look(self, wait_s: float = ANSWER_S) -> Weight | NoWeight:
        """What the scale shows, `EMPTY` being a good answer. Takes nothing: it does not count as weighing."""
        with self._one_at_a_time:
            told: Weight | NoWeight = self._no_weight(WeightFault.SILENT)
            for told in self._listen(time.monotonic() + wait_s):
                if isinstance(told, Weight) or told.reason is WeightFault.EMPTY:
                    break
            return told

    def zero(self, wait_s: float = WEIGH_S) -> AtZero | NoWeight:
        """Set the empty scale to zero. Done when it shows zero within `wait_s`."""
        return self._set(Command.ZERO, wait_s)

    def tare(self, wait_s: float = WEIGH_S) -> AtZero | NoWeight:
        """Take what is on the scale as its tare; on an empty scale that clears it. Done when it shows zero in time."""
        return self._set(Command.TARE, wait_s)

    def close(self) -> None:
        with self._one_at_a_time:
            self._hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _set(self, command: Command, wait_s: float) -> AtZero | NoWeight:
        with self._one_at_a_time:
            told = self._no_weight(WeightFault.SILENT)
            for reading in self._listen(time.monotonic() + wait_s, command):
                if isinstance(reading, Weight):
                    told = self._no_weight(WeightFault.NOT_AT_ZERO, f"it shows {reading.shown}")
                elif reading.reason is WeightFault.EMPTY:
                    return AtZero(self._source, reading.read_at_s)
                else:
                    told = reading
            return told

    def _listen(self, until_s: float, command: Command | None = None) -> Iterator[Weight | NoWeight]:
        """Everything the scale says from now until `until_s`. The command goes out once, before the first question."""
        is_sent = command is None
        is_begun = False
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                if self._talk is None:
                    self._talk = self._connect(min(left_s, self._answer_s))
                    is_begun = False
                if not is_begun:
                    # A converter or a line may hold old frames even when it was opened this very moment.
                    self._talk.forget_what_came()
                    is_begun = True
                if command is not None and not is_sent:
                    if not self._talk.offers(command):
                        yield self._no_weight(WeightFault.NOT_OFFERED)
                        return
                    # Sent at most once: after a broken link nobody knows whether it was taken.
                    is_sent = True
                    yield from self._heard(self._talk.obey(command, until_s))
                yield from self._heard(self._talk.answers(until_s))
            except NotAScale as fault:
                yield self._no_weight(WeightFault.WRONG_DEVICE, str(fault))
                pause(_REOPEN_PAUSE_S, until_s)
            except DeviceFault as fault:
                self._hang_up()
                yield self._no_weight(WeightFault.GONE, fault.cause if isinstance(fault, DeviceGone) else str(fault))
                pause(_REOPEN_PAUSE_S, until_s)

    def _heard(self, readings: Iterator[Weight | NoWeight]) -> Iterator[Weight | NoWeight]:
        for reading in readings:
            if isinstance(reading, NoWeight) and reading.reason is WeightFault.EMPTY:
                self._was_empty = True
            yield reading

    def _connect(self, timeout_s: float) -> Talk:
        speech = self._protocol.begin(described(self._where))
        judge = WeightJudge(self._source, self._unit, speech.agreeing_frames)
        return Talk(open_link(self._where, timeout_s), speech, judge, self._answer_s)

    def _hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.close()

    def _no_weight(self, reason: WeightFault, detail: str = "") -> NoWeight:
        return NoWeight(reason, self._source, time.monotonic(), detail)
