"""The packing slip: what lies in a carton, for the customer who opens it."""

from dataclasses import dataclass

from layouts.documents.document import Column, Document

_COLUMNS = (Column("Qty", 0.12), Column("Item", 0.26), Column("Name", 0.62))


@dataclass(frozen=True)
class PackedLine:
    """Pieces of one item; `lot` is None where lots are not kept. Raises ValueError for less than one piece."""

    item_code: str
    name: str
    quantity: int
    lot: str | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"{self.quantity} of {self.item_code} cannot be packed; leave the line out")

    @property
    def name_and_lot(self) -> str:
        """`Milk 1 l (lot L77)`, or the name alone."""
        return self.name if self.lot is None else f"{self.name} (lot {self.lot})"


@dataclass(frozen=True)
class PackingSlip:
    """`carton` is `1` or `1 / 3`, `note` a line for the customer or nothing, `code` a barcode or nothing."""

    sender: tuple[str, ...]
    ship_to: tuple[str, ...]
    order_reference: str
    carton: str
    lines: tuple[PackedLine, ...]
    code: str = ""
    note: str = ""

    @property
    def pieces(self) -> int:
        """Pieces of all lines together."""
        return sum(line.quantity for line in self.lines)


def document(slip: PackingSlip) -> Document:
    """The slip as a paper; `layouts.documents.paper` and `thermal` print it."""
    return Document(
        title="Packing slip",
        code=slip.code,
        facts=(
            ("From", ", ".join(slip.sender)),
            ("Order", slip.order_reference),
            ("Carton", slip.carton),
            ("Pieces", str(slip.pieces)),
        ),
        lines=slip.ship_to,
        columns=_COLUMNS,
        rows=tuple((str(line.quantity), line.item_code, line.name_and_lot) for line in slip.lines),
        closing=(slip.note,) if slip.note else (),
    )
