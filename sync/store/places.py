"""The names of places in the stock journal (``stock_move.source`` and ``target``)."""

from __future__ import annotations

from sync.record.ids import LocationCode, Sscc, ToteCode

OUTSIDE = "outside"
"""Where goods come from and go to."""
LOST = "lost"
"""Written off: missing or damaged."""
SURPLUS = "surplus"
"""In somebody's hand and asked for by no line: to be put back."""


def at_location(location: LocationCode) -> str:
    return f"location:{location}"


def in_tote(tote: ToteCode) -> str:
    return f"tote:{tote}"


def in_carton(sscc: Sscc) -> str:
    return f"carton:{sscc}"


def is_cubby(tote: ToteCode) -> bool:
    """A cubby of a put wall: a tote that never moves (``W-1-A03``)."""
    return tote.startswith("W-")
