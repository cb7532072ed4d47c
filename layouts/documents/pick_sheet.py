"""The pick sheet: a pick list on paper, in walking order, for the day on which no terminal works."""

from dataclasses import dataclass

from layouts.documents.document import Column, Document

_COLUMNS = (
    Column("Location", 0.2),
    Column("Qty", 0.1),
    Column("Item", 0.2),
    Column("Name", 0.38),
    Column("Picked", 0.12),
)
_TO_FILL_IN = "____"


@dataclass(frozen=True)
class SheetLine:
    """One stop: the item, how many, and where. Raises ValueError for less than one piece."""

    location: str
    item_code: str
    name: str
    quantity: int

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError(f"{self.quantity} of {self.item_code} cannot be picked; leave the line out")


@dataclass(frozen=True)
class PickSheet:
    """`code` is the barcode of the list, or empty; `lines` in the order of the walk."""

    list_number: str
    order_reference: str
    zone: str
    lines: tuple[SheetLine, ...]
    code: str = ""


def document(sheet: PickSheet) -> Document:
    """The sheet as a paper; `layouts.documents.paper` and `thermal` print it."""
    pieces = sum(line.quantity for line in sheet.lines)
    return Document(
        title="Pick sheet",
        code=sheet.code,
        facts=(
            ("List", sheet.list_number),
            ("Order", sheet.order_reference),
            ("Zone", sheet.zone),
            ("Pieces", str(pieces)),
        ),
        lines=(),
        columns=_COLUMNS,
        rows=tuple((line.location, str(line.quantity), line.item_code, line.name, _TO_FILL_IN) for line in sheet.lines),
        closing=("Picked by: ______________________   Time: ____________",),
    )
