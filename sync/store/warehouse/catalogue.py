"""What a shop sells and how much of it, read from its order files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.record.ids import ItemId
from sync.store.importers.order_rows import OrderRow, RowReader
from sync.store.importers.profile import Profile
from sync.store.importers.records import read_sheet


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    item_id: ItemId
    name: str
    pieces: int
    """Ordered in all the files together."""
    lines: int
    """How many order lines asked for it."""


@dataclass(slots=True)
class _Gathered:
    name: str = ""
    named: tuple[bool, datetime] = (False, datetime.min.replace(tzinfo=UTC))
    """Whether a sale named it, and when."""
    pieces: int = 0
    lines: int = 0


def read_catalogue(profile: Profile, files: Iterable[tuple[str, bytes]]) -> list[CatalogueItem]:
    """Every item that the order files name, by item code, with the newest description and the demand.

    A description in a row without a price is a note (``damages``): it is taken only where no sale names the item.

    Args:
        files: name and bytes of each file.

    Raises:
        FileRefused: a file cannot be used.
    """
    items: dict[ItemId, _Gathered] = {}
    for name, data in files:
        sheet = read_sheet(profile, name, data)
        reader = RowReader(profile, sheet)
        for row in map(reader.read, sheet.records):
            if isinstance(row, OrderRow) and profile.non_goods.meaning(row.item_id) is None:
                _gather(items.setdefault(row.item_id, _Gathered()), row)
    return [
        CatalogueItem(item_id, gathered.name or item_id, gathered.pieces, gathered.lines)
        for item_id, gathered in sorted(items.items())
    ]


def _gather(item: _Gathered, row: OrderRow) -> None:
    named = (not row.free, row.at or item.named[1])
    if row.description and named >= item.named:
        item.name, item.named = row.description, named
    if row.quantity > 0:
        item.pieces += row.quantity
        item.lines += 1
