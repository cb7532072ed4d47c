"""Claiming a bulk tote for sorting: one sorter holds it, and each order that it has pieces for gets a cubby."""

from __future__ import annotations

from sqlalchemy import and_, select, union

from sync.record.facts import ClaimedSort, ReleasedSort, Stamp, Verdict
from sync.record.ids import BatchId, TerminalId
from sync.record.rows import ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import settle_batch, tell_sorters, touch_sorting
from sync.store.judging.lines_at_hand import ACCEPTED, accepted, refused
from sync.store.judging.totes import holds_pieces, set_free
from sync.store.leading.leases import has_ended


def judge_claim(bench: Bench, stamp: Stamp, fact: ClaimedSort) -> Verdict:
    """The tote is the terminal's. The first tote of a batch settles its wall and takes cubbies for all its orders."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return refused("unknown-tote")
    if tote["status"] != ToteStatus.TO_SORT or tote["batch_id"] is None:
        return refused("not-to-sort")
    if tote["terminal_id"] not in (None, stamp.terminal_id) and not _has_lapsed(bench, tote["terminal_id"]):
        return refused(f"held-by:{tote['terminal_id']}")
    batch = bench.batches.get(tote["batch_id"])
    if batch is None:
        return refused("unknown-batch")
    if batch["wall"] not in (None, fact.wall):
        return refused(f"other-wall:{batch['wall']}")
    why_not = _take_cubbies(bench, batch, fact)
    if why_not is not None:
        return refused(why_not)
    held_before = tote["terminal_id"] == stamp.terminal_id
    _leave_emptied(bench, stamp.terminal_id, but=tote)
    bench.totes.change(tote, terminal_id=stamp.terminal_id)
    bench.work.touch("tote", fact.tote)
    touch_sorting(bench, tote)
    return accepted("already-held") if held_before else ACCEPTED


def judge_release(bench: Bench, stamp: Stamp, fact: ReleasedSort) -> Verdict:
    """Somebody else may go on with the tote; without anything in it, it is free."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return refused("unknown-tote")
    if tote["status"] != ToteStatus.TO_SORT or tote["terminal_id"] != stamp.terminal_id:
        return refused("not-yours")
    _leave(bench, tote)
    return ACCEPTED


def _leave_emptied(bench: Bench, terminal_id: TerminalId, *, but: RowDict) -> None:
    """Who takes the next tote is done with the one before; one with pieces in it goes to whoever takes it."""
    for tote in bench.totes.where(terminal_id=terminal_id):
        if tote["tote"] != but["tote"] and tote["status"] == ToteStatus.TO_SORT:
            _leave(bench, tote)


def _leave(bench: Bench, tote: RowDict) -> None:
    batch_id = BatchId(tote["batch_id"])
    if holds_pieces(bench, tote):
        bench.totes.change(tote, terminal_id=None)
        bench.work.touch("tote", tote["tote"])
        touch_sorting(bench, tote)
        return
    set_free(bench, tote)
    settle_batch(bench, batch_id)
    tell_sorters(bench, batch_id)


def _has_lapsed(bench: Bench, terminal_id: TerminalId) -> bool:
    """Who holds the tote was not heard of for longer than a lease. Read without locking: the row is theirs."""
    c = t.terminal.c
    seen = bench.work.conn.scalar(
        select(c.last_seen_at).where(c.site_id == bench.site_id, c.terminal_id == terminal_id)
    )
    return seen is None or has_ended(bench.now, seen, bench.rules.lease_min)


def _take_cubbies(bench: Bench, batch: RowDict, fact: ClaimedSort) -> str | None:
    """Give each order that has none a cubby of the wall; why it cannot be done, if so, and then none is given."""
    # All of the wall at once and in their order: of two batches that come together, the second sees what is left.
    wall = sorted(bench.cubbies.where(wall=fact.wall), key=lambda cubby: int(cubby["place"]))
    if not wall:
        return "unknown-wall"
    have = {cubby["order_id"] for cubby in wall}
    without = [order_id for order_id in _orders(bench, batch) if order_id not in have]
    free = [cubby for cubby in wall if cubby["order_id"] is None]
    if len(without) > len(free):
        return f"cubbies:{len(without) - len(free)}"
    for cubby, order_id in zip(free, without, strict=False):
        bench.cubbies.change(cubby, batch_id=batch["batch_id"], order_id=order_id)
        bench.work.touch("cubby", cubby["tote"])
        as_tote = bench.totes.get(cubby["tote"])
        if as_tote is not None:
            bench.totes.change(as_tote, status=str(ToteStatus.PICKING), order_id=order_id)
            bench.work.touch("tote", cubby["tote"])
    bench.batches.change(batch, wall=fact.wall)
    if without:
        tell_sorters(bench, batch["batch_id"])
    return None


def _orders(bench: Bench, batch: RowDict) -> list[int]:
    """Orders of which pieces are in the batch's totes, or may come yet; by number. Cancelled ones go back to stock."""
    bench.flush()
    line, head, content, order_line, o = t.pick_line.c, t.pick_list.c, t.tote_content.c, t.order_line.c, t.orders.c
    asked = (
        select(line.order_id)
        .join(t.pick_list, and_(head.site_id == line.site_id, head.list_id == line.list_id))
        .where(
            line.site_id == bench.site_id,
            head.batch_id == batch["batch_id"],
            head.status.in_([str(one) for one in (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD)]),
            line.asked > line.shorted,
        )
    )
    bulk = t.tote.c
    inside = (
        select(order_line.order_id)
        .join(
            t.tote_content,
            and_(content.site_id == order_line.site_id, content.order_line_id == order_line.order_line_id),
        )
        .join(t.tote, and_(bulk.site_id == content.site_id, bulk.tote == content.tote))
        .where(order_line.site_id == bench.site_id, content.quantity > 0, bulk.batch_id == batch["batch_id"])
    )
    wanted = union(asked, inside).subquery()
    rows = bench.work.conn.scalars(
        select(o.order_id)
        .where(o.site_id == bench.site_id, o.order_id.in_(select(wanted.c.order_id)), o.status != "cancelled")
        .order_by(o.order_id)
    )
    return [int(order_id) for order_id in rows]
