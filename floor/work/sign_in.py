"""Signing in by badge (and PIN), the menu, and signing off."""

from __future__ import annotations

from floor.work.prompt import Choice, Input, Key, PinChecked, Pressed, Prompt, Scan, Typed
from floor.work.reply import Activity, Asking, CheckPin, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import BadgeScan, read_code
from sync.record.facts import Fact, ReleasedList, SignedIn, SignedOut
from sync.record.ids import BadgeCode, WorkerId
from sync.record.rows import Role, WorkerRow

MAX_PIN_LENGTH = 12
_MAY: dict[Activity, Role] = {Activity.PICK: Role.PICKER, Activity.PACK: Role.PACKER}


def sign_in_prompt(desk: Desk, view: RecordView) -> Prompt:
    if desk.asking is Asking.PIN and desk.pin_for is not None:
        worker = view.worker(desk.pin_for)
        name = desk.pin_for if worker is None else worker.name
        return Prompt("pin", {"name": name}, entry=desk.entry, secret=True, keys=(Key.ENTER, Key.BACK))
    if view.site() is None:
        return Prompt("waiting_store", busy=True)
    return Prompt("sign_in", {"terminal": view.terminal_id()}, entry=desk.entry, keys=(Key.HELP, Key.ENTER))


def answer_sign_in(desk: Desk, view: RecordView, given: Input) -> Reply:
    if desk.asking is Asking.PIN:
        return _answer_pin(desk, view, given)
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, BadgeScan):
                return _badge(desk, view, scanned.badge)
            return wrong_kind(desk, view, scanned, "badge")
        case Typed(character) if len(desk.entry) < MAX_PIN_LENGTH:
            return Reply(desk.typing(desk.entry + character))
        case Pressed(Key.ENTER) if desk.entry:
            return _badge(desk.plain(), view, BadgeCode(f"B-{desk.entry}"))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.UNDO | Key.BACK):
            return Reply(desk.plain())
        case _:
            return Reply(desk)


def _badge(desk: Desk, view: RecordView, badge: BadgeCode) -> Reply:
    if view.site() is None:
        return refuse(desk, "offline_no_work")
    worker = view.worker_by_badge(badge)
    if worker is None or not worker.active:
        return refuse(desk, "unknown_badge", scanned=badge)
    if worker.pin_hash is not None:
        return Reply(desk.ask(Asking.PIN, pin_for=worker.worker_id))
    return _signed_in(desk, worker.worker_id)


def _signed_in(desk: Desk, worker_id: WorkerId) -> Reply:
    return Reply(desk.plain(pin_for=None), facts=(SignedIn(),), worker_id=worker_id)


def _answer_pin(desk: Desk, view: RecordView, given: Input) -> Reply:
    worker_id = desk.pin_for
    match given:
        case Typed(character) if character.isdigit() and len(desk.entry) < MAX_PIN_LENGTH:
            return Reply(desk.typing(desk.entry + character))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain(pin_for=None))
        case Pressed(Key.ENTER) if desk.entry and worker_id is not None:
            return Reply(desk.typing(""), effect=CheckPin(worker_id, desk.entry))
        case PinChecked(right) if worker_id is not None:
            return _signed_in(desk, worker_id) if right else refuse(desk, "wrong_pin")
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "pin")
        case _:
            return Reply(desk)


def _allowed(worker: WorkerRow | None, activity: Activity) -> bool:
    return worker is not None and (_MAY[activity] in worker.roles or Role.LEAD in worker.roles)


def menu_prompt(desk: Desk, view: RecordView, worker: WorkerRow | None) -> Prompt:
    if desk.asking is Asking.SIGN_OFF:
        keep_or_give_back = (Choice("1", "sign_off.keep"), Choice("2", "sign_off.give_back"))
        return Prompt("sign_off", choices=keep_or_give_back, keys=(Key.BACK,))
    choices = tuple(
        Choice(digit, f"menu.{activity}")
        for digit, activity in (("1", Activity.PICK), ("2", Activity.PACK))
        if _allowed(worker, activity)
    )
    values = {"name": "" if worker is None else worker.name, "open": str(view.open_list_count())}
    return Prompt("menu", values, choices=(*choices, Choice("9", "menu.sign_off")), keys=(Key.HELP,))


def answer_menu(desk: Desk, view: RecordView, worker: WorkerRow | None, given: Input) -> Reply:
    """Choosing what to do. Starting to pick claims a list: see `floor.work.piece_pick.claim_if_idle`."""
    if desk.asking is Asking.SIGN_OFF:
        return _answer_sign_off(desk, view, given)
    match given:
        case Typed("1") if _allowed(worker, Activity.PICK):
            return Reply(desk.plain(activity=Activity.PICK))
        case Typed("2") if _allowed(worker, Activity.PACK):
            return Reply(desk.plain(activity=Activity.PACK, tote=None, item=None))
        case Typed("1" | "2"):
            return refuse(
                desk,
                "not_allowed",
                name="" if worker is None else worker.name,
                what={"1": "pick", "2": "pack"}[given.character],
            )
        case Typed("9"):
            return _sign_off(desk, view)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _sign_off(desk: Desk, view: RecordView) -> Reply:
    if view.held_walk() is not None:
        return Reply(desk.ask(Asking.SIGN_OFF))
    return Reply(Desk(), facts=(SignedOut(),))


def _answer_sign_off(desk: Desk, view: RecordView, given: Input) -> Reply:
    match given:
        case Typed("1"):
            return Reply(Desk(), facts=(SignedOut(),))
        case Typed("2"):
            walk = view.held_walk()
            back: tuple[Fact, ...] = ()
            if walk is not None:
                back = (ReleasedList(list_id=walk.head.list_id, token=walk.head.token),)
            return Reply(Desk(), facts=(*back, SignedOut()))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)
