"""What follows from the facts: of each entry the moves of stock that it must have caused, and no others."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.leading.proof.reading import AnyRow, pages
from sync.store.leading.proof.tally import Rule, Tally

Move = tuple[str, str, str, str]
"""Item, lot, from where, to where."""
OFFICE = ("opening", "demo", "cancel:", "settle:", "ship:", "import:")
"""What may move stock besides entries of ledgers: the beginnings of its causes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that took effect."""

    name: str
    kind: str
    data: dict[str, Any]
    reason: str
    """Behind its verdict; empty: there is none."""
    plain: bool
    """Accepted with nothing against it."""
    moves: Counter[Move]
    shorted: int
    """Of a short: the pieces that it came to."""
    followed: tuple[str, ...]
    """Of a short: what its reason has done (`sync.store.site_files.reasons.Then`)."""
    undone: Seen | None = None
    """Of an undo: what it took back."""

    @property
    def pieces(self) -> int:
        return self.moves.total()


def check_facts(conn: Connection, site_id: SiteId, tally: Tally) -> Iterator[str]:
    """Names every entry whose moves are not its own, and puts into ``tally`` what the entries add up to."""
    for page in pages(conn, t.event, site_id):
        known = _Page(conn, site_id, page)
        for row in page:
            seen = known.seen(row)
            if seen is None:
                if row.verdict not in ("duplicate", "accepted", "discrepancy") and known.moves[row.event_id]:
                    yield f"{_name(row)}: its verdict is {row.verdict}, and it moved stock"
                continue
            check, count = _RULES.get(row.kind, (_moves_nothing, _counts_nothing))
            yield from (f"{seen.name}: {problem}" for problem in check(seen))
            count(tally, seen, known.order_line_of)
    yield from _foreign_moves(conn, site_id)


class _Page:
    """Some entries with all that they hang on, in a few statements."""

    def __init__(self, conn: Connection, site_id: SiteId, page: Sequence[AnyRow]) -> None:
        e = t.event.c
        undone = {data["undoes"] for row in page if row.kind == "undone@1" and (data := _data(row))}
        earlier = conn.execute(select(t.event).where(e.site_id == site_id, e.event_id.in_(sorted(undone)))).all()
        self._earlier = {row.event_id: row for row in earlier if _took_effect(row)}
        events = {row.event_id for row in page} | set(self._earlier)
        self.moves: defaultdict[str, Counter[Move]] = defaultdict(Counter)
        m = t.stock_move.c
        for move in conn.execute(select(t.stock_move).where(m.site_id == site_id, m.cause.in_(sorted(events)))):
            self.moves[move.cause][move.item_id, move.lot, move.source, move.target] += move.quantity
        d = t.discrepancy.c
        opened = select(d.discrepancy_id, d.quantity, d.followed).where(
            d.site_id == site_id, d.discrepancy_id.in_(sorted(f"{event_id}.1" for event_id in events))
        )
        self._opened = {row.discrepancy_id.removesuffix(".1"): row for row in conn.execute(opened)}
        line_ids = {_data(row).get("line_id") for row in (*page, *earlier) if row.kind == "line_shorted@1"}
        line = t.pick_line.c
        lines = select(line.line_id, line.order_line_id).where(
            line.site_id == site_id, line.line_id.in_(sorted(line_ids - {None}))
        )
        self.order_line_of = {row.line_id: row.order_line_id for row in conn.execute(lines)}

    def seen(self, row: AnyRow) -> Seen | None:
        """The entry, if it took effect."""
        if not _took_effect(row):
            return None
        undone = self._earlier.get(_data(row).get("undoes", ""))
        return self._seen(row, None if undone is None else self._seen(undone, None))

    def _seen(self, row: AnyRow, undone: Seen | None) -> Seen:
        effect, _, reason = (row.replayed or _verdict(row)).partition(":")
        plain = effect == "accepted" or reason == "not-allowed"
        data, opened = _data(row), self._opened.get(row.event_id) if row.kind == "line_shorted@1" else None
        shorted = 0 if opened is None else opened.quantity
        followed = () if opened is None else _followed(opened.followed, data)
        return Seen(_name(row), row.kind, data, reason, plain, self.moves[row.event_id], shorted, followed, undone)


def _followed(said: list[str] | None, data: dict[str, Any]) -> tuple[str, ...]:
    """What the site's table has made of a reason; before there was one, it stood in the program."""
    if said is not None:
        return tuple(said)
    return {"cut": ("cut",), "damaged": ("write_off",)}.get(data.get("reason", ""), ())


def _took_effect(row: AnyRow) -> bool:
    return str(row.replayed or row.verdict).partition(":")[0] in ("accepted", "discrepancy")


def _verdict(row: AnyRow) -> str:
    return row.verdict if row.reason is None else f"{row.verdict}:{row.reason}"


def _name(row: AnyRow) -> str:
    return f"stream {row.stream_id}, entry {row.seq} ({row.kind})"


