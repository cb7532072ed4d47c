"""A ZPL printer: sends one job at a time and finds out whether it was printed.

A closed connection says "in a buffer", not "on paper", so the odometer before and after decides. That holds only while
this object is the one writer of that printer. The odometer of before is asked for in the same stream, ahead of the job:

- If the printer said within the last `FRESH_S` that it is ready and empty, question and job go out together and the
  label's first byte arrives without waiting for anything.
- Otherwise the job is sent only after the printer has answered that it is ready and empty. Silence then means that
  nothing was sent, which is `LOST` and not `UNCERTAIN`.

Every job begins with `~JX`, which cancels the stump of a job that broke off before; without it the stump would merge
with the next label.
"""

import threading
import time
from collections.abc import Callable

from drivers.faults import DeviceFault, DeviceGone
from drivers.printers.conversation import ASK_COUNT, CANCEL_STUMP, Conversation, Look, untold
from drivers.printers.job_watch import LOOK_PAUSE_S, JobWatch
from drivers.printers.links import PrinterPlace
from drivers.printers.zpl_job import labels_in_job
from drivers.readings import PrinterState, PrintOutcome, PrintReason, PrintStatus, Silent
from drivers.transport.tcp import LinkBroken

FRESH_S = 5.0
"""How long an answer "ready" is believed. Short: within it nobody opens a head and closes it again."""

AboutToSend = Callable[[int | None], None]
"""Called before the first byte of a job, with the odometer before it where that is known. What it raises is raised,
and nothing was sent."""


