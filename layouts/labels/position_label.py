"""The label on a cubby of a put wall or on a position of a cart: 70 x 35 mm, read from two steps away."""

from dataclasses import dataclass

from layouts.arrows import Arrow, arrow_picture
from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 70.0
HEIGHT_MM = 35.0

_LEFT_MM = 3.0
_INNER_WIDTH_MM = 64.0
_ARROW_MM = 11.0


@dataclass(frozen=True)
class PositionLabel:
    """`code` is what a scan gives, check character included (`W-1-A03-7`, `P-07-3-K`).

    `name` is what people call the place (`A03`, `3`), `belongs_to` the wall or the cart (`Wall 1`, `Cart 07`), and
    `arrow` where the place is, seen from the label; None on the place itself.
    """

    code: str
    name: str
    belongs_to: str
    arrow: Arrow | None = None


def laid_out(label: PositionLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    name_width_mm = 38.0 if label.arrow is None else 38.0 - _ARROW_MM - 1.0
    builder.text(_LEFT_MM, 2.5, label.name, field="name", height_mm=12.0, least_height_mm=4.0, width_mm=name_width_mm)
    if label.arrow is not None:
        builder.picture(_LEFT_MM + 38.0 - _ARROW_MM, 2.5, arrow_picture(label.arrow, dpi.dots(_ARROW_MM)))
    builder.text(43.0, 2.5, label.belongs_to, field="belongs to", height_mm=5.0, least_height_mm=2.5, width_mm=24.0)
    builder.text(43.0, 9.5, label.code, field="code", height_mm=4.0, least_height_mm=2.0, width_mm=24.0)
    builder.code_128(_LEFT_MM, 16.0, label.code, height_mm=16.0, width_mm=_INNER_WIDTH_MM)
    return builder