def _data(row: AnyRow) -> dict[str, Any]:
    try:
        body = json.loads(bytes(row.body))
    except (ValueError, RecursionError):
        return {}
    return body["data"] if isinstance(body, dict) and isinstance(body.get("data"), dict) else {}


# What each kind of entry may move.


def _picked(seen: Seen) -> Iterator[str]:
    data = seen.data
    source = f"location:{data['location']}"
    for item_id, lot, start, end in seen.moves:
        if (item_id, lot, start) != (data["item_id"], data["lot"] or "", source) or not _is(end, "tote:", "surplus"):
            yield f"it moved {item_id} from {start} to {end}, and says {data['item_id']} from {source}"
    if seen.pieces != data["quantity"]:
        yield f"it says {data['quantity']} pieces and moved {seen.pieces}"
    if seen.plain and _to(seen, "surplus"):
        yield f"it was accepted, and {_to(seen, 'surplus')} of its pieces are surplus"


def _put(seen: Seen) -> Iterator[str]:
    target = f"tote:{seen.data['tote']}"
    yield from _only(seen, lambda start, end: _is(start, "tote:") and end == target)


def _shorted(seen: Seen) -> Iterator[str]:
    gone = "write_off" in seen.followed
    yield from _only(seen, lambda start, end: gone and _is(start, "location:") and end == "lost")
    if not 0 <= seen.shorted <= seen.data["quantity"]:
        yield f"it says {seen.data['quantity']} missing, and its discrepancy says {seen.shorted}"


def _reported(seen: Seen) -> Iterator[str]:
    gone = seen.data["problem"] in ("missing", "damaged")
    source = f"tote:{seen.data['tote']}"
    yield from _only(seen, lambda start, end: gone and start == source and end == "lost")


def _put_back(seen: Seen) -> Iterator[str]:
    ends = (f"tote:{seen.data['tote']}", f"location:{seen.data['location']}")
    yield from _only(seen, lambda start, end: (start, end) == ends)
    if seen.plain and seen.pieces != seen.data["quantity"]:
        yield f"it says {seen.data['quantity']} pieces and moved {seen.pieces}"


def _closed(seen: Seen) -> Iterator[str]:
    ends = (f"tote:{seen.data['tote']}", f"carton:{seen.data['sscc']}")
    yield from _only(seen, lambda start, end: (start, end) == ends, at_most=_packed(seen))
    if seen.pieces != _packed(seen):
        yield f"it says {_packed(seen)} pieces and moved {seen.pieces}"


def _undone(seen: Seen) -> Iterator[str]:
    if seen.undone is None:
        if seen.moves:
            yield "it moved stock, and what it took back is not there"
        return
    made = seen.undone.moves
    for (item_id, lot, start, end), pieces in seen.moves.items():
        if pieces > made[item_id, lot, end, start]:
            yield f"it moved {pieces} of {item_id} from {start} to {end}, which is not what it took back"
    if seen.plain and seen.undone.kind == "picked@1" and seen.pieces != seen.undone.pieces:
        yield f"it took a pick of {seen.undone.pieces} pieces back and moved {seen.pieces}"


def _count_ended(seen: Seen) -> Iterator[str]:
    """A location gains from outside or loses; one that is to be counted again does neither."""
    place = f"location:{seen.data['location']}"
    yield from _only(
        seen, lambda start, end: (start, end) in (("outside", place), (place, "lost")), at_most=seen.pieces
    )
    if seen.reason == "recount" and seen.moves:
        yield f"it is to be counted again, and moved {seen.pieces}"


def _sorted(seen: Seen) -> Iterator[str]:
    ends = (f"tote:{seen.data['tote']}", f"tote:{seen.data['cubby']}")
    yield from _only(seen, lambda start, end: (start, end) == ends)
    if seen.plain and seen.pieces != seen.data["quantity"]:
        yield f"it says {seen.data['quantity']} pieces and moved {seen.pieces}"


def _sort_reported(seen: Seen) -> Iterator[str]:
    end_of = {"missing": "lost", "damaged": "lost", "returned": f"location:{seen.data['place']}"}
    ends = (f"tote:{seen.data['tote']}", end_of.get(seen.data["problem"]))
    yield from _only(seen, lambda start, end: (start, end) == ends)


def _moves_nothing(seen: Seen) -> Iterator[str]:
    yield from _only(seen, lambda _start, _end: False)


def _only(seen: Seen, fits: Callable[[str, str], bool], *, at_most: int | None = None) -> Iterator[str]:
    for item_id, _, start, end in seen.moves:
        if not fits(start, end):
            yield f"it moved {item_id} from {start} to {end}, which it cannot"
    most = seen.data.get("quantity", 0) if at_most is None else at_most
    if seen.pieces > most:
        yield f"it says {most} pieces and moved {seen.pieces}"


def _is(place: str, *beginnings: str) -> bool:
    return place.startswith(beginnings)


def _to(seen: Seen, place: str) -> int:
    return sum(pieces for (_, _, _, end), pieces in seen.moves.items() if _is(end, place))


def _packed(seen: Seen) -> int:
    return sum(one["quantity"] for one in seen.data["contents"])


