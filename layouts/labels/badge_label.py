"""A worker's badge: 85 x 54 mm, the size of a bank card, for a label or for a sleeve."""

from dataclasses import dataclass

from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 85.0
HEIGHT_MM = 54.0

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 77.0


@dataclass(frozen=True)
class BadgeLabel:
    """`code` is what a scan of the badge gives; whoever holds the badge can sign in with it."""

    code: str
    worker_name: str
    role: str
    site_name: str


def laid_out(label: BadgeLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    _line(builder, 3.0, label.site_name, "site name", 3.5)
    _line(builder, 8.5, label.worker_name, "worker name", 8.0)
    _line(builder, 18.0, label.role, "role", 4.5)
    builder.code_128(_LEFT_MM, 25.0, label.code, height_mm=19.0, width_mm=_INNER_WIDTH_MM)
    _line(builder, 46.0, label.code, "code", 4.5)
    return builder


def _line(builder: LabelBuilder, y_mm: float, text: str, name: str, height_mm: float) -> None:
    least_mm = max(2.4, height_mm / 2)
    builder.text(
        _LEFT_MM, y_mm, text, field=name, height_mm=height_mm, least_height_mm=least_mm, width_mm=_INNER_WIDTH_MM
    )
