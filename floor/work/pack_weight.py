"""The carton on the scale: its weight is compared with what it should be before its label goes out.

Too light or too heavy stops the carton and names the piece that would explain it; the packer counts again, or a lead's
badge lets it pass. Where the scale has no weight to give, the packer goes on without one.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.pack_label import close_carton, print_again, start_label
from floor.work.pack_undo import undo_packing
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, ScaleSaid, ScaleSet, Scan, Tone, Typed
from floor.work.reply import Activity, Asking, Desk, Recount, Reply, SetScale, Weighed, refuse, say
from floor.work.scan_check import wrong_kind
from floor.work.transitions import Transition
from floor.work.view import RecordView
from sync.record.codes.scanned import BadgeScan, read_code
from sync.record.facts import Fact, Undone
from sync.record.ids import ItemId, WorkerId
from sync.record.packing import contents
from sync.record.permissions import Action, may
from sync.record.rows import PackingRow, PackLine

TRANSITIONS = (
    Transition("menu", "digit", "pack_weigh", "all that is in the carton is verified already"),
    Transition("pack_tote", "tote", "pack_weigh", "all that is in it is verified already"),
    Transition("pack_piece", "item", "pack_weigh", "the last piece"),
    Transition("pack_problem", "digit", "pack_weigh", "the carton is full, or the last piece is missing"),
    Transition("pack_weigh", "weight", "printing", "as expected, or an item's weight is not known"),
    Transition("pack_weigh", "weight", "no_ssccs", "no carton number is left; the weight is kept"),
    Transition("pack_weigh", "weight", "pack_light"),
    Transition("pack_weigh", "weight", "pack_heavy"),
    Transition("pack_weigh", "weight", "pack_tote", "the label is on already: the carton is closed"),
    Transition("pack_weigh", "no weight", "pack_weigh", "nothing on it, moving, not cleared, unplugged ..."),
    Transition("pack_weigh", "digit", "printing", "the scale has no weight to give: without one"),
    Transition("pack_weigh", "badge", "printing", "a lead's: without a weight"),
    Transition("pack_weigh", "undo", "pack_piece", "the last piece was not verified"),
    Transition("pack_weigh", "news", "pack_stop", "the order is held; also from the states below"),
    Transition("pack_weigh", "back", "menu"),
    Transition("pack_light", "digit", "pack_piece", "all that is in the carton is verified again"),
    Transition("pack_light", "digit", "pack_weigh", "weighed again"),
    Transition("pack_light", "badge", "printing", "a lead's: the weight is accepted"),
    Transition("pack_light", "back", "pack_weigh"),
    Transition("pack_heavy", "digit", "pack_piece", "all that is in the carton is verified again"),
    Transition("pack_heavy", "digit", "pack_weigh", "weighed again"),
    Transition("pack_heavy", "badge", "printing", "a lead's: the weight is accepted"),
    Transition("pack_heavy", "back", "pack_weigh"),
    Transition("scan_label", "label", "pack_weigh", "a restart has lost the weight"),
)

_ZERO, _TARE, _WITHOUT = "1", "2", "3"
_RECOUNT, _AGAIN = "1", "2"
_PASSING = frozenset({"", "empty", "moving", "not_cleared", "not_at_zero"})
"""What a sound scale says while a carton is put on it and taken off."""


def carton_full(desk: Desk, view: RecordView, packing: PackingRow, before: tuple[Fact, ...]) -> Reply:
    """Nothing more goes into this carton: it is weighed where there is a scale. ``before``: recorded first."""
    if desk.has_scale:
        return Reply(desk.plain(tote=packing.tote, scale=""), facts=before)
    return start_label(desk, view, packing, before)


def expected_g(view: RecordView, packing: PackingRow) -> int | None:
    """What the carton should weigh; None where the weight of an item, or the site, is not known."""
    site = view.site()
    if site is None:
        return None
    expected = site.carton_tare_g
    for line in packing.lines:
        weight_g = _piece_g(view, line)
        if line.verified and weight_g is None:
            return None
        expected += line.verified * (weight_g or 0)
    return expected


def _piece_g(view: RecordView, line: PackLine) -> int | None:
    """Sold by weight: as it was picked."""
    item = view.item(line.item_id)
    return line.piece_g if item is None or item.catch_weight else item.weight_g


def tolerance_g(view: RecordView, expected: int) -> int:
    site = view.site()
    return 0 if site is None else max(site.weight_tolerance_g, expected * site.weight_tolerance_pct // 100)


def explained_by(view: RecordView, packing: PackingRow, off_g: int, within_g: int) -> ItemId | None:
    """The item of which one piece more (``off_g`` above zero) or fewer would weigh as much."""
    lines = [line for line in packing.lines if off_g > 0 or line.verified]
    weights = {line.item_id: _piece_g(view, line) for line in lines}
    misses = {item_id: abs(abs(off_g) - weight_g) for item_id, weight_g in weights.items() if weight_g}
    nearest = min(misses, key=misses.__getitem__, default=None)
    return nearest if nearest is not None and misses[nearest] <= within_g else None


def weight_prompt(desk: Desk, view: RecordView, packing: PackingRow) -> Prompt:
    if desk.asking is Asking.WEIGHT_DIFFERS:
        values = _difference(desk.weight_g, view, packing)
        recount = () if packing.sscc else (Choice(_RECOUNT, "weight.recount"),)
        choices = (*recount, Choice(_AGAIN, "weight.again"))
        step = "pack_light" if desk.weight_g < (expected_g(view, packing) or 0) else "pack_heavy"
        return Prompt(step, values, choices=choices, keys=(Key.HELP, Key.BACK))
    expected = expected_g(view, packing)
    values = {
        "order": packing.order_ref,
        "due": "" if expected is None else in_kg(expected),
        "reason": f"scale-{desk.scale}" if desk.scale else "",
    }
    without = () if desk.scale in _PASSING else (Choice(_WITHOUT, "weight.without"),)
    choices = (Choice(_ZERO, "weight.zero"), Choice(_TARE, "weight.tare"), *without)
    return Prompt("pack_weigh", values, choices=choices, keys=(Key.HELP, Key.UNDO, Key.BACK))


def _difference(weight_g: int, view: RecordView, packing: PackingRow) -> dict[str, str]:
    expected = expected_g(view, packing) or 0
    item_id = explained_by(view, packing, weight_g - expected, tolerance_g(view, expected))
    item = None if item_id is None else view.item(item_id)
    return {
        "order": packing.order_ref,
        "off": in_kg(abs(weight_g - expected)),
        "weight": in_kg(weight_g),
        "due": in_kg(expected),
        "item": item_id or "",
        "name": "" if item is None else item.name,
    }


def in_kg(weight_g: int) -> str:
    """``12.345 kg``"""
    return f"{weight_g // 1000}.{weight_g % 1000:03d} kg"


def answer_weight(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    if desk.asking is Asking.WEIGHT_DIFFERS:
        return _answer_difference(desk, view, packing, given)
    match given:
        case ScaleSaid(weight_g=None, fault=fault):
            return _no_weight(desk, fault)
        case ScaleSaid(weight_g=weight_g) if weight_g is not None:
            return _compared(replace(desk, scale=""), view, packing, weight_g)
        case ScaleSet(fault=""):
            return say(desk, "scale_set")
        case ScaleSet(fault=fault):
            return say(desk, "scale_not_set", Tone.WARNING, reason=f"scale-{fault}")
        case Typed(digit) if digit in (_ZERO, _TARE):
            return Reply(desk, effect=SetScale(is_tare=digit == _TARE))
        case Typed(digit) if digit == _WITHOUT and desk.scale not in _PASSING:
            return _settled(desk, view, packing, None)
        case Scan():
            lead = _lead(desk, view, given, "weight_on_scale")
            return lead if isinstance(lead, Reply) else _settled(desk, view, packing, None, lead)
        case Pressed(Key.UNDO):
            return undo_packing(desk, view, packing)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case _:
            return Reply(desk)


def _no_weight(desk: Desk, fault: str) -> Reply:
    here = replace(desk, scale=fault)
    return Reply(here) if fault in _PASSING else say(here, "scale_fault", Tone.WARNING, reason=f"scale-{fault}")


def _compared(desk: Desk, view: RecordView, packing: PackingRow, weight_g: int) -> Reply:
    expected = expected_g(view, packing)
    if expected is None or abs(weight_g - expected) <= tolerance_g(view, expected):
        return _settled(desk, view, packing, weight_g)
    values = _difference(weight_g, view, packing)
    key = "carton_light" if weight_g < expected else "carton_heavy"
    return refuse(desk.ask(Asking.WEIGHT_DIFFERS, weight_g=weight_g), key, **values)


def _settled(
    desk: Desk, view: RecordView, packing: PackingRow, weight_g: int | None, accepted_by: WorkerId | None = None
) -> Reply:
    done = Weighed(packing.tote, contents(packing), weight_g, accepted_by)
    here = desk.plain(tote=packing.tote, weighed=done, scale="")
    if packing.sscc is None:
        return start_label(here, view, packing, ())
    return close_carton(here, packing) if packing.label_proven else print_again(here, view, packing, None)


def _answer_difference(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    match given:
        case Typed(digit) if digit == _RECOUNT and packing.sscc is None:
            return Reply(desk.ask(Asking.RECOUNT, tote=packing.tote), effect=Recount())
        case Typed(digit) if digit == _AGAIN:
            return Reply(desk.plain(tote=packing.tote))
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain(tote=packing.tote))
        case Scan():
            lead = _lead(desk, view, given, "choice")
            return lead if isinstance(lead, Reply) else _settled(desk, view, packing, desk.weight_g, lead)
        case _:
            return Reply(desk)


def take_back_one(desk: Desk, view: RecordView, packing: PackingRow) -> Reply:
    """Of a recount: the newest of the facts that filled the carton never was; behind the last one it is over."""
    last = view.last_undoable_packing(packing.tote)
    if last is None:
        here = desk.plain(tote=packing.tote, item=None, carton_full=False)
        return Reply(here, notice=Notice("count_carton_again", tone=Tone.WARNING))
    return Reply(desk, facts=(Undone(undoes=last[0]),))


def _lead(desk: Desk, view: RecordView, scan: Scan, expected: str) -> WorkerId | Reply:
    """Whose badge was scanned, where it is one who may settle what does not fit; else the answer."""
    scanned = read_code(scan.text, scan.symbology)
    if not isinstance(scanned, BadgeScan):
        return wrong_kind(desk, view, scanned, expected)
    worker = view.worker_by_badge(scanned.badge)
    if worker is None or not worker.active or not may(worker.roles, Action.SETTLE):
        return refuse(desk, "not_a_lead", scanned=scanned.badge)
    return worker.worker_id
