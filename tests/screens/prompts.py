"""Prompts and notices as the conversations give them: ordinary ones, and ones with the longest values there are."""

from __future__ import annotations

from floor.work.prompt import Choice, Key, Notice, Prompt, Tone

NAME = "WHITE HANGING HEART T-LIGHT HOLDER"
LONG_NAME = "SET OF 12 MINIATURE LÜNEBURG CHRISTMAS TREE DECORATIONS, ASSORTED [bold]"
_USUAL = (Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM)

ORDINARY = {
    "order": "536365", "lines": "7", "pieces": "40", "location": "A03-12-2", "item": "85123A", "name": NAME, "lot": "",
    "expiry": "", "nth": "5", "of": "7", "tote": "T-000193", "totes": "1", "shorts": "2", "asked": "6", "typed": "4",
    "missing": "2", "left": "3", "reason": "held", "sscc": "340123450000000018", "printer": "pack-1", "cartons": "1",
    "detail": "The printer does not print: it is out of labels. Put that right; what waits in it comes out by itself.",
    "open": "12", "terminal": "HH-07", "kind": "tote", "scanned": "T-000193", "expected": "location", "what": "picked",
    "quantity": "2", "serial": "SN-0042", "count": "3", "codes": "85123A, T-000193, L-A03-12-2-7", "picked": "4",
    "to": "HH-08", "ahead": "2", "minutes": "15",
    "source": "/dev/ttyACM0", "badge": "B-1001", "wait": "30 s", "hours": "14",
}  # fmt: skip
LONG = ORDINARY | {
    "to": "HAND-HELD-08", "ahead": "12", "minutes": "1440",
    "order": "C1000536365", "lines": "120", "pieces": "1200", "location": "MEZ2-103-05", "item": "DCGS0076-XXL",
    "name": LONG_NAME, "lot": "LOT-2026-11-0815", "expiry": "2026-11-30", "nth": "119", "of": "120", "totes": "12",
    "shorts": "118", "asked": "1200", "typed": "99999", "missing": "1199", "left": "1201", "reason": "stale-lease",
    "printer": "pack-station-3", "cartons": "12", "open": "1250", "kind": "command", "scanned": "04006381333931" * 4,
    "expected": "MEZ2-103-05", "what": "claimed_ssccs", "quantity": "1200", "serial": "SN-2026-0000042", "count": "12",
    "badge": "B-1000000001", "wait": "60 min", "hours": "168",
}  # fmt: skip

