"""The GS1 logistic label on a pallet: 4 x 6 inches, the pallet's own SSCC lowest, and how many cartons stand on it."""

from dataclasses import dataclass

from layouts.gs1 import readable_sscc, require_check_digit
from layouts.labels.logistic import (
    FULL_WIDTH_MM,
    HEIGHT_MM,
    LEFT_MM,
    LEFT_WIDTH_MM,
    RIGHT_COLUMN_MM,
    RIGHT_WIDTH_MM,
    SSCC_DIGITS,
    WIDTH_MM,
    rule,
    sscc_lowest,
    title,
    value,
)
from layouts.zpl import Dpi, LabelBuilder


@dataclass(frozen=True)
class PalletLabel:
    """`sscc` is the pallet's, never a carton's; `destination` the lines of the address or the lane it stands in.

    `weight_g` is None when it was not weighed. Raises ValueError for an SSCC that is not 18 digits with a right check
    digit, and for a pallet without cartons.
    """

    sender: tuple[str, ...]
    destination: tuple[str, ...]
    carrier_service: str
    sscc: str
    carton_count: int
    weight_g: int | None = None

    def __post_init__(self) -> None:
        require_check_digit(self.sscc, SSCC_DIGITS, "SSCC")
        if self.carton_count < 1:
            raise ValueError(f"a pallet of {self.carton_count} cartons needs no label; put the first carton on it")

    @property
    def cartons(self) -> str:
        """`24 cartons`."""
        return f"{self.carton_count} carton" if self.carton_count == 1 else f"{self.carton_count} cartons"

    @property
    def weight(self) -> str | None:
        """`312.5 kg`, None when it was not weighed."""
        return None if self.weight_g is None else f"{self.weight_g / 1000:.1f} kg"

    @property
    def readable_sscc(self) -> str:
        """`(00) 3 4012345 123456789 5`."""
        return readable_sscc(self.sscc)


def laid_out(label: PalletLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    title(builder, LEFT_MM, 4.0, "FROM")
    _lines(builder, 7.0, label.sender, "sender", height_mm=3.2, width_mm=LEFT_WIDTH_MM, area_mm=15.5)
    value(builder, RIGHT_COLUMN_MM, 4.0, "PALLET", "pallet", height_mm=9.0, width_mm=RIGHT_WIDTH_MM)
    rule(builder, 23.5)
    title(builder, LEFT_MM, 25.0, "SHIP TO")
    _lines(builder, 28.5, label.destination, "destination", height_mm=7.0, width_mm=FULL_WIDTH_MM, area_mm=44.0)
    rule(builder, 74.0)
    title(builder, LEFT_MM, 75.5, "CARRIER")
    value(builder, LEFT_MM, 79.0, label.carrier_service, "carrier", height_mm=5.0, width_mm=FULL_WIDTH_MM)
    rule(builder, 85.5)
    title(builder, LEFT_MM, 87.0, "CARTONS")
    value(builder, LEFT_MM, 90.5, label.cartons, "cartons", height_mm=12.0, width_mm=LEFT_WIDTH_MM)
    if label.weight is not None:
        title(builder, RIGHT_COLUMN_MM, 87.0, "WEIGHT")
        value(builder, RIGHT_COLUMN_MM, 90.5, label.weight, "weight", height_mm=5.0, width_mm=RIGHT_WIDTH_MM)
    rule(builder, 104.0)
    sscc_lowest(builder, label.sscc)
    return builder


def _lines(
    builder: LabelBuilder,
    y_mm: float,
    lines: tuple[str, ...],
    name: str,
    *,
    height_mm: float,
    width_mm: float,
    area_mm: float,
) -> None:
    builder.block(
        LEFT_MM,
        y_mm,
        "\n".join(lines),
        field=name,
        height_mm=height_mm,
        least_height_mm=2.4,
        width_mm=width_mm,
        area_mm=area_mm,
    )
