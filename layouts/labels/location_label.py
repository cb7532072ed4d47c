"""The label on a shelf: 100 x 50 mm, the location as bars and letters, its zone and its check digits."""

from dataclasses import dataclass

from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 100.0
HEIGHT_MM = 50.0

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 92.0
_CHECK_DIGITS_MM = 76.0


@dataclass(frozen=True)
class LocationLabel:
    """`code` is what a scan of the shelf gives; `check_digits` are typed when it cannot be scanned: not in the bars.

    Raises ValueError unless there are two check digits.
    """

    code: str
    zone: str
    check_digits: str

    def __post_init__(self) -> None:
        if len(self.check_digits) != 2 or not (self.check_digits.isascii() and self.check_digits.isdigit()):
            raise ValueError(f"location {self.code} needs two check digits, not {self.check_digits!r}")


def location_label(label: LocationLabel, dpi: Dpi) -> bytes:
    """The job for the printer: one label, once. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    builder.text(_LEFT_MM, 3.0, label.zone, field="zone", height_mm=5.0, width_mm=66.0)
    builder.text(_LEFT_MM, 9.0, label.code, field="code", height_mm=13.0, least_height_mm=5.0, width_mm=66.0)
    builder.box(_CHECK_DIGITS_MM - 3.0, 3.0, width_mm=23.0, height_mm=19.0, thickness_mm=0.6)
    builder.text(_CHECK_DIGITS_MM, 5.5, label.check_digits, field="check digits", height_mm=15.0, width_mm=18.0)
    builder.code_128(_LEFT_MM, 25.0, label.code, height_mm=21.0, width_mm=_INNER_WIDTH_MM)
    return builder.job()
