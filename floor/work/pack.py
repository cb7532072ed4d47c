"""Packing: scan a tote, verify every piece, print the label, scan it back; only then is the carton closed."""

from __future__ import annotations

from enum import StrEnum

from floor.work.pack_label import answer_label, label_prompt, needs_weight, reason_prompt
from floor.work.pack_problem import MAX_ENTRY_LENGTH, QUESTIONS, answer_problem, line_at, problem_prompt, still_asked
from floor.work.pack_undo import undo_packing
from floor.work.pack_weight import answer_weight, carton_full, take_back_one, weight_prompt
from floor.work.prompt import Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.put_back import answer_put_back, is_put_back, line_to_put_back, put_back_prompt
from floor.work.reply import Activity, Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import CubbyScan, ItemScan, Scanned, ToteScan, read_code
from sync.record.facts import How, PieceVerified
from sync.record.ids import ToteCode
from sync.record.packing import all_verified, contents, to_verify
from sync.record.rows import ItemRow, PackingRow, PackLine


class PackStep(StrEnum):
    TOTE = "pack_tote"
    STOPPED = "pack_stop"
    PUT_BACK = "put_back"
    PIECE = "pack_piece"
    WEIGH = "pack_weigh"
    CLOSE = "close"
    LABEL = "scan_label"


def packing_at(desk: Desk, view: RecordView) -> PackingRow | None:
    """The tote in hand: begun according to the record and not put aside, or just scanned."""
    begun = view.packing_in_hand()
    if begun is not None and begun.tote != desk.set_aside:
        return begun
    return None if desk.tote is None else view.packing(desk.tote)


def pack_step(desk: Desk, view: RecordView) -> PackStep:
    packing = packing_at(desk, view)
    if packing is None:
        return PackStep.TOTE
    if is_put_back(packing):
        return PackStep.TOTE if line_to_put_back(desk, packing) is None else PackStep.PUT_BACK
    if packing.stop is not None:
        return PackStep.STOPPED
    if packing.sscc is not None:
        # Weighed before the label goes out, and before the carton is closed where a restart has lost the weight.
        is_due = packing.label_proven or not packing.labels_sent
        return PackStep.WEIGH if is_due and needs_weight(desk, packing) else PackStep.LABEL
    if contents(packing) and (all_verified(packing) or desk.carton_full):
        return PackStep.WEIGH if needs_weight(desk, packing) else PackStep.CLOSE
    return PackStep.PIECE if not all_verified(packing) else PackStep.TOTE


def pack_prompt(desk: Desk, view: RecordView) -> Prompt:
    packing, step = packing_at(desk, view), pack_step(desk, view)
    if packing is None or step is PackStep.TOTE:
        return Prompt("pack_tote", keys=(Key.HELP, Key.BACK))
    going_back = line_to_put_back(desk, packing)
    if step is PackStep.PUT_BACK and going_back is not None:
        return put_back_prompt(view, packing, going_back)
    if step is PackStep.STOPPED:
        values = {"order": packing.order_ref, "reason": packing.stop or "", "tote": packing.tote}
        return Prompt("pack_stop", values, keys=(Key.ENTER, Key.BACK))
    if desk.asking is Asking.REPRINT_REASON:
        return reason_prompt(packing)
    if step is PackStep.WEIGH:
        return weight_prompt(desk, view, packing)
    if step in (PackStep.LABEL, PackStep.CLOSE):
        return label_prompt(desk, view, packing)
    desk = still_asked(desk, packing)
    line = line_at(desk, packing)
    item = view.item(line.item_id)
    values = {
        "order": packing.order_ref,
        "tote": packing.tote,
        "item": line.item_id,
        "name": "" if item is None else item.name,
        "left": str(sum(to_verify(other) for other in packing.lines)),
    }
    if desk.asking in QUESTIONS:
        return problem_prompt(desk, view, packing, values)
    keys = (Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM)
    return Prompt("pack_piece", values, count=(line.verified, line.in_tote), entry=desk.entry, keys=keys)


def answer_pack(desk: Desk, view: RecordView, given: Input) -> Reply:
    if desk.asking is Asking.RECOUNT:
        packing = packing_at(desk, view)
        if packing is not None and given == Pressed(Key.UNDO):
            return take_back_one(desk, view, packing)
        desk = desk.plain()
    packing, step = packing_at(desk, view), pack_step(desk, view)
    if packing is None or step is PackStep.TOTE:
        return _answer_tote(desk, view, given)
    going_back = line_to_put_back(desk, packing)
    if step is PackStep.PUT_BACK and going_back is not None:
        return answer_put_back(desk, view, packing, going_back, given)
    if step is PackStep.STOPPED:
        return _answer_stopped(desk, view, packing, given)
    if step is PackStep.WEIGH:
        return answer_weight(desk, view, packing, given)
    if step in (PackStep.LABEL, PackStep.CLOSE):
        return answer_label(desk, view, packing, given)
    desk = still_asked(desk, packing)
    if desk.asking in QUESTIONS:
        return answer_problem(desk, view, packing, given)
    return _answer_piece(desk, view, packing, given)


