"""Signing in by badge (and PIN), the menu, and signing off."""

from __future__ import annotations

from floor.work.cycle_count import count_given_back
from floor.work.lists_ahead import in_words, is_begun, sign_off_facts
from floor.work.prompt import Choice, Input, Key, PinChecked, Pressed, Prompt, Scan, Typed
from floor.work.put_wall import sort_given_back
from floor.work.reply import Activity, Asking, CheckPin, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from floor.work.zone_pick import answer_zone, claim_by_tote, zone_prompt
from sync.record.codes.scanned import BadgeScan, ToteScan, read_code
from sync.record.facts import ClaimedList, ReleasedList, SignedIn, SignedOut
from sync.record.ids import BadgeCode, WorkerId
from sync.record.permissions import Action, may
from sync.record.picking import Walk, open_pieces
from sync.record.rows import WorkerRow
from sync.record.signing_in import PinAnswer, PinOutcome

MAX_PIN_LENGTH = 12
LONG_S = 120
"""From here on a wait is said in minutes."""
_NOBODY = "nobody:"
"""Before a badge that is nobody's, where the id of its worker would stand."""
_ACTION: dict[Activity, Action] = {
    Activity.PICK: Action.PICK,
    Activity.PACK: Action.PACK,
    Activity.SORT: Action.SORT,
    Activity.COUNT: Action.COUNT,
}
_MENU: dict[str, Activity] = {"1": Activity.PICK, "2": Activity.PACK, "3": Activity.SORT, "4": Activity.COUNT}
_ZONE = "5"


def sign_in_prompt(desk: Desk, view: RecordView) -> Prompt:
    if desk.asking is Asking.PIN and desk.pin_for is not None:
        worker = view.worker(desk.pin_for)
        badge = desk.pin_for.removeprefix(_NOBODY) if worker is None else worker.badge
        return Prompt("pin", {"badge": badge}, entry=desk.entry, secret=True, keys=(Key.ENTER, Key.BACK))
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
    if view.sign_in_is_over():
        site = view.site()
        return refuse(desk, "sign_in_over", hours="" if site is None else str(site.offline_sign_in_h))
    worker = view.worker_by_badge(badge)
    if worker is None or not worker.active:
        # Asked and answered as if there were such a worker: who tries badges learns nothing.
        return Reply(desk.ask(Asking.PIN, pin_for=WorkerId(f"{_NOBODY}{badge}")))
    if worker.pin_hash is not None:
        return Reply(desk.ask(Asking.PIN, pin_for=worker.worker_id))
    return _signed_in(desk, worker.worker_id)


def _signed_in(desk: Desk, worker_id: WorkerId) -> Reply:
    # First the zone, then a walk that somebody else has kept; where there is nothing to ask it is the menu that stands.
    return Reply(desk.ask(Asking.ZONE, pin_for=None), facts=(SignedIn(),), worker_id=worker_id)


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
        case PinChecked(answer) if worker_id is not None:
            return _pin_answered(desk, worker_id, answer)
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "pin")
        case _:
            return Reply(desk)


def _pin_answered(desk: Desk, worker_id: WorkerId, answer: PinAnswer) -> Reply:
    match answer.outcome:
        case PinOutcome.RIGHT:
            return _signed_in(desk, worker_id)
        case PinOutcome.WRONG if answer.wait_s:
            return refuse(desk, "wrong_pin_wait", wait=_span(answer.wait_s))
        case PinOutcome.WRONG:
            return refuse(desk, "wrong_pin")
        case PinOutcome.WAIT:
            return refuse(desk, "pin_wait", wait=_span(answer.wait_s))
        case PinOutcome.UNREADY:
            return refuse(desk, "pin_unready")


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < LONG_S else f"{-(-seconds // 60)} min"


def may_do(worker: WorkerRow | None, activity: Activity) -> bool:
    return worker is not None and may(worker.roles, _ACTION[activity])


def menu_prompt(desk: Desk, view: RecordView, worker: WorkerRow | None) -> Prompt:
    kept, asking = kept_by_another(view, worker), _question(desk, view, worker)
    if asking is Asking.ZONE:
        return zone_prompt(desk, view)
    if asking is Asking.TAKE_OVER and kept is not None:
        return _take_over_prompt(view, kept)
    if asking is Asking.SIGN_OFF:
        keep_or_give_back = (Choice("1", "sign_off.keep"), Choice("2", "sign_off.give_back"))
        return Prompt("sign_off", choices=keep_or_give_back, keys=(Key.BACK,))
    choices = tuple(Choice(digit, f"menu.{activity}") for digit, activity in _MENU.items() if may_do(worker, activity))
    values = {
        "name": "" if worker is None else worker.name,
        "open": str(view.open_list_count()),
        "ahead": in_words(view.held_lists()),
        "zone": view.zone() or "",
    }
    zone = (Choice(_ZONE, "menu.zone"),) if _chooses_zone(view, worker) else ()
    return Prompt("menu", values, choices=(*choices, *zone, Choice("9", "menu.sign_off")), keys=(Key.HELP,))


