"""The label on a shelf: 100 x 50 mm, the location as bars and letters, its zone and its check digits.

Where one beam carries the labels of two shelves, an arrow says which of them is meant. The colour of a zone stands
there as a word: a thermal printer has one colour, and not everybody sees the others.
"""

from dataclasses import dataclass

from layouts.arrows import Arrow, arrow_picture
from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 100.0
HEIGHT_MM = 50.0

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 92.0
_CHECK_DIGITS_MM = 76.0
_ARROW_MM = 13.0


@dataclass(frozen=True)
class LocationLabel:
    """`code` is what a scan of the shelf gives; `check_digits` are typed when it cannot be scanned: not in the bars.

    `zone_colour` is a word, such as `blue`. Raises ValueError unless there are two check digits.
    """

    code: str
    zone: str
    check_digits: str
    arrow: Arrow | None = None
    zone_colour: str | None = None

    def __post_init__(self) -> None:
        if len(self.check_digits) != 2 or not (self.check_digits.isascii() and self.check_digits.isdigit()):
            raise ValueError(f"location {self.code} needs two check digits, not {self.check_digits!r}")

    @property
    def zone_in_words(self) -> str:
        """`Zone A - BLUE`, or `Zone A` where zones have no colours."""
        return self.zone if self.zone_colour is None else f"{self.zone} - {self.zone_colour.upper()}"


def location_label(label: LocationLabel, dpi: Dpi) -> bytes:
    """The job for the printer: one label, once. Raises ValueError when the code cannot be a scannable Code 128."""
    return laid_out(label, dpi).job()


def laid_out(label: LocationLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    code_width_mm = 66.0 if label.arrow is None else 66.0 - _ARROW_MM - 2.0
    builder.text(_LEFT_MM, 3.0, label.zone_in_words, field="zone", height_mm=5.0, least_height_mm=3.0, width_mm=66.0)
    builder.text(_LEFT_MM, 9.0, label.code, field="code", height_mm=13.0, least_height_mm=5.0, width_mm=code_width_mm)
    if label.arrow is not None:
        arrow = arrow_picture(label.arrow, dpi.dots(_ARROW_MM))
        builder.picture(_LEFT_MM + 66.0 - _ARROW_MM, 9.0, arrow)
    builder.box(_CHECK_DIGITS_MM - 3.0, 3.0, width_mm=23.0, height_mm=19.0, thickness_mm=0.6)
    builder.text(_CHECK_DIGITS_MM, 5.5, label.check_digits, field="check digits", height_mm=15.0, width_mm=18.0)
    builder.code_128(_LEFT_MM, 25.0, label.code, height_mm=21.0, width_mm=_INNER_WIDTH_MM)
    return builder
