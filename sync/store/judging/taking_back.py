"""What every undo needs: moves made back, and what is said when it comes too late."""

from __future__ import annotations

from collections.abc import Sequence

from sync.record.facts import Stamp, Verdict
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import discrepancy

UNDO = "undo"


def move_back(bench: Bench, stamp: Stamp, moves: Sequence[RowDict]) -> None:
    for move in moves:
        bench.move(
            stamp.event_id,
            item_id=move["item_id"],
            lot=move["lot"],
            quantity=move["quantity"],
            source=move["target"],
            target=move["source"],
            reason=UNDO,
        )


def too_late(bench: Bench, stamp: Stamp, text: str, *, order_id: int | None, item_id: str | None = None) -> Verdict:
    """The record stays as it is, and a lead looks: the hands have done what cannot be taken back here."""
    bench.discrepancy(
        stamp.event_id,
        "undo-late",
        text,
        order_id=order_id,
        item_id=item_id,
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )
    return discrepancy("undo-late")
