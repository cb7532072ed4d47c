"""Judging what happened to whole pick lists and totes: claimed, released, bound, handed over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, nulls_last, select

from sync.record.facts import ClaimedList, ClaimedSsccs, ListHandedOver, ReleasedList, Stamp, ToteBound, Verdict
from sync.record.ids import OrderId, ToteCode, ZoneId
from sync.record.rows import ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging import carts, trips
from sync.store.judging.batches import rebind
from sync.store.judging.consequences import hold
from sync.store.judging.grants import NOT_MOVED, grant, pass_on, pass_on_lapsed
from sync.store.judging.late import bound_by
from sync.store.judging.lines_at_hand import (
    ACCEPTED,
    accepted,
    ask,
    discrepancy,
    is_stale,
    is_walked,
    open_pieces,
    quarantined,
    refused,
    reserve_here,
    touch_list,
)
from sync.store.judging.totes import to_pack, touch_packing
from sync.store.judging.zones import zone_of
from sync.store.places import in_tote
from sync.store.unit_of_work import one_terminal

MAX_SSCC_LEASE = 1000

CLAIM_TRIES = 20


def judge_claim(bench: Bench, stamp: Stamp, fact: ClaimedList) -> Verdict:
    """Grants the list asked for, or the most urgent open one; without a name no more than the site lets one hold."""
    if fact.list_id is None:
        held = bench.lists.where(terminal_id=stamp.terminal_id, status=ListStatus.HELD)
        if len(held) > bench.rules.lists_ahead:
            return accepted("already-held")
    pass_on_lapsed(bench, but=stamp.terminal_id)
    if fact.list_id is None:
        pick_list = _most_urgent(bench, zone_of(bench, stamp.worker_id))
    else:
        pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return refused("no-work" if fact.list_id is None else "unknown-list")
    if pick_list["status"] == ListStatus.HELD and pick_list["terminal_id"] == stamp.terminal_id:
        bench.lists.change(pick_list, worker_id=stamp.worker_id)  # taken over from whoever had kept it there
        bench.work.touch("pick_list", str(pick_list["list_id"]))
        return accepted("already-held")
    if pick_list["status"] == ListStatus.HELD:
        return refused(f"held-by:{pick_list['terminal_id']}")
    if pick_list["status"] != ListStatus.OPEN:
        return refused(str(pick_list["status"]))
    grant(bench, pick_list, stamp.terminal_id, stamp.worker_id)
    return ACCEPTED


def _most_urgent(bench: Bench, zone_id: ZoneId | None) -> RowDict | None:
    """The open list with the nearest cut-off, before one that somebody else is being given at this moment.

    Who works in a zone gets that zone's lists only, who works in none of them gets any.
    """
    bench.flush()
    lists = t.pick_list.c
    is_open = and_(lists.site_id == bench.site_id, lists.status == ListStatus.OPEN)
    if zone_id is not None:
        is_open = and_(is_open, lists.zone_id == zone_id)
    urgent_first = (
        select(lists.list_id)
        .where(is_open)
        .order_by(nulls_last(lists.cut_off.asc()), lists.hurried.desc(), lists.priority, lists.list_id)
        .limit(1)
    )
    still_open = select(lists.list_id).where(is_open).limit(1)
    for _ in range(CLAIM_TRIES):
        # Past the locked ones first. Then wait for whoever holds the last ones: they may let them go, or take them.
        for passing_by in (True, False):
            urgent = urgent_first.with_for_update(skip_locked=passing_by)
            found = bench.work.conn.execute(urgent).scalar_one_or_none()
            if found is not None:
                return bench.lists.get(found)
        # A list that was taken while we waited for it drops out of the answer, and others may be open all the same.
        if bench.work.conn.execute(still_open).first() is None:
            return None
    return None


def judge_release(bench: Bench, stamp: Stamp, fact: ReleasedList) -> Verdict:
    """To whom a lead has named for it or back to the common pool, with what was picked; its totes stay bound."""
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return refused("unknown-list")
    if pick_list["status"] != ListStatus.HELD or pick_list["terminal_id"] != stamp.terminal_id:
        return refused("not-yours")
    if is_stale(pick_list, fact.token):
        return refused("stale-lease")  # it was taken away, and given to the same terminal anew
    pass_on(bench, pick_list, given_up=True)
    if fact.missing is not None and fact.missing in pick_list["totes"]:
        _hold_for(bench, stamp, pick_list, fact.missing)
    return ACCEPTED


def _hold_for(bench: Bench, stamp: Stamp, pick_list: RowDict, missing: ToteCode) -> None:
    """Nobody else is sent for a tote that is not there."""
    tote, order = bench.totes.get(missing), bench.orders.get(pick_list["order_id"])
    place = None if tote is None else tote["place"]
    if order is None:
        return
    where = "where it was put down" if place is None else f"at {place}"
    text = f"tote {missing} of order {order['order_ref']} is not {where}; find it, then release the order"
    bench.discrepancy(
        stamp.event_id,
        "tote-missing",
        text,
        order_id=order["order_id"],
        place=in_tote(missing),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    hold(bench, stamp, text, OrderId(order["order_id"]))


def judge_tote_bound(bench: Bench, stamp: Stamp, fact: ToteBound) -> Verdict:
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return quarantined("unknown-list")
    tote = bench.totes.get_or_add(
        tote=fact.tote,
        status=str(ToteStatus.EMPTY),
        list_id=None,
        order_id=None,
        sscc=None,
        labels_sent=0,
        label_proven=False,
    )
    if not is_walked(pick_list):
        return _bound_wrong(bench, stamp, fact, pick_list, "list-ended", "which nobody picks any more")
    taken = tote["status"] != ToteStatus.EMPTY and not _is_same_work(tote, pick_list)
    stale = is_stale(pick_list, fact.token)
    rebind(bench, tote, pick_list)
    bench.totes.change(
        tote,
        status=str(ToteStatus.PICKING),
        list_id=fact.list_id,
        order_id=pick_list["order_id"],
        sscc=None,
        labels_sent=0,
        label_proven=False,
        place=None,
        batch_id=pick_list["batch_id"],
        terminal_id=None,
    )
    trips.take_along(bench, pick_list)
    others = [other for other in pick_list["totes"] if other != fact.tote]
    # The last one is in use: a tote that comes late does not push aside the tote of the one who picks now.
    bench.lists.change(
        pick_list,
        totes=[fact.tote, *others] if stale else [*others, fact.tote],
        tote_gone=stale and (pick_list["tote_gone"] or not others),
    )
    bench.work.touch("tote", fact.tote)
    bench.work.touch("pick_list", str(fact.list_id))
    touch_packing(bench, tote)
    if taken:
        return _bound_wrong(bench, stamp, fact, pick_list, "tote-in-use", "and held pieces of another order")
    return accepted("stale-lease") if stale else ACCEPTED


def _is_same_work(tote: RowDict, pick_list: RowDict) -> bool:
    """Of the same order or, where several orders share their totes, of the same list."""
    if pick_list["order_id"] is None:
        return bool(tote["list_id"] == pick_list["list_id"])
    return bool(tote["order_id"] == pick_list["order_id"])


def _bound_wrong(bench: Bench, stamp: Stamp, fact: ToteBound, pick_list: RowDict, kind: str, why: str) -> Verdict:
    bench.discrepancy(
        stamp.event_id,
        kind,
        f"{fact.tote} was bound to list {fact.list_id}, {why}: look into it",
        order_id=pick_list["order_id"],
        place=in_tote(fact.tote),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy(kind)


def judge_handed_over(bench: Bench, stamp: Stamp, fact: ListHandedOver) -> Verdict:
    """The totes wait for packing. What the record had added meanwhile and nobody picked goes back to the demand."""
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return quarantined("unknown-list")
    if not is_walked(pick_list):
        return accepted(f"{pick_list['status'].replace('_', '-')}-already")
    if _picked_by_another(bench, stamp, pick_list):
        return _handed_over_late(bench, stamp, pick_list, fact)
    stale = is_stale(pick_list, fact.token)
    left = sum(_give_back(bench, line) for line in bench.lines.where(list_id=fact.list_id))
    bench.lists.change(pick_list, status=str(ListStatus.HANDED_OVER), token=pick_list["token"] + 1, **NOT_MOVED)
    is_split = trips.put_down(bench, stamp, pick_list, fact.place)
    touch_list(bench, pick_list)
    if left:
        text = f"list {fact.list_id} was handed over with {left} pieces open: they are open demand again"
        return _handed_over_wrong(bench, stamp, pick_list, "handed-over-open", text, left)
    if is_split:
        return discrepancy(trips.SPLIT)
    return accepted("stale-lease") if stale else ACCEPTED


def _picked_by_another(bench: Bench, stamp: Stamp, pick_list: RowDict) -> bool:
    """Somebody else holds the list, and it is not done yet or they have begun with a tote of their own."""
    if pick_list["status"] != ListStatus.HELD or pick_list["terminal_id"] == stamp.terminal_id:
        return False
    is_done = not any(open_pieces(line) for line in bench.lines.where(list_id=pick_list["list_id"]))
    return not (is_done and pick_list["tote_gone"])


def _handed_over_late(bench: Bench, stamp: Stamp, pick_list: RowDict, fact: ListHandedOver) -> Verdict:
    """The list stays with who picks it now; the totes of the late one stand at packing all the same."""
    carts.put_down_late(bench, stamp, pick_list)
    for code in bound_by(bench, stamp.terminal_id, fact.list_id):
        if code in pick_list["totes"] and (code != pick_list["totes"][-1] or pick_list["tote_gone"]):
            to_pack(bench, pick_list, code)
    text = f"list {fact.list_id} was handed over by {stamp.terminal_id}, and {pick_list['terminal_id']} picks it"
    return _handed_over_wrong(bench, stamp, pick_list, "held-by-another", text, 0)


def _handed_over_wrong(bench: Bench, stamp: Stamp, pick_list: RowDict, kind: str, text: str, quantity: int) -> Verdict:
    bench.discrepancy(
        stamp.event_id,
        kind,
        text,
        quantity=quantity,
        order_id=pick_list["order_id"],
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        other=_holder_side(stamp, pick_list),
    )
    return discrepancy(kind)


def _holder_side(stamp: Stamp, pick_list: RowDict) -> dict[str, Any] | None:
    if pick_list["terminal_id"] in (None, stamp.terminal_id):
        return None
    says = f"holds list {pick_list['list_id']} with token {pick_list['token']}"
    return {"terminal_id": pick_list["terminal_id"], "worker_id": pick_list["worker_id"], "says": says}


def _give_back(bench: Bench, line: RowDict) -> int:
    """Take the open pieces of a line off the list: reservation and demand are free again. Returns how many."""
    left = open_pieces(line)
    order_line = bench.order_lines.get(line["order_line_id"])
    if not left or order_line is None:
        return 0
    ask(bench, line, -left)
    reserve_here(bench, line, -left)
    bench.order_lines.change(order_line, allocated=order_line["allocated"] - left)
    return left


def judge_sscc_claim(bench: Bench, stamp: Stamp, fact: ClaimedSsccs) -> Verdict:
    """Leases a range. A number that was leased once is never leased again."""
    if not 0 < fact.count <= MAX_SSCC_LEASE:
        return refused(f"at-most:{MAX_SSCC_LEASE}")
    first = bench.work.allot("sscc", fact.count)
    range_id = bench.work.allot("sscc_range")
    bench.work.insert(
        t.sscc_range,
        [{"range_id": range_id, "terminal_id": stamp.terminal_id, "first": first, "last": first + fact.count - 1}],
    )
    bench.work.touch("sscc_range", str(range_id), one_terminal(stamp.terminal_id))
    return ACCEPTED
