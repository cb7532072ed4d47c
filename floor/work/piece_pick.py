"""Piece pick: one order in one walk. Location, item, quantity, tote, line by line (floor-behaviour 12 to 19).

The step follows from the record alone (`floor.work.pick_steps`), so that a restart comes back to it; only a question
that interrupts it (a reason, a lot) is remembered by the desk.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.lists_ahead import answer_moved
from floor.work.pick_problem import answer_how_many, answer_new_tote, answer_problem, answer_short_reason, bind_tote
from floor.work.pick_prompt import pick_prompt
from floor.work.pick_steps import PickStep, confirms_tote, line_in_hand, settled, step_of, typed_pick
from floor.work.prompt import Changed, Input, Key, Notice, Pressed, Scan, Tone, Typed
from floor.work.reply import Activity, Asking, Desk, PendingPiece, Reply, refuse, say
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import ItemScan, LocationScan, PlainScan, Scanned, ToteScan, read_code
from sync.record.facts import ClaimedList, How, ListHandedOver, LocationConfirmed, Picked, PutInTote, Undone
from sync.record.ids import LocationCode, LotCode, Serial
from sync.record.picking import Walk, has_tote, open_pieces
from sync.record.rows import ItemRow, LocationKind, PickLineRow

MAX_ENTRY_LENGTH = 5


def claim_if_idle(desk: Desk, view: RecordView) -> Reply:
    """Coming from the menu: ask for the next list unless there is one in hand or on its way."""
    if step_of(view) is PickStep.NO_WORK and desk.asking is None:
        return Reply(desk, facts=(ClaimedList(list_id=None),))
    return Reply(desk)


def answer_pick(desk: Desk, view: RecordView, given: Input) -> Reply:
    walk = view.held_walk()
    step = step_of(view)
    if desk.asking is Asking.HANDED_OVER or walk is None:
        return _answer_idle(desk, view, given, step)
    desk = settled(desk, walk, view)
    if step is PickStep.MOVED:
        return answer_moved(desk, view, walk, given)
    common = _answer_common(desk, view, walk, given)
    if common is not None:
        return common
    if step is PickStep.BIND_TOTE:
        return bind_tote(desk, view, walk, given)
    if desk.asking is Asking.NEW_TOTE:
        return answer_new_tote(desk, view, walk, given)
    line = line_in_hand(walk, view)
    if line is None:
        return _answer_hand_over(desk, view, walk, given)
    return _answer_line(desk, view, walk, line, step, given)


def _answer_idle(desk: Desk, view: RecordView, given: Input, step: PickStep) -> Reply:
    match given:
        case Pressed(Key.ENTER) if step is PickStep.NO_WORK:
            return Reply(desk.plain(), facts=(ClaimedList(list_id=None),))
        case Pressed(Key.ENTER):
            return Reply(desk.plain())
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Changed() if desk.asking is not Asking.HANDED_OVER and view.held_walk() is not None:
            return Reply(desk.plain())
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "enter")
        case _:
            return Reply(desk)


def _answer_common(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply | None:
    """Keys that mean the same at every step: clear, undo, back, problem, typing."""
    line = line_in_hand(walk, view)
    typing = pick_prompt(desk, view).entry is not None
    match given:
        case Pressed(Key.UNDO) if desk.entry:
            return Reply(desk.typing(""))
        case Pressed(Key.UNDO | Key.BACK) if desk.asking is not None:
            return Reply(desk.plain())
        case Pressed(Key.UNDO):
            return _undo(desk, view, walk)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Pressed(Key.PROBLEM) if desk.asking is None and has_tote(walk.head) and line is not None:
            return Reply(desk.ask(Asking.PICK_PROBLEM, line_id=line.line_id))
        case Pressed(Key.ERASE):
            return Reply(desk.typing(desk.entry[:-1]))
        case Typed(character) if typing and (character.isdigit() or desk.asking in (Asking.LOT, Asking.SERIAL)):
            limit = 20 if desk.asking in (Asking.LOT, Asking.SERIAL) else MAX_ENTRY_LENGTH
            typed = desk.typing((desk.entry + character)[:limit])
            return Reply(replace(typed, line_id=None if line is None else line.line_id))
        case _:
            return None


def _undo(desk: Desk, view: RecordView, walk: Walk) -> Reply:
    last = view.last_undoable(walk.head.list_id)
    if last is None:
        return say(desk.plain(), "nothing_to_undo", Tone.WARNING)
    event_id, fact = last
    what = str(fact.quantity) if isinstance(fact, Picked) else ""
    notice = Notice("undone", {"what": fact.kind.partition("@")[0], "quantity": what}, Tone.WARNING)
    return Reply(desk.plain(), facts=(Undone(undoes=event_id),), notice=notice)


def _answer_hand_over(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    if not isinstance(given, Scan):
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    if not isinstance(scanned, LocationScan):
        return wrong_kind(desk, view, scanned, "place")
    place = view.location(scanned.location)
    if place is None or place.kind not in (LocationKind.PACK, LocationKind.STAGING):
        return refuse(desk, "not_this_location", scanned=scanned.location, expected="place")
    done = ListHandedOver(list_id=walk.head.list_id, token=walk.head.token, place=scanned.location, how=How.SCANNED)
    notice = Notice("list_done", {"order": walk.head.order_ref}, Tone.DONE)
    return Reply(desk.ask(Asking.HANDED_OVER, totes=walk.head.totes), facts=(done,), notice=notice)


def _answer_line(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, step: PickStep, given: Input) -> Reply:
    match desk.asking:
        case Asking.PICK_PROBLEM:
            return answer_problem(desk, view, walk, line, given)
        case Asking.SHORT_REASON:
            return answer_short_reason(desk, view, walk, line, given)
        case Asking.HOW_MANY:
            return answer_how_many(desk, view, walk, line, given)
        case Asking.LOT | Asking.SERIAL:
            return _answer_narrower(desk, view, walk, line, given)
        case _:
            pass
    match step:
        case PickStep.GO_TO:
            return _answer_go_to(desk, view, walk, line, given)
        case PickStep.PUT:
            return _answer_put(desk, view, walk, line, given)
        case _:
            return _answer_piece(desk, view, walk, line, given)


def _answer_go_to(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, LocationScan):
                return wrong_kind(desk.typing(""), view, scanned, "location")
            if scanned.location != line.location:
                return refuse(desk.typing(""), "not_this_location", scanned=scanned.location, expected=line.location)
            return _located(desk, view, walk, line, line.location, How.SCANNED)
        case Pressed(Key.ENTER) if desk.entry:
            place = view.location(line.location)
            if place is None or desk.entry != place.check_digits:
                return refuse(desk.typing(""), "check_digits_wrong", typed=desk.entry, expected=line.location)
            return _located(desk, view, walk, line, line.location, How.TYPED)
        case _:
            return Reply(desk)


def _located(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, location: LocationCode, how: How) -> Reply:
    """Standing there. That somebody reported the place is said, and stops nobody: the pieces may be there."""
    fact = LocationConfirmed(line_id=line.line_id, token=walk.head.token, location=location, how=how)
    place = view.location(location)
    blocked = place is not None and place.blocked
    notice = Notice("location_blocked", {"location": location}, Tone.WARNING) if blocked else None
    return Reply(desk.plain(), facts=(fact,), notice=notice)


def _answer_put(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    if not isinstance(given, Scan):
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    tote = walk.head.totes[-1]
    if isinstance(scanned, ItemScan) and _is_of(view, line, scanned):
        return refuse(desk, "surplus", item=line.item_id, tote=tote)
    if not isinstance(scanned, ToteScan):
        return wrong_kind(desk, view, scanned, "tote")
    if scanned.tote != tote:
        return refuse(desk, "not_this_tote", scanned=scanned.tote, expected=tote)
    put = PutInTote(
        line_id=line.line_id, token=walk.head.token, tote=tote, quantity=line.picked - line.put, how=How.SCANNED
    )
    notice = Notice("line_done", tone=Tone.DONE) if open_pieces(line) <= 0 else None
    return Reply(desk.plain(), facts=(put,), notice=notice)


def _is_of(view: RecordView, line: PickLineRow, scanned: ItemScan) -> bool:
    item = view.item_by_gtin(scanned.gtin)
    return item is not None and item.item_id == line.item_id


def _answer_piece(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
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
    pending = PendingPiece(code=text, pieces=pieces, lot=scanned.lot, serial=scanned.serial)
    return _narrow(desk, view, walk, line, item, pending)


def _narrow(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, item: ItemRow, pending: PendingPiece) -> Reply:
    """Ask for the narrower code where the item scan alone is ambiguous; else count the pieces."""
    if line.lot is not None:
        if pending.lot is None and line.lots_here > 1:
            notice = Notice("ambiguous", {"item": line.item_id, "location": line.location}, Tone.WARNING)
            return Reply(desk.ask(Asking.LOT, pending=pending, line_id=line.line_id), notice=notice)
        if pending.lot is not None and pending.lot != line.lot:
            return refuse(desk, "lot_wrong", scanned=pending.lot, expected=line.lot)
    if item.serial_tracked and pending.serial is None:
        return Reply(desk.ask(Asking.SERIAL, pending=pending, line_id=line.line_id))
    if pending.serial is not None and view.has_picked(walk.head.list_id, line.item_id, pending.serial):
        return refuse(desk, "serial_twice", serial=pending.serial)
    picked = Picked(
        line_id=line.line_id,
        token=walk.head.token,
        item_id=line.item_id,
        location=line.location,
        quantity=pending.pieces,
        how=How.SCANNED,
        code=pending.code,
        lot=line.lot,
        serial=pending.serial,
    )
    done = open_pieces(line) == pending.pieces
    return Reply(desk.plain(), facts=(picked,), notice=_line_done(view) if done else None)


def _line_done(view: RecordView) -> Notice | None:
    """Said when it is: where the site wants the tote scanned, the line is not done before that."""
    return None if confirms_tote(view) else Notice("line_done", tone=Tone.DONE)


def _answer_narrower(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, given: Input) -> Reply:
    """The lot or serial of the piece that was just scanned, by scan or by hand."""
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
    if desk.asking is Asking.LOT and code != line.lot:
        return refuse(desk.typing(""), "lot_wrong", scanned=code, expected=line.lot or "")
    narrowed = PendingPiece(
        code=pending.code,
        pieces=pending.pieces,
        lot=LotCode(code) if desk.asking is Asking.LOT else pending.lot,
        serial=Serial(code) if desk.asking is Asking.SERIAL else pending.serial,
    )
    return _narrow(desk.plain(), view, walk, line, item, narrowed)


def _narrower_code(desk: Desk, view: RecordView, line: PickLineRow, scanned: Scanned, text: str) -> str | None:
    """The lot or serial that a scan says; None when it says neither.

    Makers choose these codes freely: one that looks like an item number is a lot when it is the lot that is wanted,
    and a serial when it is no item of this site.
    """
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
    picked = typed_pick(walk, line, total - line.picked)
    return Reply(desk.plain(), facts=(picked,), notice=_line_done(view))


def _may_type(view: RecordView, line: PickLineRow, quantity: int) -> bool:
    """The site may want every piece scanned; a piece with a serial number always is."""
    site, item = view.site(), view.item(line.item_id)
    if item is not None and item.serial_tracked:
        return False
    return site is None or (site.typed_quantity and quantity <= site.max_typed_quantity)
