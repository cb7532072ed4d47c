"""What terminals write into their ledgers: facts, which have happened and are never refused, and intents, which may be.

Each has a kind and a version on the wire (``picked@1``). A kind that was ever shipped is never changed: a new version
is added, with an up-caster in `sync.wire`. The kinds themselves stand in `sync.record.fact_kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import get_args

from sync.record.fact_kinds.answers import How, PackProblem, PrintVerdict, ShortReason, SortProblem
from sync.record.fact_kinds.claiming import (
    ClaimedList,
    ClaimedSsccs,
    ClaimedTote,
    ReleasedList,
    SignedIn,
    SignedOut,
    ZoneChosen,
)
from sync.record.fact_kinds.counting import ClaimedCount, Counted, CountedItem, CountEnded, ReleasedCount, ZeroChecked
from sync.record.fact_kinds.packing import (
    CartonClosed,
    LabelProven,
    LabelRefused,
    LabelSent,
    PackedQuantity,
    PackReported,
    PieceVerified,
    PutBack,
    SsccAssigned,
)
from sync.record.fact_kinds.picking import (
    CartToteBound,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    LocationReported,
    OrderHandedOver,
    Picked,
    PutInTote,
    ReportedEmpty,
    ToteBound,
    Undone,
)
from sync.record.fact_kinds.sorting import ClaimedSort, PutInCubby, ReleasedSort, SortReported
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId

__all__ = [
    "FACT_KINDS",
    "INTENTS",
    "CartToteBound",
    "CartonClosed",
    "ClaimedCount",
    "ClaimedList",
    "ClaimedSort",
    "ClaimedSsccs",
    "ClaimedTote",
    "CountEnded",
    "Counted",
    "CountedItem",
    "Entry",
    "Fact",
    "How",
    "LabelProven",
    "LabelRefused",
    "LabelSent",
    "LineShorted",
    "LineSkipped",
    "ListHandedOver",
    "LocationConfirmed",
    "LocationReported",
    "OrderHandedOver",
    "PackProblem",
    "PackReported",
    "PackedQuantity",
    "Picked",
    "PieceVerified",
    "PrintVerdict",
    "PutBack",
    "PutInCubby",
    "PutInTote",
    "ReleasedCount",
    "ReleasedList",
    "ReleasedSort",
    "ReportedEmpty",
    "ShortReason",
    "SignedIn",
    "SignedOut",
    "SortProblem",
    "SortReported",
    "SsccAssigned",
    "Stamp",
    "ToteBound",
    "Undone",
    "Verdict",
    "VerdictKind",
    "ZeroChecked",
    "ZoneChosen",
]

Fact = (
    SignedIn
    | SignedOut
    | ZoneChosen
    | ClaimedList
    | ClaimedTote
    | ReleasedList
    | ClaimedSsccs
    | ToteBound
    | CartToteBound
    | LocationConfirmed
    | Picked
    | PutInTote
    | LineSkipped
    | LineShorted
    | ReportedEmpty
    | LocationReported
    | OrderHandedOver
    | ListHandedOver
    | Undone
    | PieceVerified
    | PackReported
    | SsccAssigned
    | LabelSent
    | LabelProven
    | CartonClosed
    | PutBack
    | LabelRefused
    | ClaimedSort
    | PutInCubby
    | SortReported
    | ReleasedSort
    | ClaimedCount
    | ZeroChecked
    | Counted
    | CountEnded
    | ReleasedCount
)

FACT_KINDS: dict[str, type[Fact]] = {kind.kind: kind for kind in get_args(Fact)}

INTENTS: frozenset[str] = frozenset(
    intent.kind
    for intent in (
        ClaimedList,
        ClaimedTote,
        ReleasedList,
        CartonClosed,
        ClaimedSsccs,
        ClaimedSort,
        ReleasedSort,
        ClaimedCount,
        ReleasedCount,
    )
)
"""Kinds that the store may refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who wrote a fact, where and when. No decision uses the times."""

    event_id: EventId
    site_id: SiteId
    terminal_id: TerminalId
    worker_id: WorkerId | None
    at: datetime
    """The terminal's wall clock, UTC; it may be wrong."""
    boot_id: str
    since_boot_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a ledger: a fact and its stamp."""

    stamp: Stamp
    fact: Fact


class VerdictKind(StrEnum):
    ACCEPTED = "accepted"
    DISCREPANCY = "discrepancy"
    """Accepted, and something does not fit: a lead settles it."""
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    """Kept raw: the store could not understand it and a person must look."""
    REFUSED = "refused"
    """Intents only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: VerdictKind
    reason: str | None = None
    """A short code: ``overpick``, ``cancelled``, ``stale-lease``, ``held-by:HH-07`` ..."""

    def __str__(self) -> str:
        return self.kind if self.reason is None else f"{self.kind}:{self.reason}"
