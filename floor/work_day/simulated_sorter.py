"""A sorter made of a seed: takes bulk totes to the wall and puts each piece into the cubby that is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from floor.ports import Turn
from floor.work.expected import Surroundings
from floor.work.prompt import Changed, Key
from floor.work_day.simulated_worker import PATIENCE_S, SCAN_EACH_UP_TO, DayStalled, SimulatedWorker
from sync.record.codes.own import barcode_of
from sync.record.ids import ToteCode
from sync.record.rows import CubbyRow, ToteStatus

_LOOK_AGAIN_S = 0.3


@dataclass
class SimulatedSorter(SimulatedWorker):
    activity = "3"
    tote: ToteCode | None = None
    """In the hand, on the way to the wall."""

    def done(self) -> None:
        self.floor.sorter_done()

    def _around(self) -> Surroundings:
        return replace(super()._around(), tote_to_sort=self.tote)

    def _at(self, step: str, turn: Turn) -> Turn | None:
        match step:
            case "sort_wall":
                cubby = next(row for row in self.session.rows("cubby") if isinstance(row, CubbyRow))
                return self._scan(barcode_of(cubby.cubby))
            case "sort_tote":
                return self._at_tote()
            case "sort_put":
                return self._at_put(turn)
            case "sort_item" if self._happens("sort_missing"):
                self._press(Key.PROBLEM)
                return self._type("1")
            case "sort_which":
                return self._type("1")
            case "sort_how_many":
                return self._type_number(int(turn.prompt.values["left"]))
            case "sort_lot":
                return self._at_lot()
            case "sort_done":
                return self._at_done()
            case _:
                return self._scan_expected(step)

    def _at_tote(self) -> Turn | None:
        self.tote = self.tote or self.floor.take_to_wall()
        if self.tote is None:
            if self.floor.is_nothing_to_sort():
                return None
            return self._wait("sort_tote", _LOOK_AGAIN_S)
        if not self.session.wait_for(self._is_known, PATIENCE_S):
            raise DayStalled(f"{self.name} never heard of bulk tote {self.tote}: {self.session.link()}")
        if self.session.sorting(self.tote) is None:
            self.floor.put_empty(self.tote)  # nothing was put into it
            self.tote = None
            return self._say(self.conversation.give(Changed()))
        turn = self._scan_expected("sort_tote")
        return self._wait("sort_tote", _LOOK_AGAIN_S) if turn.prompt.step == "sort_tote" else turn

    def _is_known(self) -> bool:
        row = None if self.tote is None else self.session.tote(self.tote)
        return row is not None and row.status in (ToteStatus.TO_SORT, ToteStatus.EMPTY)

    def _at_put(self, turn: Turn) -> Turn:
        done, asked = turn.prompt.count or (0, 0)
        if done < asked and asked > SCAN_EACH_UP_TO:
            self._type_number(asked)
        return self._scan_expected("sort_put")

    def _at_lot(self) -> Turn:
        sorting = self.session.sorting_in_hand()
        lines = () if sorting is None else sorting.lines
        return self._scan(next(line.lot for line in lines if line.in_tote and line.lot is not None))

    def _at_done(self) -> Turn:
        turn = self._press(Key.ENTER)
        if self.tote is not None:
            self.session.drain(PATIENCE_S)
            self.floor.put_empty(self.tote)
            self.counts["totes sorted"] += 1
            self.tote = None
        return turn
