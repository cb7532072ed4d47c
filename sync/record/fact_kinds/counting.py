"""What is found at locations by those who look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sync.record.fact_kinds.answers import How
from sync.record.ids import CountTaskId, ItemId, LocationCode, LotCode, PickLineId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCount:
    """Intent: give me this count or, with None, the most urgent one that is open to me."""

    kind: ClassVar[str] = "claimed_count@1"
    task_id: CountTaskId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeroChecked:
    """After a pick that should have left nothing: how many pieces of the item are still there (0: it is empty)."""

    kind: ClassVar[str] = "zero_checked@1"
    line_id: PickLineId
    location: LocationCode
    item_id: ItemId
    found: int
    lot: LotCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One find of a blind count, to be added to the finds before it. It moves nothing: `CountEnded` says the sums."""

    kind: ClassVar[str] = "counted@1"
    task_id: CountTaskId | None
    """None: a count that nobody asked for."""
    location: LocationCode
    item_id: ItemId
    quantity: int
    how: How
    lot: LotCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedItem:
    item_id: ItemId
    lot: LotCode | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEnded:
    """The whole location was counted: this is there, and nothing else."""

    kind: ClassVar[str] = "count_ended@1"
    task_id: CountTaskId | None
    location: LocationCode
    finds: tuple[CountedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedCount:
    """Intent: somebody else may do this count; what was found of it up to now means nothing any more."""

    kind: ClassVar[str] = "released_count@1"
    task_id: CountTaskId | None
    """None: a count that nobody asked for is broken off."""
