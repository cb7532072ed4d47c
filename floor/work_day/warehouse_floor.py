"""What the simulated workers share: where the totes really are. A terminal may be late; a tote is in one place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync.record.ids import LocationCode, PickListId, ToteCode
from sync.record.rows import CubbyRow, ListStatus, LocationKind, LocationRow, ToteRow, ToteStatus
from sync.terminal.session import TerminalSession


@dataclass(frozen=True, slots=True)
class FullTote:
    """A tote or cubby with what a look into it tells: whose order it is."""

    tote: ToteCode
    order_ref: str
    list_id: PickListId | None


class WarehouseFloor:
    """Empty totes stand in a stack, full ones on the bench of the packers, beside the wall, or waiting for others."""

    def __init__(self, pickers: int, sorters: int = 0) -> None:
        self._lock = threading.Lock()
        self._pickers_left = pickers
        self._sorters_left = sorters
        self._stack: deque[ToteCode] = deque()
        self._bench: deque[FullTote] = deque()
        self._at_wall: deque[ToteCode] = deque()
        self._together: list[FullTote] = []
        """Of orders whose other zones may still pick."""
        self._opened: set[tuple[ToteCode, str]] = set()
        """Cubbies that a packer has gone to, with the order in them: who is late must not go there again."""
        self._is_laid_out = False

    def lay_out(self, session: TerminalSession) -> None:
        """Put every tote where the record says that it is, once, before the work begins."""
        with self._lock:
            if self._is_laid_out:
                return
            self._is_laid_out = True
            for row in session.rows("tote"):
                if not isinstance(row, ToteRow) or row.is_cubby:
                    continue
                if row.status is ToteStatus.EMPTY:
                    self._stack.append(row.tote)
                elif row.status is ToteStatus.TO_PACK:
                    self._bench.append(FullTote(row.tote, row.order_ref or "", row.list_id))
                elif row.status is ToteStatus.TO_SORT:
                    self._at_wall.append(row.tote)
                elif row.status is ToteStatus.CONSOLIDATING:
                    self._together.append(FullTote(row.tote, row.order_ref or "", row.list_id))

    # Empty ones.

    def take_empty(self) -> ToteCode | None:
        with self._lock:
            return self._stack.popleft() if self._stack else None

    def put_empty(self, tote: ToteCode) -> None:
        with self._lock:
            self._stack.append(tote)

    # What pickers put down.

    def put_on_bench(self, totes: Iterable[FullTote]) -> None:
        with self._lock:
            self._bench.extend(totes)

    def put_at_wall(self, totes: Iterable[ToteCode]) -> None:
        with self._lock:
            self._at_wall.extend(totes)

    def put_together(self, totes: Iterable[FullTote]) -> None:
        """At the place where the totes of one order come together."""
        with self._lock:
            self._together.extend(totes)

    def picker_done(self) -> None:
        with self._lock:
            self._pickers_left -= 1

    # The wall.

    def take_to_wall(self) -> ToteCode | None:
        with self._lock:
            return self._at_wall.popleft() if self._at_wall else None

    def is_nothing_to_sort(self) -> bool:
        """Nobody picks any more, and no tote stands beside the wall."""
        with self._lock:
            return not self._pickers_left and not self._at_wall

    def sorter_done(self) -> None:
        with self._lock:
            self._sorters_left -= 1

    # Packing.

    def take_from_bench(self, session: TerminalSession) -> FullTote | None:
        """What stands on the bench, an order that has come together, or a cubby that is complete."""
        with self._lock:
            if self._bench:
                return self._bench.popleft()
            for full in [one for one in self._together if _was_left_empty(one, session)]:
                self._together.remove(full)
                self._stack.append(full.tote)
            for full in self._together:
                row = session.tote(full.tote)
                if row is not None and row.status is ToteStatus.TO_PACK and row.order_ref == full.order_ref:
                    self._together.remove(full)
                    return full
            for cubby in _cubbies(session):
                seen = (cubby.cubby, cubby.order_ref or "")
                if cubby.complete and seen not in self._opened and session.packing(cubby.cubby):
                    self._opened.add(seen)
                    return FullTote(*seen, None)
            return None

    def packed(self, tote: ToteCode) -> None:
        """It is empty again; a cubby stays where it is."""
        with self._lock:
            if all(tote != cubby for cubby, _ in self._opened):
                self._stack.append(tote)

    def is_everything_packed(self, session: TerminalSession) -> bool:
        """Nobody picks or sorts any more, and nothing waits."""
        with self._lock:
            waits = self._bench or self._together or any(cubby.order_ref for cubby in _cubbies(session))
            return not self._pickers_left and not self._sorters_left and not waits


def _was_left_empty(full: FullTote, session: TerminalSession) -> bool:
    """Nothing was there to be put in: its order comes together without it. Who is late knows of both or of neither."""
    row, head = session.tote(full.tote), None if full.list_id is None else session.pick_list(full.list_id)
    is_over = head is not None and head.status is ListStatus.HANDED_OVER
    return is_over and row is not None and row.status is ToteStatus.EMPTY


def _cubbies(session: TerminalSession) -> list[CubbyRow]:
    return [row for row in session.rows("cubby") if isinstance(row, CubbyRow)]


def places(session: TerminalSession, kind: LocationKind) -> Sequence[LocationCode]:
    """The locations of a kind."""
    return [row.code for row in session.rows("location") if isinstance(row, LocationRow) and row.kind is kind]
