"""What a lead does with a second person: taking away what somebody walks, and large corrections of the stock."""

from __future__ import annotations

import msgspec

from sync.record.ids import PickListId, TerminalId
from sync.store.access.two_persons import Asked, Danger, second_person, without_second
from sync.store.leading.moving import Moved, MoveRefused, move
from sync.store.leading.settling import LargeCorrection, Settling, settle
from sync.store.unit_of_work import UnitOfWork

MOST_ALONE = 100
"""Pieces that one person may write off or count away, or in, with one settlement."""


def agreed(work: UnitOfWork, danger: Danger, by: str, alone: str | None) -> Asked | None:
    """None: it may be done. ``alone``: why there is no second person."""
    if alone is None:
        return second_person(work, danger, by)
    without_second(work, danger, by, alone)
    return None


def move_by_two(
    work: UnitOfWork,
    list_id: PickListId,
    *,
    to: TerminalId | None,
    by: str,
    hard: bool,
    confirmed: bool,
    alone: str | None = None,
) -> Moved | Asked:
    """`move`; a list that its holder walks is taken at once only when two want it. Raises `MoveRefused`."""
    try:
        return move(work, list_id, to=to, by=by, hard=hard)
    except MoveRefused as refused:
        if not (refused.needs_yes and confirmed):
            raise
        danger = Danger(what="move-list", about=str(list_id), detail={"to": to, "hard": True}, text=str(refused))
    return agreed(work, danger, by, alone) or move(work, list_id, to=to, by=by, hard=True, confirmed=True)


def settle_by_two(
    work: UnitOfWork, discrepancy_id: str, by: str, how: Settling, *, alone: str | None = None
) -> str | Asked:
    """`settle`; more than `MOST_ALONE` pieces are corrected only when two want it. Raises `SettlementRefused`."""
    try:
        with work.savepoint():
            return settle(work, discrepancy_id, by, how, most_pieces=MOST_ALONE)
    except LargeCorrection as large:
        said = msgspec.to_builtins(how)
        text = f"{discrepancy_id}: {how.way} corrects the stock by {large.pieces} pieces."
        danger = Danger(what="settle", about=discrepancy_id, detail=said, text=text)
    return agreed(work, danger, by, alone) or settle(work, discrepancy_id, by, how)
