"""Facts that come when the work was somebody else's already: what they still mean, and who the other side is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from sync.record.facts import CartToteBound, Fact, Stamp, ToteBound, VerdictKind
from sync.record.ids import OrderId, PickListId, TerminalId, ToteCode
from sync.record.rows import ListKind
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.lines_at_hand import LineCase, is_stale
from sync.wire.codec import decode_entry

_LOOKED_THROUGH = 200
"""Totes that a terminal has bound since: a walk takes a few, a cart some dozens."""


def tote_of(bench: Bench, stamp: Stamp, case: LineCase, token: int) -> ToteCode | None:
    """The tote that the pieces of a fact are in: the one in use, or for a late fact the one that its writer bound."""
    totes = totes_of(bench, case)
    in_use = totes[-1] if totes else None
    if not is_stale(case.list, token):
        return in_use
    bound = [code for code in bound_for(bench, stamp, case) if code in totes]
    return bound[-1] if bound else in_use


def totes_of(bench: Bench, case: LineCase) -> list[ToteCode]:
    """The totes that the pieces of a line go into, the one in use last: on a cart those of its order."""
    list_id, order_id = case.list["list_id"], case.line["order_id"]
    of_order = bench.list_orders.get(list_id, order_id) if case.list["kind"] == ListKind.BATCH else None
    return [ToteCode(code) for code in (case.list if of_order is None else of_order)["totes"]]


def bound_for(bench: Bench, stamp: Stamp, case: LineCase) -> list[ToteCode]:
    """The totes that the writer of a fact has bound for the line's pieces, the last one last."""
    order_id = OrderId(case.line["order_id"]) if case.list["kind"] == ListKind.BATCH else None
    return bound_by(bench, stamp.terminal_id, PickListId(case.list["list_id"]), order_id)


def bound_by(
    bench: Bench, terminal_id: TerminalId, list_id: PickListId, order_id: OrderId | None = None
) -> list[ToteCode]:
    """The totes that a terminal has bound to the list (on a cart: to an order), the last one last, by its ledger."""
    just_now = [entry.fact for entry in bench.judged.values() if entry.stamp.terminal_id == terminal_id]
    return _bound_before(bench, terminal_id, list_id, order_id) + _bound_to(just_now, list_id, order_id)


def _bound_before(
    bench: Bench, terminal_id: TerminalId, list_id: PickListId, order_id: OrderId | None
) -> list[ToteCode]:
    key = (terminal_id, list_id, order_id)
    if key not in bench.bound:
        e, s = t.event.c, t.stream.c
        bodies = bench.work.conn.scalars(
            select(e.body)
            .join(t.stream, (s.site_id == e.site_id) & (s.stream_id == e.stream_id))
            .where(
                e.site_id == bench.site_id,
                s.terminal_id == terminal_id,
                e.kind == (ToteBound if order_id is None else CartToteBound).kind,
                e.verdict != VerdictKind.QUARANTINED,
            )
            .order_by(e.received_at.desc(), e.seq.desc())
            .limit(_LOOKED_THROUGH)
        )
        facts = [decode_entry(bytes(body)).fact for body in bodies]
        bench.bound[key] = _bound_to(reversed(facts), list_id, order_id)
    return bench.bound[key]


def _bound_to(facts: Iterable[Fact], list_id: PickListId, order_id: OrderId | None) -> list[ToteCode]:
    return [
        fact.tote
        for fact in facts
        if isinstance(fact, ToteBound | CartToteBound)
        and (fact.list_id, getattr(fact, "order_id", None)) == (list_id, order_id)
    ]


def other_side(case: LineCase, token: int) -> dict[str, Any]:
    """What stood against a fact about a line: who has its list now, and how far the line had come."""
    line, pick_list = case.line, case.list
    says = f"line {line['line_id']} asked {line['asked']}: {line['picked']} picked, {line['shorted']} short"
    if is_stale(pick_list, token):
        says += f"; list {pick_list['list_id']} had changed hands: token {pick_list['token']}, the fact has {token}"
    return {"terminal_id": pick_list["terminal_id"], "worker_id": pick_list["worker_id"], "says": says}
