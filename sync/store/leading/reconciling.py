"""The proof that nothing was lost or doubled: every ordered piece and every piece of stock is somewhere, once.

Orders are counted from the rows that hold the pieces (allocations, pick lines, totes, cartons) and compared with what
the order lines say. Stock is counted twice: from the journal of moves, and from the tables that say what is where.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from sync.record.ids import ItemId, LocationCode, SiteId, Sscc, ToteCode
from sync.store.leading.batches import batch_differences
from sync.store.leading.proof.trips import trip_differences
from sync.store.orders.counting import ON_A_LIST, OPEN_PIECES, line_counts
from sync.store.places import LOST, OUTSIDE, SURPLUS, at_location, in_carton, in_tote
from sync.store.planning.standing import Pieces, differences
from sync.store.tables import allocation, carton, carton_content, pick_line, pick_list, stock, stock_move, tote_content

PlacedItem = tuple[str, ItemId]
"""A place, as the stock journal names it, and an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAccount:
    """Every ordered piece, in exactly one of these."""

    ordered: int
    cancelled: int
    shipped: int
    packed: int
    """In closed cartons that have not left."""
    in_tote: int
    short: int
    cut: int
    on_hold: int
    open: int
    """Still to be picked: waiting for stock, reserved, or on a pick list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBalance:
    """Pieces of one item: ``came_in`` equals all the others together."""

    item_id: ItemId
    came_in: int
    went_out: int
    at_locations: int
    in_totes: int
    in_cartons: int
    to_put_back: int
    """Taken beyond what any line asked for."""
    written_off: int
    """Missing or damaged."""

    @property
    def unexplained(self) -> int:
        left = self.at_locations + self.in_totes + self.in_cartons + self.to_put_back
        return self.came_in - self.went_out - left - self.written_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    ok: bool
    differences: list[str]
    units: UnitAccount
    items: tuple[ItemBalance, ...]


def reconcile(conn: Connection, site_id: SiteId) -> Reconciliation:
    """Count the whole site anew; `Reconciliation.differences` names each line, item and place that does not add up."""
    lines = line_counts(conn, site_id)
    pieces = sum((line.pieces(available=0) for line in lines), Pieces())
    by_moves = _by_moves(conn, site_id)
    by_tables = _by_tables(conn, site_id)
    balances = _balances(by_moves, by_tables)
    found = [difference for line in lines for difference in differences(line)]
    found += _place_differences(by_moves, by_tables)
    found += [
        f"item {balance.item_id}: {balance.came_in} came in, and {abs(balance.unexplained)} of them are "
        f"{'nowhere' if balance.unexplained > 0 else 'counted twice'}"
        for balance in balances
        if balance.unexplained
    ]
    found += _reservation_differences(conn, site_id)
    found += trip_differences(conn, site_id)
    found += batch_differences(conn, site_id)
    return Reconciliation(
        ok=not found,
        differences=found,
        units=UnitAccount(
            ordered=sum(line.ordered for line in lines),
            cancelled=pieces.cancelled,
            shipped=pieces.shipped,
            packed=pieces.packed,
            in_tote=pieces.in_tote,
            short=pieces.short,
            cut=pieces.cut,
            on_hold=pieces.on_hold,
            open=pieces.open + pieces.back_ordered + pieces.allocated + pieces.released,
        ),
        items=balances,
    )


def _by_moves(conn: Connection, site_id: SiteId) -> Counter[PlacedItem]:
    """What is in every place when all moves of the journal are made one after the other."""
    placed: Counter[PlacedItem] = Counter()
    for end, sign in ((stock_move.c.source, -1), (stock_move.c.target, 1)):
        rows = conn.execute(
            select(end, stock_move.c.item_id, func.sum(stock_move.c.quantity))
            .where(stock_move.c.site_id == site_id)
            .group_by(end, stock_move.c.item_id)
        )
        for place, item_id, pieces in rows:
            # What came in is kept apart from what went out: one place would only show the difference.
            name = place if place != OUTSIDE else _CAME_IN if sign < 0 else _WENT_OUT
            placed[name, ItemId(item_id)] += int(pieces) if place == OUTSIDE else sign * int(pieces)
    return placed


_CAME_IN = "came in"
_WENT_OUT = "went out"


def _by_tables(conn: Connection, site_id: SiteId) -> Counter[PlacedItem]:
    """What the tables say is in every place."""
    placed: Counter[PlacedItem] = Counter()
    for code, item_id, pieces in conn.execute(
        select(stock.c.location, stock.c.item_id, stock.c.on_hand).where(stock.c.site_id == site_id)
    ):
        placed[at_location(LocationCode(code)), ItemId(item_id)] += pieces
    for code, item_id, pieces in conn.execute(
        select(tote_content.c.tote, tote_content.c.item_id, tote_content.c.quantity).where(
            tote_content.c.site_id == site_id
        )
    ):
        placed[in_tote(ToteCode(code)), ItemId(item_id)] += pieces
    for sscc, item_id, pieces in conn.execute(
        select(carton_content.c.sscc, carton_content.c.item_id, carton_content.c.quantity)
        .join(carton, and_(carton.c.site_id == carton_content.c.site_id, carton.c.sscc == carton_content.c.sscc))
        .where(carton_content.c.site_id == site_id, carton.c.shipped_at.is_(None))
    ):
        placed[in_carton(Sscc(sscc)), ItemId(item_id)] += pieces
    return placed


def _place_differences(by_moves: Counter[PlacedItem], by_tables: Counter[PlacedItem]) -> list[str]:
    elsewhere = (_CAME_IN, _WENT_OUT, LOST, SURPLUS)
    found = [
        f"{place}, item {item_id}: {by_tables[place, item_id]} by the record, {by_moves[place, item_id]} by the journal"
        for place, item_id in sorted(by_moves.keys() | by_tables.keys())
        if place not in elsewhere and by_moves[place, item_id] != by_tables[place, item_id]
    ]
    return found + [
        f"{place}, item {item_id}: {-pieces} more came out of it than went in"
        for (place, item_id), pieces in sorted(by_moves.items())
        if place in (LOST, SURPLUS) and pieces < 0
    ]


def _balances(by_moves: Counter[PlacedItem], by_tables: Counter[PlacedItem]) -> tuple[ItemBalance, ...]:
    kept: defaultdict[ItemId, Counter[str]] = defaultdict(Counter)
    for (place, item_id), pieces in by_tables.items():
        kept[item_id][place.partition(":")[0]] += pieces
    items = {item_id for _, item_id in by_moves} | kept.keys()
    return tuple(
        ItemBalance(
            item_id=item_id,
            came_in=by_moves[_CAME_IN, item_id],
            went_out=by_moves[_WENT_OUT, item_id],
            at_locations=kept[item_id]["location"],
            in_totes=kept[item_id]["tote"],
            in_cartons=kept[item_id]["carton"],
            to_put_back=by_moves[SURPLUS, item_id],
            written_off=by_moves[LOST, item_id],
        )
        for item_id in sorted(items)
    )


def _reservation_differences(conn: Connection, site_id: SiteId) -> list[str]:
    """Where ``stock.allocated`` is not what allocations and open pick lines reserve together."""
    reserved: Counter[tuple[str, str, str]] = Counter()
    _add(
        reserved,
        conn.execute(
            select(allocation.c.location, allocation.c.item_id, allocation.c.lot, allocation.c.quantity).where(
                allocation.c.site_id == site_id
            )
        ),
    )
    _add(
        reserved,
        conn.execute(
            select(pick_line.c.location, pick_line.c.item_id, pick_line.c.lot, OPEN_PIECES)
            .join(pick_list, ON_A_LIST)
            .where(pick_line.c.site_id == site_id)
        ),
    )
    said: Counter[tuple[str, str, str]] = Counter()
    _add(
        said,
        conn.execute(
            select(stock.c.location, stock.c.item_id, stock.c.lot, stock.c.allocated).where(stock.c.site_id == site_id)
        ),
    )
    return [
        f"location:{key[0]}, item {key[1]}{f', lot {key[2]}' if key[2] else ''}: {said[key]} are marked as reserved, "
        f"allocations and pick lines reserve {reserved[key]}"
        for key in sorted(reserved.keys() | said.keys())
        if reserved[key] != said[key]
    ]


def _add(counts: Counter[tuple[str, str, str]], rows: Iterable[tuple[str, str, str, int]]) -> None:
    for at, item_id, lot, pieces in rows:
        counts[at, item_id, lot] += pieces
