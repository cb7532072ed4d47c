"""Pieces out of a bulk tote in the hand: which cubby they go into, how many, and where cancelled ones go back to."""

from __future__ import annotations

from dataclasses import replace

from floor.work.prompt import Input, Key, Notice, Pressed, Scan, Tone, Typed
from floor.work.put_wall_problem import MAX_ENTRY_LENGTH
from floor.work.put_wall_steps import cubby_label, lines_of, lots_of
from floor.work.reply import Asking, Desk, Reply, SortInHand, refuse
from floor.work.scan_check import why_not_back_at, wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import CubbyScan, ItemScan, LocationScan, PlainScan, read_code
from sync.record.facts import How, PutInCubby, SortProblem, SortReported
from sync.record.ids import ItemId, LocationCode, LotCode, ToteCode
from sync.record.rows import ItemRow, SortingRow, SortLine
from sync.record.sorting import pieces_left


def item_scanned(desk: Desk, view: RecordView, sorting: SortingRow, scanned: ItemScan, text: str) -> Reply:
    item = view.item_by_gtin(scanned.gtin)
    if item is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="item")
    lines = lines_of(sorting, item.item_id)
    odd = desk.plain(odd_item=item.item_id)
    if not lines:
        known = any(line.item_id == item.item_id for line in sorting.lines)
        return refuse(
            odd, "all_put_already" if known else "not_in_tote", item=item.item_id, tote=sorting.tote, name=item.name
        )
    lots = lots_of(sorting, item.item_id)
    if scanned.lot is not None and any(lots) and scanned.lot not in lots:
        return refuse(odd, "lot_wrong", scanned=scanned.lot, expected=", ".join(sorted(lots)))
    if scanned.lot is None and len(lots) > 1:
        held = SortInHand(pieces=_pieces(item, scanned), code=text, serial=scanned.serial)
        return Reply(desk.ask(Asking.SORT_LOT, item=item.item_id, in_hand=held))
    lot = scanned.lot if scanned.lot in lots else None
    mine = [line for line in lines if lot is None or line.lot == lot]
    held = SortInHand(pieces=_pieces(item, scanned), code=text, serial=scanned.serial)
    return _take(desk, view, mine, held)


def _pieces(item: ItemRow, scanned: ItemScan) -> int:
    each = next(barcode.pieces for barcode in item.barcodes if barcode.gtin == scanned.gtin)
    return each * (scanned.pieces or 1)


def _take(desk: Desk, view: RecordView, lines: list[SortLine], held: SortInHand) -> Reply:
    """The pieces are in the hand: they go into the first cubby that wants as many."""
    line = next((line for line in lines if line.in_tote >= held.pieces), None)
    if line is None:
        most = max(line.in_tote for line in lines)
        return refuse(desk, "wrong_case", pieces=str(held.pieces), left=str(most))
    if not line.stopped and not cubby_label(view, line):
        return refuse(desk.plain(), "no_cubby", order=line.order_ref)
    taken = replace(held, order_line_id=line.order_line_id, lot=line.lot)
    return Reply(desk.plain(item=line.item_id, in_hand=taken))


def answer_lot(desk: Desk, view: RecordView, sorting: SortingRow, given: Input) -> Reply:
    match given:
        case Pressed(Key.BACK | Key.UNDO):
            return Reply(desk.plain(item=None))
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, PlainScan):
                return _lot_scanned(desk, view, sorting, LotCode(scanned.text))
            if isinstance(scanned, ItemScan) and scanned.lot is not None:
                return item_scanned(desk.plain(item=None), view, sorting, scanned, text)
            return wrong_kind(desk, view, scanned, "lot")
        case _:
            return Reply(desk)


def _lot_scanned(desk: Desk, view: RecordView, sorting: SortingRow, lot: LotCode) -> Reply:
    item_id = desk.item or ItemId("")
    lines = [line for line in lines_of(sorting, item_id) if line.lot == lot]
    if not lines or desk.in_hand is None:
        expected = ", ".join(sorted(lots_of(sorting, item_id)))
        return refuse(desk, "lot_wrong", scanned=lot, expected=expected)
    return _take(desk, view, lines, desk.in_hand)


# Pieces in the hand.


def answer_put(desk: Desk, view: RecordView, sorting: SortingRow, line: SortLine, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, CubbyScan):
                return _cubby_scanned(desk, view, sorting, line, scanned.cubby)
            if isinstance(scanned, ItemScan):
                return _another_piece(desk.typing(""), view, line, scanned)
            return wrong_kind(desk, view, scanned, "cubby")
        case Typed(character) if character.isdigit():
            return Reply(desk.typing((desk.entry + character)[:MAX_ENTRY_LENGTH]))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.ENTER) if desk.entry:
            counted = _total_typed(desk, view, line)
            return counted if isinstance(counted, Reply) else Reply(counted)
        case Pressed(Key.PROBLEM):
            return Reply(desk.ask(Asking.SORT_PROBLEM))
        case Pressed(Key.UNDO | Key.BACK):
            return Reply(desk.plain(item=None))
        case _:
            return Reply(desk)


