"""Pieces go from one tote into another, or into a cubby: contents, catch weight and journal alike."""

from __future__ import annotations

from sync.record.ids import ToteCode
from sync.store.bench import Bench, RowDict
from sync.store.places import in_tote


def carry(bench: Bench, cause: str, content: RowDict, tote: ToteCode, quantity: int, reason: str) -> None:
    """``quantity`` pieces of one content of a tote are in ``tote`` now, with their share of the weight."""
    weight_g = share_of_weight(content, quantity)
    bench.tote_contents.change(
        content, quantity=content["quantity"] - quantity, weight_g=content["weight_g"] - weight_g
    )
    target = content_of(bench, tote, content["order_line_id"], content["lot"], content["item_id"])
    bench.tote_contents.change(target, quantity=target["quantity"] + quantity, weight_g=target["weight_g"] + weight_g)
    bench.move(
        cause,
        item_id=content["item_id"],
        lot=content["lot"],
        quantity=quantity,
        source=in_tote(content["tote"]),
        target=in_tote(tote),
        reason=reason,
    )


def share_of_weight(content: RowDict, quantity: int) -> int:
    """What so many of the pieces weigh, in grams; all of it with the last ones."""
    return int(content["weight_g"] * quantity // content["quantity"]) if content["quantity"] else 0


def content_of(bench: Bench, tote: ToteCode, order_line_id: int, lot: str, item_id: str) -> RowDict:
    """What a tote holds of an order line's lot; nothing, where it held none."""
    return bench.tote_contents.get(tote, order_line_id, lot) or bench.tote_contents.add(
        tote=tote, order_line_id=order_line_id, lot=lot, item_id=item_id, quantity=0, verified=0, weight_g=0
    )
