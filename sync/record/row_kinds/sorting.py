"""What waits at put walls."""

from __future__ import annotations

from dataclasses import dataclass

from sync.record.ids import BatchId, ItemId, LocationCode, LotCode, OrderId, OrderLineId, TerminalId, ToteCode, WallId


@dataclass(frozen=True, slots=True, kw_only=True)
class SortLine:
    order_line_id: OrderLineId
    order_id: OrderId
    order_ref: str
    item_id: ItemId
    lot: LotCode | None
    in_tote: int
    """Pieces for this order line that the record says are still in the tote."""
    cubby: ToteCode | None
    """Where they go; None until a wall was chosen."""
    stopped: bool = False
    """The order is cancelled: its pieces go back to a location."""
    home: LocationCode | None = None
    """Where pieces of a stopped order were picked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortingRow:
    """A bulk tote that waits for a sorter or is being sorted."""

    tote: ToteCode
    batch_id: BatchId
    wall: WallId | None
    terminal_id: TerminalId | None
    """Who sorts it now."""
    lines: tuple[SortLine, ...]
    totes_left: int = 0
    """Other bulk totes of the batch that are not sorted yet."""
    lists_left: int = 0
    """Pick lists of the batch that are still picked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CubbyRow:
    cubby: ToteCode
    wall: WallId
    label: str
    """What stands on it in large: ``A3``."""
    stands_at: LocationCode | None = None
    """The location of its wall."""
    batch_id: BatchId | None = None
    order_ref: str | None = None
    complete: bool = False
    """All of its order is in it: the packer is called."""
