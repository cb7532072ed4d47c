"""Pieces at a stop: counted by scan or as a typed total, with the narrower code where the item alone is ambiguous.

The same for every way of picking; ``line`` is the stop in hand (`floor.work.stops`).
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.lot_choice import lot_choice, lot_in_hand
from floor.work.pick_steps import confirms_tote
from floor.work.prompt import Input, Key, Notice, Pressed, Scan, Tone
from floor.work.reply import Asking, Desk, PendingPiece, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.stops import picked
from floor.work.view import RecordView
from sync.record.codes.scanned import ItemScan, PlainScan, Scanned, read_code
from sync.record.facts import How
from sync.record.ids import LotCode, Serial
from sync.record.picking import Walk, open_pieces
from sync.record.rows import ItemRow, PickLineRow

HEAVIEST_G = 999_999
"""What six digits can say."""


def is_of(view: RecordView, line: PickLineRow, scanned: ItemScan) -> bool:
    item = view.item_by_gtin(scanned.gtin)
    return item is not None and item.item_id == line.item_id


def answer_piece(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, ItemScan):
                return wrong_kind(desk.typing(""), view, scanned, "item")
            return _item_scanned(desk.typing(""), view, walk, line, scanned, text)
        case Pressed(Key.ENTER) if desk.entry:
            return _quantity_typed(desk, view, walk, line)
        case _:
            return Reply(desk)


def _item_scanned(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, scanned: ItemScan, text: str) -> Reply:
    item = view.item_by_gtin(scanned.gtin)
    if item is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="item")
    if item.item_id != line.item_id:
        return refuse(desk, "not_this_item", scanned=item.item_id, name=item.name, expected=line.item_id)
    pieces = next(barcode.pieces for barcode in item.barcodes if barcode.gtin == scanned.gtin)
    pieces *= scanned.pieces or 1
    if pieces > open_pieces(line):
        return refuse(desk, "wrong_case", pieces=str(pieces), left=str(open_pieces(line)))
    if item.serial_tracked and pieces > 1:
        return refuse(desk, "scan_each", typed=str(pieces), item=item.item_id)
    pending = PendingPiece(
        code=text,
        pieces=pieces,
        lot=scanned.lot,
        serial=scanned.serial,
        expiry=scanned.expiry,
        weight_g=scanned.weight_g,
    )
    return _narrow(desk, view, walk, line, item, pending, text)


def _narrow(
    desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, item: ItemRow, pending: PendingPiece, said: str
) -> Reply:
    """Ask for the narrower code where the item scan alone is ambiguous; else count the pieces. ``said``: just now."""
    if line.lot is not None and pending.lot is None and line.lots_here > 1:
        notice = Notice("ambiguous", {"item": line.item_id, "location": line.location}, Tone.WARNING)
        return Reply(desk.ask(Asking.LOT, pending=pending, line_id=line.line_id), notice=notice)
    choice = lot_choice(desk, view, line, pending, said)
    if isinstance(choice, Reply):
        return choice
    if item.serial_tracked and pending.serial is None:
        return Reply(desk.ask(Asking.SERIAL, pending=pending, line_id=line.line_id))
    if pending.serial is not None and view.has_picked(walk.head.list_id, line.item_id, pending.serial):
        return refuse(desk.plain(), "serial_twice", serial=pending.serial)
    if item.catch_weight and pending.weight_g is None:
        return Reply(desk.ask(Asking.WEIGHT, pending=pending, line_id=line.line_id))
    facts = picked(
        walk,
        line,
        pending.pieces,
        how=How.SCANNED,
        code=pending.code,
        lot=choice.lot,
        serial=pending.serial,
        weight_g=pending.weight_g if item.catch_weight else None,
    )
    done = open_pieces(line) == pending.pieces
    changed = Notice("lot_changed", {"lot": str(choice.lot)}) if choice.changed else None
    return Reply(desk.plain(), facts=facts, notice=(_line_done(view, walk) if done else None) or changed)


def _line_done(view: RecordView, walk: Walk) -> Notice | None:
    """Said when it is: where the tote is to be scanned, the line is not done before that."""
    return None if confirms_tote(view, walk) else Notice("line_done", tone=Tone.DONE)


def answer_narrower(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """The lot, serial or weight of the piece that was just scanned, by scan or by hand."""
    scanned: Scanned | None = None
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            read = _narrower_code(desk, view, line, scanned, text)
            if read is None:
                return wrong_kind(desk.typing(""), view, scanned, str(desk.asking))
            code = read
        case Pressed(Key.ENTER) if desk.entry:
            code = desk.entry
        case _:
            return Reply(desk)
    item, pending = view.item(line.item_id), desk.pending
    if item is None or pending is None:
        return Reply(desk.plain())
    narrowed = _narrowed(desk, pending, code, scanned)
    if narrowed is None:
        return refuse(desk.typing(""), "weight_wrong", typed=code)
    # The question stands until its answer counts: a warning is confirmed by the same answer.
    return _narrow(desk, view, walk, line, item, narrowed, code)


def _narrowed(desk: Desk, pending: PendingPiece, code: str, scanned: Scanned | None) -> PendingPiece | None:
    """The piece with what was answered; None where that is no weight. One symbol may say more than was asked."""
    if isinstance(scanned, ItemScan):
        pending = replace(
            pending,
            serial=pending.serial or scanned.serial,
            expiry=pending.expiry or scanned.expiry,
            weight_g=pending.weight_g or scanned.weight_g,
        )
    match desk.asking:
        case Asking.WEIGHT:
            weight_g = int(code) if code.isdecimal() else 0
            return replace(pending, weight_g=weight_g) if 0 < weight_g <= HEAVIEST_G else None
        case Asking.LOT:
            return replace(pending, lot=LotCode(code))
        case _:
            return replace(pending, serial=Serial(code))


def _narrower_code(desk: Desk, view: RecordView, line: PickLineRow, scanned: Scanned, text: str) -> str | None:
    """The lot, serial or weight in grams that a scan says; None when it says none.

    Makers choose these codes freely: one that looks like an item number is a lot when it is the lot that is wanted,
    and a serial when it is no item of this site.
    """
    if desk.asking is Asking.WEIGHT:
        fits = isinstance(scanned, ItemScan) and scanned.weight_g is not None and is_of(view, line, scanned)
        return str(scanned.weight_g) if isinstance(scanned, ItemScan) and fits else None
    wants_serial = desk.asking is Asking.SERIAL
    match scanned:
        case ItemScan(lot=lot, serial=serial) if (serial if wants_serial else lot) is not None:
            return str(serial if wants_serial else lot)
        case PlainScan(code):
            return code
        case ItemScan(gtin) if wants_serial and view.item_by_gtin(gtin) is None:
            return text
        case _:
            return text if not wants_serial and text == line.lot else None


def _quantity_typed(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow) -> Reply:
    """A typed number is the total of the line. More than asked keeps what was typed; less asks for the reason."""
    total, wanted = int(desk.entry), line.asked - line.shorted
    if total > wanted:
        return refuse(desk, "too_many", typed=desk.entry, left=str(wanted))
    if total < line.picked:
        return refuse(desk, "too_few", typed=desk.entry, picked=str(line.picked))
    if total > line.picked and not _may_type(view, line, total - line.picked):
        return refuse(desk.typing(""), "scan_each", typed=desk.entry, item=line.item_id)
    if total and not line.picked:
        return refuse(desk, "scan_first", typed=desk.entry, item=line.item_id)
    if total < wanted:
        return Reply(desk.ask(Asking.SHORT_REASON, typed_total=total, line_id=line.line_id))
    if total == line.picked:
        return Reply(desk.plain())
    facts = picked(walk, line, total - line.picked, how=How.TYPED, lot=lot_in_hand(view, walk, line))
    return Reply(desk.plain(), facts=facts, notice=_line_done(view, walk))


def _may_type(view: RecordView, line: PickLineRow, quantity: int) -> bool:
    """The site may want every piece scanned; one with a number or a weight of its own always is."""
    site, item = view.site(), view.item(line.item_id)
    if item is not None and (item.serial_tracked or item.catch_weight):
        return False
    return site is None or (site.typed_quantity and quantity <= site.max_typed_quantity)
