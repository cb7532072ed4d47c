"""Judging pieces that were put back: what stands in a location counts there, whatever the record thought of them."""

from __future__ import annotations

from sync.record.facts import PutBack, Stamp, Verdict
from sync.record.ids import EventId
from sync.store.bench import Bench
from sync.store.judging.lines_at_hand import ACCEPTED, discrepancy, quarantined
from sync.store.leading.putting_back import PUT_BACK, after_taking_out, take_out
from sync.store.places import at_location


def judge_put_back(bench: Bench, stamp: Stamp, fact: PutBack) -> Verdict:
    tote = bench.totes.get(fact.tote)
    if tote is None or bench.locations.get(fact.location) is None:
        return quarantined("unknown-tote" if tote is None else "unknown-location")
    left = fact.quantity
    mine = [
        content
        for content in bench.tote_contents.where(tote=fact.tote)
        if (content["order_line_id"], content["item_id"]) == (fact.order_line_id, fact.item_id)
    ]
    for content in sorted(mine, key=lambda content: str(content["lot"])):
        left -= take_out(bench, EventId(stamp.event_id), content, left, fact.location)
    after_taking_out(bench, tote, by=str(stamp.worker_id or stamp.terminal_id), how=PUT_BACK)
    if not left:
        return ACCEPTED
    bench.discrepancy(
        stamp.event_id,
        "put-back-more",
        f"{left} of {fact.item_id} more than {fact.tote} held were put back at {fact.location}: count it",
        quantity=left,
        order_id=tote["order_id"],
        item_id=fact.item_id,
        place=at_location(fact.location),
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy("put-back-more")
