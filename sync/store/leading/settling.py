"""A person settles a discrepancy: what was done with the pieces is done in the record too, and kept with a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from sync.record.ids import ItemId, LocationCode, LotCode, Sscc, ToteCode
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import stock_row
from sync.store.leading.discrepancies import Way, ways
from sync.store.leading.putting_back import return_carton, return_tote
from sync.store.places import LOST, OUTSIDE, SURPLUS, at_location
from sync.store.unit_of_work import UnitOfWork

FROZEN = "frozen"
"""A location that a person has closed is not opened by a count."""


class SettlementRefused(Exception):
    """It cannot be settled so; the text says why and what to do."""


class LargeCorrection(Exception):
    """More ``pieces`` are found or lost with it than one person decides on. Nothing may be kept of it."""

    def __init__(self, pieces: int) -> None:
        super().__init__(pieces)
        self.pieces = pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What a person says of it. ``note``: in their own words.

    ``at``: where pieces were put back or counted, where that is not the place the discrepancy names. ``found``: pieces
    counted there. ``item_id`` and ``lot``: of what was counted, where the place holds several.
    """

    way: Way
    note: str = ""
    at: LocationCode | None = None
    found: int | None = None
    item_id: ItemId | None = None
    lot: LotCode | None = None


def settle(work: UnitOfWork, discrepancy_id: str, by: str, how: Settling, *, most_pieces: int | None = None) -> str:
    """Do what ``how`` says and keep it; returns what stands in the record now.

    Raises `SettlementRefused`; `LargeCorrection` where more than ``most_pieces`` are found or lost with it.
    """
    found = _open_one(work, discrepancy_id)
    fitting = ways(found["kind"], found["quantity"], found["followed"])
    if how.way not in fitting:
        raise SettlementRefused(
            f"{discrepancy_id} is {found['kind']}: {how.way} does not settle it. What does: {', '.join(fitting)}."
        )
    bench = Bench(work)
    done = _do(bench, found, how, by)
    bench.flush()
    pieces = _corrected(work, _cause(found))
    if most_pieces is not None and pieces > most_pieces:
        raise LargeCorrection(pieces)
    settlement = f"{done}: {how.note}" if how.note else done
    d = t.discrepancy.c
    work.conn.execute(
        update(t.discrepancy)
        .where(d.site_id == work.site_id, d.discrepancy_id == discrepancy_id)
        .values(settled_at=work.now, settled_by=by, settlement=settlement)
    )
    audit(work, by, "settle", discrepancy_id, kind=found["kind"], how=settlement)
    return settlement


def _open_one(work: UnitOfWork, discrepancy_id: str) -> RowDict:
    d = t.discrepancy.c
    this = select(t.discrepancy).where(d.site_id == work.site_id, d.discrepancy_id == discrepancy_id)
    row = work.conn.execute(this.with_for_update()).mappings().first()
    if row is None:
        raise SettlementRefused(f"There is no discrepancy {discrepancy_id}. floor store discrepancies lists them.")
    if row["settled_at"] is not None:
        when = f"{row['settled_at']:%Y-%m-%d %H:%M} UTC"
        raise SettlementRefused(f"{discrepancy_id} was settled by {row['settled_by']} on {when} already.")
    return dict(row)


def _do(bench: Bench, found: RowDict, how: Settling, by: str) -> str:
    if how.at is not None and bench.locations.get(how.at) is None:
        raise SettlementRefused(f"There is no location {how.at} at this site. Look at its label.")
    match how.way:
        case Way.PUT_BACK:
            return _put_back(bench, found, how, by)
        case Way.WRITE_OFF:
            return _write_off(bench, found)
        case Way.COUNT:
            return _count(bench, found, how)
        case Way.ACCEPT:
            return str(Way.ACCEPT)


def _cause(found: RowDict) -> str:
    return f"settle:{found['discrepancy_id']}"


def _corrected(work: UnitOfWork, cause: str) -> int:
    """Pieces that came from nowhere or went there."""
    m = t.stock_move.c
    nowhere = (OUTSIDE, LOST)
    moves = select(func.coalesce(func.sum(m.quantity), 0)).where(
        m.site_id == work.site_id, m.cause == cause, m.source.in_(nowhere) | m.target.in_(nowhere)
    )
    return int(work.conn.execute(moves).scalar_one())


