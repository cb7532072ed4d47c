"""What a terminal can say of its own facts on their way to the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.record.facts import Fact
from sync.record.ids import EventId


class StorageFailed(Exception):
    """A fact could not be made durable: the disk is full, read-only or broken. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Link:
    """The state of the line to the store, as it is known here."""

    online: bool
    undelivered: int
    """Facts that the store is not known to hold with a verdict."""
    oldest_undelivered_at: datetime | None
    problem: str | None = None
    """Why nothing gets through, in words for an administrator."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An own intent or fact whose verdict is not plain ``accepted``, still to be told to the worker."""

    event_id: EventId
    fact: Fact
    verdict: str
    """As `sync.record.facts.Verdict` writes itself: ``refused:held-by:HH-07`` ..."""
