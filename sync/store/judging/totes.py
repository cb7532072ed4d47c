"""What becomes of a tote: what packers are told of it, and when it is free again."""

from __future__ import annotations

from sync.record.rows import ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.unit_of_work import PACK_STATIONS


def touch_packing(bench: Bench, tote: RowDict) -> None:
    """Packers see a tote while it waits for them."""
    bench.work.touch("packing", tote["tote"], PACK_STATIONS, deleted=tote["status"] != ToteStatus.TO_PACK)


def settle_tote(bench: Bench, tote: RowDict) -> None:
    """After pieces were taken out: an empty tote is free, one with only another order's pieces is that order's."""
    held = [content for content in bench.tote_contents.where(tote=tote["tote"]) if content["quantity"]]
    if not held:
        set_free(bench, tote)
        return
    lines = [bench.order_lines.get(content["order_line_id"]) for content in held]
    orders = [line["order_id"] for line in lines if line is not None]
    if tote["order_id"] not in orders:
        bench.totes.change(tote, order_id=min(orders), list_id=None, sscc=None, labels_sent=0, label_proven=False)
        bench.work.touch("tote", tote["tote"])
    touch_packing(bench, tote)


def set_free(bench: Bench, tote: RowDict) -> None:
    """The tote is empty: the next order may have it, and it is no packer's business."""
    bench.totes.change(
        tote, status=str(ToteStatus.EMPTY), list_id=None, order_id=None, sscc=None, labels_sent=0, label_proven=False
    )
    bench.work.touch("tote", tote["tote"])
    touch_packing(bench, tote)
