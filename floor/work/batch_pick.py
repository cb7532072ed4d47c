"""Batch pick, sorted while picking: several orders on a cart, each with its tote at a position (floor-behaviour 12).

First every order gets its tote. Then the walk shows one stop at a time: the total to take, and one put after another,
each confirmed by the tote or by the cart's position. All else is as in piece pick (`floor.work.piece_pick`).
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.pick_pieces import is_of
from floor.work.pick_problem import asks_tote_full
from floor.work.pick_steps import PickStep, line_in_hand, order_to_bind, why_not_tote
from floor.work.prompt import Input, Key, Notice, Pressed, Prompt, Scan, Tone
from floor.work.reply import Asking, Desk, Reply, refuse
from floor.work.scan_check import puts_down_at, wrong_kind
from floor.work.stops import lines_of_stop
from floor.work.transitions import Transition
from floor.work.view import RecordView
from sync.record.codes.scanned import ItemScan, PositionScan, Scanned, ToteScan, read_code
from sync.record.facts import CartToteBound, How, OrderHandedOver, PutInTote
from sync.record.picking import Walk, carries, is_done, open_pieces
from sync.record.rows import ListOrderRow, PickLineRow

TRANSITIONS = (
    Transition("batch_bind", "empty tote", "batch_bind", "the next order's tote"),
    Transition("batch_bind", "cart position", "batch_bind", "this order stands at another free position"),
    Transition("batch_bind", "empty tote", "batch_go_to", "every order has its tote"),
    Transition("batch_bind", "undo", "batch_bind", "the last tote is free again"),
    Transition("batch_bind", "back", "batch_bind", "as planned: the other position is forgotten"),
    Transition("batch_bind", "back", "menu"),
    Transition("batch_go_to", "location", "batch_pick"),
    Transition("batch_go_to", "check digits", "batch_pick", "marked as typed"),
    Transition("batch_go_to", "undo", "batch_bind", "nothing was picked: the last tote is free again"),
    Transition("batch_go_to", "undo", "batch_put", "the last put is taken back"),
    Transition("batch_go_to", "undo", "batch_pick", "a short is taken back"),
    Transition("batch_go_to", "undo", "batch_go_to", "a skip is taken back"),
    Transition("batch_go_to", "problem", "problem"),
    Transition("batch_go_to", "back", "menu"),
    Transition("batch_go_to", "news", "batch_bind", "an order has something to pick again and no tote"),
    Transition("batch_go_to", "news", "batch_go_to", "an order was cancelled, or pieces were found elsewhere"),
    Transition("batch_go_to", "news", "batch_hand_over", "nothing is left to pick"),
    Transition("batch_go_to", "news", "batch_moved", "a lead has given the cart to somebody else"),
    Transition("batch_pick", "item", "batch_pick", "a piece of the stop's total"),
    Transition("batch_pick", "item", "batch_put", "the last piece of the stop"),
    Transition("batch_pick", "item", "scan_lot", "several lots stand here"),
    Transition("batch_pick", "item", "scan_serial", "every piece has a number"),
    Transition("batch_pick", "total", "batch_put", "marked as typed"),
    Transition("batch_pick", "total", "short_reason", "fewer than asked"),
    Transition("batch_pick", "undo", "batch_pick", "the last scan is taken back, for all its orders"),
    Transition("batch_pick", "problem", "problem"),
    Transition("batch_pick", "news", "batch_pick", "pieces of the stop were cancelled"),
    Transition("scan_lot", "lot", "batch_put"),
    Transition("scan_lot", "lot", "batch_pick", "more pieces are to come"),
    Transition("scan_lot", "undo", "batch_pick"),
    Transition("scan_serial", "serial", "batch_pick"),
    Transition("scan_serial", "serial", "batch_put", "the last piece of the stop"),
    Transition("batch_put", "tote", "batch_put", "the next position of the stop"),
    Transition("batch_put", "cart position", "batch_put"),
    Transition("batch_put", "position", "batch_put", "marked as typed"),
    Transition("batch_put", "tote", "batch_go_to", "the stop is done"),
    Transition("batch_put", "cart position", "batch_go_to"),
    Transition("batch_put", "position", "batch_go_to", "marked as typed"),
    Transition("batch_put", "tote", "batch_hand_over", "the walk is done"),
    Transition("batch_put", "tote", "zero_check", "by the record nothing is left at the stop"),
    Transition("batch_put", "undo", "batch_pick", "the last piece is taken back"),
    Transition("batch_put", "undo", "batch_put", "the last put is taken back"),
    Transition("batch_put", "problem", "problem"),
    Transition("zero_check", "digit", "batch_go_to", "so it is"),
    Transition("zero_check", "digit", "zero_left", "something is left"),
    Transition("zero_check", "back", "batch_go_to", "it was not looked at"),
    Transition("zero_left", "total", "batch_go_to", "so much is left"),
    Transition("problem", "digit", "batch_go_to", "skipped, or nothing of it is here"),
    Transition("problem", "digit", "batch_put", "what is in the hand is put first"),
    Transition("problem", "digit", "how_many_short"),
    Transition("problem", "digit", "batch_tote", "a tote is full or its order is done"),
    Transition("problem", "digit", "batch_new_tote", "the tote of the pieces in the hand is full"),
    Transition("problem", "back", "batch_go_to"),
    Transition("problem", "back", "batch_pick"),
    Transition("how_many_short", "total", "batch_put", "the last positions go without"),
    Transition("how_many_short", "total", "batch_go_to", "nothing of it is here"),
    Transition("short_reason", "back", "batch_pick"),
    Transition("short_reason", "digit", "batch_put", "the last positions go without"),
    Transition("batch_tote", "tote", "batch_new_tote", "its order still wants pieces: it is full"),
    Transition("batch_tote", "cart position", "batch_new_tote"),
    Transition("batch_tote", "position", "batch_new_tote"),
    Transition("batch_tote", "tote", "batch_place", "its order is done: it may leave the cart"),
    Transition("batch_tote", "position", "batch_place"),
    Transition("batch_tote", "back", "batch_go_to"),
    Transition("batch_new_tote", "empty tote", "batch_go_to"),
    Transition("batch_new_tote", "empty tote", "batch_put", "the pieces in the hand go into the new one"),
    Transition("batch_new_tote", "back", "batch_go_to"),
    Transition("batch_place", "location", "batch_go_to", "the order has left the cart"),
    Transition("batch_place", "back", "batch_go_to"),
    Transition("batch_hand_over", "undo", "batch_put"),
    Transition("batch_hand_over", "location", "handed_over"),
    Transition("batch_moved", "enter", "no_work", "the cart was left"),
)

_KEYS = (Key.HELP, Key.UNDO, Key.BACK, Key.PROBLEM)


def cart_prompt(desk: Desk, view: RecordView, walk: Walk, step: PickStep) -> Prompt | None:
    """What is asked of who walks with a cart; None where it is asked as in piece pick."""
    if step is PickStep.BIND_TOTE:
        return _bind_prompt(desk, walk)
    order = None if desk.order_id is None else walk.order(desk.order_id)
    match desk.asking:
        case Asking.CART_TOTE:
            values = {"order": walk.head.order_ref, "totes": str(sum(carries(one) for one in walk.orders))}
            return Prompt("batch_tote", values, entry=desk.entry, keys=(Key.ENTER, Key.UNDO, Key.BACK))
        case Asking.NEW_TOTE if order is not None:
            return Prompt("batch_new_tote", _of(order), keys=(Key.HELP, Key.BACK))
        case Asking.CART_PLACE if order is not None:
            return Prompt("batch_place", _of(order), keys=(Key.HELP, Key.BACK))
        case None | Asking.CART_POSITION if step is PickStep.PUT:
            return _put_prompt(desk, view, walk)
        case _:
            return None


def _of(order: ListOrderRow) -> dict[str, str]:
    tote = order.totes[-1] if order.totes else ""
    return {"position": str(order.position), "order": order.order_ref, "tote": tote}


def _bind_prompt(desk: Desk, walk: Walk) -> Prompt | None:
    order = order_to_bind(walk)
    if order is None:
        return None
    mine = [line for line in walk.lines if line.order_id == order.order_id]
    values = {
        "position": str(desk.position or order.position),
        "order": order.order_ref,
        "lines": str(len(mine)),
        "pieces": str(sum(line.asked for line in mine)),
    }
    return Prompt("batch_bind", values, keys=(Key.HELP, Key.UNDO, Key.BACK))


def _put_prompt(desk: Desk, view: RecordView, walk: Walk) -> Prompt | None:
    puts = lines_to_put(walk, view)
    order = walk.order(puts[0].order_id) if puts else None
    if order is None:
        return None
    item = view.item(puts[0].item_id)
    quantity = sum(line.picked - line.put for line in puts)
    values = {
        **_of(order),
        "quantity": str(quantity),
        "item": puts[0].item_id,
        "name": "" if item is None else item.name,
    }
    return Prompt("batch_put", values, count=(quantity, quantity), entry=desk.entry, keys=_KEYS)


def lines_to_put(walk: Walk, view: RecordView) -> tuple[PickLineRow, ...]:
    """Of the pieces in the hand those that go to one position next: the lines of one order."""
    stop = line_in_hand(walk, view)
    waiting = [] if stop is None else [line for line in lines_of_stop(walk, stop) if line.picked > line.put]
    return tuple(line for line in waiting if line.order_id == waiting[0].order_id)


def answer_cart(desk: Desk, view: RecordView, walk: Walk, step: PickStep, given: Input) -> Reply | None:
    """The answer of who walks with a cart; None where it is answered as in piece pick."""
    order = None if desk.order_id is None else walk.order(desk.order_id)
    if step is PickStep.BIND_TOTE:
        return _answer_bind(desk, view, walk, given)
    match desk.asking:
        case Asking.PICK_PROBLEM if asks_tote_full(desk, given):
            return _tote_chosen(desk, view, walk, step)
        case Asking.CART_TOTE:
            return _answer_which_tote(desk, view, walk, given)
        case Asking.NEW_TOTE if order is not None:
            return _answer_new_tote(desk, view, walk, order, given)
        case Asking.CART_PLACE if order is not None:
            return _answer_place(desk, view, walk, order, given)
        case Asking.CART_POSITION:
            return Reply(desk.plain())  # every order has its tote by now
        case None if step is PickStep.PUT:
            return _answer_put(desk, view, walk, given)
        case _:
            return None


def _answer_bind(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    order = order_to_bind(walk)
    if not isinstance(given, Scan) or order is None:
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    if isinstance(scanned, PositionScan):
        there = next((one for one in walk.orders if one.position == scanned.position and carries(one)), None)
        if there is not None:
            return refuse(desk, "position_taken", position=str(scanned.position), order=there.order_ref)
        return Reply(desk.ask(Asking.CART_POSITION, position=scanned.position))
    return _bind(desk, view, walk, replace(order, position=desk.position or order.position), scanned)


def _bind(desk: Desk, view: RecordView, walk: Walk, order: ListOrderRow, scanned: Scanned) -> Reply:
    if not isinstance(scanned, ToteScan):
        return wrong_kind(desk, view, scanned, "tote")
    refusal = why_not_tote(desk, view, walk, scanned.tote, order)
    if refusal is not None:
        return refusal
    bound = CartToteBound(
        list_id=walk.head.list_id,
        token=walk.head.token,
        order_id=order.order_id,
        position=order.position,
        tote=scanned.tote,
        how=How.SCANNED,
    )
    return Reply(desk.plain(), facts=(bound,))


def _tote_chosen(desk: Desk, view: RecordView, walk: Walk, step: PickStep) -> Reply:
    """With pieces for a position in the hand it is that one's tote; else it has to be said which."""
    puts = lines_to_put(walk, view) if step is PickStep.PUT else ()
    return Reply(desk.ask(Asking.NEW_TOTE, order_id=puts[0].order_id) if puts else desk.ask(Asking.CART_TOTE))


