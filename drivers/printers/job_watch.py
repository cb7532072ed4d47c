"""What became of a job that was handed to a printer: printed, lost, or uncertain."""

import time
from contextlib import ExitStack

from drivers.faults import DeviceFault, DeviceSilent
from drivers.printers.conversation import CANCEL_STUMP, Conversation, Look, untold
from drivers.printers.links import PrinterPlace
from drivers.readings import PrinterState, PrintOutcome, PrintReason, PrintStatus, Silent

LOOK_PAUSE_S = 0.02
"""Pause between two questions to a printer that is at work."""

_WORKING_S = 15.0
"""How long a printer that says it is ready may hold a label without counting another one."""


class JobWatch:
    """Looks at the printer until one job's fate is known.

    `before` is the odometer before the job, `labels` how many labels the job prints.
    """

    def __init__(self, place: PrinterPlace, timeout_s: float, before: int, labels: int) -> None:
        self._place = place
        self._timeout_s = timeout_s
        self._before = before
        self._labels = labels
        self._count = before
        now_s = time.monotonic()
        self._answered_s = now_s
        self._progress_s = now_s
        self._empty_since_s: float | None = None
        self._said: PrinterState | Silent = untold(place)

    def until_known(self, conversation: Conversation | None) -> PrintOutcome:
        """Look over `conversation`, and over new connections when it breaks. Closes what it uses; never sends a job."""
        with ExitStack() as closing:
            if conversation is not None:
                closing.enter_context(conversation)
            while True:
                ahead = b""
                try:
                    if conversation is None:
                        conversation = closing.enter_context(Conversation(self._place, self._timeout_s))
                        # The rest of a job can only come over the link that broke: its stump will never be whole.
                        ahead = CANCEL_STUMP
                    outcome = self._judge(conversation.look(ahead))
                except DeviceFault as fault:
                    closing.close()
                    conversation = None
                    outcome = self._judge_silence(fault)
                if outcome is not None:
                    return outcome
                time.sleep(LOOK_PAUSE_S)

    def _judge(self, look: Look) -> PrintOutcome | None:
        """Decide by one answer, or None when it is too early."""
        now_s = time.monotonic()
        self._said = look.state or untold(self._place)
        if look.count is None:
            is_silent = now_s - self._answered_s >= self._timeout_s
            return self._outcome(PrintStatus.UNCERTAIN, PrintReason.SILENT_AFTER) if is_silent else None
        self._answered_s = now_s
        if look.count != self._count:
            self._progress_s = now_s
            self._empty_since_s = None
        self._count = look.count
        moved = look.count - self._before
        if moved == self._labels:
            return self._outcome(PrintStatus.PRINTED, PrintReason.COUNTED)
        if not 0 <= moved < self._labels:
            return self._outcome(PrintStatus.UNCERTAIN, PrintReason.COUNT_DIFFERS)
        if look.state is None:
            return self._outcome(PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)
        return self._judge_waiting(look.state, moved, now_s)

    def _judge_waiting(self, state: PrinterState, moved: int, now_s: float) -> PrintOutcome | None:
        if state.empty:
            # Between receiving and printing a buffer may look empty for a moment: only a lasting one says something.
            self._empty_since_s = self._empty_since_s or now_s
            if now_s - self._empty_since_s < self._timeout_s:
                return None
            if moved:
                return self._outcome(PrintStatus.UNCERTAIN, PrintReason.COUNT_DIFFERS)
            return self._outcome(PrintStatus.LOST, PrintReason.BUFFER_EMPTIED)
        self._empty_since_s = None
        if state.ready and now_s - self._progress_s < _WORKING_S:
            return None
        return self._outcome(PrintStatus.UNCERTAIN, PrintReason.WAITS_IN_PRINTER)

    def _judge_silence(self, fault: DeviceFault) -> PrintOutcome | None:
        self._said = Silent(str(fault))
        self._empty_since_s = None
        if not isinstance(fault, DeviceSilent) and time.monotonic() - self._answered_s < self._timeout_s:
            return None
        return self._outcome(PrintStatus.UNCERTAIN, PrintReason.SILENT_AFTER)

    def _outcome(self, status: PrintStatus, reason: PrintReason) -> PrintOutcome:
        return PrintOutcome(status, reason, self._labels, self._before, self._count, self._said)
