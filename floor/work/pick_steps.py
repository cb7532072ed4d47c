"""The steps of piece pick, and how the record says at which one we are."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.stops import SEVERAL_ORDERS, as_one_line
from floor.work.view import RecordView
from sync.record.ids import ToteCode
from sync.record.picking import Walk, carries, has_tote, is_done, next_line, open_pieces
from sync.record.rows import ListKind, ListOrderRow, PickLineRow, ToteStatus


class PickStep(StrEnum):
    NO_WORK = "no_work"
    WAITING = "waiting_store"
    BIND_TOTE = "bind_tote"
    MOVED = "list_moved"
    GO_TO = "go_to"
    PICK = "pick"
    PUT = "put"
    HAND_OVER = "hand_over"


def confirms_tote(view: RecordView, walk: Walk) -> bool:
    """Whether a put is confirmed: by the site's rule, and always where pieces of several orders are in one hand."""
    site = view.site()
    return site is None or site.confirm_tote or walk.head.kind in SEVERAL_ORDERS


def line_in_hand(walk: Walk, view: RecordView) -> PickLineRow | None:
    """The line or stop to work on: pieces that are in the hand go into the tote before anything else."""
    return _in_hand(walk, confirms_tote(view, walk))


@lru_cache(maxsize=4)
def _in_hand(walk: Walk, confirms: bool) -> PickLineRow | None:
    if confirms:
        for line in walk.lines:
            if line.picked > line.put and is_to_put(stop := as_one_line(walk, line)):
                return stop
    todo = next_line(walk, confirm_tote=confirms)
    return None if todo is None else as_one_line(walk, todo)


def is_to_put(line: PickLineRow) -> bool:
    """Pieces of the line are in the hand, and no more are to come."""
    return line.picked > line.put and (open_pieces(line) <= 0 or not line.located)


@lru_cache(maxsize=4)
def order_to_bind(walk: Walk) -> ListOrderRow | None:
    """The order of a cart that still needs a tote, the lowest position first."""
    waiting = {line.order_id for line in walk.lines if not is_done(line, confirm_tote=True)}
    return next((order for order in walk.orders if order.order_id in waiting and not carries(order)), None)


def needs_tote(walk: Walk) -> bool:
    """A tote has to be bound before anything is picked."""
    return order_to_bind(walk) is not None if walk.head.kind is ListKind.BATCH else not has_tote(walk.head)


def step_of(view: RecordView) -> PickStep:
    """Where the record says that we are."""
    return step_at(view.held_walk(), view)


def step_at(walk: Walk | None, view: RecordView) -> PickStep:
    """The same for a walk that was read before: what comes from the store between two reads may bring another one."""
    if walk is None:
        return PickStep.WAITING if view.claim_pending() else PickStep.NO_WORK
    line = line_in_hand(walk, view)
    if walk.head.moving and line is not None and line.picked <= line.put and not line.located:
        return PickStep.MOVED
    if needs_tote(walk):
        return PickStep.BIND_TOTE
    if line is None:
        return PickStep.HAND_OVER
    if confirms_tote(view, walk) and is_to_put(line):
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


def why_not_tote(
    desk: Desk, view: RecordView, walk: Walk, code: ToteCode, order: ListOrderRow | None = None
) -> Reply | None:
    """A tote is bound to one list, on a cart to one ``order`` of it, and must be empty."""
    tote = view.tote(code)
    if tote is None:
        return refuse(desk, "tote_unknown", tote=code)
    if order is None:
        mine, carried, totes = walk.head.order_ref, has_tote(walk.head), walk.head.totes
    else:
        mine, carried, totes = order.order_ref, carries(order), order.totes
    goes_on_in_it = tote.status is ToteStatus.PICKING and tote.order_ref == mine
    in_use = carried and code == totes[-1]
    if tote.status is not ToteStatus.EMPTY and (in_use or not goes_on_in_it):
        return refuse(desk, "tote_in_use", tote=code, order=tote.order_ref or "?")
    return None
