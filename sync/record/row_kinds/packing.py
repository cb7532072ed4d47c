"""What waits at pack stations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync.record.ids import ItemId, LocationCode, OrderId, OrderLineId, Sscc, TerminalId, ToteCode


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
    piece_g: int | None = None
    """What a piece of it weighs on average, as picked, where the item is sold by weight."""
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
    carrier_label: int | None = None
    """Which of the carrier's labels of its order the carton has (`CarrierLabelRow.carton_no`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLabelRow:
    """What a carrier wants printed on one carton that is not closed yet; for terminals with the scope ``pack``."""

    order_id: OrderId
    carton_no: int
    """A carton gets the first of its order that no other one has."""
    zpl: str
    """Looked through (`sync.record.codes.carrier_zpl`); printed as it is, as UTF-8."""
    barcode: str | None
    """What a scanner reads off it, without FNC1; None: it cannot be scanned back."""
    sscc: Sscc | None = None
    """The carton that has it."""


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
