"""A put wall at a small site: its cubbies, batches of orders picked in bulk, and short words for what sorters do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import delete

from sync.record.facts import ClaimedSort, How, PutInCubby, ReleasedSort, SortProblem, SortReported
from sync.record.ids import BatchId, ItemId, LocationCode, LotCode, OrderId, OrderLineId, ToteCode, WallId
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, pick
from tests.store.small_site import CUT_OFF, NOW, SmallSite


def build_wall(site: SmallSite, cubbies: int, wall: str = "1") -> None:
    """A wall at the location SORT<wall>, with the cubbies W-<wall>-A01, A02 ..."""
    site.location(f"SORT{wall}", 950, kind="staging")
    with site.write() as work:
        for place in range(1, cubbies + 1):
            code = f"W-{wall}-A{place:02}"
            row = {"tote": code, "wall": wall, "label": f"A{place}", "place": place, "stands_at": f"SORT{wall}"}
            work.insert(t.cubby, [row])
            work.insert(t.tote, [{"tote": code, "status": "empty", "labels_sent": 0, "label_proven": False}])
            work.touch("cubby", code)
            work.touch("tote", code)


def plan_batch(site: SmallSite, order_ids: Sequence[OrderId], lists: int = 1) -> tuple[int, list[int]]:
    """Reserve stock for the orders and make one batch of them, its lines shared out over bulk lists in turn.

    Returns the batch and its lists.
    """
    with site.write() as work:
        allocate(work, order_ids)
    order_of = {line["order_line_id"]: line["order_id"] for line in site.rows(t.order_line)}
    reserved = [row for row in site.rows(t.allocation) if order_of[row["order_line_id"]] in order_ids]
    with site.write() as work:
        batch_id = work.allot("batch")
        work.insert(t.batch, [{"batch_id": batch_id, "status": "picking", "wall": None, "made_at": NOW}])
        list_ids = [work.allot("pick_list") for _ in range(lists)]
        shares = [reserved[number::lists] for number in range(lists)]
        for list_id, share in zip(list_ids, shares, strict=True):
            work.insert(t.pick_list, [_list_row(list_id, batch_id, share)])
            first = work.allot("pick_line", len(share)) if share else 0
            lines = [_line_row(first + place, list_id, order_of, row) for place, row in enumerate(share)]
            work.insert(t.pick_line, lines)
            work.touch("pick_list", str(list_id))
        a = t.allocation.c
        work.conn.execute(delete(t.allocation).where(a.order_line_id.in_([row["order_line_id"] for row in reserved])))
    return batch_id, list_ids


def _list_row(list_id: int, batch_id: int, share: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "wave_id": 1,
        "kind": "bulk",
        "order_id": None,
        "status": "open",
        "priority": 5,
        "cut_off": CUT_OFF,
        "token": 1,
        "totes": [],
        "line_count": len(share),
        "piece_count": sum(row["quantity"] for row in share),
        "batch_id": batch_id,
    }


def _line_row(line_id: int, list_id: int, order_of: dict[int, int], row: dict[str, Any]) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "list_id": list_id,
        "order_id": order_of[row["order_line_id"]],
        "order_line_id": row["order_line_id"],
        "item_id": row["item_id"],
        "location": row["location"],
        "lot": row["lot"],
        "expiry": None,
        "lots_here": 1,
        "position": 10,
        "passes": 0,
        "asked": row["quantity"],
        "picked": 0,
        "put": 0,
        "shorted": 0,
        "surplus": 0,
        "located": False,
        "on_hand": 0,
        "lots": None,
    }


def pick_in_bulk(site: SmallSite, picker: Ledger, list_id: int, *totes: str, place: str = "SORT1") -> None:
    """All of a bulk list, one line after another into these totes in turn, handed over at the wall."""
    picker.does(claim(list_id))
    (head,) = site.rows(t.pick_list, list_id=list_id)
    token = head["token"]
    for number, line in zip(count(), site.rows(t.pick_line, list_id=list_id), strict=False):
        picker.does(
            bind(totes[number % len(totes)], list_id, token),
            pick(line["asked"], line["line_id"], line["item_id"], line["location"], token, line["lot"] or None),
        )
    picker.does(replace(hand_over(list_id, token), place=LocationCode(place)))


def claim_sort(tote: str, wall: str = "1") -> ClaimedSort:
    return ClaimedSort(tote=ToteCode(tote), wall=WallId(wall))


def release_sort(tote: str) -> ReleasedSort:
    return ReleasedSort(tote=ToteCode(tote))


def sort(
    quantity: int,
    order_line_id: int,
    cubby: str,
    tote: str = "T-1",
    item: str = "MUG",
    batch_id: int = 1,
    lot: str | None = None,
) -> PutInCubby:
    return PutInCubby(
        batch_id=BatchId(batch_id),
        tote=ToteCode(tote),
        order_line_id=OrderLineId(order_line_id),
        item_id=ItemId(item),
        quantity=quantity,
        cubby=ToteCode(cubby),
        how=How.SCANNED,
        code="",
        lot=None if lot is None else LotCode(lot),
    )


def say_wrong(
    problem: SortProblem,
    quantity: int = 1,
    order_line_id: int | None = 1,
    tote: str = "T-1",
    item: str = "MUG",
    batch_id: int = 1,
    place: str | None = None,
) -> SortReported:
    return SortReported(
        batch_id=BatchId(batch_id),
        tote=ToteCode(tote),
        order_line_id=None if order_line_id is None else OrderLineId(order_line_id),
        item_id=ItemId(item),
        quantity=quantity,
        problem=problem,
        place=None if place is None else LocationCode(place),
    )
