"""F4 while picking, and why there are fewer than asked: the site's own table of reasons, and the tote that is full."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from floor.work.lot_choice import lot_in_hand
from floor.work.pick_steps import why_not_tote
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.stops import picked, shorted, skipped
from floor.work.view import RecordView
from sync.record.codes.scanned import ToteScan, read_code
from sync.record.facts import Fact, How, LocationReported, Picked, ReportedEmpty, ShortReason, ToteBound
from sync.record.picking import Walk, open_pieces
from sync.record.reasons import EMPTY, LOCATION
from sync.record.rows import PickLineRow, ReasonRow

TOTE_FULL = "7"
"""A function of the terminal, not a reason of the site's."""
MORE = "9"
"""Behind it stand the reasons whose two digits begin with it, where a site has such."""
_TO_MORE = "problem.more"
_FALLBACK = "en"
_NARROW = 5
"""Cells for a reason's words on the smallest screen, where the reasons stand in two columns."""


def problem_prompt(desk: Desk, view: RecordView, line: PickLineRow) -> Prompt:
    values = {"item": line.item_id, "location": line.location}
    if desk.asking is Asking.HOW_MANY:
        counts = {"asked": str(line.asked - line.shorted), "typed": str(line.picked)}
        return Prompt("how_many_short", {**values, **counts}, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.SHORT_REASON:
        missing = line.asked - line.shorted - desk.typed_total
        choices = _choices(desk, view, line)
        return Prompt("short_reason", {**values, "missing": str(missing)}, choices=choices, keys=(Key.BACK,))
    return Prompt("problem", values, choices=_choices(desk, view, line), keys=(Key.BACK,))


def _choices(desk: Desk, view: RecordView, line: PickLineRow) -> tuple[Choice, ...]:
    """What digits stand for now, by digit."""
    fitting = [reason for reason in view.reasons() if _fits(desk, reason, line)]
    choices = [_choice(reason, view) for reason in fitting if len(reason.digit) == 1 + desk.page]
    if desk.asking is Asking.PICK_PROBLEM and not desk.page:
        choices.append(Choice(TOTE_FULL, "problem.tote_full"))
    if not desk.page and any(len(reason.digit) > 1 for reason in fitting):
        choices.append(Choice(MORE, _TO_MORE))
    return tuple(sorted(choices, key=lambda choice: choice.digit))


def _choice(reason: ReasonRow, view: RecordView) -> Choice:
    """A reason in the worker's words: whole, its first word, and what the smallest screen has room for."""
    worker_id = view.signed_in()
    worker = None if worker_id is None else view.worker(worker_id)
    words = dict(reason.words)
    text = words.get(_FALLBACK if worker is None else worker.language) or words.get(_FALLBACK) or reason.code
    return Choice(reason.digit[-1], "reason", {"text": text, "word": (text.split() or [text])[0], "cut": _cut(text)})


def _cut(text: str) -> str:
    cells, end = 0, 0
    for character in text:
        cells += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if cells > _NARROW:
            break
        end += 1
    return text[:end].strip()


def _chosen(desk: Desk, view: RecordView, line: PickLineRow, typed: str) -> ReasonRow | None:
    digit = MORE + typed if desk.page else typed
    return next((one for one in view.reasons() if one.digit == digit and _fits(desk, one, line)), None)


def answer_problem(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """What is the matter with the whole rest of this line, or with its location."""
    if asks_tote_full(desk, given):
        return Reply(desk.ask(Asking.NEW_TOTE))
    reason = _named(desk, view, line, given)
    return _given(desk, walk, line, reason) if isinstance(reason, ReasonRow) else reason


def asks_tote_full(desk: Desk, given: Input) -> bool:
    return not desk.page and given == Typed(TOTE_FULL)


def _named(desk: Desk, view: RecordView, line: PickLineRow, given: Input) -> ReasonRow | Reply:
    """The reason that was chosen, or the answer where none was."""
    match given:
        case Typed(digit) if Choice(digit, _TO_MORE) in _choices(desk, view, line):
            return Reply(replace(desk, page=1))
        case Typed(digit):
            return _chosen(desk, view, line, digit) or Reply(desk)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _given(desk: Desk, walk: Walk, line: PickLineRow, reason: ReasonRow) -> Reply:
    if reason.about == LOCATION:
        return _empty(desk, walk, line) if reason.code == EMPTY else _location_told(desk, line, reason)
    if reason.keeps_open:
        return _skip(desk, walk, line, ())
    if open_pieces(line) == 1:
        return _short(desk, walk, line, 1, reason.code, ())
    return Reply(desk.ask(Asking.HOW_MANY, reason=reason.code))


def _fits(desk: Desk, reason: ReasonRow, line: PickLineRow) -> bool:
    """Whether it can be: nothing is missing where all is in the hand, and nobody knows before standing there.

    Pieces that are missing are so for a reason of their line.
    """
    if desk.asking is Asking.SHORT_REASON:
        return reason.about != LOCATION
    if reason.about == LOCATION:
        return line.located
    return open_pieces(line) > 0 and (line.located or reason.keeps_open)


def answer_how_many(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """How many were found in all, before the rest is given up: Enter alone says those that are counted."""
    wanted = line.asked - line.shorted
    match given:
        case Pressed(Key.ENTER):
            total = int(desk.entry or line.picked)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)
    if total >= wanted:
        return refuse(desk, "too_many", typed=desk.entry, left=str(wanted - 1))
    if total < line.picked:
        return refuse(desk, "too_few", typed=desk.entry, picked=str(line.picked))
    if total > line.picked and not line.picked:
        return refuse(desk, "scan_first", typed=desk.entry, item=line.item_id)
    reason = next((one for one in view.reasons() if one.code == desk.reason), None)
    return Reply(desk.plain()) if reason is None else _fewer(replace(desk, typed_total=total), view, walk, line, reason)


def _location_told(desk: Desk, line: PickLineRow, reason: ReasonRow) -> Reply:
    reported = LocationReported(location=line.location, reason=reason.code)
    return Reply(desk.plain(), facts=(reported,), notice=Notice("location_told", {"location": line.location}))


def _empty(desk: Desk, walk: Walk, line: PickLineRow) -> Reply:
    reported = ReportedEmpty(location=line.location)
    missing = open_pieces(line)
    if missing <= 0:
        notice = Notice("reported_empty", {"location": line.location}, Tone.WARNING)
        return Reply(desk.plain(), facts=(reported,), notice=notice)
    # The short first: an empty place is taken out of every walk, and then this line would ask for nothing any more.
    short = _short(desk, walk, line, missing, ShortReason.SHORT, ())
    return replace(short, facts=(*short.facts, reported))


def answer_short_reason(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """Why the typed number is less than asked. The pieces typed are picked in the same step."""
    reason = _named(desk, view, line, given)
    return _fewer(desk, view, walk, line, reason) if isinstance(reason, ReasonRow) else reason


def _fewer(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, reason: ReasonRow) -> Reply:
    taken = desk.typed_total - line.picked
    facts: tuple[Fact, ...] = (
        picked(walk, line, taken, how=How.TYPED, lot=lot_in_hand(view, walk, line)) if taken > 0 else ()
    )
    if reason.keeps_open:
        return _skip(desk, walk, line, facts)
    return _short(desk, walk, line, open_pieces(line) - taken, reason.code, facts)


def _skip(desk: Desk, walk: Walk, line: PickLineRow, before: tuple[Fact, ...]) -> Reply:
    return Reply(desk.plain(), facts=(*before, *skipped(walk, line)), notice=Notice("line_skipped", tone=Tone.WARNING))


def _short(desk: Desk, walk: Walk, line: PickLineRow, missing: int, reason: str, before: tuple[Fact, ...]) -> Reply:
    taken = sum(fact.quantity for fact in before if isinstance(fact, Picked))
    notice = Notice("line_shorted", {"quantity": str(missing)}, Tone.WARNING)
    return Reply(desk.plain(), facts=(*before, *shorted(walk, line, missing, reason, taken=taken)), notice=notice)


def answer_new_tote(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    """The tote is full: what is picked from now on goes into another empty one."""
    reply = bind_tote(desk, view, walk, given)
    match reply.facts:
        case (ToteBound(tote=tote),):
            return replace(reply, notice=Notice("new_tote_bound", {"tote": tote}))
        case _:
            return reply


def bind_tote(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    """Bind the scanned tote to the list, the first one or another; anything else is refused."""
    if not isinstance(given, Scan):
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    if not isinstance(scanned, ToteScan):
        return wrong_kind(desk, view, scanned, "tote")
    refusal = why_not_tote(desk, view, walk, scanned.tote)
    if refusal is not None:
        return refusal
    bound = ToteBound(list_id=walk.head.list_id, token=walk.head.token, tote=scanned.tote, how=How.SCANNED)
    return Reply(desk.plain(), facts=(bound,))
