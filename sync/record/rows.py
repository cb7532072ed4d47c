"""What the store tells the terminals: the rows of the change feed, one dataclass for each kind.

A terminal's replica holds these rows exactly as the store sent them; what the terminal has done since is folded over
them (`sync.record.picking`, `sync.record.packing`), never merged in. The kinds stand in `sync.record.row_kinds`.
"""

from __future__ import annotations

from sync.record.row_kinds.packing import CarrierLabelRow, CartonRow, PackingRow, PackLine, ShipTo, SsccRangeRow
from sync.record.row_kinds.people import Role, SiteRow, WorkerRow, ZoneRow
from sync.record.row_kinds.picking import (
    ListKind,
    ListOrderRow,
    ListStatus,
    LotHere,
    PickLineRow,
    PickListRow,
    ToteRow,
    ToteStatus,
)
from sync.record.row_kinds.sorting import CubbyRow, SortingRow, SortLine
from sync.record.row_kinds.warehouse import (
    Barcode,
    CountStatus,
    CountTaskRow,
    ItemRow,
    LocationKind,
    LocationRow,
    ReasonRow,
)

__all__ = [
    "ROW_KINDS",
    "Barcode",
    "CarrierLabelRow",
    "CartonRow",
    "CountStatus",
    "CountTaskRow",
    "CubbyRow",
    "ItemRow",
    "ListKind",
    "ListOrderRow",
    "ListStatus",
    "LocationKind",
    "LocationRow",
    "LotHere",
    "PackLine",
    "PackingRow",
    "PickLineRow",
    "PickListRow",
    "ReasonRow",
    "Role",
    "Row",
    "ShipTo",
    "SiteRow",
    "SortLine",
    "SortingRow",
    "SsccRangeRow",
    "ToteRow",
    "ToteStatus",
    "WorkerRow",
    "ZoneRow",
    "row_key",
]

Row = (
    SiteRow
    | ZoneRow
    | WorkerRow
    | ItemRow
    | LocationRow
    | ReasonRow
    | PickListRow
    | PickLineRow
    | ListOrderRow
    | ToteRow
    | SortingRow
    | CubbyRow
    | CountTaskRow
    | PackingRow
    | SsccRangeRow
    | CartonRow
    | CarrierLabelRow
)

ROW_KINDS: dict[str, type[Row]] = {
    "site": SiteRow,
    "zone": ZoneRow,
    "worker": WorkerRow,
    "item": ItemRow,
    "location": LocationRow,
    "reason": ReasonRow,
    "pick_list": PickListRow,
    "pick_line": PickLineRow,
    "list_order": ListOrderRow,
    "tote": ToteRow,
    "sorting": SortingRow,
    "cubby": CubbyRow,
    "count_task": CountTaskRow,
    "packing": PackingRow,
    "sscc_range": SsccRangeRow,
    "carton": CartonRow,
    "carrier_label": CarrierLabelRow,
}
"""The kinds of the change feed. A terminal ignores kinds it does not know: it is older than the store."""


def row_key(row: Row) -> str:  # noqa: C901 - a table: one row for each kind
    """The key of a row within its kind, as it stands in the change feed."""
    match row:
        case SiteRow():
            return row.site_id
        case ZoneRow():
            return row.zone_id
        case ReasonRow():
            return row.code
        case ListOrderRow():
            return f"{row.list_id}.{row.order_id}"
        case CubbyRow():
            return row.cubby
        case CountTaskRow():
            return str(row.task_id)
        case WorkerRow():
            return row.worker_id
        case ItemRow():
            return row.item_id
        case LocationRow():
            return row.code
        case PickListRow():
            return str(row.list_id)
        case PickLineRow():
            return str(row.line_id)
        case ToteRow() | PackingRow() | SortingRow():
            return row.tote
        case SsccRangeRow():
            return str(row.range_id)
        case CartonRow():
            return row.sscc
        case CarrierLabelRow():
            return f"{row.order_id}.{row.carton_no}"