class ZplPrinter:
    """One printer, called from worker threads; calls wait for each other. Nothing that the world does is raised.

    `timeout_s` is how long the printer may say nothing before it counts as silent, and how long one with an empty
    buffer may take to count a label before the label counts as lost. Without `answers` nothing is ever asked: such a
    printer gets every job at once, and no job of it is known to be printed.
    """

    def __init__(self, place: PrinterPlace, timeout_s: float = 3.0, *, answers: bool = True) -> None:
        self._place = place
        self._timeout_s = timeout_s
        self._answers = answers
        self._one_writer = threading.Lock()
        self._fresh: tuple[int, float] | None = None

    def state(self) -> PrinterState | Silent:
        """Ask how the printer is. A printer with a fault may not answer `~HS`; then `~HQES` names the fault."""
        if not self._answers:
            return Silent(f"{self._place} cannot answer: how it is only its display and lamps say.")
        with self._one_writer:
            try:
                with Conversation(self._place, self._timeout_s) as conversation:
                    look = conversation.look()
            except DeviceFault as fault:
                self._fresh = None
                return Silent(str(fault))
            self._remember(look)
            return look.state or untold(self._place)

    def print_label(self, zpl: bytes, about_to_send: AboutToSend = lambda _before: None) -> PrintOutcome:
        """Send one job (whole formats, `^XA` to `^XZ`) and wait until it is known what became of it.

        Never sends a job twice. Returns within about `timeout_s` after the printer's last sign of life, and as soon as
        the printer says that the label waits for paper, ribbon or its head.
        """
        labels = labels_in_job(zpl)
        if not labels:
            return PrintOutcome(PrintStatus.LOST, PrintReason.NOT_A_LABEL, 0, None, None, None)
        with self._one_writer:
            try:
                conversation = Conversation(self._place, self._timeout_s, answers=self._answers)
            except DeviceGone as gone:
                return self._lost(PrintReason.UNREACHABLE, labels, Silent(str(gone)))
            try:
                return self._send(conversation, zpl, labels, about_to_send)
            finally:
                conversation.close()

    def judge_again(self, outcome: PrintOutcome) -> PrintOutcome:
        """Look once more what became of an uncertain job, for instance when paper was loaded. Prints nothing."""
        if outcome.status is not PrintStatus.UNCERTAIN or outcome.counted_before is None:
            return outcome
        with self._one_writer:
            self._fresh = None
            return self._watch(None, outcome.counted_before, outcome.labels)

    def _send(self, conversation: Conversation, zpl: bytes, labels: int, about_to_send: AboutToSend) -> PrintOutcome:
        fresh, self._fresh = self._fresh, None
        if not self._answers:
            about_to_send(None)
            return self._send_unseen(conversation, zpl, labels)
        if fresh is not None and time.monotonic() - fresh[1] < FRESH_S:
            about_to_send(fresh[0])
            return self._send_at_once(conversation, zpl, labels, fresh[0])
        return self._ask_then_send(conversation, zpl, labels, about_to_send)

    def _send_unseen(self, conversation: Conversation, zpl: bytes, labels: int) -> PrintOutcome:
        job = CANCEL_STUMP + zpl
        try:
            conversation.send(job)
        except LinkBroken as broken:
            is_lost = labels == 1 and broken.accepted_bytes < len(job)
            status = PrintStatus.LOST if is_lost else PrintStatus.UNCERTAIN
            return PrintOutcome(status, PrintReason.BROKEN_OFF, labels, None, None, Silent(str(broken)))
        return PrintOutcome(PrintStatus.UNCERTAIN, PrintReason.NO_ANSWERS, labels, None, None, None)

    def _ask_then_send(
        self, conversation: Conversation, zpl: bytes, labels: int, about_to_send: AboutToSend
    ) -> PrintOutcome:
        try:
            look = self._look_when_empty(conversation)
        except DeviceFault as fault:
            return self._lost(PrintReason.SILENT_BEFORE, labels, Silent(str(fault)))
        if look.state is None or not look.state.ready:
            reason = PrintReason.NOT_READY if look.state else PrintReason.SILENT_BEFORE
            return self._lost(reason, labels, look.state or untold(self._place))
        if not look.state.empty:
            return self._lost(PrintReason.BUSY, labels, look.state)
        about_to_send(look.count)
        try:
            conversation.send(zpl)
        except LinkBroken as broken:
            return self._broken_off(conversation, broken, len(zpl), look.count, labels)
        return self._watch(conversation, look.count, labels)

    def _look_when_empty(self, conversation: Conversation) -> Look:
        """Look until nothing waits in a ready printer any more, for at most `timeout_s`.

        A label of before that comes out after the odometer was read would be taken for the new one.
        """
        until_s = time.monotonic() + self._timeout_s
        look = conversation.look(ahead=CANCEL_STUMP)
        while look.state is not None and look.state.ready and not look.state.empty and time.monotonic() < until_s:
            time.sleep(LOOK_PAUSE_S)
            look = conversation.look()
        return look

    def _send_at_once(self, conversation: Conversation, zpl: bytes, labels: int, last_count: int) -> PrintOutcome:
        """Send question and job together; the answer to the question is the odometer before the job.

        Where the answer does not come, the odometer of the last job is used: this is the one writer.
        """
        job = CANCEL_STUMP + ASK_COUNT + zpl
        try:
            conversation.send(job)
            before = conversation.count()
        except LinkBroken as broken:
            return self._broken_off(conversation, broken, len(job), last_count, labels)
        except DeviceFault:
            conversation.close()
            return self._watch(None, last_count, labels)
        return self._watch(conversation, before, labels)

    def _broken_off(
        self, conversation: Conversation, broken: LinkBroken, size_bytes: int, before: int | None, labels: int
    ) -> PrintOutcome:
        """A single label whose end was never handed over cannot be printed; anything else needs the odometer."""
        conversation.close()
        if labels == 1 and broken.accepted_bytes < size_bytes:
            said = Silent(str(broken))
            return PrintOutcome(PrintStatus.LOST, PrintReason.BROKEN_OFF, labels, before, None, said)
        return self._watch(None, before, labels)

    def _watch(self, conversation: Conversation | None, before: int | None, labels: int) -> PrintOutcome:
        if before is None:
            if conversation is not None:
                conversation.close()
            return PrintOutcome(PrintStatus.UNCERTAIN, PrintReason.NO_COUNTER, labels, None, None, None)
        outcome = JobWatch(self._place, self._timeout_s, before, labels).until_known(conversation)
        if outcome.status is PrintStatus.PRINTED and isinstance(outcome.state, PrinterState):
            self._remember(Look(outcome.state, outcome.counted_after))
        return outcome

    def _remember(self, look: Look) -> None:
        is_free = look.state is not None and look.state.ready and look.state.empty
        self._fresh = (look.count, time.monotonic()) if is_free and look.count is not None else None

    def _lost(self, reason: PrintReason, labels: int, state: PrinterState | Silent) -> PrintOutcome:
        return PrintOutcome(PrintStatus.LOST, reason, labels, None, None, state)
