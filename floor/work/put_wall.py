"""Put wall: a bulk tote is sorted into the cubbies of its orders, piece by piece (floor-behaviour 12).

Which tote is in the hand and what is in it is read off the record; the desk remembers the wall and the pieces that were
scanned and are not in their cubby yet.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.prompt import Input, Key, Notice, Pressed, Prompt, Scan, Tone
from floor.work.put_wall_pieces import answer_lot, answer_put, answer_return, item_scanned
from floor.work.put_wall_problem import WALL_QUESTIONS, answer_wall_problem, problem_prompt, still_asked
from floor.work.put_wall_steps import (
    SortStep,
    cubby_label,
    item_values,
    line_to_return,
    pieces_in_hand,
    step_at_wall,
)
from floor.work.reply import Activity, Asking, Desk, Reply, refuse, say
from floor.work.scan_check import wrong_kind
from floor.work.transitions import Transition
from floor.work.view import RecordView
from sync.record.codes.scanned import CubbyScan, ItemScan, LocationScan, Scanned, ToteScan, read_code
from sync.record.facts import ClaimedSort, PutInCubby, ReleasedSort, SortReported, Undone
from sync.record.ids import ToteCode
from sync.record.rows import SortingRow
from sync.record.sorting import pieces_left

TRANSITIONS: tuple[Transition, ...] = (
    Transition("menu", "sort", "sort_wall", "the site has several walls"),
    Transition("menu", "sort", "sort_tote"),
    Transition("menu", "sort", "sort_item", "the tote in the hand goes on"),
    Transition("sort_wall", "cubby", "sort_tote"),
    Transition("sort_wall", "location", "sort_tote"),
    Transition("sort_wall", "back", "menu"),
    Transition("sort_tote", "tote", "waiting_store", "asked of the store"),
    Transition("sort_tote", "cubby", "sort_tote", "another wall"),
    Transition("sort_tote", "location", "sort_tote", "another wall"),
    Transition("sort_tote", "back", "menu"),
    Transition("waiting_store", "granted", "sort_item", "each order of the batch has its cubby"),
    Transition("waiting_store", "granted", "sort_return", "nobody wants any of it"),
    Transition("waiting_store", "refused", "sort_tote", "somebody has it, or cubbies are missing"),
    Transition("waiting_store", "back", "menu"),
    Transition("sort_item", "item", "sort_put", "the cubby is shown in large; orders that it completes first"),
    Transition("sort_item", "item", "sort_lot", "several lots are in the tote"),
    Transition("sort_item", "item", "sort_return", "its order is cancelled"),
    Transition("sort_item", "undo", "sort_item", "the last put or report is taken back"),
    Transition("sort_item", "problem", "sort_problem"),
    Transition("sort_item", "news", "sort_return", "the rest was cancelled"),
    Transition("sort_item", "news", "sort_tote", "somebody else has taken the tote"),
    Transition("sort_item", "back", "sort_tote", "the tote is left for somebody else"),
    Transition("sort_lot", "lot", "sort_put"),
    Transition("sort_lot", "back", "sort_item"),
    Transition("sort_put", "item", "sort_put", "one more for the same cubby"),
    Transition("sort_put", "total", "sort_put", "so many for the same cubby, marked as typed"),
    Transition("sort_put", "total", "sort_item", "none: the pieces go back into the tote"),
    Transition("sort_put", "cubby", "sort_item", "put"),
    Transition("sort_put", "cubby", "sort_return", "put; what is left belongs to cancelled orders"),
    Transition("sort_put", "cubby", "sort_done", "put; it was the last piece"),
    Transition("sort_put", "back", "sort_item", "the pieces go back into the tote"),
    Transition("sort_put", "problem", "sort_problem"),
    Transition("sort_return", "location", "sort_item", "they stand there again"),
    Transition("sort_return", "location", "sort_return"),
    Transition("sort_return", "location", "sort_done"),
    Transition("sort_return", "item", "sort_return", "these first"),
    Transition("sort_return", "problem", "sort_problem"),
    Transition("sort_return", "undo", "sort_item", "the last put is taken back"),
    Transition("sort_return", "undo", "sort_return", "others first"),
    Transition("sort_return", "back", "sort_item", "others first"),
    Transition("sort_return", "back", "sort_tote", "the tote is left for somebody else"),
    Transition("sort_done", "enter", "sort_tote", "the tote is free"),
    Transition("sort_done", "tote", "waiting_store", "the next one"),
    Transition("sort_done", "undo", "sort_item", "the last put or report is taken back"),
    Transition("sort_done", "undo", "sort_return", "a report about pieces of a cancelled order is taken back"),
    Transition("sort_done", "problem", "sort_problem"),
    Transition("sort_done", "back", "menu"),
    Transition("sort_problem", "digit", "sort_which", "missing or damaged"),
    Transition("sort_problem", "digit", "sort_how_many", "one item is left, or it is in the hand"),
    Transition("sort_problem", "digit", "sort_item", "put aside for the lead"),
    Transition("sort_problem", "digit", "sort_done", "put aside for the lead"),
    Transition("sort_problem", "back", "sort_item"),
    Transition("sort_problem", "back", "sort_put"),
    Transition("sort_problem", "back", "sort_return"),
    Transition("sort_problem", "back", "sort_done"),
    Transition("sort_which", "digit", "sort_how_many"),
    Transition("sort_which", "digit", "sort_item", "it was one piece"),
    Transition("sort_which", "back", "sort_item"),
    Transition("sort_how_many", "number", "sort_item", "short of the orders that would be served last"),
    Transition("sort_how_many", "number", "sort_done"),
    Transition("sort_how_many", "back", "sort_item"),
    Transition("sort_how_many", "back", "sort_put"),
)


def wall_prompt(desk: Desk, view: RecordView) -> Prompt:
    sorting = view.sorting_in_hand()
    step = step_at_wall(desk, view, sorting)
    if sorting is None:
        busy = step is SortStep.WAITING
        return Prompt(step, {"wall": desk.wall or ""}, keys=(Key.HELP, Key.BACK), busy=busy)
    desk = still_asked(desk, sorting)
    values = {
        "tote": sorting.tote,
        "left": str(pieces_left(sorting)),
        "totes": str(sorting.totes_left) if sorting.totes_left else "",
        "lists": str(sorting.lists_left) if sorting.lists_left else "",
    }
    if desk.asking in WALL_QUESTIONS:
        return problem_prompt(desk, view, sorting, values)
    if step is SortStep.DONE:
        return Prompt(step, values, keys=(Key.HELP, Key.ENTER, Key.UNDO, Key.PROBLEM))
    if step is SortStep.LOT:
        return Prompt(step, values | {"item": desk.item or ""}, keys=(Key.HELP, Key.BACK))
    line = pieces_in_hand(desk, sorting) if step is SortStep.PUT else line_to_return(desk, sorting)
    if step is SortStep.ITEM or line is None:
        return Prompt(SortStep.ITEM, values, keys=(Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM))
    values |= {"order": line.order_ref, "lot": line.lot or "", **item_values(view, line.item_id)}
    if step is SortStep.RETURN:
        values["location"] = line.home or ""
        keys = (Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM)
        return Prompt(step, values, count=(line.in_tote, line.in_tote), keys=keys)
    values["cubby"] = cubby_label(view, line)
    pieces = 0 if desk.in_hand is None else desk.in_hand.pieces
    keys = (Key.HELP, Key.ENTER, Key.BACK, Key.PROBLEM)
    return Prompt(step, values, count=(pieces, line.in_tote), entry=desk.entry, keys=keys)


def answer_wall(desk: Desk, view: RecordView, given: Input) -> Reply:
    sorting = view.sorting_in_hand()
    step = step_at_wall(desk, view, sorting)
    if sorting is None:
        return _answer_without_tote(desk.plain(), view, given, step)
    desk = still_asked(desk, sorting)
    if desk.asking in WALL_QUESTIONS:
        return answer_wall_problem(desk, view, sorting, given)
    line = pieces_in_hand(desk, sorting)
    match step:
        case SortStep.PUT if line is not None:
            return answer_put(desk, view, sorting, line, given)
        case SortStep.RETURN if (back := line_to_return(desk, sorting)) is not None:
            returned = answer_return(desk, view, sorting, back, given)
            return _answer_item(desk, view, sorting, given) if returned is None else returned
        case SortStep.LOT:
            return answer_lot(desk, view, sorting, given)
        case SortStep.DONE:
            return _answer_done(desk, view, sorting, given)
        case _:
            return _answer_item(desk, view, sorting, given)


def with_sorting(reply: Reply, view: RecordView) -> Reply:
    """The desk remembers which bulk tote is in the hand, to notice when somebody takes it away."""
    sorting = view.sorting_in_hand()
    left = sorting is None or any(isinstance(fact, ReleasedSort) for fact in reply.facts)
    return replace(reply, desk=replace(reply.desk, sorting=None if left or sorting is None else sorting.tote))


def sort_taken(desk: Desk, view: RecordView) -> Notice | None:
    """The tote that was in the hand is not there any more, and not by anything done here."""
    in_hand = view.sorting_in_hand()
    if desk.sorting is None or (in_hand is not None and in_hand.tote == desk.sorting):
        return None
    row = view.sorting(desk.sorting)
    who = None if row is None else row.terminal_id
    return Notice("sort_taken", {"tote": desk.sorting, "what": who or "pool"}, Tone.ERROR)


def sort_given_back(sorting: SortingRow | None) -> tuple[ReleasedSort, ...]:
    """What a worker who leaves gives back, so that somebody else may go on."""
    return () if sorting is None else (ReleasedSort(tote=sorting.tote),)


# No tote in the hand.


def _answer_without_tote(desk: Desk, view: RecordView, given: Input, step: SortStep) -> Reply:
    match given:
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Scan() if step is SortStep.WAITING:
            return refuse(desk, "not_applied", count="1")
        case Scan(text, symbology):
            return _wall_or_tote(desk, view, read_code(text, symbology), step)
        case _:
            return Reply(desk)


def _wall_or_tote(desk: Desk, view: RecordView, scanned: Scanned, step: SortStep) -> Reply:
    match scanned:
        case CubbyScan(code):
            cubby = view.cubby(code)
            wall = None if cubby is None else cubby.wall
        case LocationScan(location):
            wall = view.wall_at(location)
        case ToteScan(tote) if step is SortStep.TOTE:
            return _claim(desk, view, tote)
        case _:
            return wrong_kind(desk, view, scanned, "wall" if step is SortStep.WALL else "tote")
    if wall is None:
        return wrong_kind(desk, view, scanned, "wall" if step is SortStep.WALL else "tote")
    return Reply(desk.plain(wall=wall))


def _claim(desk: Desk, view: RecordView, tote: ToteCode) -> Reply:
    sorting = view.sorting(tote)
    if sorting is None:
        return refuse(desk, "not_to_sort", tote=tote)
    walls = view.walls()
    wall = desk.wall or sorting.wall or (walls[0] if walls else None)
    if wall is None:
        return refuse(desk, "no_wall")
    if sorting.wall not in (None, wall):
        return refuse(desk, "other_wall", tote=tote, wall=sorting.wall or "")
    if not view.is_online():
        return refuse(desk, "offline_no_work")
    return Reply(desk.plain(), facts=(ClaimedSort(tote=tote, wall=wall),))


# A tote in the hand, no piece.


def _answer_item(desk: Desk, view: RecordView, sorting: SortingRow, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, ItemScan):
                return item_scanned(desk.plain(item=None), view, sorting, scanned, text)
            return wrong_kind(desk.plain(), view, scanned, "item")
        case Pressed(Key.UNDO):
            return _undo(desk, view, sorting)
        case Pressed(Key.PROBLEM):
            return Reply(desk.ask(Asking.SORT_PROBLEM))
        case Pressed(Key.BACK):
            return _leave(desk, sorting)
        case _:
            return Reply(desk)


def _leave(desk: Desk, sorting: SortingRow) -> Reply:
    notice = Notice("sort_left", {"tote": sorting.tote}, Tone.WARNING)
    return Reply(desk.plain(item=None), facts=(ReleasedSort(tote=sorting.tote),), notice=notice)


def _undo(desk: Desk, view: RecordView, sorting: SortingRow) -> Reply:
    last = view.last_undoable_sort(sorting.tote)
    if last is None:
        return say(desk.plain(), "nothing_to_undo", Tone.WARNING)
    event_id, fact = last
    quantity = str(fact.quantity) if isinstance(fact, PutInCubby | SortReported) else ""
    notice = Notice("undone", {"what": fact.kind.partition("@")[0], "quantity": quantity}, Tone.WARNING)
    return Reply(desk.plain(item=None), facts=(Undone(undoes=event_id),), notice=notice)


# An empty tote in the hand.


def _answer_done(desk: Desk, view: RecordView, sorting: SortingRow, given: Input) -> Reply:
    match given:
        case Pressed(Key.ENTER):
            return Reply(desk.plain(), facts=(ReleasedSort(tote=sorting.tote),))
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU), facts=(ReleasedSort(tote=sorting.tote),))
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, ToteScan) and scanned.tote != sorting.tote:
                claim = _claim(desk, view, scanned.tote)
                return replace(claim, facts=(ReleasedSort(tote=sorting.tote), *claim.facts)) if claim.facts else claim
        case _:
            pass
    return _answer_item(desk, view, sorting, given)
