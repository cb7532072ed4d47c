"""What piece pick asks at each step."""

from __future__ import annotations

from floor.work.batch_pick import cart_prompt
from floor.work.lists_ahead import in_words, moved_prompt
from floor.work.pick_problem import problem_prompt
from floor.work.pick_steps import PickStep, line_in_hand, settled, step_at
from floor.work.prompt import Key, Prompt
from floor.work.reply import Asking, Desk
from floor.work.stops import SEVERAL_ORDERS, stop_counts
from floor.work.view import RecordView
from floor.work.zone_pick import is_asked_of_leg, leg_prompt
from sync.record.picking import Walk, carries, missing_pieces
from sync.record.rows import ListKind, PickLineRow


def pick_prompt(desk: Desk, view: RecordView) -> Prompt:
    walk = view.held_walk()
    step = step_at(walk, view)
    if desk.asking is Asking.HANDED_OVER:
        values = {
            "tote": " ".join(desk.totes),
            "open": str(view.open_list_count()),
            "ahead": in_words(view.held_lists()),
        }
        return Prompt("handed_over", values, keys=(Key.ENTER, Key.BACK))
    if walk is None:
        busy = step is PickStep.WAITING
        keys = (Key.BACK,) if busy else (Key.ENTER, Key.BACK)
        values = {"open": str(view.open_list_count()), "zone": view.zone() or ""}
        return Prompt(step, values, keys=keys, busy=busy)
    desk = settled(desk, walk, view)
    if step is PickStep.MOVED:
        return moved_prompt(walk)
    at_cart = cart_prompt(desk, view, walk, step) if walk.head.kind is ListKind.BATCH else None
    if at_cart is not None:
        return at_cart
    of_leg = leg_prompt(desk, view, walk, step) if is_asked_of_leg(desk, walk.head) else None
    if of_leg is not None:
        return of_leg
    if step is PickStep.BIND_TOTE or desk.asking is Asking.NEW_TOTE:
        return _tote_prompt(desk, walk)
    line = line_in_hand(walk, view)
    if line is None:
        return _hand_over_prompt(walk)
    if desk.asking in (Asking.PICK_PROBLEM, Asking.SHORT_REASON, Asking.HOW_MANY):
        return problem_prompt(desk, view, line)
    return _line_prompt(desk, view, walk, line, step)


def _tote_prompt(desk: Desk, walk: Walk) -> Prompt:
    if desk.asking is Asking.NEW_TOTE:
        return Prompt(
            "new_tote", {"tote": walk.head.totes[-1], "order": walk.head.order_ref}, keys=(Key.HELP, Key.BACK)
        )
    values = {"order": walk.head.order_ref, "lines": str(len(walk.lines)), "pieces": str(walk.head.piece_count)}
    step = "bulk_tote" if walk.head.kind is ListKind.BULK else "bind_tote"
    return Prompt(step, values, keys=(Key.HELP, Key.BACK))


def _hand_over_prompt(walk: Walk) -> Prompt:
    shorts = missing_pieces(walk)
    values = {
        "tote": " ".join(walk.head.totes),
        "totes": str(len(walk.head.totes)),
        "order": walk.head.order_ref,
        "shorts": str(shorts),
    }
    if walk.head.kind is ListKind.BATCH:
        totes = sum(carries(order) for order in walk.orders)
        values = {"order": walk.head.order_ref, "totes": str(totes), "shorts": str(shorts)}
        return Prompt("batch_hand_over", values, keys=(Key.HELP, Key.UNDO))
    return Prompt("hand_over", values, keys=(Key.HELP, Key.UNDO))


def _line_prompt(desk: Desk, view: RecordView, walk: Walk, line: PickLineRow, step: PickStep) -> Prompt:
    item = view.item(line.item_id)
    asked, to_do = stop_counts(walk)
    values = {
        "order": walk.head.order_ref,
        "location": line.location,
        "item": line.item_id,
        "name": "" if item is None else item.name,
        "lot": line.lot or "",
        "expiry": "" if line.expiry is None else line.expiry.isoformat(),
        "tote": walk.head.totes[-1] if walk.head.totes else "",
        "nth": str(asked - to_do + 1),
        "of": str(asked),
    }
    if desk.asking is Asking.LOT:
        return Prompt("scan_lot", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.SERIAL:
        return Prompt("scan_serial", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    if desk.asking is Asking.WEIGHT:
        return Prompt("type_weight", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
    keys = (Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM)
    if step is PickStep.PUT:
        return Prompt("put", values, count=(line.picked - line.put, line.picked - line.put), keys=keys)
    of_several = "batch_" if walk.head.kind in SEVERAL_ORDERS else ""
    asks = "go_to" if step is PickStep.GO_TO else "pick"
    return Prompt(
        f"{of_several}{asks}", values, count=(line.picked, line.asked - line.shorted), entry=desk.entry, keys=keys
    )
