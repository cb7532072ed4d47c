"""A tote of a cancelled order: its pieces go back, item by item, to where they were picked."""

from __future__ import annotations

from floor.work.prompt import Input, Key, Notice, Pressed, Prompt, Scan, Tone
from floor.work.reply import Activity, Desk, Reply, refuse
from floor.work.scan_check import why_not_back_at, wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import ItemScan, LocationScan, read_code
from sync.record.facts import How, PutBack
from sync.record.ids import LocationCode
from sync.record.rows import PackingRow, PackLine


def is_put_back(packing: PackingRow) -> bool:
    return packing.stop == "cancelled"


def line_to_put_back(desk: Desk, packing: PackingRow) -> PackLine | None:
    """The line whose item was scanned last, else the first that is still in the tote."""
    lines = [line for line in packing.lines if line.in_tote > 0]
    return next((line for line in lines if line.item_id == desk.item), lines[0] if lines else None)


def put_back_prompt(view: RecordView, packing: PackingRow, line: PackLine) -> Prompt:
    item = view.item(line.item_id)
    values = {
        "order": packing.order_ref,
        "tote": packing.tote,
        "location": line.home or "",
        "item": line.item_id,
        "name": "" if item is None else item.name,
        "sscc": packing.sscc or "",
    }
    return Prompt("put_back", values, count=(line.in_tote, line.in_tote), keys=(Key.HELP, Key.ENTER, Key.BACK))


def answer_put_back(desk: Desk, view: RecordView, packing: PackingRow, line: PackLine, given: Input) -> Reply:
    match given:
        case Pressed(Key.ENTER):
            return Reply(desk.plain(tote=None, set_aside=packing.tote))
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU, tote=None, set_aside=packing.tote))
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, LocationScan):
                return _at(desk, view, packing, line, scanned.location)
            if isinstance(scanned, ItemScan):
                return _item_scanned(desk, view, packing, scanned)
            return wrong_kind(desk, view, scanned, "location")
        case _:
            return Reply(desk)


def _item_scanned(desk: Desk, view: RecordView, packing: PackingRow, scanned: ItemScan) -> Reply:
    item = view.item_by_gtin(scanned.gtin)
    if item is None:
        return refuse(desk, "unknown_code", scanned=scanned.gtin.lstrip("0"), expected="location")
    if all(line.item_id != item.item_id or not line.in_tote for line in packing.lines):
        return refuse(desk, "not_in_tote", item=item.item_id, tote=packing.tote, name=item.name)
    return Reply(desk.plain(item=item.item_id))


def _at(desk: Desk, view: RecordView, packing: PackingRow, line: PackLine, location: LocationCode) -> Reply:
    why_not = why_not_back_at(desk, view, location, line.home)
    if why_not is not None:
        return why_not
    back = PutBack(
        tote=packing.tote,
        order_line_id=line.order_line_id,
        item_id=line.item_id,
        quantity=line.in_tote,
        location=location,
        how=How.SCANNED,
    )
    if any(other.in_tote > 0 for other in packing.lines if other.order_line_id != line.order_line_id):
        return Reply(
            desk.plain(item=None, tote=packing.tote), facts=(back,), notice=Notice("line_done", tone=Tone.DONE)
        )
    notice = Notice("tote_put_back", {"tote": packing.tote}, Tone.DONE)
    return Reply(desk.plain(item=None, tote=None, set_aside=packing.tote), facts=(back,), notice=notice)
