"""Piece pick: one order in one walk. Location, item, quantity, tote, line by line (floor-behaviour 12 to 19).

The step follows from the record alone (`floor.work.pick_steps`), so that a restart comes back to it; only a question
that interrupts it (a reason, a lot) is remembered by the desk.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.batch_pick import answer_cart
from floor.work.lists_ahead import answer_moved
from floor.work.pick_pieces import answer_narrower, answer_piece, is_of
from floor.work.pick_problem import answer_how_many, answer_new_tote, answer_problem, answer_short_reason, bind_tote
from floor.work.pick_prompt import pick_prompt
from floor.work.pick_steps import PickStep, line_in_hand, needs_tote, settled, step_at, step_of
from floor.work.prompt import Changed, Input, Key, Notice, Pressed, Scan, Tone, Typed
from floor.work.reply import Activity, Asking, Desk, Reply, refuse, say
from floor.work.scan_check import puts_down_at, stands_at, wrong_kind
from floor.work.stops import lines_of_stop, located
from floor.work.view import RecordView
from floor.work.zone_pick import answer_leg, claim_by_tote, is_asked_of_leg
from sync.record.codes.scanned import ItemScan, ToteScan, read_code
from sync.record.facts import ClaimedList, How, ListHandedOver, Picked, PutInTote, Undone
from sync.record.ids import LocationCode
from sync.record.picking import Walk, open_pieces
from sync.record.rows import ListKind, PickLineRow

MAX_ENTRY_LENGTH = 5
ENTRY_LENGTHS: dict[Asking | None, int] = {Asking.LOT: 20, Asking.SERIAL: 20, Asking.WEIGHT: 6}


def claim_if_idle(desk: Desk, view: RecordView) -> Reply:
    """Coming from the menu: ask for the next list unless there is one in hand or on its way."""
    if step_of(view) is PickStep.NO_WORK and desk.asking is None:
        return Reply(desk, facts=(ClaimedList(list_id=None),))
    return Reply(desk)


def answer_pick(desk: Desk, view: RecordView, given: Input) -> Reply:
    walk = view.held_walk()
    step = step_at(walk, view)
    if desk.asking is Asking.HANDED_OVER or walk is None:
        return _answer_idle(desk, view, given, step)
    desk = settled(desk, walk, view)
    if step is PickStep.MOVED:
        return answer_moved(desk, view, walk, given)
    common = _answer_common(desk, view, walk, given)
    if common is not None:
        return common
    at_cart = answer_cart(desk, view, walk, step, given) if walk.head.kind is ListKind.BATCH else None
    if at_cart is not None:
        return at_cart
    of_leg = answer_leg(desk, view, walk, step, given) if is_asked_of_leg(desk, walk.head) else None
    if of_leg is not None:
        return of_leg
    if step is PickStep.BIND_TOTE:
        return bind_tote(desk, view, walk, given)
    if desk.asking is Asking.NEW_TOTE:
        return answer_new_tote(desk, view, walk, given)
    line = line_in_hand(walk, view)
    if line is None:
        return _answer_hand_over(desk, view, walk, given)
    return _answer_line(desk, view, walk, line, step, given)


def _answer_idle(desk: Desk, view: RecordView, given: Input, step: PickStep) -> Reply:
    match given:
        case Pressed(Key.ENTER) if step is PickStep.NO_WORK:
            return Reply(desk.plain(), facts=(ClaimedList(list_id=None),))
        case Pressed(Key.ENTER):
            return Reply(desk.plain())
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Changed() if desk.asking is not Asking.HANDED_OVER and view.held_walk() is not None:
            return Reply(desk.plain())
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, ToteScan) and step is PickStep.NO_WORK:
                return claim_by_tote(desk, view, scanned)
            return wrong_kind(desk, view, scanned, "enter")
        case _:
            return Reply(desk)


def _answer_common(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply | None:
    """Keys that mean the same at every step: clear, undo, back, problem, typing."""
    line = line_in_hand(walk, view)
    typing = pick_prompt(desk, view).entry is not None
    match given:
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.UNDO | Key.BACK) if desk.asking is not None:
            return Reply(desk.plain())
        case Pressed(Key.UNDO):
            return _undo(desk, view, walk)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Pressed(Key.PROBLEM) if desk.asking is None and not needs_tote(walk) and line is not None:
            return Reply(desk.ask(Asking.PICK_PROBLEM, line_id=line.line_id))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Typed(character) if typing and (character.isdigit() or desk.asking in (Asking.LOT, Asking.SERIAL)):
            limit = ENTRY_LENGTHS.get(desk.asking, MAX_ENTRY_LENGTH)
            typed = desk.typing((desk.entry + character)[:limit])
            return Reply(replace(typed, line_id=None if line is None else line.line_id))
        case _:
            return None


def _undo(desk: Desk, view: RecordView, walk: Walk) -> Reply:
    last = view.last_undoable(walk.head.list_id)
    if last is None:
        return say(desk.plain(), "nothing_to_undo", Tone.WARNING)
    event_id, fact = last
    what = str(fact.quantity) if isinstance(fact, Picked) else ""
    notice = Notice("undone", {"what": fact.kind.partition("@")[0], "quantity": what}, Tone.WARNING)
    together = view.done_with(walk.head.list_id, event_id)
    return Reply(desk.plain(), facts=tuple(Undone(undoes=one) for one in together), notice=notice)


def _answer_hand_over(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    place = puts_down_at(desk, view, given)
    if isinstance(place, Reply):
        return place
    done = ListHandedOver(list_id=walk.head.list_id, token=walk.head.token, place=place, how=How.SCANNED)
    notice = Notice("list_done", {"order": walk.head.order_ref}, Tone.DONE)
    totes = () if walk.head.kind is ListKind.BATCH else walk.head.totes  # too many to be read
    return Reply(desk.ask(Asking.HANDED_OVER, totes=totes), facts=(done,), notice=notice)


def _answer_line(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, step: PickStep, given: Input) -> Reply:
    match desk.asking:
        case Asking.PICK_PROBLEM:
            return answer_problem(desk, view, walk, line, given)
        case Asking.SHORT_REASON:
            return answer_short_reason(desk, view, walk, line, given)
        case Asking.HOW_MANY:
            return answer_how_many(desk, view, walk, line, given)
        case Asking.LOT | Asking.SERIAL | Asking.WEIGHT:
            return answer_narrower(desk, view, walk, line, given)
        case _:
            pass
    match step:
        case PickStep.GO_TO:
            return _answer_go_to(desk, view, walk, line, given)
        case PickStep.PUT:
            return _answer_put(desk, view, walk, line, given)
        case _:
            return answer_piece(desk, view, walk, line, given)


def _answer_go_to(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    stands = stands_at(desk, view, line.location, given)
    return _located(desk, view, walk, line, line.location, stands) if isinstance(stands, How) else stands


def _located(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, location: LocationCode, how: How) -> Reply:
    """Standing there. That somebody reported the place is said, and stops nobody: the pieces may be there."""
    place = view.location(location)
    blocked = place is not None and place.blocked
    notice = Notice("location_blocked", {"location": location}, Tone.WARNING) if blocked else None
    return Reply(desk.plain(), facts=located(walk, line, how), notice=notice)


def _answer_put(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    if not isinstance(given, Scan):
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    tote = walk.head.totes[-1]
    if isinstance(scanned, ItemScan) and is_of(view, line, scanned):
        return refuse(desk, "surplus", item=line.item_id, tote=tote)
    if not isinstance(scanned, ToteScan):
        return wrong_kind(desk, view, scanned, "tote")
    if scanned.tote != tote:
        return refuse(desk, "not_this_tote", scanned=scanned.tote, expected=tote)
    puts = tuple(
        PutInTote(line_id=one.line_id, token=walk.head.token, tote=tote, quantity=one.picked - one.put, how=How.SCANNED)
        for one in lines_of_stop(walk, line)
        if one.picked > one.put
    )
    notice = Notice("line_done", tone=Tone.DONE) if open_pieces(line) <= 0 else None
    return Reply(desk.plain(), facts=puts, notice=notice)
