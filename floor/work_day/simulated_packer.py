"""A packer made of a seed: opens totes and cubbies, verifies each piece, closes cartons."""

from __future__ import annotations

from dataclasses import dataclass, replace

from floor.ports import Turn
from floor.work.expected import Surroundings
from floor.work.prompt import Changed, Key, Notice
from floor.work_day.simulated_worker import PATIENCE_S, SCAN_EACH_UP_TO, DayStalled, SimulatedWorker
from floor.work_day.warehouse_floor import FullTote
from sync.record.ids import ToteCode
from sync.record.rows import ListStatus


@dataclass
class SimulatedPacker(SimulatedWorker):
    activity = "2"
    tote: ToteCode | None = None
    """At the pack station."""
    has_carton: bool = False
    """A carton of the tote is closed. Where all its pieces are missing there never is one."""

    def done(self) -> None:
        """Nobody waits for a packer."""

    def _around(self) -> Surroundings:
        return replace(super()._around(), tote_to_pack=self.tote)

    def _at(self, step: str, turn: Turn) -> Turn | None:
        self.has_carton = self.has_carton or step == "scan_label"
        match step:
            case "pack_tote":
                return self._at_pack_tote()
            case "pack_piece":
                return self._at_pack_piece(turn)
            case "print_failed" | "pack_which":
                return self._type("1")
            case "pack_stop":
                self.tote = None  # it stays beside the bench until a person has decided
                return self._press(Key.ENTER)
            case "pack_how_many":
                return self._type_number(int(turn.prompt.values["left"]))
            case "scan_label" if self._happens("reprint"):
                self._press(Key.REPRINT)
                return self._type("2")
            case "no_ssccs":
                self._wait(step)
                return self._press(Key.ENTER)
            case _:
                return self._scan_expected(step)

    def _at_pack_tote(self) -> Turn | None:
        if self.tote is not None:
            self.floor.packed(self.tote)
            self.counts["totes" if self.has_carton else "totes_of_missing"] += 1
            self.tote = None
        full = self.floor.take_from_bench(self.session)
        if full is not None:
            return self._open_tote(full)
        if self.floor.is_everything_packed(self.session):
            return None
        self.news.wait(0.2)
        self.news.clear()
        return self._say(self.conversation.give(Changed()))

    def _open_tote(self, full: FullTote) -> Turn:
        """Scan it once the terminal has heard of it; one in which nothing was put goes back to the stack."""

        def is_known() -> bool:
            head = None if full.list_id is None else self.session.pick_list(full.list_id)
            return self._is_to_pack(full) or (head is not None and head.status is ListStatus.HANDED_OVER)

        if not self.session.wait_for(is_known, PATIENCE_S):
            raise DayStalled(f"{self.name} never heard of tote {full.tote}: {self.session.link()}")
        if not self._is_to_pack(full):
            self.floor.packed(full.tote)
            return self._say(self.conversation.give(Changed()))
        self.tote, self.has_carton = full.tote, False
        return self._scan_expected("pack_tote")

    def _is_to_pack(self, full: FullTote) -> bool:
        packing = self.session.packing(full.tote)
        return packing is not None and packing.order_ref == full.order_ref and bool(packing.lines)

    def _at_pack_piece(self, turn: Turn) -> Turn:
        done, asked = turn.prompt.count or (0, 0)
        if self._happens("pack_missing"):
            self._press(Key.PROBLEM)
            return self._type("1")
        if done and asked > SCAN_EACH_UP_TO:
            return self._type_number(asked)
        return self._scan_expected("pack_piece")

    def _hear(self, notice: Notice) -> None:
        super()._hear(notice)
        if notice.key == "label_refused":
            self.tote = None  # put aside, with its pieces in it
