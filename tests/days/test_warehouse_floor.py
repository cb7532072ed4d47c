"""Where the simulated workers' totes are: one that stayed empty keeps nobody waiting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from floor.work_day.warehouse_floor import FullTote, WarehouseFloor
from sync.record.ids import PickListId, ToteCode
from sync.record.rows import ListStatus, PickListRow, ToteRow, ToteStatus
from sync.terminal.session import TerminalSession
from tests.wire.samples import ROWS

LIST, TOTE = PickListId(39), ToteCode("T-000007")


@dataclass
class Told:
    """What a pack station has been told."""

    list_status: ListStatus
    tote_status: ToteStatus

    def tote(self, code: ToteCode) -> ToteRow | None:
        return ToteRow(tote=code, status=self.tote_status, order_ref=None, list_id=None)

    def pick_list(self, list_id: PickListId) -> PickListRow:
        return replace(cast("PickListRow", ROWS["pick_list"]), list_id=list_id, status=self.list_status)

    def rows(self, _kind: str) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("list_status", "tote_status", "is_over"),
    [
        (ListStatus.HANDED_OVER, ToteStatus.EMPTY, True),
        (ListStatus.HELD, ToteStatus.EMPTY, False),
        (ListStatus.HANDED_OVER, ToteStatus.CONSOLIDATING, False),
    ],
)
def test_a_tote_into_which_nothing_was_put_is_waited_for_only_until_that_is_known(
    list_status: ListStatus, tote_status: ToteStatus, is_over: bool
) -> None:
    floor, session = WarehouseFloor(0), cast("TerminalSession", Told(list_status, tote_status))
    floor.put_together([FullTote(TOTE, "O-1", LIST)])
    assert floor.take_from_bench(session) is None
    assert floor.is_everything_packed(session) is is_over
    assert floor.take_empty() == (TOTE if is_over else None)
