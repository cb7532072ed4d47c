"""The label of a carton: a number from the leased range, printed, scanned back, the carton closed."""

from __future__ import annotations

from dataclasses import replace

from floor.work.carrier_label import barcode_instead, carrier_label, next_carrier_label
from floor.work.pack_undo import undo_packing
from floor.work.prompt import (
    Choice,
    Input,
    Key,
    LabelDone,
    LabelImpossible,
    Notice,
    Pressed,
    PrintResult,
    Prompt,
    Scan,
    Tone,
    Typed,
)
from floor.work.reply import Activity, Asking, Desk, PrintLabel, Reply, Weighed, refuse, say
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.gs1 import FNC1
from sync.record.codes.scanned import PlainScan, SsccScan, read_code
from sync.record.facts import (
    CartonClosed,
    ClaimedSsccs,
    Fact,
    LabelProven,
    LabelRefused,
    LabelSent,
    PrintVerdict,
    SsccAssigned,
)
from sync.record.ids import Sscc, ToteCode
from sync.record.packing import contents, fold_packing
from sync.record.rows import PackingRow

_VERDICTS = {
    PrintResult.PRINTED: PrintVerdict.PRINTED,
    PrintResult.LOST: PrintVerdict.LOST,
    PrintResult.UNCERTAIN: PrintVerdict.UNCERTAIN,
    PrintResult.SENT: PrintVerdict.UNCERTAIN,
}
REPRINT_REASONS = {"1": "damaged", "2": "unreadable", "3": "lost"}


def lease_if_low(view: RecordView) -> tuple[Fact, ...]:
    """Ask for carton numbers in good time: a pack station without the store goes on with those it has."""
    site = view.site()
    at_a_time = 1 if site is None else max(1, site.ssccs_ahead)
    if 2 * view.unused_ssccs() >= at_a_time or view.sscc_claim_pending():
        return ()
    return (ClaimedSsccs(count=at_a_time),)


def start_label(desk: Desk, view: RecordView, packing: PackingRow, before: tuple[Fact, ...]) -> Reply:
    """Everything for this carton is verified: give it its number and print the label. ``before``: recorded first."""
    sscc = view.next_sscc()
    lease = lease_if_low(view)
    if sscc is None:
        return Reply(desk, facts=(*before, *lease), notice=Notice("no_ssccs", {}, Tone.ERROR))
    carrier = next_carrier_label(view, packing)
    assigned = SsccAssigned(tote=packing.tote, sscc=sscc, carrier_label=None if carrier is None else carrier.carton_no)
    after = packing
    for fact in (*before, assigned):
        after = fold_packing(after, fact)
    return Reply(
        desk.ask(Asking.PRINTING), facts=(*before, assigned, *lease), effect=_print(desk, view, after, sscc, None)
    )


def _print(desk: Desk, view: RecordView, packing: PackingRow, sscc: Sscc, reason: str | None) -> PrintLabel:
    return PrintLabel(
        packing,
        sscc,
        sum(packed.quantity for packed in contents(packing)),
        reason,
        desk.printer,
        _weight_g(desk, packing),
        carrier_label(view, packing),
        instead=barcode_instead(view, packing) is not None,
    )


def weighed(desk: Desk, packing: PackingRow) -> Weighed | None:
    """The weighing of the carton that is being packed; None: it is still to come, or there is no scale."""
    done = desk.weighed
    is_of_it = done is not None and (done.tote, done.contents) == (packing.tote, contents(packing))
    return done if is_of_it else None


def needs_weight(desk: Desk, packing: PackingRow) -> bool:
    return desk.has_scale and weighed(desk, packing) is None


def _weight_g(desk: Desk, packing: PackingRow) -> int | None:
    done = weighed(desk, packing)
    return None if done is None else done.weight_g


