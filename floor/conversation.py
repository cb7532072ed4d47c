"""Carries the pure conversation: makes its facts durable before anything is said, and does what it asks for."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from floor.ports import (
    LabelFate,
    LabelJob,
    LabelPrinter,
    Link,
    Scale,
    Session,
    StorageFailed,
    Turn,
    Unmade,
    Unprintable,
)
from floor.work import desk as conversation
from floor.work.expected import Surroundings, expected_scan
from floor.work.pack import PackStep
from floor.work.prompt import (
    Changed,
    Input,
    Key,
    LabelDone,
    LabelImpossible,
    Notice,
    PinChecked,
    Pressed,
    PrintResult,
    Prompt,
    ScaleSaid,
    ScaleSet,
    Scan,
    Tone,
)
from floor.work.reply import Asking, CheckPin, Desk, Effect, PrintLabel, Recount, Reply, SetScale, Tell

log = logging.getLogger("floorhand.conversation")

LabelMaker = Callable[[PrintLabel, int], bytes]
"""Gives the label of a job for a printer of so many dots per inch."""

WRONG_SCAN = "4006381333931"
"""A well-formed item number that no site of ours sells."""


class Conversation:
    """One worker's dialogue at one terminal; `floor.ports.Dialogue` to the screens. Used from one thread."""

    def __init__(
        self,
        session: Session,
        printer: LabelPrinter | None,
        make_label: LabelMaker,
        surroundings: Callable[[], Surroundings] | None = None,
        scale: Scale | None = None,
    ) -> None:
        self._session = session
        self._printer = printer
        self._make_label = make_label
        self._surroundings = surroundings
        self._scale = scale
        with session.still():
            self._desk = self._at_scale(conversation.resume(session))
        self._late: deque[Input] = deque()
        self._listeners: list[Callable[[], None]] = []
        session.on_change(self._announce)
        if scale is not None:
            scale.listen(self._scale_said)

    @property
    def desk(self) -> Desk:
        return self._desk

    @property
    def session(self) -> Session:
        return self._session

    def turn(self) -> Turn:
        """The prompt that stands; at a start, with what must be told first."""
        return self.give(Changed())

    def give(self, given: Input) -> Turn:
        """Answer one input. What it confirms is on disk when this returns."""
        notice = None
        try:
            while self._late:
                # Taken off when it is recorded: what the printer said is not lost with a full disk.
                notice = self._one(self._late[0]) or notice
                self._late.popleft()
            if notice is not None and isinstance(given, Changed):
                self._announce()  # what else there is to tell comes after what the printer said
            else:
                notice = self._one(given) or notice
            return Turn(self._prompt(), notice)
        except StorageFailed as failure:
            log.error("nothing can be recorded: %s", failure)
            notice = Notice("storage_failed", {"detail": str(failure)}, Tone.ERROR)
            return Turn(self._prompt_in_trouble(), notice)

    def _prompt_in_trouble(self) -> Prompt:
        """What stood stands on where the record can still be read: the step may be tried again."""
        try:
            return self._prompt()
        except StorageFailed:
            return Prompt("storage_failed")

    def _prompt(self) -> Prompt:
        with self._session.still():
            prompt = conversation.prompt(self._desk, self._session)
        if self._scale is not None:
            self._scale.weigh(prompt.step == PackStep.WEIGH)
        return prompt

    def _one(self, given: Input) -> Notice | None:
        with self._session.still():
            reply = conversation.answer(self._desk, self._session, given)
            self._record(reply, given.inbox_id if isinstance(given, Scan) else 0)
        self._desk = self._at_scale(reply.desk)
        follow_up = None if reply.effect is None else self._do(reply.effect)
        return follow_up or reply.notice

    def _record(self, reply: Reply, inbox_id: int) -> None:
        if reply.facts:
            worker_id = reply.worker_id or self._session.signed_in()
            self._session.record(reply.facts, worker_id=worker_id, answers=inbox_id)
        elif inbox_id:
            self._session.answered(inbox_id)

    def _do(self, effect: Effect) -> Notice | None:
        match effect:
            case CheckPin(worker_id, pin):
                return self._one(PinChecked(self._session.check_pin(worker_id, pin)))
            case Tell(event_ids, unanswered_scans):
                self._session.tell(event_ids)
                if unanswered_scans:
                    self._session.forget_unanswered()
                return None
            case PrintLabel():
                self._print(effect)
                return None
            case Recount():
                return self._recount()
            case SetScale(is_tare):
                if self._scale is not None:
                    self._scale.set(is_tare=is_tare)
                return None

    def _recount(self) -> Notice | None:
        notice = None
        while self._desk.asking is Asking.RECOUNT:
            notice = self._one(Pressed(Key.UNDO)) or notice
        return notice

    def _at_scale(self, desk: Desk) -> Desk:
        return replace(desk, has_scale=self._scale is not None)

    def _scale_said(self, said: ScaleSaid | ScaleSet) -> None:
        self._late.append(said)
        self._announce()

    def _print(self, job: PrintLabel) -> None:
        """The printer may take seconds: it works beside the dialogue, and its answer comes as an input."""
        printer = self._printer
        if printer is None:
            nowhere = LabelFate(PrintResult.LOST, "no printer is set up at this terminal", "", ())
            self._late.append(_done(job, nowhere))
            self._announce()
            return

        def work() -> None:
            try:
                fate = printer.print_label(_label_job(job), lambda dpi: self._make_label(job, dpi))
            except Unprintable as refusal:
                self._late.append(LabelImpossible(job.packing.tote, job.sscc, refusal.fields))
                self._announce()
                return
            except Unmade as refusal:
                fate = LabelFate(PrintResult.LOST, str(refusal), job.printer or "", ())
            except Exception as failure:  # an answer must come, whatever broke: nothing is known about the label
                log.exception("the label of %s broke", job.sscc)
                detail = f"{type(failure).__name__}: {failure}"
                fate = LabelFate(PrintResult.UNCERTAIN, detail, job.printer or "", ())
            self._late.append(_done(job, fate))
            self._announce()

        threading.Thread(target=work, name="print", daemon=True).start()

    def _announce(self) -> None:
        for listener in self._listeners:
            listener()

    def on_change(self, callback: Callable[[], None]) -> None:
        self._listeners.append(callback)

    def language(self) -> str:
        worker_id = self._session.signed_in()
        worker = None if worker_id is None else self._session.worker(worker_id)
        return "en" if worker is None else worker.language

    def link(self) -> Link:
        return self._session.link()

    def inbox_depth(self) -> int:
        return self._session.inbox_depth()

    def take_in(self, text: str, symbology: str | None) -> int:
        return self._session.take_in(text, symbology)

    def dismissed(self, scan: Scan) -> None:
        if scan.inbox_id:
            self._session.answered(scan.inbox_id)

    def expected_scan(self) -> str | None:
        if self._surroundings is None:
            return None
        return expected_scan(self._desk, self._session, self._surroundings())

    def wrong_scan(self) -> str:
        return WRONG_SCAN


def _label_job(job: PrintLabel) -> LabelJob:
    """After a restart in the middle the record gives the same id: the label is not printed a second time."""
    sent = job.packing.labels_sent
    before = f"{job.sscc}-{sent - 1}" if sent else None
    return LabelJob(f"{job.sscc}-{sent}", job.printer, before, job.reprint_reason)


def _done(job: PrintLabel, fate: LabelFate) -> LabelDone:
    return LabelDone(job.sscc, fate.result, fate.detail, fate.printer, job.reprint_reason, fate.others)
