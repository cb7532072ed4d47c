"""The steps of piece pick, and how the record says at which one we are."""

from __future__ import annotations

from enum import StrEnum

from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.view import RecordView
from sync.record.facts import How, Picked
from sync.record.ids import ToteCode
from sync.record.picking import Walk, has_tote, next_line, open_pieces
from sync.record.rows import PickLineRow, ToteStatus


class PickStep(StrEnum):
    NO_WORK = "no_work"
    WAITING = "waiting_store"
    BIND_TOTE = "bind_tote"
    MOVED = "list_moved"
    GO_TO = "go_to"
    PICK = "pick"
    PUT = "put"
    HAND_OVER = "hand_over"


def confirms_tote(view: RecordView) -> bool:
    site = view.site()
    return site is None or site.confirm_tote


def line_in_hand(walk: Walk, view: RecordView) -> PickLineRow | None:
    """The line to work on: pieces that are in the hand go into the tote before anything else."""
    if confirms_tote(view):
        for line in walk.lines:
            if line.picked > line.put and (open_pieces(line) <= 0 or not line.located):
                return line
    return next_line(walk, confirm_tote=confirms_tote(view))


def step_of(view: RecordView) -> PickStep:
    """Where the record says that we are."""
    walk = view.held_walk()
    if walk is None:
        return PickStep.WAITING if view.claim_pending() else PickStep.NO_WORK
    line = line_in_hand(walk, view)
    if walk.head.moving and line is not None and line.picked <= line.put and not line.located:
        return PickStep.MOVED
    if not has_tote(walk.head):
        return PickStep.BIND_TOTE
    if line is None:
        return PickStep.HAND_OVER
    if line.picked > line.put and confirms_tote(view) and (open_pieces(line) <= 0 or not line.located):
        return PickStep.PUT
    return PickStep.PICK if line.located else PickStep.GO_TO


def settled(desk: Desk, walk: Walk, view: RecordView) -> Desk:
    """The desk without a question or a half-typed number that the record has overtaken.

    The store may take a line off the walk, or pieces off a line, while a question about it stands.
    """
    if desk.line_id is None:
        return desk
    line = line_in_hand(walk, view)
    if line is None or line.line_id != desk.line_id:
        return desk.plain()
    if desk.asking is Asking.SHORT_REASON and not line.picked <= desk.typed_total < line.asked - line.shorted:
        return desk.plain()
    if desk.pending is not None and desk.pending.pieces > open_pieces(line):
        return desk.plain()
    return desk


def why_not_tote(desk: Desk, view: RecordView, walk: Walk, code: ToteCode) -> Reply | None:
    """A tote is bound to one order and must be empty."""
    tote = view.tote(code)
    if tote is None:
        return refuse(desk, "tote_unknown", tote=code)
    goes_on_in_it = tote.status is ToteStatus.PICKING and tote.order_ref == walk.head.order_ref
    in_use = has_tote(walk.head) and code == walk.head.totes[-1]
    if tote.status is not ToteStatus.EMPTY and (in_use or not goes_on_in_it):
        return refuse(desk, "tote_in_use", tote=code, order=tote.order_ref or "?")
    return None


def typed_pick(walk: Walk, line: PickLineRow, quantity: int) -> Picked:
    return Picked(
        line_id=line.line_id,
        token=walk.head.token,
        item_id=line.item_id,
        location=line.location,
        quantity=quantity,
        how=How.TYPED,
        code="",
        lot=line.lot,
    )
