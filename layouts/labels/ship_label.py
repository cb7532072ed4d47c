"""The GS1 logistic label on a parcel: 4 x 6 inches, the SSCC lowest.

Source: GS1 Logistic Label Guideline. Modules of at least 0.495 mm, bars 32 mm high, quiet zones of 10 modules.
"""

from dataclasses import dataclass

from layouts.gs1 import Element, readable_sscc, require_check_digit
from layouts.zpl import Dpi, LabelBuilder, Shortfall

WIDTH_MM = 101.6
HEIGHT_MM = 152.4
SSCC_DIGITS = 18

_LEFT_MM = 4.0
_RIGHT_COLUMN_MM = 64.0
_FULL_WIDTH_MM = 93.6
_LEFT_WIDTH_MM = 58.0
_RIGHT_WIDTH_MM = 33.6
_TITLE_MM = 2.4
_BARS_MM = 32.0
_MODULE_MM = 0.495
_SSCC_MODULES = 156


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


def ship_label(label: ShipLabel, dpi: Dpi) -> bytes:
    """The job for the printer: one label, once."""
    return _laid_out(label, dpi).job()


def ship_label_shortfalls(label: ShipLabel, dpi: Dpi) -> tuple[Shortfall, ...]:
    """What of `label` does not fit or cannot be drawn, to be told to the packer before printing."""
    return _laid_out(label, dpi).shortfalls


def _laid_out(label: ShipLabel, dpi: Dpi) -> LabelBuilder:
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    _sender_and_carton(builder, label)
    _ship_to(builder, label.ship_to)
    _transport_and_content(builder, label)
    if label.reprint_reason is not None:
        _reprint_mark(builder, label.reprint_reason)
    _sscc(builder, label.sscc)
    return builder


def _sender_and_carton(builder: LabelBuilder, label: ShipLabel) -> None:
    _title(builder, _LEFT_MM, 4.0, "FROM")
    builder.block(
        _LEFT_MM,
        7.0,
        "\n".join(label.sender),
        field="sender",
        height_mm=3.2,
        least_height_mm=2.4,
        width_mm=_LEFT_WIDTH_MM,
        area_mm=15.5,
    )
    _title(builder, _RIGHT_COLUMN_MM, 4.0, "CARTON")
    carton = str(label.carton_number) if label.carton_count is None else f"{label.carton_number} / {label.carton_count}"
    _value(builder, _RIGHT_COLUMN_MM, 8.0, carton, "carton", height_mm=9.0, width_mm=_RIGHT_WIDTH_MM)
    _rule(builder, 23.5)


def _ship_to(builder: LabelBuilder, ship_to: ShipTo) -> None:
    _title(builder, _LEFT_MM, 25.0, "SHIP TO")
    _value(builder, _LEFT_MM, 28.5, ship_to.name, "ship-to name", height_mm=6.0, width_mm=_FULL_WIDTH_MM)
    builder.block(
        _LEFT_MM,
        36.0,
        "\n".join(ship_to.lines),
        field="ship-to lines",
        height_mm=4.6,
        least_height_mm=2.8,
        width_mm=_FULL_WIDTH_MM,
        area_mm=22.0,
    )
    town = f"{ship_to.postcode} {ship_to.city}"
    _value(builder, _LEFT_MM, 59.0, town, "ship-to postcode and city", height_mm=7.5, width_mm=_FULL_WIDTH_MM)
    _value(builder, _LEFT_MM, 67.5, ship_to.country, "ship-to country", height_mm=5.0, width_mm=_FULL_WIDTH_MM)
    _rule(builder, 74.0)


def _transport_and_content(builder: LabelBuilder, label: ShipLabel) -> None:
    _title(builder, _LEFT_MM, 75.5, "CARRIER")
    _value(builder, _LEFT_MM, 79.0, label.carrier_service, "carrier", height_mm=5.0, width_mm=_LEFT_WIDTH_MM)
    _title(builder, _RIGHT_COLUMN_MM, 75.5, "ORDER")
    _value(builder, _RIGHT_COLUMN_MM, 79.0, label.order_reference, "order", height_mm=5.0, width_mm=_RIGHT_WIDTH_MM)
    _rule(builder, 85.5)
    _title(builder, _LEFT_MM, 87.0, "CONTENT")
    content = f"{label.pieces} piece" if label.pieces == 1 else f"{label.pieces} pieces"
    _value(builder, _LEFT_MM, 90.5, content, "content", height_mm=4.0, width_mm=_LEFT_WIDTH_MM)
    if label.weight_g is not None:
        _title(builder, _RIGHT_COLUMN_MM, 87.0, "WEIGHT")
        weight = f"{label.weight_g / 1000:.3f} kg"
        _value(builder, _RIGHT_COLUMN_MM, 90.5, weight, "weight", height_mm=4.0, width_mm=_RIGHT_WIDTH_MM)
    _rule(builder, 96.0)


def _reprint_mark(builder: LabelBuilder, reason: str) -> None:
    builder.box(_LEFT_MM, 97.5, width_mm=_FULL_WIDTH_MM, height_mm=7.0, thickness_mm=0.6)
    mark = f"REPRINT: {reason}"
    _value(builder, _LEFT_MM + 2.0, 99.0, mark, "reprint reason", height_mm=4.4, width_mm=_FULL_WIDTH_MM - 4.0)


def _sscc(builder: LabelBuilder, sscc: str) -> None:
    _title(builder, _LEFT_MM, 106.0, "SSCC")
    _value(builder, _LEFT_MM, 109.5, readable_sscc(sscc), "SSCC", height_mm=5.5, width_mm=_FULL_WIDTH_MM)
    module_mm = builder.module_mm(_MODULE_MM)
    builder.gs1_128(
        (WIDTH_MM - _SSCC_MODULES * module_mm) / 2,
        HEIGHT_MM - 4.0 - _BARS_MM,
        [Element("00", sscc)],
        height_mm=_BARS_MM,
        module_mm=_MODULE_MM,
    )


def _title(builder: LabelBuilder, x_mm: float, y_mm: float, title: str) -> None:
    builder.text(x_mm, y_mm, title, field=title, height_mm=_TITLE_MM, width_mm=_RIGHT_WIDTH_MM)


def _value(
    builder: LabelBuilder, x_mm: float, y_mm: float, text: str, name: str, *, height_mm: float, width_mm: float
) -> None:
    """One line that may shrink to half its height before it is shortened."""
    builder.text(
        x_mm, y_mm, text, field=name, height_mm=height_mm, least_height_mm=max(2.4, height_mm / 2), width_mm=width_mm
    )


def _rule(builder: LabelBuilder, y_mm: float) -> None:
    builder.box(_LEFT_MM, y_mm, width_mm=_FULL_WIDTH_MM, height_mm=0.0)
