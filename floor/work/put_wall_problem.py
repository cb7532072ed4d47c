"""F4 at the put wall: missing, damaged, too many, wrong item; which item and how many is asked."""

from __future__ import annotations

from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.put_wall_steps import item_values, lines_of, pieces_in_hand
from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import read_code
from sync.record.facts import SortProblem, SortReported
from sync.record.ids import ItemId
from sync.record.rows import SortingRow, SortLine
from sync.record.sorting import GONE

WALL_QUESTIONS = (Asking.SORT_PROBLEM, Asking.SORT_WHICH, Asking.SORT_HOW_MANY)
MAX_ENTRY_LENGTH = 5
OTHERS = "9"
"""More items than there are digits for: the next ones."""
ITEMS_AT_ONCE = 6
_PROBLEMS = {
    "1": SortProblem.MISSING,
    "2": SortProblem.DAMAGED,
    "3": SortProblem.SURPLUS,
    "4": SortProblem.WRONG_ITEM,
}


def still_asked(desk: Desk, sorting: SortingRow) -> Desk:
    """The desk without a question that the record has overtaken: nothing is left of what it was about."""
    about_item = desk.asking is Asking.SORT_HOW_MANY and (desk.item is None or not how_many_left(desk, sorting))
    about_any = desk.asking is Asking.SORT_WHICH and not _items(sorting)
    return desk.plain(item=None) if about_item or about_any else desk


def how_many_left(desk: Desk, sorting: SortingRow) -> int:
    """Pieces that may be the matter: of the line in the hand, else of the item in the whole tote."""
    return sum(line.in_tote for line in _concerned(desk, sorting))


def _concerned(desk: Desk, sorting: SortingRow) -> list[SortLine]:
    line = pieces_in_hand(desk, sorting)
    if line is not None:
        return [line]
    return [] if desk.item is None else lines_of(sorting, desk.item)


def _items(sorting: SortingRow) -> list[ItemId]:
    return list(dict.fromkeys(line.item_id for line in sorting.lines if line.in_tote > 0))


