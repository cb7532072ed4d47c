"""A person cancels an order, or pieces of one of its lines: nobody walks for them, and what is picked goes back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import update

from sync.record.ids import OrderId, OrderLineId, PickListId, Sscc, ToteCode
from sync.record.rows import ListStatus, ToteStatus
from sync.store.access.auditing import audit
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import count
from sync.store.judging.sorting import order_at_the_wall
from sync.store.judging.totes import settle_tote
from sync.store.judging.trips import settle_changed
from sync.store.leading.putting_back import CANCELLED_PACKED, CANCELLED_PICKED, came_from
from sync.store.orders.holding import OrderRefused, lock_lines, lock_order
from sync.store.orders.intake import tell_pack_stations
from sync.store.orders.reserving import StoredRow
from sync.store.orders.unplanning import end_if_idle, free_reserved, pick_lines_of, take_off, walked_lists
from sync.store.places import SURPLUS, at_location, in_carton, in_tote
from sync.store.tables import order_hold
from sync.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    order_ref: str
    whole: bool
    """Nothing of the order is wanted any more."""
    pieces: int
    """Cancelled that nobody had picked."""
    to_put_back: int
    """Cancelled when they were in totes: a discrepancy or the pack station says where they go."""
    cartons: tuple[Sscc, ...]
    """Closed, still here, and to be opened: each has a discrepancy."""
    lists_ended: tuple[PickListId, ...]


def cancel_order(
    work: UnitOfWork, order_ref: str, *, by: str, line_no: int | None = None, quantity: int | None = None
) -> Cancelled:
    """Cancel an order or, with ``line_no``, up to ``quantity`` pieces (None: all that can be) of one of its lines.

    Lists that nobody has picked from end, a list in a picker's hands loses the lines at its terminal's next contact.
    Of a cancelled order picked pieces stay in their totes until they are put back; of a line they are surplus at once.

    Raises:
        OrderRefused: no such order or line, cancelled before, or more than has not been packed.
    """
    order = lock_order(work, order_ref)
    if order.status == "cancelled":
        raise OrderRefused(f"Order {order_ref} is cancelled already.")
    lines = lock_lines(work, OrderId(order.order_id))
    cause = f"cancel:{work.allot('cancel')}"
    if line_no is None:
        done = _cancel_all(work, order, lines, cause)
    else:
        done = _cancel_of_line(work, order, _line(order_ref, lines, line_no), cause, quantity)
    said = {"line": line_no, "pieces": done.pieces, "to_put_back": done.to_put_back, "cartons": list(done.cartons)}
    audit(work, by, "cancel", order_ref, **said)
    if done.whole:
        _end_holds(work, order.order_id, by)
        tell_pack_stations(work, [order.order_id])
    return done


def _line(order_ref: str, lines: list[StoredRow], line_no: int) -> StoredRow:
    for line in lines:
        if line.line_no == line_no:
            return line
    there = ", ".join(str(line.line_no) for line in lines)
    raise OrderRefused(f"Order {order_ref} has no line {line_no}. Its lines: {there}.")


def _cancel_all(work: UnitOfWork, order: StoredRow, lines: list[StoredRow], cause: str) -> Cancelled:
    if all(line.shipped >= line.ordered - line.cancelled - line.cut for line in lines):
        raise OrderRefused(f"All of order {order.order_ref} has left: it cannot be cancelled. Take it as a return.")
    free_reserved(work, [line.order_line_id for line in lines])
    bench = Bench(work)
    lists = walked_lists(bench, OrderId(order.order_id))
    walked = {one["list_id"] for one in lists}
    for line in pick_lines_of(bench, OrderId(order.order_id)):
        if line["list_id"] in walked:
            take_off(bench, line)
    pieces = 0
    for row in bench.order_lines.where(order_id=order.order_id):
        left = row["ordered"] - row["cancelled"] - row["cut"] - row["picked"]
        bench.order_lines.change(row, cancelled=row["cancelled"] + left, short=0)
        pieces += left
    (head,) = bench.orders.where(order_id=order.order_id)
    bench.orders.change(head, status="cancelled")
    ended = tuple(filter(None, (end_if_idle(bench, one) for one in lists)))
    settle_changed(bench)
    in_totes = _tell_of_totes(bench, order, [line.order_line_id for line in lines], cause)
    cartons = _tell_of_cartons(bench, order, cause)
    order_at_the_wall(bench, OrderId(order.order_id))
    bench.flush()
    return Cancelled(
        order_ref=order.order_ref,
        whole=True,
        pieces=pieces,
        to_put_back=in_totes,
        cartons=cartons,
        lists_ended=ended,
    )


def _tell_of_totes(bench: Bench, order: StoredRow, line_ids: list[OrderLineId], cause: str) -> int:
    held: Counter[ToteCode] = Counter()
    for line_id in line_ids:
        for content in bench.tote_contents.where(order_line_id=line_id):
            held[content["tote"]] += content["quantity"]
    for code, pieces in sorted((+held).items()):
        tote = bench.totes.get(code)
        label = f"; destroy the label {tote['sscc']}" if tote is not None and tote["sscc"] else ""
        text = f"{pieces} pieces of cancelled order {order.order_ref} are in {code}: put them back{label}"
        about = {"order_id": order.order_id, "place": in_tote(code)}
        bench.discrepancy(cause, CANCELLED_PICKED, text, quantity=pieces, **about)
    return held.total()


def _tell_of_cartons(bench: Bench, order: StoredRow, cause: str) -> tuple[Sscc, ...]:
    here = [one for one in bench.cartons.where(order_id=order.order_id) if one["shipped_at"] is None]
    for carton in here:
        pieces = sum(content["quantity"] for content in bench.carton_contents.where(sscc=carton["sscc"]))
        text = (
            f"carton {carton['sscc']} of cancelled order {order.order_ref} is closed: "
            f"keep it here, open it and put its {pieces} pieces back"
        )
        about = {"order_id": order.order_id, "place": in_carton(carton["sscc"])}
        bench.discrepancy(cause, CANCELLED_PACKED, text, quantity=pieces, **about)
    return tuple(sorted(Sscc(carton["sscc"]) for carton in here))


def _cancel_of_line(work: UnitOfWork, order: StoredRow, line: StoredRow, cause: str, quantity: int | None) -> Cancelled:
    unpicked = line.ordered - line.cancelled - line.cut - line.picked
    unpacked = unpicked + line.picked - line.packed
    wanted = unpacked if quantity is None else quantity
    if not 0 < wanted <= unpacked:
        raise OrderRefused(
            f"{unpacked} pieces of line {line.line_no} of order {order.order_ref} can be cancelled, not {wanted}: "
            f"of {line.ordered} ordered {line.cancelled + line.cut} were given up before and {line.packed} are packed."
        )
    pieces = min(wanted, unpicked)
    free = unpicked - line.allocated
    reserved = free_reserved(work, [line.order_line_id], max(0, pieces - free))
    bench = Bench(work)
    ended = _shrink_lists(bench, order, line, max(0, pieces - free) - reserved)
    (row,) = bench.order_lines.where(order_line_id=line.order_line_id)
    cancelled = row["cancelled"] + wanted
    kept = row["ordered"] - cancelled - row["cut"] - row["allocated"] - row["picked"] + (wanted - pieces)
    bench.order_lines.change(row, cancelled=cancelled, short=min(row["short"], kept))
    _out_of_totes(bench, order, row, cause, wanted - pieces)
    all_given_up = all(
        one["ordered"] <= one["cancelled"] + one["cut"] for one in bench.order_lines.where(order_id=order.order_id)
    )
    (head,) = bench.orders.where(order_id=order.order_id)
    if all_given_up:
        bench.orders.change(head, status="cancelled")
    settle_changed(bench)
    bench.flush()
    return Cancelled(
        order_ref=order.order_ref,
        whole=all_given_up,
        pieces=pieces,
        to_put_back=wanted - pieces,
        cartons=(),
        lists_ended=ended,
    )


def _shrink_lists(bench: Bench, order: StoredRow, line: StoredRow, pieces: int) -> tuple[PickListId, ...]:
    """Take pieces off pick lines: off those that nobody has begun first, and last off where somebody stands now."""
    lists = walked_lists(bench, OrderId(order.order_id))
    held = {one["list_id"]: one["status"] == ListStatus.HELD for one in lists}
    lines = [one for one in bench.lines.where(order_line_id=line.order_line_id) if one["list_id"] in held]
    lines.sort(key=lambda one: (held[one["list_id"]], one["located"], one["picked"] > 0, -one["line_id"]))
    for one in lines:
        pieces -= take_off(bench, one, pieces)
    return tuple(filter(None, (end_if_idle(bench, one) for one in lists)))


def _out_of_totes(bench: Bench, order: StoredRow, line: RowDict, cause: str, pieces: int) -> None:
    """Picked pieces of a line that goes on are surplus in their totes: those that no packer has verified first."""
    contents = bench.tote_contents.where(order_line_id=line["order_line_id"])
    contents.sort(key=lambda one: (one["verified"] > 0, one["tote"], one["lot"]))
    for number, content in enumerate(contents, start=1):
        step = min(pieces, int(content["quantity"]))
        if not step:
            continue
        own = f"{cause}-{number}"  # each is settled for itself
        pieces -= step
        left = content["quantity"] - step
        bench.tote_contents.change(content, quantity=left, verified=min(content["verified"], left))
        bench.order_lines.change(line, picked=line["picked"] - step)
        code, item_id, lot = content["tote"], content["item_id"], content["lot"]
        source = in_tote(code)
        bench.move(own, item_id=item_id, lot=lot, quantity=step, source=source, target=SURPLUS, reason="cancel")
        home = came_from(bench, code, item_id, lot)
        back_to = f" to {home}" if home is not None else ""
        text = f"{step} of {item_id} in {code} are cancelled of order {order.order_ref}: take them out, put them back"
        about = {"order_id": order.order_id, "item_id": item_id}
        place = source if home is None else at_location(home)
        bench.discrepancy(own, "cancelled", text + back_to, quantity=step, place=place, **about)
        tote = bench.totes.get(code)
        if tote is not None and tote["batch_id"] is not None:
            count(bench, tote["batch_id"], reported=step)
        if tote is not None and tote["status"] == ToteStatus.TO_PACK:
            settle_tote(bench, tote)
    order_at_the_wall(bench, OrderId(order.order_id))


def _end_holds(work: UnitOfWork, order_id: int, by: str) -> None:
    h = order_hold.c
    work.conn.execute(
        update(order_hold)
        .where(h.site_id == work.site_id, h.order_id == order_id, h.released_at.is_(None))
        .values(released_at=work.now, released_by=by)
    )
