"""The label of a carton: a number from the leased range, printed, scanned back, the carton closed."""

from __future__ import annotations

from dataclasses import replace

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
from floor.work.reply import Activity, Asking, Desk, PrintLabel, Reply, refuse, say
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
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
    assigned = SsccAssigned(tote=packing.tote, sscc=sscc)
    after = packing
    for fact in (*before, assigned):
        after = fold_packing(after, fact)
    pieces = sum(packed.quantity for packed in contents(after))
    return Reply(
        desk.ask(Asking.PRINTING),
        facts=(*before, assigned, *lease),
        effect=PrintLabel(packing=after, sscc=sscc, pieces=pieces, printer=desk.printer),
    )


def label_prompt(desk: Desk, packing: PackingRow) -> Prompt:
    printer = desk.printer or ""
    values = {"order": packing.order_ref, "sscc": packing.sscc or "", "printer": printer, "detail": desk.fault}
    if packing.sscc is None:
        return Prompt("no_ssccs", values, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.PRINTING:
        return Prompt("printing", values, busy=True)
    if desk.asking is Asking.PRINT_FAILED or (packing.labels_sent == 0 and not packing.label_proven):
        others = (Choice(digit, "print.other", {"printer": name}) for digit, name in _others(desk))
        return Prompt("print_failed", values, choices=(Choice("1", "print.again"), *others), keys=(Key.BACK,))
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
            return _print(desk, packing, None if packing.labels_sent == 0 else "lost")
        case Typed(digit) if failed and (printer := dict(_others(desk)).get(digit)) is not None:
            reason = None if packing.labels_sent == 0 else "lost"
            return _print(replace(desk, printer=printer), packing, reason)
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


def _print(desk: Desk, packing: PackingRow, reason: str | None) -> Reply:
    if packing.sscc is None:
        return Reply(desk)
    pieces = sum(packed.quantity for packed in contents(packing))
    effect = PrintLabel(packing, packing.sscc, pieces, reprint_reason=reason, printer=desk.printer)
    return Reply(desk.ask(Asking.PRINTING), effect=effect)


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
            return _print(desk, packing, REPRINT_REASONS[digit])
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain())
        case _:
            return Reply(desk)


def _looks_like_sscc(text: str) -> bool:
    """The 18 digits of an SSCC, with or without their ``00``: as it was not read as one, its check digit is wrong."""
    return text.isascii() and text.isdigit() and (len(text) == 18 or (len(text) == 20 and text.startswith("00")))


def _scanned_back(desk: Desk, view: RecordView, packing: PackingRow, text: str, symbology: str | None) -> Reply:
    scanned = read_code(text, symbology)
    if isinstance(scanned, PlainScan) and _looks_like_sscc(text):
        return refuse(desk, "misread", scanned=text, expected="label")
    if not isinstance(scanned, SsccScan):
        return wrong_kind(desk, view, scanned, "label")
    if packing.sscc is None or scanned.sscc != packing.sscc:
        return refuse(desk, "wrong_label", scanned=scanned.sscc, expected=packing.sscc or "")
    facts = (
        LabelProven(sscc=packing.sscc),
        CartonClosed(sscc=packing.sscc, tote=packing.tote, contents=contents(packing), weight_g=None),
    )
    after = fold_packing(fold_packing(packing, facts[0]), facts[1])
    still_full = any(line.in_tote > 0 for line in after.lines)
    notice = Notice("carton_done", {"order": packing.order_ref, "sscc": packing.sscc}, Tone.DONE)
    tote = packing.tote if still_full else None
    return Reply(desk.plain(tote=tote, item=None, carton_full=False, fault=""), facts=facts, notice=notice)
