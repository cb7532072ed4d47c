"""A picker made of a seed: walks lists of every kind, on foot, with a cart, for a wall and from zone to zone."""

from __future__ import annotations

from dataclasses import dataclass

from floor.ports import Turn
from floor.work.prompt import Changed, Key
from floor.work_day.simulated_worker import PATIENCE_S, SCAN_EACH_UP_TO, SimulatedWorker, Terminal
from floor.work_day.warehouse_floor import FullTote
from sync.record.codes.own import barcode_of
from sync.record.ids import ToteCode
from sync.record.picking import Walk
from sync.record.rows import ListKind, ListStatus, PickListRow

_LOOK_AGAIN_S = 0.5
_HAND_OVERS = ("hand_over", "batch_hand_over", "pass_on", "consolidate_first", "consolidate")
_TAKES_LESS = (("short", "2"), ("cut", "3"), ("damaged", "4"))
PIECE_WEIGHS_G = 250
"""What the scale at the shelf says of a piece that is sold by weight."""


@dataclass
class SimulatedPicker(SimulatedWorker):
    activity = "1"
    swapped: bool = False
    to_claim: ToteCode | None = None
    """A tote of one's own cart, to be scanned at the next terminal."""
    warned_of: str = ""

    def done(self) -> None:
        self.floor.picker_done()

    def _at(self, step: str, turn: Turn) -> Turn | None:
        match step:
            case "no_work":
                return self._at_no_work()
            case "go_to" | "batch_go_to":
                return self._at_go_to()
            case "pick" | "batch_pick":
                return self._at_pick(turn)
            case "scan_lot":
                return self._at_lot()
            case "scan_serial":
                self.counts["serials"] += 1
                return self._scan(f"SN {self.name} {self.counts['serials']}")
            case "type_weight":
                return self._type_number(PIECE_WEIGHS_G)
            case "zero_check":
                return self._type("1")
            case _:
                return self._at_totes(step)

    def _at_totes(self, step: str) -> Turn:
        match step:
            case "bind_tote" | "bulk_tote" | "new_tote" | "batch_bind" | "batch_new_tote":
                return self._at_new_tote(step)
            case "batch_tote":
                return self._at_which_tote()
            case "batch_place":
                return self._at_batch_place()
            case "handed_over":
                self.counts["lists"] += 1
                return self._press(Key.ENTER)
            case "list_moved":
                return self._press(Key.ENTER)
            case _ if step in _HAND_OVERS:
                return self._at_hand_over(step)
            case _:
                return self._scan_expected(step)

    def _at_menu(self) -> Turn:
        if self.to_claim is None:
            return self._type(self.activity)
        tote, self.to_claim = self.to_claim, None
        return self._scan(barcode_of(tote))

    def _at_no_work(self) -> Turn | None:
        """A list may still come from the zone before, or when somebody gives one back: who is of no zone stays."""
        standing = (ListStatus.WAITING, ListStatus.OPEN, ListStatus.HELD)
        lists = (row for row in self.session.rows("pick_list") if isinstance(row, PickListRow))
        if self.zone is not None or not any(row.status in standing and row.zone_id for row in lists):
            return None
        self._wait("no_work", _LOOK_AGAIN_S)
        return self._press(Key.ENTER)

    # Totes.

    def _at_new_tote(self, step: str) -> Turn:
        """An empty tote from the stack. A terminal that has not heard yet that it is empty refuses it for a while."""
        self.empty = self.empty or self.floor.take_empty()
        if self.empty is None:
            return self._wait(step)
        turn = self._scan_expected(step)
        if self.empty in self._totes():
            self.empty = None
            return turn
        return self._wait(step, _LOOK_AGAIN_S) if turn.prompt.step == step else turn

    def _at_which_tote(self) -> Turn:
        """Any tote of the cart: one whose order is done leaves, another is said to be full."""
        walk = self._walk()
        carried = [order.totes[-1] for order in walk.orders if order.totes and not order.handed_over]
        return self._scan(barcode_of(self.rng.choice(carried)))

    def _at_batch_place(self) -> Turn:
        walk, order_id = self._walk(), self.conversation.desk.order_id
        order = None if order_id is None else walk.order(order_id)
        turn = self._scan_expected("batch_place")
        after = self.session.held_walk()
        left = None if after is None or order_id is None else after.order(order_id)
        if order is not None and left is not None and left.handed_over:
            self.counts["orders that left early"] += 1
            self.floor.put_on_bench(FullTote(tote, order.order_ref, walk.head.list_id) for tote in order.totes)
        return turn

    def _at_hand_over(self, step: str) -> Turn:
        """The walk to the bench takes longer than what the store adds to the walk after a short."""
        self.session.drain(PATIENCE_S)
        turn = self._say(self.conversation.give(Changed()))
        walk = self.session.held_walk()
        if turn.prompt.step != step or walk is None:
            return turn
        turn = self._scan_expected(step)
        if turn.prompt.step == "handed_over":
            self._put_down(walk)
        return turn

    def _put_down(self, walk: Walk) -> None:
        head = walk.head
        full = [FullTote(tote, head.order_ref, head.list_id) for tote in head.totes]
        match head.kind:
            case ListKind.BULK:
                self.floor.put_at_wall(head.totes)
            case ListKind.ZONE_PASS if head.to_come:
                pass  # the next zone fetches them
            case ListKind.ZONE_PARALLEL:
                self.floor.put_together(full)
            case ListKind.BATCH:
                self.floor.put_on_bench(
                    FullTote(tote, order.order_ref, head.list_id)
                    for order in walk.orders
                    if not order.handed_over
                    for tote in order.totes
                )
            case _:
                self.floor.put_on_bench(full)
        self.counts[f"lists {head.kind}"] += 1

    # Lines.

    def _at_go_to(self) -> Turn:
        if self._happens("skip"):
            self._press(Key.PROBLEM)
            return self._type("1")
        if self._happens("undo"):
            return self._undo()
        if self._walk().head.kind is ListKind.BATCH and not self.swapped and self._happens("swap_terminal"):
            return self._swap_terminal()
        return self._scan_expected("go_to")

    def _at_pick(self, turn: Turn) -> Turn:
        """Scan the first piece, then the others or their number; now and then there are not enough."""
        if self._happens("new_tote"):
            self._press(Key.PROBLEM)
            return self._type("7")
        done, asked = turn.prompt.count or (0, 0)
        for mishap, digit in _TAKES_LESS:
            if self._happens(mishap):
                return self._fewer(done, asked, digit)
        if self._happens("undo"):
            return self._undo()
        if done and asked > SCAN_EACH_UP_TO:
            turn = self._type_number(asked)
            return self._scan_expected("pick") if turn.notice is not None and turn.notice.key == "scan_each" else turn
        return self._scan_expected("pick")

    def _at_lot(self) -> Turn:
        """The lot that is asked for, or another one that stands there; a warning is confirmed by the same scan."""
        walk = self._walk()
        line = next((line for line in walk.lines if line.line_id == self.conversation.desk.line_id), None)
        others = (
            () if line is None else tuple(one.lot for one in line.lots if one.lot != line.lot and one.available > 9)
        )
        if not others or not self._happens("other_lot"):
            return self._scan_expected("scan_lot")
        lot = self.rng.choice(others)
        turn = self._scan(lot)
        return self._scan(lot) if turn.prompt.step == "scan_lot" and self.conversation.desk.warned else turn

    def _fewer(self, done: int, asked: int, digit: str) -> Turn:
        found = self.rng.randint(done, asked - 1) if done else 0
        turn = self._type_number(found)
        return self._type(digit) if turn.prompt.step == "short_reason" else turn

    def _undo(self) -> Turn:
        """What was done last; a tote that is bound no more goes back to the stack."""
        before = self._totes()
        turn = self._press(Key.UNDO)
        for tote in before - self._totes():
            self.floor.put_empty(tote)
        return turn

    def _walk(self) -> Walk:
        walk = self.session.held_walk()
        if walk is None:
            raise AssertionError(f"{self.name}: a prompt of a walk stands, and there is none")
        return walk

    def _totes(self) -> set[ToteCode]:
        walk = self.session.held_walk()
        return set() if walk is None else {*walk.head.totes, *(tote for order in walk.orders for tote in order.totes)}

    # Terminals.

    def _swap_terminal(self) -> Turn:
        """What was scanned is delivered; the cart stands there, and another terminal knows nothing of it yet."""
        self.swapped = True
        walk = self._walk()
        self.to_claim = next(order.totes[-1] for order in walk.orders if order.totes and not order.handed_over)
        self.session.drain(PATIENCE_S)
        self.session.close()
        self.terminal: Terminal = self.another_terminal()
        self._listen()
        self.session.wait_for(lambda: self.session.site() is not None, PATIENCE_S)
        known = self.session.wait_for(lambda: self.session.tote(self.to_claim or ToteCode("")) is not None, PATIENCE_S)
        if not known:
            raise AssertionError(f"{self.name}: the new terminal never heard of tote {self.to_claim}")
        return self._say(self.conversation.turn())
