"""What the simulated workers share: where the totes really are. A terminal may be late; a tote is in one place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from sync.record.ids import LocationCode, PickListId, ToteCode
from sync.record.rows import LocationKind, LocationRow, ToteRow, ToteStatus
from sync.terminal.session import TerminalSession


@dataclass(frozen=True, slots=True)
class FullTote:
    """A tote with what a look into it tells: whose order it is."""

    tote: ToteCode
    order_ref: str
    list_id: PickListId | None


class WarehouseFloor:
    """Empty totes stand in a stack, full ones on the bench in front of the packers."""

    def __init__(self, pickers: int) -> None:
        self._lock = threading.Lock()
        self._pickers_left = pickers
        self._stack: deque[ToteCode] = deque()
        self._bench: deque[FullTote] = deque()
        self._is_laid_out = False

    def lay_out(self, session: TerminalSession) -> None:
        """Put every tote where the record says that it is, once, before the work begins."""
        with self._lock:
            if self._is_laid_out:
                return
            self._is_laid_out = True
            for row in session.rows("tote"):
                if isinstance(row, ToteRow) and row.status is ToteStatus.EMPTY:
                    self._stack.append(row.tote)
                elif isinstance(row, ToteRow) and row.status is ToteStatus.TO_PACK:
                    self._bench.append(FullTote(row.tote, row.order_ref or "", row.list_id))

    def take_empty(self) -> ToteCode | None:
        with self._lock:
            return self._stack.popleft() if self._stack else None

    def put_empty(self, tote: ToteCode) -> None:
        with self._lock:
            self._stack.append(tote)

    def put_on_bench(self, totes: Iterable[FullTote]) -> None:
        with self._lock:
            self._bench.extend(totes)

    def take_from_bench(self) -> FullTote | None:
        with self._lock:
            return self._bench.popleft() if self._bench else None

    def picker_done(self) -> None:
        with self._lock:
            self._pickers_left -= 1

    def is_everything_packed(self) -> bool:
        """Nobody picks any more, and the bench is empty."""
        with self._lock:
            return not self._pickers_left and not self._bench


def pack_place(session: TerminalSession) -> LocationCode | None:
    """Where totes are put down for packing."""
    places = (row for row in session.rows("location") if isinstance(row, LocationRow))
    return next((row.code for row in places if row.kind is LocationKind.PACK), None)
