"""The identities of everything the record speaks of: each its own type, so that one is never taken for another."""

from typing import NewType

SiteId = NewType("SiteId", str)
ZoneId = NewType("ZoneId", str)
LocationCode = NewType("LocationCode", str)
"""What stands on the shelf, e.g. ``A03-12-2``: zone and aisle, bay, level."""

ItemId = NewType("ItemId", str)
"""The stock code of an item, upper case."""
Gtin = NewType("Gtin", str)
"""A GS1 item number written with 14 digits; shorter ones are padded with zeros on the left."""
LotCode = NewType("LotCode", str)
"""Unique only within an item."""
Serial = NewType("Serial", str)

OrderId = NewType("OrderId", int)
OrderLineId = NewType("OrderLineId", int)
WaveId = NewType("WaveId", int)
PickListId = NewType("PickListId", int)
PickLineId = NewType("PickLineId", int)
ToteCode = NewType("ToteCode", str)
"""Our license plate of a tote, e.g. ``T-000193``."""
Sscc = NewType("Sscc", str)
"""The 18 digits of a GS1 serial shipping container code, without the ``(00)``."""

WallId = NewType("WallId", str)
"""A put wall, e.g. ``W1``; its cubbies are ``W-1-A03`` ... and count as totes."""
BatchId = NewType("BatchId", int)
TripId = NewType("TripId", int)
"""The pick lists of one order that zones pick one after the other or at the same time."""
CountTaskId = NewType("CountTaskId", int)

WorkerId = NewType("WorkerId", str)
BadgeCode = NewType("BadgeCode", str)
"""What a badge's barcode says, e.g. ``B-1001``. A name, not a secret."""
TerminalId = NewType("TerminalId", str)
"""The label of a device; it serves no de-duplication (that is the stream)."""
StreamId = NewType("StreamId", str)
"""128 random bits as 32 hex digits: one ledger of one installation."""
EventId = NewType("EventId", str)
"""A UUIDv7 as 32 hex digits."""
