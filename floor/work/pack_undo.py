"""F2 at the pack station: the last verified piece or reported problem never was, until the carton has its number."""

from __future__ import annotations

from floor.work.prompt import Notice, Tone
from floor.work.reply import Desk, Reply, say
from floor.work.view import RecordView
from sync.record.facts import PieceVerified, Undone
from sync.record.rows import PackingRow


def undo_packing(desk: Desk, view: RecordView, packing: PackingRow) -> Reply:
    last = view.last_undoable_packing(packing.tote)
    if last is None:
        return say(desk.plain(), "nothing_to_undo", Tone.WARNING)
    event_id, fact = last
    quantity = str(fact.quantity) if isinstance(fact, PieceVerified) else ""
    notice = Notice("undone", {"what": fact.kind.partition("@")[0], "quantity": quantity}, Tone.WARNING)
    here = desk.plain(tote=packing.tote, item=None, carton_full=False, weighed=None)
    return Reply(here, facts=(Undone(undoes=event_id),), notice=notice)
