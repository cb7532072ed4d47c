"""What becomes of a tote: what packers are told of it, and when it is free again."""

from __future__ import annotations

from sync.record.ids import ToteCode
from sync.record.rows import ToteStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import is_walked
from sync.store.places import is_cubby
from sync.store.unit_of_work import PACK_STATIONS


def touch_packing(bench: Bench, tote: RowDict) -> None:
    """Packers see a tote while it waits for them."""
    bench.work.touch("packing", tote["tote"], PACK_STATIONS, deleted=tote["status"] != ToteStatus.TO_PACK)


def belongs_to(bench: Bench, pick_list: RowDict, code: ToteCode) -> RowDict | None:
    """The tote, when what is in it is of this list: not where it was bound to another order or list since."""
    tote = bench.totes.get(code)
    if tote is None or tote["order_id"] not in (None, pick_list["order_id"]):
        return None
    user = None if tote["list_id"] in (None, pick_list["list_id"]) else bench.lists.get(tote["list_id"])
    return tote if user is None or not is_walked(user) else None


def holds_pieces(bench: Bench, tote: RowDict) -> bool:
    return any(content["quantity"] for content in bench.tote_contents.where(tote=tote["tote"]))


def to_pack(bench: Bench, pick_list: RowDict, code: ToteCode) -> None:
    """A tote of the list goes to packing, unless somebody still picks into it for another list."""
    tote = belongs_to(bench, pick_list, code)
    if tote is None:
        return
    if not holds_pieces(bench, tote):
        set_free(bench, tote)
        return
    order = {"order_id": pick_list["order_id"], "list_id": pick_list["list_id"]}
    bench.totes.change(tote, status=str(ToteStatus.TO_PACK), **order)
    bench.work.touch("tote", code)
    touch_packing(bench, tote)


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
        if is_cubby(tote["tote"]):
            _give_cubby(bench, tote)
        bench.work.touch("tote", tote["tote"])
    touch_packing(bench, tote)


def set_free(bench: Bench, tote: RowDict) -> None:
    """The tote is empty: the next order may have it, and it is no packer's business."""
    was_to_sort = tote["status"] == ToteStatus.TO_SORT
    nobodys = dict.fromkeys(("list_id", "order_id", "batch_id", "terminal_id", "place", "sscc"))
    bench.totes.change(tote, status=str(ToteStatus.EMPTY), labels_sent=0, label_proven=False, **nobodys)
    bench.work.touch("tote", tote["tote"])
    touch_packing(bench, tote)
    if was_to_sort:
        bench.work.touch("sorting", tote["tote"], deleted=True)
    if is_cubby(tote["tote"]):
        _give_cubby(bench, tote)


def _give_cubby(bench: Bench, tote: RowDict) -> None:
    """The wall's own row says the same of a cubby as its tote: whose it is now, or nobody's."""
    cubby = bench.cubbies.get(tote["tote"])
    if cubby is not None:
        batch = {} if tote["order_id"] is not None else {"batch_id": None}
        bench.cubbies.change(cubby, order_id=tote["order_id"], **batch)
        bench.work.touch("cubby", tote["tote"])
