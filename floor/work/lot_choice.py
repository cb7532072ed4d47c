"""Which lot may be taken at a location instead of the one asked for, and what must be said about it first.

Expired pieces are refused. A lot that breaks first-expired-first-out, and a date on the piece that is not the record's,
are warned about: the same scan again means it (floor-behaviour 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from floor.work.prompt import Notice, Tone
from floor.work.reply import Desk, PendingPiece, Reply, refuse
from floor.work.view import RecordView
from sync.record.codes.gs1 import BadGs1, gs1_date
from sync.record.facts import Picked
from sync.record.ids import LotCode
from sync.record.picking import Walk
from sync.record.rows import LotHere, PickLineRow


@dataclass(frozen=True, slots=True)
class Taken:
    """The lot that is taken, where nothing stands against it (any more)."""

    lot: LotCode | None
    changed: bool
    """Another one than the line asks for."""


def lot_choice(desk: Desk, view: RecordView, line: PickLineRow, pending: PendingPiece, said: str) -> Taken | Reply:
    """``said``: the scan or typed code that named the lot; a warning that stands is confirmed by the same once more."""
    lot = line.lot if pending.lot is None or line.lot is None else pending.lot
    here = _here(line, lot)
    if lot != line.lot and (here is None or here.available < pending.pieces):
        return refuse(desk.typing(""), "lot_wrong", scanned=str(lot), expected=line.lot or "")
    recorded = line.expiry if here is None else here.expiry
    try:
        printed = None if pending.expiry is None else gs1_date(pending.expiry, today=view.today())
    except BadGs1:
        return refuse(desk.typing(""), "misread", scanned=pending.code, expected="item")
    for expiry in (printed, recorded):
        if expiry is not None and expiry < view.today():
            return refuse(desk.typing(""), "expired", scanned=str(lot or line.item_id), expiry=expiry.isoformat())
    warning = _warning(line, lot, recorded, printed)
    if warning is None or desk.warned == (said, warning.key):
        return Taken(lot, changed=lot != line.lot)
    return Reply(replace(desk.typing(""), warned=(said, warning.key), line_id=line.line_id), notice=warning)


def _here(line: PickLineRow, lot: LotCode | None) -> LotHere | None:
    return next((one for one in line.lots if one.lot == lot), None)


def _warning(line: PickLineRow, lot: LotCode | None, recorded: date | None, printed: date | None) -> Notice | None:
    """The record's date being wrong weighs more than the order of dates."""
    if printed is not None and recorded is not None and printed != recorded:
        values = {"scanned": printed.isoformat(), "expected": recorded.isoformat()}
        return Notice("expiry_differs", values, Tone.WARNING)
    if lot == line.lot or recorded is None:
        return None
    sooner = [one for one in line.lots if one.lot != lot and one.expiry is not None and one.expiry < recorded]
    if not sooner:
        return None
    first = min(sooner, key=lambda one: (one.expiry, one.lot))
    return Notice("fefo", {"scanned": str(lot), "expected": str(first.lot)}, Tone.WARNING)


def lot_in_hand(view: RecordView, walk: Walk, line: PickLineRow) -> LotCode | None:
    """The lot that a typed number means: of the piece that was scanned last, else the one asked for."""
    last = view.last_undoable(walk.head.list_id)
    if last is None or not isinstance(last[1], Picked):
        return line.lot
    return last[1].lot if (last[1].item_id, last[1].location) == (line.item_id, line.location) else line.lot