def label_prompt(desk: Desk, view: RecordView, packing: PackingRow) -> Prompt:
    printer = desk.printer or ""
    values = {"order": packing.order_ref, "sscc": packing.sscc or "", "printer": printer, "detail": desk.fault}
    if packing.sscc is None:
        return Prompt("no_ssccs", values, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.PRINTING:
        return Prompt("printing", values, busy=True)
    if desk.asking is Asking.PRINT_FAILED or (packing.labels_sent == 0 and not packing.label_proven):
        others = (Choice(digit, "print.other", {"printer": name}) for digit, name in _others(desk))
        return Prompt("print_failed", values, choices=(Choice("1", "print.again"), *others), keys=(Key.BACK,))
    # What stands under the barcode that is to be scanned.
    values["label"] = barcode_instead(view, packing) or packing.sscc
    return Prompt("scan_label", values, keys=(Key.HELP, Key.REPRINT, Key.BACK))


def _others(desk: Desk) -> list[tuple[str, str]]:
    """A digit for each printer that the label may be printed at instead."""
    return [(str(digit), name) for digit, name in enumerate(desk.other_printers, 2)]


def reason_prompt(packing: PackingRow) -> Prompt:
    choices = tuple(Choice(digit, f"reprint.{why}") for digit, why in REPRINT_REASONS.items())
    return Prompt("reprint_reason", {"sscc": packing.sscc or ""}, choices=choices, keys=(Key.BACK,))


def answer_label(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    if packing.sscc is None:
        return _without_number(desk, view, packing, given)
    if desk.asking is Asking.PRINTING:
        # A scan made while the printer works cannot be of the label that is on its way.
        return say(desk, "not_applied", Tone.WARNING, count="1") if isinstance(given, Scan) else Reply(desk)
    if desk.asking is Asking.REPRINT_REASON:
        return _answer_reason(desk, view, packing, given)
    failed = desk.asking is Asking.PRINT_FAILED or packing.labels_sent == 0
    match given:
        case Scan(text, symbology):
            return _scanned_back(desk, view, packing, text, symbology)
        case Typed("1") if failed:
            # Nothing says that a first label came out: it is no reprint as long as none was sent.
            return print_again(desk, view, packing, None if packing.labels_sent == 0 else "lost")
        case Typed(digit) if failed and (printer := dict(_others(desk)).get(digit)) is not None:
            reason = None if packing.labels_sent == 0 else "lost"
            return print_again(replace(desk, printer=printer), view, packing, reason)
        case Pressed(Key.REPRINT) if not failed:
            return Reply(desk.ask(Asking.REPRINT_REASON))
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case _:
            return Reply(desk)


def _without_number(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    """No number was left: ask again whenever the worker wants or the store has answered."""
    match given:
        case Pressed(Key.ENTER):
            return start_label(desk.plain(), view, packing, ())
        case Pressed(Key.UNDO):
            return undo_packing(desk, view, packing)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "enter")
        case _ if view.next_sscc() is not None:
            return start_label(desk.plain(), view, packing, ())
        case _:
            return Reply(desk)


def print_again(desk: Desk, view: RecordView, packing: PackingRow, reason: str | None) -> Reply:
    """``reason`` None: nothing says that a first label came out."""
    if packing.sscc is None:
        return Reply(desk)
    return Reply(desk.ask(Asking.PRINTING), effect=_print(desk, view, packing, packing.sscc, reason))


def label_done(desk: Desk, packing: PackingRow | None, done: LabelDone) -> Reply:
    """What the printer made of it, recorded whatever came in between. An uncertain one is not sent again by itself."""
    sent = LabelSent(
        sscc=Sscc(done.sscc),
        printer=done.printer,
        outcome=_VERDICTS[done.result],
        reprint_reason=done.reprint_reason,
    )
    if packing is None or packing.sscc != done.sscc or desk.asking is not Asking.PRINTING:
        return Reply(desk, facts=(sent,))
    values = {"detail": done.detail, "printer": done.printer}
    match done.result:
        case PrintResult.LOST:
            failed = desk.ask(Asking.PRINT_FAILED, fault=done.detail, other_printers=done.others)
            return Reply(failed, facts=(sent,), notice=Notice("print_failed", values, Tone.ERROR))
        case PrintResult.UNCERTAIN:
            notice = Notice("label_uncertain", values, Tone.ERROR)
            return Reply(desk.plain(fault=done.detail), facts=(sent,), notice=notice)
        case PrintResult.PRINTED | PrintResult.SENT:
            return Reply(desk.plain(fault=""), facts=(sent,))


def label_impossible(desk: Desk, given: LabelImpossible) -> Reply:
    """Nothing was sent: the store holds the order, and the packer goes on with another tote."""
    tote = ToteCode(given.tote)
    refused = LabelRefused(tote=tote, sscc=Sscc(given.sscc), fields=given.fields)
    notice = Notice("label_refused", {"detail": ", ".join(given.fields)}, Tone.ERROR)
    return Reply(desk.plain(tote=None, set_aside=tote), facts=(refused,), notice=notice)


def _answer_reason(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case Typed(digit) if digit in REPRINT_REASONS:
            return print_again(desk, view, packing, REPRINT_REASONS[digit])
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case _:
            return Reply(desk)


def _looks_like_sscc(text: str) -> bool:
    """The 18 digits of an SSCC, with or without their ``00``: as it was not read as one, its check digit is wrong."""
    return text.isascii() and text.isdigit() and (len(text) == 18 or (len(text) == 20 and text.startswith("00")))


def _scanned_back(desk: Desk, view: RecordView, packing: PackingRow, text: str, symbology: str | None) -> Reply:
    if packing.sscc is None:
        return Reply(desk)
    wrong = _why_not_its_label(desk, view, packing, text, symbology)
    if wrong is not None:
        return wrong
    proven = LabelProven(sscc=packing.sscc)
    if needs_weight(desk, packing):
        # A restart has lost the weight: it is taken again before the carton is closed.
        return Reply(desk.plain(tote=packing.tote), facts=(proven,))
    return close_carton(desk, packing, (proven,))


def _why_not_its_label(
    desk: Desk, view: RecordView, packing: PackingRow, text: str, symbology: str | None
) -> Reply | None:
    scanned, carriers = read_code(text, symbology), barcode_instead(view, packing)
    if carriers is not None and text.replace(FNC1, "") == carriers:
        return None
    if isinstance(scanned, PlainScan) and carriers is not None:
        return refuse(desk, "wrong_label", scanned=text, expected=carriers)
    if isinstance(scanned, PlainScan) and _looks_like_sscc(text):
        return refuse(desk, "misread", scanned=text, expected="label")
    if not isinstance(scanned, SsccScan):
        return wrong_kind(desk, view, scanned, "label")
    if carriers is not None or scanned.sscc != packing.sscc:
        return refuse(desk, "wrong_label", scanned=scanned.sscc, expected=carriers or packing.sscc or "")
    return None


def close_carton(desk: Desk, packing: PackingRow, before: tuple[Fact, ...] = ()) -> Reply:
    """The label is proven. ``before``: recorded first."""
    if packing.sscc is None:
        return Reply(desk)
    done = weighed(desk, packing)
    closed = CartonClosed(
        sscc=packing.sscc,
        tote=packing.tote,
        contents=contents(packing),
        weight_g=None if done is None else done.weight_g,
        weight_accepted_by=None if done is None else done.accepted_by,
    )
    still_full = any(line.in_tote > 0 for line in fold_packing(packing, closed).lines)
    here = desk.plain(tote=packing.tote if still_full else None, item=None, carton_full=False, fault="", weighed=None)
    notice = Notice("carton_done", {"order": packing.order_ref, "sscc": packing.sscc}, Tone.DONE)
    return Reply(here, facts=(*before, closed), notice=notice)
