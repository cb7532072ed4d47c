"""The GS1 logistic label on a parcel: 4 x 6 inches, the SSCC lowest."""

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
from layouts.zpl import Dpi, LabelBuilder, Shortfall


@dataclass(frozen=True)
class ShipTo:
    """Where a parcel goes; `lines` are what stands between the name and the postcode."""

    name: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str


@dataclass(frozen=True)
class ShipLabel:
    """What stands on a ship label.

    `carton_count` is None while nobody knows how many cartons the order takes, `weight_g` None when it was not weighed,
    `reprint_reason` None on the first print. Raises ValueError for an SSCC that is not 18 digits with a right check
    digit, for carton numbers that cannot be, and for a reprint without a reason.
    """

    sender: tuple[str, ...]
    ship_to: ShipTo
    carrier_service: str
    order_reference: str
    sscc: str
    carton_number: int
    carton_count: int | None
    pieces: int
    weight_g: int | None = None
    reprint_reason: str | None = None

    def __post_init__(self) -> None:
        require_check_digit(self.sscc, SSCC_DIGITS, "SSCC")
        if self.carton_number < 1 or (self.carton_count is not None and self.carton_count < self.carton_number):
            raise ValueError(f"there is no carton {self.carton_number} of {self.carton_count}; number cartons from 1")
        if self.reprint_reason is not None and not self.reprint_reason.strip():
            raise ValueError("a reprint says why: ask for the reason before printing the label again")

    @property
    def carton(self) -> str:
        """`1 / 3`, or `1` while the count is not known."""
        return str(self.carton_number) if self.carton_count is None else f"{self.carton_number} / {self.carton_count}"

    @property
    def content(self) -> str:
        """`12 pieces`."""
        return f"{self.pieces} piece" if self.pieces == 1 else f"{self.pieces} pieces"

    @property
    def weight(self) -> str | None:
        """`4.321 kg`, None when it was not weighed."""
        return None if self.weight_g is None else f"{self.weight_g / 1000:.3f} kg"

    @property
    def town(self) -> str:
        """Postcode and city in one line."""
        return f"{self.ship_to.postcode} {self.ship_to.city}"

    @property
    def readable_sscc(self) -> str:
        """`(00) 3 4012345 123456789 5`."""
        return readable_sscc(self.sscc)

    @property
    def reprint_mark(self) -> str | None:
        """`REPRINT: first label torn`, None on the first print."""
        return None if self.reprint_reason is None else f"REPRINT: {self.reprint_reason}"


def ship_label(label: ShipLabel, dpi: Dpi) -> bytes:
    """The job for the printer: one label, once."""
    return laid_out(label, dpi).job()


def ship_label_shortfalls(label: ShipLabel, dpi: Dpi) -> tuple[Shortfall, ...]:
    """What of `label` does not fit or cannot be drawn, to be told to the packer before printing."""
    return laid_out(label, dpi).shortfalls


def laid_out(label: ShipLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    _sender_and_carton(builder, label)
    _ship_to(builder, label)
    _transport_and_content(builder, label)
    if label.reprint_mark is not None:
        _reprint_mark(builder, label.reprint_mark)
    sscc_lowest(builder, label.sscc)
    return builder


def _sender_and_carton(builder: LabelBuilder, label: ShipLabel) -> None:
    title(builder, LEFT_MM, 4.0, "FROM")
    builder.block(
        LEFT_MM,
        7.0,
        "\n".join(label.sender),
        field="sender",
        height_mm=3.2,
        least_height_mm=2.4,
        width_mm=LEFT_WIDTH_MM,
        area_mm=15.5,
    )
    title(builder, RIGHT_COLUMN_MM, 4.0, "CARTON")
    value(builder, RIGHT_COLUMN_MM, 8.0, label.carton, "carton", height_mm=9.0, width_mm=RIGHT_WIDTH_MM)
    rule(builder, 23.5)


def _ship_to(builder: LabelBuilder, label: ShipLabel) -> None:
    ship_to = label.ship_to
    title(builder, LEFT_MM, 25.0, "SHIP TO")
    value(builder, LEFT_MM, 28.5, ship_to.name, "ship-to name", height_mm=6.0, width_mm=FULL_WIDTH_MM)
    builder.block(
        LEFT_MM,
        36.0,
        "\n".join(ship_to.lines),
        field="ship-to lines",
        height_mm=4.6,
        least_height_mm=2.8,
        width_mm=FULL_WIDTH_MM,
        area_mm=22.0,
    )
    value(builder, LEFT_MM, 59.0, label.town, "ship-to postcode and city", height_mm=7.5, width_mm=FULL_WIDTH_MM)
    value(builder, LEFT_MM, 67.5, ship_to.country, "ship-to country", height_mm=5.0, width_mm=FULL_WIDTH_MM)
    rule(builder, 74.0)


def _transport_and_content(builder: LabelBuilder, label: ShipLabel) -> None:
    title(builder, LEFT_MM, 75.5, "CARRIER")
    value(builder, LEFT_MM, 79.0, label.carrier_service, "carrier", height_mm=5.0, width_mm=LEFT_WIDTH_MM)
    title(builder, RIGHT_COLUMN_MM, 75.5, "ORDER")
    value(builder, RIGHT_COLUMN_MM, 79.0, label.order_reference, "order", height_mm=5.0, width_mm=RIGHT_WIDTH_MM)
    rule(builder, 85.5)
    title(builder, LEFT_MM, 87.0, "CONTENT")
    value(builder, LEFT_MM, 90.5, label.content, "content", height_mm=4.0, width_mm=LEFT_WIDTH_MM)
    if label.weight is not None:
        title(builder, RIGHT_COLUMN_MM, 87.0, "WEIGHT")
        value(builder, RIGHT_COLUMN_MM, 90.5, label.weight, "weight", height_mm=4.0, width_mm=RIGHT_WIDTH_MM)
    rule(builder, 96.0)


def _reprint_mark(builder: LabelBuilder, mark: str) -> None:
    builder.box(LEFT_MM, 97.5, width_mm=FULL_WIDTH_MM, height_mm=7.0, thickness_mm=0.6)
    value(builder, LEFT_MM + 2.0, 99.0, mark, "reprint reason", height_mm=4.4, width_mm=FULL_WIDTH_MM - 4.0)
