"""Cycle count: a location is counted blind, item by item; what the record says is never shown.

Where we are follows from the record: the count that the store gave or that was begun here, and its finds. The desk
remembers before which location the worker stands, and the questions for a lot and whether all was counted.
"""

from __future__ import annotations

from enum import StrEnum

from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.reply import Activity, Asking, Desk, PendingPiece, Reply, refuse, say
from floor.work.scan_check import stands_at, wrong_kind
from floor.work.transitions import Transition
from floor.work.view import RecordView
from sync.record.codes.scanned import ItemScan, LocationScan, PlainScan, read_code
from sync.record.counting import Count, summed
from sync.record.facts import ClaimedCount, Counted, CountEnded, Fact, How, ReleasedCount, Undone
from sync.record.ids import ItemId, LotCode
from sync.record.rows import ItemRow

MAX_ENTRY_LENGTH = 5
MAX_LOT_LENGTH = 20
MOST_PIECES = 99_999
GIVE_BACK = "1"


class CountStep(StrEnum):
    WAITING = "waiting_store"
    PLACE = "count_place"
    GO_TO = "count_go_to"
    FIND = "count_find"


TRANSITIONS: tuple[Transition, ...] = (
    Transition("menu", "digit", "waiting_store", "a count waits: it is asked for"),
    Transition("menu", "digit", "count_place", "none waits, or there is no contact"),
    Transition("menu", "digit", "count_go_to", "the store has given one to this terminal"),
    Transition("menu", "digit", "count_find", "what was begun goes on"),
    Transition("waiting_store", "news", "count_go_to", "the store has given one"),
    Transition("waiting_store", "news", "count_place", "none waits"),
    Transition("waiting_store", "back", "menu"),
    Transition("count_place", "enter", "waiting_store", "the most urgent count is asked for"),
    Transition("count_place", "location", "count_find", "a count that nobody asked for"),
    Transition("count_place", "news", "count_place", "counts were asked for or are done"),
    Transition("count_place", "back", "menu"),
    Transition("count_go_to", "location", "count_find"),
    Transition("count_go_to", "check digits", "count_find"),
    Transition("count_go_to", "problem", "count_problem"),
    Transition("count_go_to", "back", "menu", "the count stays with this terminal"),
    Transition("count_find", "item", "count_find", "one find more"),
    Transition("count_find", "number", "count_find", "the total of what was scanned last"),
    Transition("count_find", "item", "scan_lot", "it has lots, and its code does not say which"),
    Transition("count_find", "undo", "count_find", "the last find is taken back"),
    Transition("count_find", "enter", "count_sure"),
    Transition("count_find", "problem", "count_problem"),
    Transition("count_find", "back", "menu", "the finds stay"),
    Transition("scan_lot", "lot", "count_find", "scanned or typed"),
    Transition("scan_lot", "back", "count_find"),
    Transition("count_sure", "enter", "count_place", "the sums go to the store"),
    Transition("count_sure", "enter", "waiting_store", "the sums go to the store, and another count waits"),
    Transition("count_sure", "item", "count_find", "it was not all"),
    Transition("count_sure", "back", "count_find"),
    Transition("count_sure", "undo", "count_find"),
    Transition("count_problem", "digit", "count_place", "somebody else may do it; finds mean nothing any more"),
    Transition("count_problem", "back", "count_go_to"),
    Transition("count_problem", "back", "count_find"),
)


def count_here(desk: Desk, view: RecordView) -> Count | None:
    """The count in hand; one that was begun at the desk and has no find yet is known to nobody else."""
    in_hand = view.count_in_hand()
    begun = in_hand is not None and bool(in_hand.finds)
    if begun or desk.count_at is None or (in_hand is not None and in_hand.location == desk.count_at):
        return in_hand
    return Count(None, desk.count_at, None)


def count_step(desk: Desk, view: RecordView) -> CountStep:
    count = count_here(desk, view)
    if count is None:
        return CountStep.WAITING if view.count_claim_pending() and view.is_online() else CountStep.PLACE
    return CountStep.FIND if count.finds or desk.count_at == count.location else CountStep.GO_TO


def claim_count_if_any(desk: Desk, view: RecordView) -> tuple[Fact, ...]:
    """Coming from the menu or from a count: ask for the next one where one waits and somebody can answer."""
    waits = view.open_counts(view.signed_in()) > 0 and view.is_online()
    idle = count_here(desk, view) is None and not view.count_claim_pending()
    return (ClaimedCount(task_id=None),) if waits and idle else ()


