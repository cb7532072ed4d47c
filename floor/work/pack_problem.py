"""F4 at the pack station: missing, too many, damaged, wrong item, carton full; which item and how many is asked."""

from __future__ import annotations

from floor.work.pack_weight import carton_full
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import read_code
from sync.record.facts import PackProblem, PackReported
from sync.record.packing import GONE, contents, to_verify
from sync.record.rows import PackingRow, PackLine

QUESTIONS = (Asking.PACK_PROBLEM, Asking.PACK_WHICH, Asking.PACK_HOW_MANY)
MAX_ENTRY_LENGTH = 5
CARTON_FULL = "5"
OTHERS = "9"
"""More items than there are digits for: the next ones."""
ITEMS_AT_ONCE = 6
_PROBLEMS = {
    "1": PackProblem.MISSING,
    "2": PackProblem.SURPLUS,
    "3": PackProblem.DAMAGED,
    "4": PackProblem.WRONG_ITEM,
}


def line_at(desk: Desk, packing: PackingRow) -> PackLine:
    """The line that the packer is at: that of the last scan while it is open, else the first open one."""
    lines = _open_lines(packing) or list(packing.lines)
    return next((line for line in lines if line.item_id == desk.item), lines[0])


def _open_lines(packing: PackingRow) -> list[PackLine]:
    return [line for line in packing.lines if to_verify(line) > 0]


def still_asked(desk: Desk, packing: PackingRow) -> Desk:
    """The desk without a question that the record has overtaken: the item it was about is not open any more."""
    if desk.asking is Asking.PACK_HOW_MANY and all(line.item_id != desk.item for line in _open_lines(packing)):
        return desk.plain()
    return desk


def problem_prompt(desk: Desk, view: RecordView, packing: PackingRow, values: dict[str, str]) -> Prompt:
    if desk.asking is Asking.PACK_HOW_MANY:
        problem = _PROBLEMS[desk.reason]
        told = {**values, "what": str(problem), "left": str(to_verify(line_at(desk, packing)))}
        return Prompt("pack_how_many", told, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.PACK_WHICH:
        told = {**values, "what": str(_PROBLEMS[desk.reason])}
        return Prompt("pack_which", told, choices=_which_choices(desk, view, packing), keys=(Key.BACK,))
    choices = [Choice(digit, f"pack.{problem}") for digit, problem in _problems(desk).items()]
    values["item"] = desk.odd_item or values["item"]
    return Prompt("pack_problem", values, choices=(*choices, Choice(CARTON_FULL, "pack.full")), keys=(Key.BACK,))


def _problems(desk: Desk) -> dict[str, PackProblem]:
    """What may be the matter: with the item that was just refused, else with what is in the tote."""
    return {digit: one for digit, one in _PROBLEMS.items() if desk.odd_item is None or one not in GONE}


def _which(desk: Desk, packing: PackingRow) -> dict[str, PackLine]:
    """The open lines that digits stand for now."""
    lines = _open_lines(packing)
    first = desk.page * ITEMS_AT_ONCE % (-(-len(lines) // ITEMS_AT_ONCE) * ITEMS_AT_ONCE)
    return {str(digit): line for digit, line in enumerate(lines[first : first + ITEMS_AT_ONCE], 1)}


def _which_choices(desk: Desk, view: RecordView, packing: PackingRow) -> tuple[Choice, ...]:
    choices = []
    for digit, line in _which(desk, packing).items():
        item = view.item(line.item_id)
        values = {"item": line.item_id, "name": "" if item is None else item.name, "left": str(to_verify(line))}
        choices.append(Choice(digit, "pack.which", values))
    if len(_open_lines(packing)) > ITEMS_AT_ONCE:
        choices.append(Choice(OTHERS, "pack.others"))
    return tuple(choices)


def answer_problem(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    match given:
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case Typed(digit) if desk.asking is Asking.PACK_PROBLEM:
            return _problem_named(desk, view, packing, digit)
        case Typed(digit) if desk.asking is Asking.PACK_WHICH:
            return _item_named(desk, view, packing, digit)
        case _ if desk.asking is Asking.PACK_HOW_MANY:
            return _answer_how_many(desk, view, packing, given)
        case _:
            return Reply(desk)


def _problem_named(desk: Desk, view: RecordView, packing: PackingRow, digit: str) -> Reply:
    problem = _problems(desk).get(digit)
    if digit == CARTON_FULL and contents(packing):
        return carton_full(desk.plain(carton_full=True), view, packing, ())
    if digit == CARTON_FULL:
        return refuse(desk.plain(), "carton_empty")
    if problem is None:
        return Reply(desk)
    if problem not in GONE:
        if desk.odd_item is None:
            return refuse(desk.plain(), "scan_odd_first")
        return _report(desk, view, packing, line_at(desk, packing), problem, 1)
    lines = _open_lines(packing)
    if len(lines) > 1:
        return Reply(desk.ask(Asking.PACK_WHICH, reason=digit))
    return _how_many(desk, view, packing, lines[0], digit)


def _item_named(desk: Desk, view: RecordView, packing: PackingRow, digit: str) -> Reply:
    if digit == OTHERS:
        return Reply(desk.ask(Asking.PACK_WHICH, page=desk.page + 1))
    line = _which(desk, packing).get(digit)
    return Reply(desk) if line is None else _how_many(desk, view, packing, line, desk.reason)


def _how_many(desk: Desk, view: RecordView, packing: PackingRow, line: PackLine, digit: str) -> Reply:
    if to_verify(line) == 1:
        return _report(desk, view, packing, line, _PROBLEMS[digit], 1)
    return Reply(desk.ask(Asking.PACK_HOW_MANY, reason=digit, item=line.item_id))


def _answer_how_many(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    line = line_at(desk, packing)
    match given:
        case Typed(character) if character.isdigit():
            return Reply(desk.typing((desk.entry + character)[:MAX_ENTRY_LENGTH]))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.ENTER) if desk.entry and int(desk.entry) > to_verify(line):
            return refuse(desk, "too_many", typed=desk.entry, left=str(to_verify(line)))
        case Pressed(Key.ENTER) if desk.entry and int(desk.entry):
            return _report(desk, view, packing, line, _PROBLEMS[desk.reason], int(desk.entry))
        case Pressed(Key.ENTER) if desk.entry:
            return Reply(desk.plain())
        case _:
            return Reply(desk)


def _report(
    desk: Desk, view: RecordView, packing: PackingRow, line: PackLine, problem: PackProblem, quantity: int
) -> Reply:
    gone = problem in GONE
    fact = PackReported(
        tote=packing.tote,
        order_line_id=line.order_line_id if gone else None,
        item_id=line.item_id if gone else desk.odd_item or line.item_id,
        quantity=quantity,
        problem=problem,
    )
    here = desk.plain(tote=packing.tote)
    left = sum(to_verify(other) for other in packing.lines) - (quantity if gone else 0)
    if left <= 0 and contents(packing):
        return carton_full(here, view, packing, (fact,))
    notice = Notice("pack_reported", {"quantity": str(quantity), "item": fact.item_id}, Tone.WARNING)
    return Reply(here, facts=(fact,), notice=notice)