# What each kind of entry adds up to. ``of`` says which order line a pick line is for.


def _counts_nothing(_tally: Tally, _seen: Seen, _of: dict[int, int]) -> None:
    """An entry of which no sum is kept."""


def _count_pick(tally: Tally, seen: Seen, _of: dict[int, int], sign: int = 1) -> None:
    line = f"pick line {seen.data['line_id']}"
    tally.follows("picked", line, sign * _to(seen, "tote:"))
    tally.follows("surplus", line, sign * _to(seen, "surplus"))


def _count_short(tally: Tally, seen: Seen, of: dict[int, int], sign: int = 1) -> None:
    tally.follows("shorted", f"pick line {seen.data['line_id']}", sign * seen.shorted)
    line = f"order line {of.get(seen.data['line_id'])}"
    if "cut" in seen.followed:
        tally.follows("cut", line, sign * seen.shorted)
    elif sign > 0:
        tally.follows("short", line, seen.shorted, Rule.AT_MOST)


def _count_reported(tally: Tally, seen: Seen, _of: dict[int, int]) -> None:
    if seen.data["order_line_id"] is not None:
        tally.follows("short", f"order line {seen.data['order_line_id']}", _to(seen, "lost"), Rule.AT_MOST)


def _count_sorted(tally: Tally, seen: Seen, _of: dict[int, int], sign: int = 1) -> None:
    tally.follows("put at the wall", f"batch {seen.data['batch_id']}", sign * seen.pieces)


def _count_sort_reported(tally: Tally, seen: Seen, of: dict[int, int]) -> None:
    _count_reported(tally, seen, of)
    # The record may have more: what the office has put back.
    batch, back = f"batch {seen.data['batch_id']}", _to(seen, "location:")
    tally.says("returned from the wall", batch, back, Rule.AT_MOST)


def _count_undone(tally: Tally, seen: Seen, of: dict[int, int]) -> None:
    if seen.undone is None or not seen.plain:
        return
    if seen.undone.kind == "picked@1":
        _count_pick(tally, seen.undone, of, -1)
    elif seen.undone.kind == "put_in_cubby@1":
        _count_sorted(tally, seen.undone, of, -1)
    elif seen.undone.kind == "line_shorted@1":
        _count_short(tally, seen.undone, of, -1)


def _count_closed(tally: Tally, seen: Seen, _of: dict[int, int]) -> None:
    sscc = f"carton {seen.data['sscc']}"
    tally.follows("closed", sscc, 1)
    tally.follows("pieces packed", sscc, _packed(seen))


def _count_sent(tally: Tally, seen: Seen, _of: dict[int, int]) -> None:
    tally.follows("times sent", f"label {seen.data['sscc']}", 1)


def _count_proven(tally: Tally, seen: Seen, _of: dict[int, int]) -> None:
    tally.follows("proven", f"label {seen.data['sscc']}", 1, Rule.BOTH_OR_NONE)


def _count_handed_over(tally: Tally, seen: Seen, _of: dict[int, int]) -> None:
    name = f"list {seen.data['list_id']}"
    tally.follows("handed over", name, 1, Rule.AT_MOST)
    if seen.reason in ("", "stale-lease", "handed-over-open", "consolidation-split"):
        tally.says("handings over", name, 1, Rule.AT_MOST)


_RULES: dict[str, tuple[Callable[[Seen], Iterator[str]], Callable[[Tally, Seen, dict[int, int]], None]]] = {
    "picked@1": (_picked, _count_pick),
    "put_in_tote@1": (_put, _counts_nothing),
    "line_shorted@1": (_shorted, _count_short),
    "pack_reported@1": (_reported, _count_reported),
    "put_back@1": (_put_back, _counts_nothing),
    "carton_closed@1": (_closed, _count_closed),
    "undone@1": (_undone, _count_undone),
    "count_ended@1": (_count_ended, _counts_nothing),
    "put_in_cubby@1": (_sorted, _count_sorted),
    "sort_reported@1": (_sort_reported, _count_sort_reported),
    "label_sent@1": (_moves_nothing, _count_sent),
    "label_proven@1": (_moves_nothing, _count_proven),
    "list_handed_over@1": (_moves_nothing, _count_handed_over),
}


def _foreign_moves(conn: Connection, site_id: SiteId) -> Iterator[str]:
    """Moves that neither an entry nor somebody at the office has caused."""
    m, e = t.stock_move.c, t.event.c
    found = (
        select(m.cause, m.part, m.item_id, m.source, m.target)
        .outerjoin(t.event, and_(e.site_id == m.site_id, e.event_id == m.cause))
        .where(m.site_id == site_id, e.seq.is_(None))
        .order_by(m.cause, m.part)
    )
    for row in conn.execution_options(yield_per=500).execute(found):
        if not row.cause.startswith(OFFICE):
            yield f"stock move {row.cause} {row.part} ({row.item_id}, {row.source} to {row.target}): nothing caused it"
        elif row.cause.startswith(("opening", "demo")) and row.source != "outside":
            yield f"stock move {row.cause} {row.part}: goods came in from {row.source}"
