"""Stops of a walk: lines for the same item and lot at one location are picked as one, where a list has several orders.

A stop is written as the line that it would be if one order had asked for all of it, so that a conversation about a line
is one about a stop too. What happens to the stop is recorded of its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from sync.record.facts import How, LineShorted, LineSkipped, LocationConfirmed, Picked
from sync.record.ids import LotCode, Serial
from sync.record.picking import Walk, is_done, open_pieces
from sync.record.rows import ListKind, PickLineRow

SEVERAL_ORDERS = (ListKind.BATCH, ListKind.BULK)
"""Kinds of lists whose lines are merged, and whose pieces are always confirmed into their tote."""


@lru_cache(maxsize=32)
def lines_of_stop(walk: Walk, line: PickLineRow) -> tuple[PickLineRow, ...]:
    """The lines that are picked together with this one, itself included, in the order in which they are filled."""
    if walk.head.kind not in SEVERAL_ORDERS:
        return tuple(one for one in walk.lines if one.line_id == line.line_id)
    positions = {order.order_id: order.position for order in walk.orders}
    here = (line.location, line.item_id, line.lot)
    lines = (
        one
        for one in walk.lines
        if (one.location, one.item_id, one.lot) == here and not is_done(one, confirm_tote=True)
    )
    return tuple(sorted(lines, key=lambda one: (positions.get(one.order_id, 0), one.line_id)))


def as_one_line(walk: Walk, line: PickLineRow) -> PickLineRow:
    """The stop that the line belongs to, as one line with the id of its first."""
    lines = lines_of_stop(walk, line)
    if len(lines) < 2:
        return line
    return replace(
        lines[0],
        asked=sum(max(one.asked, one.picked + one.shorted) for one in lines),
        picked=sum(one.picked for one in lines),
        put=sum(one.put for one in lines),
        shorted=sum(one.shorted for one in lines),
        located=any(one.located for one in lines),
        on_hand=min(one.on_hand for one in lines),
    )


@lru_cache(maxsize=4)
def stop_counts(walk: Walk) -> tuple[int, int]:
    """How many stops ask for something, and at how many of them something is open."""
    together: dict[object, list[PickLineRow]] = {}
    merged = walk.head.kind in SEVERAL_ORDERS
    for line in walk.lines:
        key = (line.location, line.item_id, line.lot) if merged else line.line_id
        together.setdefault(key, []).append(line)
    asked = sum(any(line.asked > 0 for line in lines) for lines in together.values())
    return asked, sum(any(open_pieces(line) > 0 for line in lines) for lines in together.values())


def located(walk: Walk, line: PickLineRow, how: How) -> tuple[LocationConfirmed, ...]:
    token, at = walk.head.token, line.location
    return tuple(
        LocationConfirmed(line_id=one.line_id, token=token, location=at, how=how) for one in lines_of_stop(walk, line)
    )


def picked(
    walk: Walk,
    line: PickLineRow,
    quantity: int,
    *,
    how: How,
    code: str = "",
    lot: LotCode | None = None,
    serial: Serial | None = None,
    weight_g: int | None = None,
) -> tuple[Picked, ...]:
    """So many pieces of the stop, for the lines that still want them, one after another. ``weight_g``: of them all."""
    facts: list[Picked] = []
    weight_left, pieces_left = weight_g, quantity
    for one, pieces in _spread(lines_of_stop(walk, line), quantity):
        weight = None if weight_left is None else weight_left * pieces // pieces_left
        facts.append(
            Picked(
                line_id=one.line_id,
                token=walk.head.token,
                item_id=one.item_id,
                location=one.location,
                quantity=pieces,
                how=how,
                code=code,
                lot=lot,
                serial=serial,
                weight_g=weight,
            )
        )
        weight_left = None if weight_left is None or weight is None else weight_left - weight
        pieces_left -= pieces
    return tuple(facts)


def shorted(walk: Walk, line: PickLineRow, missing: int, reason: str, *, taken: int = 0) -> tuple[LineShorted, ...]:
    """So many pieces are not there: the last orders of the stop go without. ``taken``: counted in the same step."""
    lines = lines_of_stop(walk, line)
    filled = dict(_spread_by_id(lines, taken))
    rest = [replace(one, picked=one.picked + filled.get(one.line_id, 0)) for one in reversed(lines)]
    return tuple(
        LineShorted(line_id=one.line_id, token=walk.head.token, quantity=pieces, reason=reason)
        for one, pieces in _spread(rest, missing)
    )


def skipped(walk: Walk, line: PickLineRow) -> tuple[LineSkipped, ...]:
    return tuple(LineSkipped(line_id=one.line_id, token=walk.head.token) for one in lines_of_stop(walk, line))


def _spread(lines: Iterable[PickLineRow], quantity: int) -> Iterator[tuple[PickLineRow, int]]:
    for line in lines:
        pieces = min(quantity, open_pieces(line))
        if pieces > 0:
            quantity -= pieces
            yield line, pieces


def _spread_by_id(lines: Iterable[PickLineRow], quantity: int) -> Iterator[tuple[int, int]]:
    return ((line.line_id, pieces) for line, pieces in _spread(lines, quantity))
