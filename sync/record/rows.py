"""What the store tells the terminals: the rows of the change feed, one dataclass for each kind.

A terminal's replica holds these rows exactly as the store sent them; what the terminal has done since is folded over
them (`sync.record.picking`, `sync.record.packing`), never merged in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sync.record.ids import (
    BadgeCode,
    Gtin,
    ItemId,
    LocationCode,
    LotCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
    SiteId,
    Sscc,
    TerminalId,
    ToteCode,
    WorkerId,
    ZoneId,
)


class Role(StrEnum):
    PICKER = "picker"
    PACKER = "packer"
    LEAD = "lead"
    STOCK = "stock"
    ADMINISTRATOR = "administrator"
    INTEGRATOR = "integrator"


class ListKind(StrEnum):
    PIECE = "piece"
    BATCH = "batch"
    ZONE = "zone"


class ListStatus(StrEnum):
    OPEN = "open"
    """Released, in the common pool."""
    HELD = "held"
    """Claimed by a terminal; picking goes on."""
    HANDED_OVER = "handed_over"
    """Picked and given to packing: nothing of it is left to pick."""
    CANCELLED = "cancelled"


class ToteStatus(StrEnum):
    EMPTY = "empty"
    PICKING = "picking"
    TO_PACK = "to_pack"


class LocationKind(StrEnum):
    PICK = "pick"
    RESERVE = "reserve"
    STAGING = "staging"
    PACK = "pack"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site and the rules it sets for the floor."""

    site_id: SiteId
    name: str
    company_prefix: str
    """GS1 company prefix, 7 to 10 digits; SSCCs and our own item numbers begin with it."""
    sender: tuple[str, ...]
    """Name and address that stand as sender on labels."""
    confirm_tote: bool = True
    """After each line the tote is scanned."""
    typed_quantity: bool = True
    """After the first scan of an item the rest may be typed as a number."""
    max_typed_quantity: int = 9999
    lists_ahead: int = 0
    """How many pick lists a terminal takes beyond the one that is walked, to go on with where there is no network."""
    lease_min: int = 15
    """Minutes without contact after which a terminal's work may be given to another one."""
    offline_sign_in_h: int = 14
    """Hours since the last contact during which workers of the roster may still sign in."""
    ssccs_ahead: int = 50
    """Carton numbers that a pack station leases at a time, to go on printing where there is no network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    worker_id: WorkerId
    badge: BadgeCode
    name: str
    roles: tuple[Role, ...]
    language: str
    pin_hash: str | None
    """argon2id; None: this worker signs in by badge alone."""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    gtin: Gtin
    pieces: int
    """How many eaches one scan of it stands for: 1, an inner's, a case's."""
    packaging: str
    """``each``, ``inner`` or ``case``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    item_id: ItemId
    name: str
    barcodes: tuple[Barcode, ...]
    weight_g: int | None
    lot_tracked: bool = False
    serial_tracked: bool = False
    expiry_tracked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationRow:
    code: LocationCode
    zone_id: ZoneId
    aisle: str
    kind: LocationKind
    position: int
    """Where it stands on the pick path of the site: walks go by it."""
    check_digits: str
    """Two digits on the shelf that may be typed where the barcode cannot be read."""
    blocked: bool = False
    """Reported empty or frozen: taken out of the walks until somebody has counted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickListRow:
    """The head of a pick list, for every terminal of the site."""

    list_id: PickListId
    kind: ListKind
    order_id: OrderId
    order_ref: str
    service: str
    cut_off: datetime | None
    status: ListStatus
    line_count: int
    piece_count: int
    terminal_id: TerminalId | None
    worker_id: WorkerId | None
    token: int
    """Grows with every grant, move and cancel; a fact says under which one it was made."""
    totes: tuple[ToteCode, ...]
    """Bound by scan, the one in use last."""
    tote_gone: bool = False
    """The tote in use stayed with who had the list before: whoever picks on binds another one."""
    moving: bool = False
    """A lead has given the list away: its holder leaves it at the next stop."""
    move_to: TerminalId | None = None
    """The terminal that gets it then; None: the common pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLineRow:
    """One item at one location in one quantity; sent to the terminal that holds the list."""

    line_id: PickLineId
    list_id: PickListId
    order_id: OrderId
    order_line_id: OrderLineId
    item_id: ItemId
    location: LocationCode
    lot: LotCode | None
    expiry: date | None
    lots_here: int
    """How many lots of the item stand at the location: from two on, the lot must be scanned."""
    position: int
    """The location's position on the pick path."""
    passes: int
    """0 on the first way through; each skip adds one, so that the line comes back at the end of the walk."""
    asked: int
    picked: int = 0
    put: int = 0
    """Of the picked pieces, how many were confirmed into the tote."""
    shorted: int = 0
    located: bool = False
    """The picker has confirmed standing before the location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteRow:
    tote: ToteCode
    status: ToteStatus
    order_ref: str | None
    list_id: PickListId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTo:
    """Where a carton goes. Only terminals that print labels are told."""

    name: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLine:
    order_line_id: OrderLineId
    item_id: ItemId
    in_tote: int
    """Pieces of it that the record says are in the tote."""
    verified: int = 0
    """Scanned at the pack station and not yet in a closed carton."""
    home: LocationCode | None = None
    """Where its pieces were picked: there they go back to when their order is cancelled. None while it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingRow:
    """A tote that waits for a packer, or is being packed; for terminals with the scope ``pack``."""

    tote: ToteCode
    order_id: OrderId
    order_ref: str
    service: str
    cut_off: datetime | None
    ship_to: ShipTo
    stop: str | None
    """Why the tape must not go on: ``held`` or ``cancelled``; None: nothing stands against it."""
    lines: tuple[PackLine, ...]
    carton_no: int
    """The number, within its order, that the next carton gets."""
    sscc: Sscc | None = None
    """Assigned to the carton that is being packed now."""
    labels_sent: int = 0
    """How often its label went to a printer; from two on they are reprints."""
    label_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SsccRangeRow:
    """Serial references that the store has leased to one terminal: ``first`` to ``last``, both included."""

    range_id: int
    terminal_id: TerminalId
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonRow:
    """A closed carton, for terminals with the scope ``pack``: a second label of the same SSCC is refused."""

    sscc: Sscc
    order_ref: str
    closed_at: datetime


Row = (
    SiteRow
    | WorkerRow
    | ItemRow
    | LocationRow
    | PickListRow
    | PickLineRow
    | ToteRow
    | PackingRow
    | SsccRangeRow
    | CartonRow
)

ROW_KINDS: dict[str, type[Row]] = {
    "site": SiteRow,
    "worker": WorkerRow,
    "item": ItemRow,
    "location": LocationRow,
    "pick_list": PickListRow,
    "pick_line": PickLineRow,
    "tote": ToteRow,
    "packing": PackingRow,
    "sscc_range": SsccRangeRow,
    "carton": CartonRow,
}
"""The kinds of the change feed. A terminal ignores kinds it does not know: it is older than the store."""


def row_key(row: Row) -> str:
    """The key of a row within its kind, as it stands in the change feed."""
    match row:
        case SiteRow():
            return row.site_id
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
        case ToteRow() | PackingRow():
            return row.tote
        case SsccRangeRow():
            return str(row.range_id)
        case CartonRow():
            return row.sscc
