"""The small vocabularies of facts."""

from __future__ import annotations

from enum import StrEnum


class How(StrEnum):
    """How an answer came in; typed ones are marked as typed for ever."""

    SCANNED = "scanned"
    TYPED = "typed"


class SortProblem(StrEnum):
    MISSING = "missing"
    DAMAGED = "damaged"
    SURPLUS = "surplus"
    WRONG_ITEM = "wrong_item"
    RETURNED = "returned"
    """Nobody wants them any more: they went back to a location."""


class ShortReason(StrEnum):
    """Why fewer were picked than asked: the reasons of the shipped table, to which a site may add its own."""

    SHORT = "short"
    """Not enough there: the record looks elsewhere."""
    CUT = "cut"
    """The demand is given up."""
    DAMAGED = "damaged"
    """There, but not fit for sale: the record looks elsewhere."""
    WRONG_ITEM = "wrong_item"
    """Another item stands in the location: the record looks elsewhere."""


class PackProblem(StrEnum):
    MISSING = "missing"
    SURPLUS = "surplus"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"


class PrintVerdict(StrEnum):
    """What the printer's own count said after a label was sent."""

    PRINTED = "printed"
    LOST = "lost"
    UNCERTAIN = "uncertain"