def _answer_which_tote(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, ToteScan | PositionScan):
                return wrong_kind(desk.typing(""), view, scanned, "tote")
            order = _order_at(walk, scanned)
            shown = scanned.tote if isinstance(scanned, ToteScan) else str(scanned.position)
        case Pressed(Key.ENTER) if desk.entry:
            order, shown = _order_at_position(walk, int(desk.entry)), desk.entry
        case _:
            return Reply(desk)
    if order is None or not carries(order):
        return refuse(desk.typing(""), "not_on_cart", scanned=shown)
    is_open = any(line.order_id == order.order_id and not is_done(line, confirm_tote=True) for line in walk.lines)
    return Reply(desk.ask(Asking.NEW_TOTE if is_open else Asking.CART_PLACE, order_id=order.order_id))


def _order_at(walk: Walk, scanned: ToteScan | PositionScan) -> ListOrderRow | None:
    if isinstance(scanned, PositionScan):
        return _order_at_position(walk, scanned.position)
    return next((order for order in walk.orders if scanned.tote in order.totes), None)


def _order_at_position(walk: Walk, position: int) -> ListOrderRow | None:
    return next((order for order in walk.orders if order.position == position), None)


def _answer_new_tote(desk: Desk, view: RecordView, walk: Walk, order: ListOrderRow, given: Input) -> Reply:
    """The tote is full: what is put for the order from now on goes into another empty one."""
    if not isinstance(given, Scan):
        return Reply(desk)
    reply = _bind(desk, view, walk, order, read_code(given.text, given.symbology))
    match reply.facts:
        case (CartToteBound(tote=tote),):
            return replace(reply, notice=Notice("new_tote_bound", {"tote": tote}))
        case _:
            return reply