def count_prompt(desk: Desk, view: RecordView) -> Prompt:
    step, count = count_step(desk, view), count_here(desk, view)
    if count is None:
        if step is CountStep.WAITING:
            return Prompt(step, keys=(Key.BACK,), busy=True)
        values = {"open": str(view.open_counts(view.signed_in()))}
        return Prompt("count_place", values, keys=(Key.HELP, Key.ENTER, Key.BACK))
    if desk.asking is Asking.COUNT_PROBLEM:
        give_back = Choice(GIVE_BACK, "count.break_off" if count.task_id is None else "count.give_back")
        return Prompt("count_problem", {"location": count.location}, choices=(give_back,), keys=(Key.BACK,))
    if desk.asking is Asking.LOT and desk.item is not None:
        values = {"location": count.location, "lot": "", **_item_values(view, desk.item)}
        return Prompt("scan_lot", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.COUNT_SURE:
        sums = summed(count.finds)
        values = {"location": count.location, "kinds": str(len(sums)), "pieces": str(sum(one.quantity for one in sums))}
        return Prompt("count_sure", values, keys=(Key.ENTER, Key.BACK))
    keys = (Key.HELP, Key.ENTER, Key.UNDO, Key.BACK, Key.PROBLEM)
    asked_for = _item_values(view, count.item_id)
    if step is CountStep.GO_TO:
        return Prompt("count_go_to", {"location": count.location, **asked_for}, entry=desk.entry, keys=keys)
    last = count.finds[-1] if count.finds else None
    values = {
        "location": count.location,
        **(asked_for if last is None else _item_values(view, last.item_id)),
        "lot": "" if last is None else last.lot or "",
        "found": "" if last is None else str(count.pieces(last.item_id, last.lot)),
    }
    return Prompt("count_find", values, entry=desk.entry, keys=keys)


def _item_values(view: RecordView, item_id: ItemId | None) -> dict[str, str]:
    item = None if item_id is None else view.item(item_id)
    return {"item": item_id or "", "name": "" if item is None else item.name}


def answer_count(desk: Desk, view: RecordView, given: Input) -> Reply:
    step, count = count_step(desk, view), count_here(desk, view)
    common = _answer_common(desk, view, count, given)
    if common is not None:
        return common
    if count is None:
        return _answer_place(desk, view, step, given)
    match desk.asking:
        case Asking.COUNT_PROBLEM:
            return _answer_problem(desk, view, count, given)
        case Asking.COUNT_SURE:
            return _answer_sure(desk, view, count, given)
        case Asking.LOT:
            return _answer_lot(desk, view, count, given)
        case _:
            pass
    if step is CountStep.GO_TO:
        return _answer_go_to(desk, view, count, given)
    return _answer_find(desk, view, count, given)


def _answer_common(desk: Desk, view: RecordView, count: Count | None, given: Input) -> Reply | None:
    """Keys that mean the same at every step: clear, undo, back, problem, typing."""
    types_lot = desk.asking is Asking.LOT
    types = count is not None and (desk.asking is None or types_lot)
    match given:
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.UNDO | Key.BACK) if desk.asking is not None:
            return Reply(desk.plain())
        case Pressed(Key.UNDO):
            return _undo(desk, view)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Pressed(Key.PROBLEM) if desk.asking is None and count is not None:
            return Reply(desk.ask(Asking.COUNT_PROBLEM))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Typed(character) if types and (character.isdigit() or types_lot):
            limit = MAX_LOT_LENGTH if types_lot else MAX_ENTRY_LENGTH
            return Reply(desk.typing((desk.entry + character)[:limit]))
        case _:
            return None


def _undo(desk: Desk, view: RecordView) -> Reply:
    last = view.last_undoable_count()
    if last is None:
        return say(desk.plain(), "nothing_to_undo", Tone.WARNING)
    event_id, find = last
    notice = Notice("undone", {"what": "counted", "quantity": str(find.quantity)}, Tone.WARNING)
    # Where the last find goes, the worker stands before its location still.
    return Reply(desk.plain(count_at=find.location), facts=(Undone(undoes=event_id),), notice=notice)


def _answer_place(desk: Desk, view: RecordView, step: CountStep, given: Input) -> Reply:
    match given:
        case Pressed(Key.ENTER) if step is CountStep.PLACE and view.is_online():
            return Reply(desk.plain(), facts=(ClaimedCount(task_id=None),))
        case Pressed(Key.ENTER) if step is CountStep.PLACE:
            return refuse(desk, "no_counts_offline")
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, LocationScan):
                return wrong_kind(desk, view, scanned, "location")
            if view.location(scanned.location) is None:
                return refuse(desk, "unknown_code", scanned=scanned.location, expected="location")
            return Reply(desk.plain(count_at=scanned.location))
        case _:
            return Reply(desk)


