"""Zero check: after a pick that by the record leaves nothing, the picker is asked once whether that is so.

The same in every way of picking: asked when the last piece of the stop is where it belongs. Where several lots of the
item stand at the location nobody is asked, because what is left of one lot cannot be told at a glance.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.pick_steps import confirms_tote
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Typed
from floor.work.reply import Asking, Desk, Reply
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import read_code
from sync.record.facts import Fact, Picked, PutInTote, ZeroChecked
from sync.record.picking import Walk, fold_walk, is_done
from sync.record.rows import PickLineRow

MAX_ENTRY_LENGTH = 5
YES = "1"
NO = "2"


def with_zero_check(reply: Reply, view: RecordView) -> Reply:
    """The reply with the question, where what it records empties the location."""
    site, walk = view.site(), view.held_walk()
    last = reply.facts[-1] if reply.facts else None
    if site is None or not site.zero_check or walk is None or reply.desk.asking is not None:
        return reply
    if not isinstance(last, Picked | PutInTote) or (isinstance(last, Picked) and confirms_tote(view, walk)):
        return reply
    line = _emptied(walk, reply.facts, view)
    return reply if line is None else replace(reply, desk=reply.desk.ask(Asking.ZERO, line_id=line.line_id))


def _emptied(walk: Walk, facts: tuple[Fact, ...], view: RecordView) -> PickLineRow | None:
    """The line of the last fact, where all that the walk takes from its spot is taken and the record has no more."""
    last = facts[-1]
    before = walk.line(last.line_id) if isinstance(last, Picked | PutInTote) else None
    if before is None or before.lots_here > 1:
        return None
    after = walk
    for fact in facts:
        after = fold_walk(after, fact)
    spot = [line for line in after.lines if (line.location, line.item_id) == (before.location, before.item_id)]
    all_done = all(is_done(line, confirm_tote=confirms_tote(view, walk)) for line in spot)
    if not all_done or any(line.shorted for line in spot):
        return None
    left = view.left_at(before.line_id)
    taken = sum(fact.quantity for fact in facts if isinstance(fact, Picked) and fact.item_id == before.item_id)
    return before if left is not None and left == taken else None


def zero_prompt(desk: Desk, view: RecordView) -> Prompt:
    line = _line(desk, view)
    item = None if line is None else view.item(line.item_id)
    values = {
        "location": "" if line is None else line.location,
        "item": "" if line is None else line.item_id,
        "name": "" if item is None else item.name,
    }
    if desk.asking is Asking.ZERO_LEFT:
        return Prompt("zero_left", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    return Prompt("zero_check", values, choices=(Choice(YES, "zero.yes"), Choice(NO, "zero.no")), keys=(Key.BACK,))


def _line(desk: Desk, view: RecordView) -> PickLineRow | None:
    walk = view.held_walk()
    return None if walk is None or desk.line_id is None else walk.line(desk.line_id)


def answer_zero(desk: Desk, view: RecordView, given: Input) -> Reply:
    line, counts = _line(desk, view), desk.asking is Asking.ZERO_LEFT
    if line is None:
        return Reply(desk.plain())  # the list went to somebody else: nobody here can tell any more
    match given:
        case Typed(digit) if counts and digit.isdigit():
            return Reply(desk.typing((desk.entry + digit)[:MAX_ENTRY_LENGTH]))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.ENTER) if desk.entry:
            return _checked(desk, line, int(desk.entry))
        case Pressed(Key.UNDO | Key.BACK) if counts:
            return Reply(desk.ask(Asking.ZERO, line_id=line.line_id))
        case Pressed(Key.UNDO | Key.BACK):
            return Reply(desk.plain())
        case Typed(digit) if digit == YES and not counts:
            return _checked(desk, line, 0)
        case Typed(digit) if digit == NO and not counts:
            return Reply(desk.ask(Asking.ZERO_LEFT, line_id=line.line_id))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _checked(desk: Desk, line: PickLineRow, found: int) -> Reply:
    fact = ZeroChecked(line_id=line.line_id, location=line.location, item_id=line.item_id, found=found, lot=line.lot)
    notice = Notice("zero_left_told", {"quantity": str(found), "location": line.location}) if found else None
    return Reply(desk.plain(), facts=(fact,), notice=notice)