def problem_prompt(desk: Desk, view: RecordView, sorting: SortingRow, values: dict[str, str]) -> Prompt:
    match desk.asking:
        case Asking.SORT_WHICH:
            told = {**values, "what": str(_PROBLEMS[desk.reason])}
            return Prompt("sort_which", told, choices=_which_choices(desk, view, sorting), keys=(Key.BACK,))
        case Asking.SORT_HOW_MANY if desk.item is not None:
            told = {**values, **item_values(view, desk.item), "what": str(_PROBLEMS[desk.reason])}
            told["left"] = str(how_many_left(desk, sorting))
            return Prompt("sort_how_many", told, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
        case _:
            choices = tuple(Choice(digit, f"sort.{problem}") for digit, problem in _problems(desk, sorting).items())
            return Prompt("sort_problem", {**values, "item": desk.odd_item or ""}, choices=choices, keys=(Key.BACK,))


def _problems(desk: Desk, sorting: SortingRow) -> dict[str, SortProblem]:
    """What may be the matter: with the item that was just refused, with the one in the hand, else with the tote."""
    if desk.odd_item is not None:
        return {digit: one for digit, one in _PROBLEMS.items() if one not in GONE}
    if pieces_in_hand(desk, sorting) is not None:
        return {digit: one for digit, one in _PROBLEMS.items() if one in GONE}
    return {digit: one for digit, one in _PROBLEMS.items() if one not in GONE or _items(sorting)}


def _which(desk: Desk, sorting: SortingRow) -> dict[str, ItemId]:
    items = _items(sorting)
    first = desk.page * ITEMS_AT_ONCE % (-(-len(items) // ITEMS_AT_ONCE) * ITEMS_AT_ONCE)
    return {str(digit): item for digit, item in enumerate(items[first : first + ITEMS_AT_ONCE], 1)}


def _which_choices(desk: Desk, view: RecordView, sorting: SortingRow) -> tuple[Choice, ...]:
    choices = []
    for digit, item_id in _which(desk, sorting).items():
        left = sum(line.in_tote for line in lines_of(sorting, item_id))
        choices.append(Choice(digit, "pack.which", {**item_values(view, item_id), "left": str(left)}))
    if len(_items(sorting)) > ITEMS_AT_ONCE:
        choices.append(Choice(OTHERS, "pack.others"))
    return tuple(choices)


def answer_wall_problem(desk: Desk, view: RecordView, sorting: SortingRow, given: Input) -> Reply:
    match given:
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain(in_hand=desk.in_hand))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case Typed(digit) if desk.asking is Asking.SORT_PROBLEM:
            return _problem_named(desk, sorting, digit)
        case Typed(digit) if desk.asking is Asking.SORT_WHICH:
            return _item_named(desk, sorting, digit)
        case _ if desk.asking is Asking.SORT_HOW_MANY:
            return _answer_how_many(desk, sorting, given)
        case _:
            return Reply(desk)


def _problem_named(desk: Desk, sorting: SortingRow, digit: str) -> Reply:
    problem = _problems(desk, sorting).get(digit)
    if problem is None:
        return Reply(desk)
    if problem not in GONE:
        if desk.odd_item is None:
            return refuse(desk.plain(), "scan_odd_first")
        odd = SortReported(
            batch_id=sorting.batch_id,
            tote=sorting.tote,
            order_line_id=None,
            item_id=desk.odd_item,
            quantity=1,
            problem=problem,
        )
        return _told(desk, (odd,), 1, desk.odd_item)
    line, items = pieces_in_hand(desk, sorting), _items(sorting)
    if line is None and len(items) > 1:
        return Reply(desk.ask(Asking.SORT_WHICH, reason=digit))
    return _how_many(desk, sorting, items[0] if line is None else line.item_id, digit)


def _item_named(desk: Desk, sorting: SortingRow, digit: str) -> Reply:
    if digit == OTHERS and len(_items(sorting)) > ITEMS_AT_ONCE:
        return Reply(desk.ask(Asking.SORT_WHICH, page=desk.page + 1))
    item_id = _which(desk, sorting).get(digit)
    return Reply(desk) if item_id is None else _how_many(desk, sorting, item_id, desk.reason)


def _how_many(desk: Desk, sorting: SortingRow, item_id: ItemId, digit: str) -> Reply:
    asked = desk.ask(Asking.SORT_HOW_MANY, reason=digit, item=item_id)
    return _gone(asked, sorting, 1) if how_many_left(asked, sorting) == 1 else Reply(asked)


def _answer_how_many(desk: Desk, sorting: SortingRow, given: Input) -> Reply:
    left = how_many_left(desk, sorting)
    match given:
        case Typed(character) if character.isdigit():
            return Reply(desk.typing((desk.entry + character)[:MAX_ENTRY_LENGTH]))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.ENTER) if desk.entry and int(desk.entry) > left:
            return refuse(desk, "too_many", typed=desk.entry, left=str(left))
        case Pressed(Key.ENTER) if desk.entry and int(desk.entry):
            return _gone(desk, sorting, int(desk.entry))
        case Pressed(Key.ENTER) if desk.entry:
            return Reply(desk.plain(item=None))
        case _:
            return Reply(desk)


def _gone(desk: Desk, sorting: SortingRow, quantity: int) -> Reply:
    """Missing or damaged: the orders that would be served last go without."""
    left, facts = quantity, []
    for line in reversed(_concerned(desk, sorting)):
        step = min(left, line.in_tote)
        if step:
            facts.append(
                SortReported(
                    batch_id=sorting.batch_id,
                    tote=sorting.tote,
                    order_line_id=line.order_line_id,
                    item_id=line.item_id,
                    quantity=step,
                    problem=_PROBLEMS[desk.reason],
                    lot=line.lot,
                )
            )
            left -= step
    return _told(desk, tuple(facts), quantity, facts[0].item_id)


def _told(desk: Desk, facts: tuple[SortReported, ...], quantity: int, item_id: ItemId) -> Reply:
    notice = Notice("pack_reported", {"quantity": str(quantity), "item": item_id}, Tone.WARNING)
    return Reply(desk.plain(item=None), facts=facts, notice=notice)