def _another_piece(desk: Desk, view: RecordView, line: SortLine, scanned: ItemScan) -> Reply:
    """The same item once more is one more for the same cubby; another one has to wait."""
    item, held = view.item_by_gtin(scanned.gtin), desk.in_hand
    if item is None or held is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="cubby")
    same = item.item_id == line.item_id and scanned.lot in (None, line.lot) and scanned.serial == held.serial is None
    if not same:
        return refuse(desk, "put_first", item=line.item_id, cubby=cubby_label(view, line))
    pieces = held.pieces + _pieces(item, scanned)
    if pieces > line.in_tote:
        return refuse(desk, "too_many", typed=str(pieces), left=str(line.in_tote))
    return Reply(replace(desk, in_hand=replace(held, pieces=pieces)))


def _total_typed(desk: Desk, view: RecordView, line: SortLine) -> Desk | Reply:
    """A typed number is the total for this cubby."""
    item, total = view.item(line.item_id), int(desk.entry)
    if desk.in_hand is None or not total:
        return desk.plain(item=None)
    if item is not None and item.serial_tracked:
        return refuse(desk.typing(""), "scan_each", typed=desk.entry, item=line.item_id)
    if total > line.in_tote:
        return refuse(desk, "too_many", typed=desk.entry, left=str(line.in_tote))
    return replace(desk.typing(""), in_hand=replace(desk.in_hand, pieces=total, how=How.TYPED, code=""))


def _cubby_scanned(desk: Desk, view: RecordView, sorting: SortingRow, line: SortLine, code: ToteCode) -> Reply:
    if desk.entry:
        counted = _total_typed(desk, view, line)
        if isinstance(counted, Reply) or counted.in_hand is None:
            return counted if isinstance(counted, Reply) else Reply(counted)
        desk = counted
    held = desk.in_hand
    if code != line.cubby or held is None:
        cubby = view.cubby(code)
        label = code if cubby is None else cubby.label
        whose = "" if cubby is None else cubby.order_ref or ""
        return refuse(desk, "wrong_cubby", scanned=label, order=whose, expected=cubby_label(view, line))
    put = PutInCubby(
        batch_id=sorting.batch_id,
        tote=sorting.tote,
        order_line_id=line.order_line_id,
        item_id=line.item_id,
        quantity=held.pieces,
        cubby=code,
        how=held.how,
        code=held.code,
        lot=line.lot,
        serial=held.serial,
    )
    return Reply(desk.plain(item=None), facts=(put,), notice=_after_put(sorting, line, held.pieces))


def _after_put(sorting: SortingRow, line: SortLine, pieces: int) -> Notice | None:
    if pieces_left(sorting) == pieces:
        return Notice("sort_tote_done", {"tote": sorting.tote}, Tone.DONE)
    of_order = sum(other.in_tote for other in sorting.lines if other.order_id == line.order_id)
    return Notice("line_done", tone=Tone.DONE) if of_order == pieces else None


# Pieces that nobody wants any more.


def answer_return(desk: Desk, view: RecordView, sorting: SortingRow, line: SortLine, given: Input) -> Reply | None:
    """None: it is answered as where no pieces are in the hand."""
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, LocationScan):
                return _returned_at(desk, view, sorting, line, scanned.location)
            if isinstance(scanned, ItemScan):
                return item_scanned(desk.plain(item=None), view, sorting, scanned, text)
            return wrong_kind(desk, view, scanned, "location")
        case Pressed(Key.BACK | Key.UNDO) if desk.in_hand is not None:
            return Reply(desk.plain(item=None))
        case _:
            return None


def _returned_at(desk: Desk, view: RecordView, sorting: SortingRow, line: SortLine, location: LocationCode) -> Reply:
    why_not = why_not_back_at(desk, view, location, line.home)
    if why_not is not None:
        return why_not
    back = SortReported(
        batch_id=sorting.batch_id,
        tote=sorting.tote,
        order_line_id=line.order_line_id,
        item_id=line.item_id,
        quantity=line.in_tote,
        problem=SortProblem.RETURNED,
        lot=line.lot,
        place=location,
    )
    return Reply(desk.plain(item=None), facts=(back,), notice=_after_put(sorting, line, line.in_tote))
