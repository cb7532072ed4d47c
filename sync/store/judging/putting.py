"""Judging puts: pieces are counted into the tote of their pick; a put into another tote takes them there."""

from __future__ import annotations

from collections.abc import Sequence

from sync.record.facts import PutInTote, Stamp, Verdict
from sync.record.ids import EventId, ToteCode
from sync.store.bench import Bench, RowDict
from sync.store.judging.batches import carried
from sync.store.judging.carrying import carry
from sync.store.judging.late import bound_for, totes_of
from sync.store.judging.lines_at_hand import LineCase, is_stale, line_case, quarantined, token_verdict, touch_line


def judge_put(bench: Bench, stamp: Stamp, fact: PutInTote) -> Verdict:
    case = line_case(bench, fact.line_id)
    if case is None:
        return quarantined("unknown-line")
    in_hand = max(0, min(case.line["picked"] - case.line["put"], fact.quantity))
    stale = is_stale(case.list, fact.token)  # then what is in the hand now is another's, and stays for them to put
    bench.lines.change(case.line, put=case.line["put"] + (0 if stale else in_hand))
    if stale:
        own = bound_for(bench, stamp, case)
        _bring(bench, stamp, case, fact.tote, fact.quantity, [code for code in totes_of(bench, case) if code in own])
    else:
        _bring(bench, stamp, case, fact.tote, in_hand, totes_of(bench, case))
    touch_line(bench, case)
    return token_verdict(case.list, fact.token)


def _bring(
    bench: Bench, stamp: Stamp, case: LineCase, tote: ToteCode, quantity: int, totes: Sequence[ToteCode]
) -> None:
    """Pieces that were picked before this tote was taken were counted into the one before it, of these ``totes``."""
    if tote not in totes:
        return
    order_line_id = case.line["order_line_id"]
    missing = quantity - sum(
        row["quantity"] for row in bench.tote_contents.where(tote=tote, order_line_id=order_line_id)
    )
    for other in reversed([code for code in totes if code != tote]):
        for content in bench.tote_contents.where(tote=other, order_line_id=order_line_id):
            step = min(missing, content["quantity"] - content["verified"])
            if step > 0:
                _carry(bench, stamp, content, tote, step, "put")
                missing -= step


def _carry(bench: Bench, stamp: Stamp, content: RowDict, tote: ToteCode, quantity: int, reason: str) -> None:
    carry(bench, stamp.event_id, content, tote, quantity, reason)
    carried(bench, quantity, content["tote"], tote)


def take_back_put(bench: Bench, stamp: Stamp, undoes: EventId, case: LineCase, fact: PutInTote) -> None:
    """The pieces are in the hand again, counted where their pick had counted them."""
    bench.lines.change(case.line, put=max(0, case.line["put"] - fact.quantity))
    for move in bench.moves_of(undoes):
        here, before = (ToteCode(move[end].removeprefix("tote:")) for end in ("target", "source"))
        content = bench.tote_contents.get(here, case.line["order_line_id"], move["lot"])
        if content is not None and content["quantity"] - content["verified"] >= move["quantity"]:
            _carry(bench, stamp, content, before, move["quantity"], "undo")
