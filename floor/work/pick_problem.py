"""F4 while picking: skip, short, cut, damaged, wrong item, empty, tote full; and the reason for fewer than asked."""

from __future__ import annotations

from dataclasses import replace

from floor.work.pick_steps import typed_pick, why_not_tote
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import ToteScan, read_code
from sync.record.facts import Fact, How, LineShorted, LineSkipped, ReportedEmpty, ShortReason, ToteBound
from sync.record.picking import Walk, open_pieces
from sync.record.rows import PickLineRow

SKIP = "1"
EMPTY = "6"
TOTE_FULL = "7"
REASONS = {"2": ShortReason.SHORT, "3": ShortReason.CUT, "4": ShortReason.DAMAGED, "5": ShortReason.WRONG_ITEM}
"""Only with pieces still to be found."""
_REASON_CHOICES = (Choice(SKIP, "problem.skip"), *(Choice(digit, f"problem.{why}") for digit, why in REASONS.items()))
_OTHER_CHOICES = (Choice(EMPTY, "problem.empty"), Choice(TOTE_FULL, "problem.tote_full"))


def problem_prompt(desk: Desk, line: PickLineRow) -> Prompt:
    values = {"item": line.item_id, "location": line.location}
    if desk.asking is Asking.HOW_MANY:
        counts = {"asked": str(line.asked - line.shorted), "typed": str(line.picked)}
        return Prompt("how_many_short", {**values, **counts}, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.SHORT_REASON:
        missing = line.asked - line.shorted - desk.typed_total
        return Prompt("short_reason", {**values, "missing": str(missing)}, choices=_REASON_CHOICES, keys=(Key.BACK,))
    choices = tuple(choice for choice in (*_REASON_CHOICES, *_OTHER_CHOICES) if _fits(choice.digit, line))
    return Prompt("problem", values, choices=choices, keys=(Key.BACK,))


def answer_problem(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """What is the matter with the whole rest of this line."""
    match given:
        case Typed(digit) if not _fits(digit, line):
            return Reply(desk)
        case Typed(digit) if digit == SKIP:
            return _skip(desk, walk, line, ())
        case Typed(digit) if digit in REASONS and open_pieces(line) == 1:
            return _short(desk, walk, line, 1, REASONS[digit], ())
        case Typed(digit) if digit in REASONS:
            return Reply(desk.ask(Asking.HOW_MANY, reason=digit))
        case Typed(digit) if digit == EMPTY:
            return _empty(desk, walk, line)
        case Typed(digit) if digit == TOTE_FULL:
            return Reply(desk.ask(Asking.NEW_TOTE))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _fits(digit: str, line: PickLineRow) -> bool:
    """Whether it can be: nothing is missing where all is in the hand, and nobody knows before standing there."""
    if digit in REASONS:
        return line.located and open_pieces(line) > 0
    if digit == SKIP:
        return open_pieces(line) > 0
    return digit != EMPTY or line.located


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
    return answer_short_reason(replace(desk, typed_total=total), view, walk, line, Typed(desk.reason))


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
    taken = desk.typed_total - line.picked
    facts: tuple[Fact, ...] = (typed_pick(walk, line, taken),) if taken > 0 else ()
    missing = open_pieces(line) - taken
    match given:
        case Typed(digit) if digit == SKIP:
            return _skip(desk, walk, line, facts)
        case Typed(digit) if digit in REASONS:
            return _short(desk, walk, line, missing, REASONS[digit], facts)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _skip(desk: Desk, walk: Walk, line: PickLineRow, before: tuple[Fact, ...]) -> Reply:
    skipped = LineSkipped(line_id=line.line_id, token=walk.head.token)
    return Reply(desk.plain(), facts=(*before, skipped), notice=Notice("line_skipped", tone=Tone.WARNING))


def _short(
    desk: Desk, walk: Walk, line: PickLineRow, missing: int, reason: ShortReason, before: tuple[Fact, ...]
) -> Reply:
    shorted = LineShorted(line_id=line.line_id, token=walk.head.token, quantity=missing, reason=reason)
    notice = Notice("line_shorted", {"quantity": str(missing)}, Tone.WARNING)
    return Reply(desk.plain(), facts=(*before, shorted), notice=notice)


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