def _put_back(bench: Bench, found: RowDict, how: Settling, by: str) -> str:
    kind, _, code = str(found["place"]).partition(":")
    if found["kind"] == "cancelled-picked":
        pieces = return_tote(bench, ToteCode(code), cause=_cause(found), by=by, to=how.at)
    elif found["kind"] == "cancelled-packed":
        pieces = return_carton(bench, Sscc(code), cause=_cause(found), by=by, to=how.at)
    else:
        to = how.at or (LocationCode(code) if kind == "location" else None)
        if to is None:
            raise SettlementRefused(f"{found['discrepancy_id']} names no location. Say where the pieces are: --at.")
        pieces = _back_to_stock(bench, found, to)
    return f"{Way.PUT_BACK} {pieces}" + (f" at {how.at}" if how.at else "")


def _back_to_stock(bench: Bench, found: RowDict, to: LocationCode) -> int:
    pieces = 0
    for lot, quantity in _surplus(bench, found):
        here = stock_row(bench, to, found["item_id"], lot)
        bench.stock.change(here, on_hand=here["on_hand"] + quantity)
        _move(bench, found, lot, quantity, at_location(to))
        pieces += quantity
    return pieces


def _write_off(bench: Bench, found: RowDict) -> str:
    for lot, quantity in _surplus(bench, found):
        _move(bench, found, lot, quantity, LOST)
    return str(Way.WRITE_OFF)


def _move(bench: Bench, found: RowDict, lot: str, quantity: int, target: str) -> None:
    item_id = found["item_id"]
    reason = str(Way.WRITE_OFF if target == LOST else Way.PUT_BACK)
    cause = _cause(found)
    bench.move(cause, item_id=item_id, lot=lot, quantity=quantity, source=SURPLUS, target=target, reason=reason)


def _surplus(bench: Bench, found: RowDict) -> list[tuple[str, int]]:
    """The discrepancy's pieces by lot: of what its cause made surplus, less what was settled of it before."""
    cause = str(found["discrepancy_id"]).rpartition(".")[0]
    m = t.stock_move.c
    rows = bench.work.conn.execute(
        select(m.lot, m.quantity, m.target)
        .where(
            m.site_id == bench.site_id,
            m.item_id == found["item_id"],
            (m.cause == cause) | m.cause.startswith(f"settle:{cause}.", autoescape=True),
            (m.source == SURPLUS) | (m.target == SURPLUS),
        )
        .order_by(m.at, m.cause, m.part)
    )
    left: dict[str, int] = {}
    for lot, quantity, target in rows:
        left[lot] = left.get(lot, 0) + (quantity if target == SURPLUS else -quantity)
    wanted, taken = int(found["quantity"]), []
    for lot, there in left.items():
        step = min(wanted, there)
        if step > 0:
            taken.append((lot, step))
            wanted -= step
    return taken


def _count(bench: Bench, found: RowDict, how: Settling) -> str:
    """The record's stock becomes what was counted; the location may be walked to again."""
    kind, _, code = str(found["place"]).partition(":")
    location = how.at or (LocationCode(code) if kind == "location" else None)
    if location is None:
        raise SettlementRefused(f"{found['discrepancy_id']} names no location. Say which was counted: --at.")
    if how.found is None or how.found < 0:
        raise SettlementRefused("A count needs the number of pieces that were found: --found.")
    for row in _counted_rows(bench, found, how, location):
        difference = how.found - row["on_hand"]
        bench.stock.change(row, on_hand=how.found)
        if difference:
            ends = (OUTSIDE, at_location(location)) if difference > 0 else (at_location(location), LOST)
            about: dict[str, Any] = {"item_id": row["item_id"], "lot": row["lot"], "quantity": abs(difference)}
            bench.move(_cause(found), source=ends[0], target=ends[1], reason=str(Way.COUNT), **about)
    place = bench.locations.get(location)
    if place is not None and place["blocked"] not in (None, FROZEN):
        bench.locations.change(place, blocked=None)
        bench.work.touch("location", location)
    return f"{Way.COUNT} {how.found} at {location}"


def _counted_rows(bench: Bench, found: RowDict, how: Settling, location: LocationCode) -> Sequence[RowDict]:
    item_id = how.item_id or found["item_id"]
    rows = [row for row in bench.stock.where(location=location) if item_id in (None, row["item_id"])]
    rows = [row for row in rows if how.lot in (None, row["lot"])]
    if len(rows) <= 1 or how.found == 0:
        if not rows and item_id is not None and how.found:
            return [stock_row(bench, location, item_id, how.lot or "")]
        return rows
    there = ", ".join(" lot ".join(filter(None, (row["item_id"], row["lot"]))) for row in rows)
    raise SettlementRefused(f"{location} holds several things by the record ({there}). Say which: --item, --lot.")