def _answer_place(desk: Desk, view: RecordView, walk: Walk, order: ListOrderRow, given: Input) -> Reply:
    """An order that is done leaves the cart; the walk goes on with the others."""
    place = puts_down_at(desk, view, given)
    if isinstance(place, Reply):
        return place
    left = OrderHandedOver(
        list_id=walk.head.list_id,
        token=walk.head.token,
        order_id=order.order_id,
        place=place,
        how=How.SCANNED,
    )
    return Reply(desk.plain(), facts=(left,), notice=Notice("list_done", {"order": order.order_ref}, Tone.DONE))


def _answer_put(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply | None:
    puts = lines_to_put(walk, view)
    order = walk.order(puts[0].order_id) if puts else None
    if order is None:
        return None
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if isinstance(scanned, ItemScan) and is_of(view, puts[0], scanned):
                return refuse(desk.typing(""), "surplus", item=puts[0].item_id, tote=order.totes[-1])
            if not isinstance(scanned, ToteScan | PositionScan):
                return wrong_kind(desk.typing(""), view, scanned, "tote")
            shown = scanned.tote if isinstance(scanned, ToteScan) else str(scanned.position)
            is_right = shown == order.totes[-1] if isinstance(scanned, ToteScan) else shown == str(order.position)
            return _put(desk, walk, order, puts, How.SCANNED) if is_right else _elsewhere(desk, walk, order, scanned)
        case Pressed(Key.ENTER) if desk.entry:
            if int(desk.entry) == order.position:
                return _put(desk, walk, order, puts, How.TYPED)
            return _elsewhere(desk, walk, order, PositionScan("", int(desk.entry)))
        case _:
            return Reply(desk)


def _elsewhere(desk: Desk, walk: Walk, order: ListOrderRow, scanned: ToteScan | PositionScan) -> Reply:
    """Says whose the scanned tote or position is, and which one it must be."""
    shown = scanned.tote if isinstance(scanned, ToteScan) else str(scanned.position)
    wanted = f"{order.position} {order.totes[-1]}"
    there = _order_at(walk, scanned)
    if there is None:
        return refuse(desk.typing(""), "not_this_tote", scanned=shown, expected=wanted)
    theirs = {"position": str(there.position), "order": there.order_ref}
    return refuse(desk.typing(""), "not_this_position", scanned=shown, expected=wanted, **theirs)


def _put(desk: Desk, walk: Walk, order: ListOrderRow, puts: tuple[PickLineRow, ...], how: How) -> Reply:
    facts = tuple(
        PutInTote(
            line_id=line.line_id,
            token=walk.head.token,
            tote=order.totes[-1],
            quantity=line.picked - line.put,
            how=how,
        )
        for line in puts
    )
    of_stop = lines_of_stop(walk, puts[0])
    is_last = all(line in puts or line.picked <= line.put for line in of_stop)
    done = is_last and not any(open_pieces(line) > 0 for line in of_stop)
    return Reply(desk.plain(), facts=facts, notice=Notice("line_done", tone=Tone.DONE) if done else None)