def _answer_stopped(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    """The tote is put aside: neither it nor its order keeps the packer from the next one."""
    match given:
        case Pressed(Key.ENTER):
            return Reply(desk.plain(tote=None, set_aside=packing.tote))
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU, tote=None, set_aside=packing.tote))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "enter")
        case _:
            return Reply(desk)


def _answer_tote(desk: Desk, view: RecordView, given: Input) -> Reply:
    match given:
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU, tote=None))
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            tote = _tote_of(scanned)
            if tote is None:
                return wrong_kind(desk, view, scanned, "tote")
            packing = view.packing(tote)
            if packing is None or not any(line.in_tote > 0 for line in packing.lines):
                return refuse(desk, "not_to_pack", tote=tote)
            if packing.stop is not None:
                stopped = f"order_{packing.stop}"
                return refuse(desk.plain(tote=tote), stopped, order=packing.order_ref)
            aside = None if desk.set_aside == tote else desk.set_aside
            return Reply(desk.plain(tote=tote, set_aside=aside, item=None, carton_full=False))
        case _:
            return Reply(desk)


def _tote_of(scanned: Scanned) -> ToteCode | None:
    """A cubby of a put wall is packed like a tote."""
    match scanned:
        case ToteScan(tote):
            return tote
        case CubbyScan(cubby):
            return cubby
        case _:
            return None


def _answer_piece(desk: Desk, view: RecordView, packing: PackingRow, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, ItemScan):
                return wrong_kind(desk.plain(), view, scanned, "item")
            return _item_scanned(desk.plain(), view, packing, scanned, text)
        case Typed(character) if character.isdigit():
            return Reply(desk.typing((desk.entry + character)[:MAX_ENTRY_LENGTH]))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.UNDO):
            return undo_packing(desk, view, packing)
        case Pressed(Key.PROBLEM):
            return Reply(desk.ask(Asking.PACK_PROBLEM))
        case Pressed(Key.ENTER) if desk.entry:
            return _count_typed(desk, view, packing)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case _:
            return Reply(desk)


def _item_scanned(desk: Desk, view: RecordView, packing: PackingRow, scanned: ItemScan, text: str) -> Reply:
    item = view.item_by_gtin(scanned.gtin)
    if item is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="item")
    lines = [line for line in packing.lines if line.item_id == item.item_id]
    if not lines:
        return refuse(
            desk.plain(odd_item=item.item_id), "not_in_tote", item=item.item_id, tote=packing.tote, name=item.name
        )
    line = next((line for line in lines if to_verify(line) > 0), None)
    if line is None:
        return refuse(desk.plain(odd_item=item.item_id), "all_there_already", item=item.item_id, name=item.name)
    pieces = _pieces(item, scanned)
    if pieces > to_verify(line):
        return refuse(desk, "wrong_case", pieces=str(pieces), left=str(to_verify(line)))
    return _verify(desk, view, packing, line, pieces, How.SCANNED, text)


def _pieces(item: ItemRow, scanned: ItemScan) -> int:
    each = next(barcode.pieces for barcode in item.barcodes if barcode.gtin == scanned.gtin)
    return each * (scanned.pieces or 1)


def _count_typed(desk: Desk, view: RecordView, packing: PackingRow) -> Reply:
    """A typed number is the total of the line whose item was scanned last."""
    line = line_at(desk, packing)
    total = int(desk.entry)
    if desk.item != line.item_id or not line.verified:
        return refuse(desk, "scan_first", typed=desk.entry, item=line.item_id)
    if total > line.in_tote:
        return refuse(desk, "too_many", typed=desk.entry, left=str(line.in_tote))
    if total <= line.verified:
        return refuse(desk, "too_few", typed=desk.entry, picked=str(line.verified))
    return _verify(desk, view, packing, line, total - line.verified, How.TYPED, "")


def _verify(
    desk: Desk, view: RecordView, packing: PackingRow, line: PackLine, pieces: int, how: How, code: str
) -> Reply:
    fact = PieceVerified(
        tote=packing.tote,
        order_line_id=line.order_line_id,
        item_id=line.item_id,
        quantity=pieces,
        how=how,
        code=code,
    )
    here = desk.plain(item=line.item_id, tote=packing.tote)
    left = sum(to_verify(other) for other in packing.lines) - pieces
    if left > 0:
        done = to_verify(line) == pieces
        return Reply(here, facts=(fact,), notice=Notice("line_done", tone=Tone.DONE) if done else None)
    return carton_full(here, view, packing, (fact,))