CHOICES = {
    "menu": ("menu.pick", "menu.pack", "menu.sign_off"),
    "problem": (
        "problem.skip",
        "problem.short",
        "problem.cut",
        "problem.damaged",
        "problem.wrong_item",
        "problem.empty",
        "problem.tote_full",
    ),
    "short_reason": ("problem.skip", "problem.short", "problem.cut", "problem.damaged", "problem.wrong_item"),
    "pack_problem": ("pack.missing", "pack.surplus", "pack.damaged", "pack.wrong_item", "pack.full"),
    "print_failed": ("print.again", "print.lost"),
    "reprint_reason": ("reprint.damaged", "reprint.unreadable", "reprint.lost"),
    "pack_which": (*("pack.which",) * 6, "pack.others"),
    "sign_off": ("sign_off.keep", "sign_off.give_back"),
    "take_over": ("take_over.mine", "take_over.give_back"),
}
STEPS: dict[str, tuple[str, ...]] = {
    "sign_in": ("terminal",),
    "pin": ("badge",),
    "menu": ("name", "open", "ahead"),
    "waiting_store": (),
    "no_work": ("open",),
    "bind_tote": ("order", "lines", "pieces"),
    "list_moved": ("order", "tote", "to"),
    "go_to": ("order", "location", "item", "name", "nth", "of"),
    "pick": ("order", "location", "item", "name", "lot", "expiry"),
    "scan_lot": ("item", "name", "location", "lot"),
    "scan_serial": ("item", "name"),
    "put": ("tote", "item", "name"),
    "problem": ("item", "location"),
    "how_many_short": ("asked", "typed"),
    "short_reason": ("missing", "item"),
    "new_tote": ("tote", "order"),
    "hand_over": ("tote", "totes", "order", "shorts"),
    "handed_over": ("tote", "open", "ahead"),
    "pack_tote": (),
    "pack_piece": ("order", "tote", "item", "name", "left"),
    "pack_problem": ("item",),
    "pack_which": ("what",),
    "pack_how_many": ("what", "item", "name", "left"),
    "put_back": ("order", "location", "item", "name", "tote", "sscc"),
    "take_over": ("order", "name", "open"),
    "no_ssccs": ("order", "sscc", "printer", "detail"),
    "reprint_reason": ("sscc",),
    "pack_stop": ("order", "reason"),
    "printing": ("sscc",),
    "scan_label": ("sscc", "order", "printer"),
    "print_failed": ("printer", "detail"),
    "carton_done": ("order", "sscc", "cartons"),
    "sign_off": (),
    "storage_failed": (),
}
NOTICES: dict[str, tuple[str, ...]] = {
    "wrong_kind": ("scanned", "kind", "expected"),
    "unknown_code": ("scanned", "expected"),
    "misread": ("scanned",),
    "not_this_location": ("scanned", "expected"),
    "not_this_item": ("scanned", "name", "expected"),
    "not_this_tote": ("scanned", "expected"),
    "tote_in_use": ("tote", "order"),
    "tote_unknown": ("tote",),
    "sign_in_over": ("hours",),
    "not_allowed": ("name", "what"),
    "wrong_pin": (),
    "wrong_pin_wait": ("wait",),
    "pin_wait": ("wait",),
    "pin_unready": (),
    "too_many": ("typed", "left"),
    "no_number": ("typed",),
    "check_digits_wrong": ("typed",),
    "bounce": (),
    "barcode_in_entry": (),
    "nothing_to_undo": (),
    "undone": ("what",),
    "line_done": (),
    "line_skipped": (),
    "line_shorted": ("quantity",),
    "list_done": ("order",),
    "lot_wrong": ("scanned", "expected"),
    "lot_needed": ("item",),
    "ambiguous": ("item", "location"),
    "serial_twice": ("serial",),
    "location_blocked": (),
    "not_in_tote": ("item", "tote"),
    "surplus": ("item", "tote"),
    "all_there_already": ("item",),
    "wrong_label": ("scanned", "expected"),
    "label_unproven": (),
    "order_held": ("order",),
    "order_cancelled": ("order",),
    "claim_refused": ("reason",),
    "list_left": ("order",),
    "list_taken": ("order", "what"),
    "list_cancelled": ("order",),
    "lease_over": ("minutes",),
    "verdict": ("kind", "reason", "what"),
    "unanswered_scans": ("count", "codes"),
    "offline_no_work": (),
    "back_online": (),
    "bad_read": (),
    "not_applied": ("count",),
    "no_ssccs": (),
    "wrong_case": ("pieces", "left"),
    "storage_failed": (),
    "reported_empty": ("location",),
    "new_tote_bound": ("tote",),
    "pack_reported": ("quantity", "item"),
    "scan_odd_first": (),
    "tote_put_back": ("tote",),
    "other_place": ("scanned", "expected"),
    "label_refused": ("detail",),
    "not_to_pack": ("tote",),
    "scan_first": ("typed", "item"),
    "scan_each": ("typed",),
    "too_few": ("typed", "picked"),
    "carton_empty": (),
    "print_failed": ("detail", "printer"),
    "label_uncertain": ("detail", "printer"),
    "carton_done": ("order", "sscc"),
    "scanner_gone": ("source",),
    "scanner_back": ("source",),
    "quit_again": (),
}
_TOTES = {"hand_over", "handed_over"}
SEVERAL_TOTES = {"tote": "T-000193 T-000194 T-000195"}
_COUNTED = {"go_to", "pick", "put", "pack_piece", "put_back"}
_TYPED = {"sign_in", "pin", "go_to", "pick", "scan_lot", "scan_serial", "how_many_short", "pack_piece", "pack_how_many"}


def _keys(step: str) -> tuple[Key, ...]:
    if step == "sign_in":
        return (Key.HELP, Key.ENTER)
    if step in CHOICES:
        return (Key.BACK,)
    return _USUAL if step in _COUNTED else (Key.ENTER, Key.BACK)


def prompt(step: str, values: dict[str, str] | None = None, entry: str = "", count: tuple[int, int] = (3, 6)) -> Prompt:
    """The prompt of a step as its conversation gives it."""
    source = ORDINARY if values is None else values | (SEVERAL_TOTES if values is LONG and step in _TOTES else {})
    told = {name: source.get(name, "") for name in ("item", "name", "left")}
    choices = tuple(Choice(str(digit), key, told) for digit, key in enumerate(CHOICES.get(step, ()), 1))
    return Prompt(
        step,
        {name: source[name] for name in STEPS[step]},
        count=count if step in _COUNTED else None,
        entry=entry if step in _TYPED else None,
        secret=step == "pin",
        choices=choices,
        keys=_keys(step),
        busy=step in ("waiting_store", "printing"),
    )


def notice(key: str, tone: Tone, values: dict[str, str] | None = None) -> Notice:
    """A notice with the values that its conversation gives."""
    source = ORDINARY if values is None else values
    return Notice(key, {name: source[name] for name in NOTICES[key]}, tone)