def _chooses_zone(view: RecordView, worker: WorkerRow | None) -> bool:
    return may_do(worker, Activity.PICK) and bool(view.zones_to_choose())


def _question(desk: Desk, view: RecordView, worker: WorkerRow | None) -> Asking | None:
    """The question that stands at the menu: one that does not arise gives way to the next."""
    asking = desk.asking
    if asking is Asking.ZONE and not _chooses_zone(view, worker):
        asking = Asking.TAKE_OVER
    if asking is Asking.TAKE_OVER and kept_by_another(view, worker) is None:
        asking = None
    return asking


def answer_menu(desk: Desk, view: RecordView, worker: WorkerRow | None, given: Input) -> Reply:
    """Choosing what to do. Starting to pick claims a list: see `floor.work.piece_pick.claim_if_idle`."""
    kept = kept_by_another(view, worker)
    asking = _question(desk, view, worker)
    if asking is Asking.ZONE:
        return answer_zone(desk, view, given, Asking.TAKE_OVER)
    if asking is Asking.TAKE_OVER and kept is not None:
        return _answer_take_over(desk, view, kept, given)
    if asking is Asking.SIGN_OFF:
        return _answer_sign_off(desk, view, given)
    if desk.asking is not None:
        desk = desk.plain()
    match given:
        case Typed("1") if kept is not None:
            return Reply(desk.ask(Asking.TAKE_OVER))
        case Typed(digit) if digit in _MENU and may_do(worker, _MENU[digit]):
            return Reply(desk.plain(activity=_MENU[digit], tote=None, item=None))
        case Typed(digit) if digit in _MENU:
            name = "" if worker is None else worker.name
            return refuse(desk, "not_allowed", name=name, what=str(_MENU[digit]))
        case Typed(digit) if digit == _ZONE and _chooses_zone(view, worker):
            return Reply(desk.ask(Asking.ZONE))
        case Typed("9"):
            return _sign_off(desk, view)
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, ToteScan) and may_do(worker, Activity.PICK) and kept is None:
                return claim_by_tote(desk, view, scanned)
            return wrong_kind(desk, view, scanned, "choice")
        case _:
            return Reply(desk)


def kept_by_another(view: RecordView, worker: WorkerRow | None) -> Walk | None:
    """The walk at this terminal that somebody else has kept, for one who may pick: it is not walked into unasked."""
    walk = view.held_walk()
    if walk is None or worker is None or not may_do(worker, Activity.PICK):
        return None
    return walk if view.walk_worker() not in (None, worker.worker_id) else None


def _take_over_prompt(view: RecordView, kept: Walk) -> Prompt:
    keeper_id = view.walk_worker()
    keeper = None if keeper_id is None else view.worker(keeper_id)
    values = {
        "order": kept.head.order_ref,
        "name": str(keeper_id) if keeper is None else keeper.name,
        "open": str(sum(max(0, open_pieces(line)) for line in kept.lines)),
    }
    choices = (Choice("1", "take_over.mine"), Choice("2", "take_over.give_back"))
    return Prompt("take_over", values, choices=choices, keys=(Key.BACK,))


def _answer_take_over(desk: Desk, view: RecordView, kept: Walk, given: Input) -> Reply:
    match given:
        case Typed("1"):
            mine = ClaimedList(list_id=kept.head.list_id)
            return Reply(desk.plain(activity=Activity.PICK), facts=(mine,))
        case Typed("2"):
            back = ReleasedList(list_id=kept.head.list_id, token=kept.head.token)
            return Reply(desk.plain(), facts=(back,))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)


def _sign_off(desk: Desk, view: RecordView) -> Reply:
    walk = view.held_walk()
    if walk is not None and is_begun(walk):
        return Reply(desk.ask(Asking.SIGN_OFF))
    return _signed_off(view, keep=not view.is_online())


def _signed_off(view: RecordView, *, keep: bool) -> Reply:
    """A count is short and never kept: the next one begins it anew."""
    counting = count_given_back(view.count_in_hand())
    sorting = () if keep else sort_given_back(view.sorting_in_hand())
    return Reply(Desk(), facts=(*sign_off_facts(view, keep=keep), *counting, *sorting, SignedOut()))


def _answer_sign_off(desk: Desk, view: RecordView, given: Input) -> Reply:
    match given:
        case Typed("1"):
            return _signed_off(view, keep=True)
        case Typed("2"):
            return _signed_off(view, keep=False)
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case _:
            return Reply(desk)
