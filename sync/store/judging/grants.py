"""Pick lists change hands: granted to a terminal, given up by it, or taken from it. Each time the token grows."""

from __future__ import annotations

from sync.record.ids import TerminalId, WorkerId
from sync.record.rows import ListStatus
from sync.store.bench import Bench, RowDict
from sync.store.judging.lines_at_hand import orders_of, touch_list
from sync.store.leading.leases import lapsed_lists
from sync.store.stock_seen import stock_seen

NOT_MOVED = {"move_to": None, "move_by": None, "move_at": None}


def grant(bench: Bench, pick_list: RowDict, terminal_id: TerminalId, worker_id: WorkerId | None) -> None:
    """The terminal holds the list from now on; ``worker_id`` None: a lead gave it, nobody asked."""
    bench.lists.change(
        pick_list,
        status=str(ListStatus.HELD),
        terminal_id=terminal_id,
        worker_id=worker_id,
        token=pick_list["token"] + 1,
        **NOT_MOVED,
    )
    lines = bench.lines.where(list_id=pick_list["list_id"])
    for line, on_hand, lots in stock_seen(lines, bench.stock_at({line["location"] for line in lines})):
        bench.lines.change(line, on_hand=on_hand, lots=[list(lot) for lot in lots])
    touch_list(bench, pick_list)


def pass_on(bench: Bench, pick_list: RowDict, *, given_up: bool) -> None:
    """From its holder to the terminal that a lead has named for it, else back to the common pool.

    What was picked stays in the totes, and these stay bound. Where the holder has ``given_up`` the list, the tote is
    left for the next one; where it was taken away, the tote in use is still in the holder's hands.
    """
    for line in bench.lines.where(list_id=pick_list["list_id"]):
        # Nobody else will ever be asked to put what the one before had in the hand.
        bench.lines.change(line, located=False, put=line["picked"])
    bench.lists.change(pick_list, tote_gone=pick_list["tote_gone"] if given_up else bool(pick_list["totes"]))
    for order in orders_of(bench, pick_list):
        bench.list_orders.change(order, tote_gone=order["tote_gone"] if given_up else bool(order["totes"]))
    if pick_list["move_to"] is not None:
        grant(bench, pick_list, TerminalId(pick_list["move_to"]), None)
        return
    bench.lists.change(
        pick_list,
        status=str(ListStatus.OPEN),
        terminal_id=None,
        worker_id=None,
        token=pick_list["token"] + 1,
        **NOT_MOVED,
    )
    touch_list(bench, pick_list)


def pass_on_lapsed(bench: Bench, *, but: TerminalId | None, moved_only: bool = False) -> None:
    """What leases no longer protect goes on: when a terminal wants work; what was moved, at anybody's contact.

    One look is enough for a batch: whoever speaks in it is in contact. The database is asked as it stands: what a batch
    of facts has changed hands has not lapsed; a lead's move is to be written before.
    """
    if bench.looked_for_lapsed & {False, moved_only}:
        return
    bench.looked_for_lapsed.add(moved_only)
    for list_id in lapsed_lists(bench.work, lease_min=bench.rules.lease_min, but=but, moved_only=moved_only):
        pick_list = bench.lists.get(list_id)
        if pick_list is not None and pick_list["status"] == ListStatus.HELD and pick_list["terminal_id"] != but:
            pass_on(bench, pick_list, given_up=False)
