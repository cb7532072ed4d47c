"""A picker who works a terminal's session by the record alone, with slips of the hand by chance."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sync.record.facts import (
    ClaimedList,
    Fact,
    How,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    Picked,
    PutInTote,
    ReportedEmpty,
    ShortReason,
    SignedIn,
    ToteBound,
    Undone,
)
from sync.record.ids import LocationCode, ToteCode
from sync.record.picking import Walk, next_line, open_pieces
from sync.record.rows import PickLineRow
from sync.terminal.session import TerminalSession

NOWHERE = LocationCode("NOWHERE")
"""No location of the site: what is reported of it, the store keeps aside."""
PLACE = LocationCode("PACK01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slips:
    """How often something else happens than the next piece: chances from 0 to 1 for each scan."""

    undo: float = 0.04
    skip: float = 0.02
    short: float = 0.01
    too_many: float = 0.03
    nonsense: float = 0.02
    rescan: float = 0.05
    """A list is claimed that the store may have given to somebody else."""


NO_SLIPS = Slips(undo=0, skip=0, short=0, too_many=0, nonsense=0, rescan=0)


class Picker:
    def __init__(self, session: TerminalSession, chance: random.Random, slips: Slips) -> None:
        self._session = session
        self._chance = chance
        self._slips = slips

    def next_facts(self) -> list[Fact]:
        """What the next scan is about; nothing while there is nothing to do."""
        session, slips = self._session, self._slips
        if session.signed_in() is None:
            return [SignedIn()]
        if self._chance.random() < slips.nonsense:
            return [ReportedEmpty(location=NOWHERE)]
        walk = session.held_walk()
        if walk is None:
            return self._claim()
        if self._chance.random() < slips.undo:
            last = session.last_undoable(walk.head.list_id)
            if last is not None:
                return [Undone(undoes=last[0])]
        if not walk.head.totes:
            tote = ToteCode(f"T-{session.terminal_id()}-{walk.head.list_id}")
            return [ToteBound(list_id=walk.head.list_id, token=walk.head.token, tote=tote, how=How.SCANNED)]
        return self._at_line(walk)

    def _claim(self) -> list[Fact]:
        if self._session.claim_pending():
            return []
        if self._session.open_list_count() or self._chance.random() < self._slips.rescan:
            return [ClaimedList(list_id=None)]
        return []

    def _at_line(self, walk: Walk) -> list[Fact]:
        token = walk.head.token
        line = next_line(walk, confirm_tote=True)
        if line is None:
            return [ListHandedOver(list_id=walk.head.list_id, token=token, place=PLACE, how=How.SCANNED)]
        if not line.located:
            return [LocationConfirmed(line_id=line.line_id, token=token, location=line.location, how=How.SCANNED)]
        if open_pieces(line) <= 0:
            return [self._put(walk, line)]
        if self._chance.random() < self._slips.skip:
            return [LineSkipped(line_id=line.line_id, token=token)]
        if self._chance.random() < self._slips.short:
            gone = LineShorted(
                line_id=line.line_id, token=token, quantity=open_pieces(line), reason=ShortReason.DAMAGED
            )
            return [gone]
        quantity = 1
        if self._chance.random() < self._slips.too_many:
            quantity = open_pieces(line) + 1
        return [self._picked(walk, line, quantity)]

    def _picked(self, walk: Walk, line: PickLineRow, quantity: int) -> Picked:
        return Picked(
            line_id=line.line_id,
            token=walk.head.token,
            item_id=line.item_id,
            location=line.location,
            quantity=quantity,
            how=How.SCANNED,
            code=str(line.item_id),
            lot=line.lot,
        )

    def _put(self, walk: Walk, line: PickLineRow) -> PutInTote:
        return PutInTote(
            line_id=line.line_id,
            token=walk.head.token,
            tote=walk.head.totes[-1],
            quantity=line.picked - line.put,
            how=How.SCANNED,
        )
