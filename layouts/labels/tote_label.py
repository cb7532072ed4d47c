"""The label on a tote: 100 x 50 mm, the code as bars and as large letters."""

from dataclasses import dataclass

from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 100.0
HEIGHT_MM = 50.0

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 92.0


@dataclass(frozen=True)
class ToteLabel:
    """`code` is what a scan of the tote gives, `caption` one line for people, such as the site's name."""

    code: str
    caption: str


def tote_label(label: ToteLabel, dpi: Dpi) -> bytes:
    """The job for the printer: one label, once. Raises ValueError when the code cannot be a scannable Code 128."""
    return laid_out(label, dpi).job()


def laid_out(label: ToteLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    builder.text(_LEFT_MM, 3.0, label.caption, field="caption", height_mm=4.0, width_mm=_INNER_WIDTH_MM)
    builder.code_128(_LEFT_MM, 9.0, label.code, height_mm=24.0, width_mm=_INNER_WIDTH_MM)
    builder.text(
        _LEFT_MM, 35.0, label.code, field="code", height_mm=12.0, least_height_mm=5.0, width_mm=_INNER_WIDTH_MM
    )
    return builder
