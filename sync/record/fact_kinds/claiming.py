"""Who works here, in which zone, and what they ask for and give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sync.record.ids import PickListId, ToteCode, ZoneId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    kind: ClassVar[str] = "signed_in@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    kind: ClassVar[str] = "signed_out@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChosen:
    """The worker works in this zone from now on and sees its work only; None: in any."""

    kind: ClassVar[str] = "zone_chosen@1"
    zone_id: ZoneId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedList:
    """Intent: give me this pick list or, with None, the most urgent open one."""

    kind: ClassVar[str] = "claimed_list@1"
    list_id: PickListId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTote:
    """Intent: the tote stands before me, so the work it belongs to is mine: a zone's leg, a cart, my own walk."""

    kind: ClassVar[str] = "claimed_tote@1"
    tote: ToteCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedList:
    """Intent: the lines of this list that nobody has started go back to the common pool."""

    kind: ClassVar[str] = "released_list@1"
    list_id: PickListId
    token: int
    missing: ToteCode | None = None
    """The tote that the zone before has passed on and that is nowhere to be found: the order waits for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSsccs:
    """Intent: lease a range of at least this many serial references to this terminal."""

    kind: ClassVar[str] = "claimed_ssccs@1"
    count: int
