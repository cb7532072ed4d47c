"""The carton content label: what is inside, for the people who handle the carton, on as many labels as it takes."""

from dataclasses import dataclass

from layouts.documents.document import Column, Document
from layouts.documents.packing_slip import PackedLine
from layouts.gs1 import readable_sscc, require_check_digit

_COLUMNS = (Column("Qty", 0.14), Column("Item", 0.3), Column("Name", 0.56))
_SSCC_DIGITS = 18


@dataclass(frozen=True)
class CartonContent:
    """`sscc` is the carton's: read, never scanned here, so that nobody takes this label for the ship label.

    Raises ValueError for an SSCC that is not 18 digits with a right check digit.
    """

    order_reference: str
    carton: str
    sscc: str
    lines: tuple[PackedLine, ...]

    def __post_init__(self) -> None:
        require_check_digit(self.sscc, _SSCC_DIGITS, "SSCC")


def document(content: CartonContent) -> Document:
    """The label as a paper for `layouts.documents.thermal`."""
    pieces = sum(line.quantity for line in content.lines)
    return Document(
        title="Carton content",
        code="",
        facts=(
            ("Order", content.order_reference),
            ("Carton", content.carton),
            ("SSCC", readable_sscc(content.sscc)),
            ("Pieces", str(pieces)),
        ),
        lines=(),
        columns=_COLUMNS,
        rows=tuple((str(line.quantity), line.item_code, line.name_and_lot) for line in content.lines),
    )
