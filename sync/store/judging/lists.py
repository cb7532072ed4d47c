"""Judging what happened to whole pick lists and totes: claimed, released, bound, handed over."""

from __future__ import annotations

from sqlalchemy import nulls_last, select

from sync.record.facts import (
    ClaimedList,
    ClaimedSsccs,
    ListHandedOver,
    ReleasedList,
    Stamp,
    ToteBound,
    Verdict,
    VerdictKind,
)
from sync.record.ids import TerminalId
from sync.record.rows import ListStatus, ToteStatus
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined, stock_row
from sync.store.places import in_tote
from sync.store.unit_of_work import NOBODY, PACK_STATIONS, one_terminal

MAX_SSCC_LEASE = 1000


def refused(reason: str) -> Verdict:
    return Verdict(kind=VerdictKind.REFUSED, reason=reason)


def judge_claim(bench: Bench, stamp: Stamp, fact: ClaimedList) -> Verdict:
    """Grants the list asked for, or the most urgent open one. A terminal that holds a list keeps it."""
    held = bench.lists.where(terminal_id=stamp.terminal_id, status=ListStatus.HELD)
    if held and fact.list_id is None:
        return Verdict(kind=VerdictKind.ACCEPTED, reason="already-held")
    pick_list = _most_urgent(bench) if fact.list_id is None else bench.lists.get(fact.list_id)
    if pick_list is None:
        return refused("no-work" if fact.list_id is None else "unknown-list")
    if pick_list["status"] == ListStatus.HELD and pick_list["terminal_id"] == stamp.terminal_id:
        return Verdict(kind=VerdictKind.ACCEPTED, reason="already-held")
    if pick_list["status"] != ListStatus.OPEN:
        return refused(f"held-by:{pick_list['terminal_id']}" if pick_list["terminal_id"] else str(pick_list["status"]))
    bench.lists.change(
        pick_list,
        status=str(ListStatus.HELD),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
        token=pick_list["token"] + 1,
    )
    _touch_list(bench, pick_list)
    return ACCEPTED


def _most_urgent(bench: Bench) -> RowDict | None:
    """The open list with the nearest cut-off that nobody else is being given at this moment."""
    bench.flush()
    lists = t.pick_list.c
    found = bench.work.conn.execute(
        select(lists.list_id)
        .where(lists.site_id == bench.site_id, lists.status == ListStatus.OPEN)
        .order_by(nulls_last(lists.cut_off.asc()), lists.priority, lists.list_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    return None if found is None else bench.lists.get(found)


def _touch_list(bench: Bench, pick_list: RowDict) -> None:
    """The head for everybody, the lines for the terminal that holds them now."""
    bench.work.touch("pick_list", str(pick_list["list_id"]))
    active = pick_list["status"] == ListStatus.HELD and pick_list["terminal_id"] is not None
    audience = one_terminal(TerminalId(pick_list["terminal_id"])) if active else NOBODY
    for line in bench.lines.where(list_id=pick_list["list_id"]):
        bench.work.touch("pick_line", str(line["line_id"]), audience)


def judge_release(bench: Bench, stamp: Stamp, fact: ReleasedList) -> Verdict:
    """Back to the common pool, with what was picked already; its totes stay bound."""
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return refused("unknown-list")
    if pick_list["status"] != ListStatus.HELD or pick_list["terminal_id"] != stamp.terminal_id:
        return refused("not-yours")
    bench.lists.change(
        pick_list, status=str(ListStatus.OPEN), terminal_id=None, worker_id=None, token=pick_list["token"] + 1
    )
    for line in bench.lines.where(list_id=fact.list_id):
        bench.lines.change(line, located=False)
    _touch_list(bench, pick_list)
    return ACCEPTED


def judge_tote_bound(bench: Bench, stamp: Stamp, fact: ToteBound) -> Verdict:
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return quarantined("unknown-list")
    tote = bench.totes.get(fact.tote) or new_tote(bench, fact.tote)
    taken = tote["status"] != ToteStatus.EMPTY and tote["order_id"] != pick_list["order_id"]
    if taken:
        bench.discrepancy(
            stamp.event_id,
            "tote-in-use",
            f"{fact.tote} was bound to list {fact.list_id} and held pieces of another order",
            order_id=pick_list["order_id"],
            place=in_tote(fact.tote),
            terminal_id=stamp.terminal_id,
            worker_id=stamp.worker_id,
        )
    bench.totes.change(tote, status=str(ToteStatus.PICKING), list_id=fact.list_id, order_id=pick_list["order_id"])
    others = [other for other in pick_list["totes"] if other != fact.tote]
    bench.lists.change(pick_list, totes=[*others, fact.tote])
    bench.work.touch("tote", fact.tote)
    bench.work.touch("pick_list", str(fact.list_id))
    return discrepancy("tote-in-use") if taken else ACCEPTED


def new_tote(bench: Bench, code: str) -> RowDict:
    """A tote that nobody had entered: it exists, since somebody scanned it."""
    return bench.totes.add(
        tote=code,
        status=str(ToteStatus.EMPTY),
        list_id=None,
        order_id=None,
        sscc=None,
        labels_sent=0,
        label_proven=False,
    )


def judge_handed_over(bench: Bench, stamp: Stamp, fact: ListHandedOver) -> Verdict:
    """The totes wait for packing. What the record had added meanwhile and nobody picked goes back to the demand."""
    pick_list = bench.lists.get(fact.list_id)
    if pick_list is None:
        return quarantined("unknown-list")
    if pick_list["status"] == ListStatus.HANDED_OVER:
        return Verdict(kind=VerdictKind.ACCEPTED, reason="handed-over-already")
    left = sum(_give_back(bench, line) for line in bench.lines.where(list_id=fact.list_id))
    bench.lists.change(pick_list, status=str(ListStatus.HANDED_OVER), token=pick_list["token"] + 1)
    for code in pick_list["totes"]:
        tote = bench.totes.get(code)
        if tote is None:
            continue
        held = sum(content["quantity"] for content in bench.tote_contents.where(tote=code))
        if held:
            bench.totes.change(tote, status=str(ToteStatus.TO_PACK))
            bench.work.touch("packing", code, PACK_STATIONS)
        else:
            bench.totes.change(tote, status=str(ToteStatus.EMPTY), list_id=None, order_id=None)
        bench.work.touch("tote", code)
    _touch_list(bench, pick_list)
    if not left:
        return (
            ACCEPTED
            if fact.token >= pick_list["token"] - 1
            else Verdict(kind=VerdictKind.ACCEPTED, reason="stale-lease")
        )
    bench.discrepancy(
        stamp.event_id,
        "handed-over-open",
        f"list {fact.list_id} was handed over with {left} pieces open: they are open demand again",
        quantity=left,
        order_id=pick_list["order_id"],
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy("handed-over-open")


def _give_back(bench: Bench, line: RowDict) -> int:
    """Take the open pieces of a line off the list: reservation and demand are free again. Returns how many."""
    left = int(line["asked"] - line["picked"] - line["shorted"])
    if left <= 0:
        return 0
    bench.lines.change(line, asked=line["asked"] - left)
    reserved = stock_row(bench, line["location"], line["item_id"], line["lot"])
    bench.stock.change(reserved, allocated=max(0, reserved["allocated"] - left))
    order_line = bench.order_lines.get(line["order_line_id"])
    if order_line is not None:
        bench.order_lines.change(order_line, allocated=max(0, order_line["allocated"] - left))
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