def _answer_go_to(desk: Desk, view: RecordView, count: Count, given: Input) -> Reply:
    stands = stands_at(desk, view, count.location, given)
    return Reply(desk.plain(count_at=count.location)) if isinstance(stands, How) else stands


def _answer_find(desk: Desk, view: RecordView, count: Count, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, ItemScan):
                return wrong_kind(desk.typing(""), view, scanned, "item")
            return _item_scanned(desk.typing(""), view, count, scanned, text)
        case Pressed(Key.ENTER) if desk.entry:
            return _number_typed(desk, count)
        case Pressed(Key.ENTER):
            return Reply(desk.ask(Asking.COUNT_SURE))
        case _:
            return Reply(desk)


def _item_scanned(desk: Desk, view: RecordView, count: Count, scanned: ItemScan, text: str) -> Reply:
    item = view.item_by_gtin(scanned.gtin)
    if item is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="item")
    if count.item_id not in (None, item.item_id):
        return refuse(desk, "not_this_item", scanned=item.item_id, name=item.name, expected=str(count.item_id))
    pieces = next(barcode.pieces for barcode in item.barcodes if barcode.gtin == scanned.gtin) * (scanned.pieces or 1)
    if item.lot_tracked and scanned.lot is None:
        return Reply(desk.ask(Asking.LOT, pending=PendingPiece(code=text, pieces=pieces), item=item.item_id))
    return _counted(desk, count, item, scanned.lot if item.lot_tracked else None, pieces, How.SCANNED)


def _counted(desk: Desk, count: Count, item: ItemRow, lot: LotCode | None, pieces: int, how: How) -> Reply:
    before = count.pieces(item.item_id, lot)
    if before + pieces > MOST_PIECES:
        return refuse(desk, "too_many", typed=str(before + pieces), left=str(MOST_PIECES))
    find = _find(count, item.item_id, lot, pieces, how)
    return Reply(desk.plain(count_at=count.location), facts=(find,))


def _find(count: Count, item_id: ItemId, lot: LotCode | None, pieces: int, how: How) -> Counted:
    return Counted(task_id=count.task_id, location=count.location, item_id=item_id, quantity=pieces, how=how, lot=lot)


def _number_typed(desk: Desk, count: Count) -> Reply:
    """A typed number is the total of the item that was scanned last."""
    if not count.finds:
        return refuse(desk.typing(""), "scan_first", typed=desk.entry, item="")
    last, total = count.finds[-1], int(desk.entry)
    before = count.pieces(last.item_id, last.lot)
    if total < before:
        return refuse(desk, "too_few", typed=desk.entry, picked=str(before))
    if total == before:
        return Reply(desk.plain())
    return Reply(desk.plain(), facts=(_find(count, last.item_id, last.lot, total - before, How.TYPED),))


def _answer_lot(desk: Desk, view: RecordView, count: Count, given: Input) -> Reply:
    """The lot of the item that was just scanned, by scan or by hand."""
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            match scanned:
                case ItemScan(lot=lot) if lot is not None:
                    code = str(lot)
                case PlainScan(plain):
                    code = plain
                case _:
                    return wrong_kind(desk.typing(""), view, scanned, "lot")
        case Pressed(Key.ENTER) if desk.entry:
            code = desk.entry
        case _:
            return Reply(desk)
    item = None if desk.item is None else view.item(desk.item)
    if item is None or desk.pending is None:
        return Reply(desk.plain())
    return _counted(desk, count, item, LotCode(code), desk.pending.pieces, How.SCANNED)


def _answer_sure(desk: Desk, view: RecordView, count: Count, given: Input) -> Reply:
    match given:
        case Pressed(Key.ENTER):
            ended = CountEnded(task_id=count.task_id, location=count.location, finds=summed(count.finds))
            waits = view.is_online() and view.open_counts(view.signed_in()) > 0
            then: tuple[Fact, ...] = (ClaimedCount(task_id=None),) if waits else ()
            notice = Notice("count_done", {"location": count.location}, Tone.DONE)
            return Reply(desk.plain(count_at=None), facts=(ended, *then), notice=notice)
        case Scan():
            return _answer_find(desk.plain(), view, count, given)  # it was not all
        case _:
            return Reply(desk)


def _answer_problem(desk: Desk, view: RecordView, count: Count, given: Input) -> Reply:
    match given:
        case Typed(digit) if digit == GIVE_BACK:
            notice = Notice("count_left", {"location": count.location}, Tone.WARNING)
            return Reply(desk.plain(count_at=None), facts=count_given_back(count), notice=notice)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def count_given_back(count: Count | None) -> tuple[Fact, ...]:
    """What ends a count without a result; nothing was begun where nobody asked and nothing was found."""
    if count is None or (count.task_id is None and not count.finds):
        return ()
    return (ReleasedCount(task_id=count.task_id),)
