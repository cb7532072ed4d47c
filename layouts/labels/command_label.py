"""A command card: 85 x 54 mm, scanned in place of a key."""

from dataclasses import dataclass

from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 85.0
HEIGHT_MM = 54.0

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 77.0


@dataclass(frozen=True)
class CommandLabel:
    """`code` is what a scan gives, `command` the word on the screens, `explanation` what it does."""

    code: str
    command: str
    explanation: str


def laid_out(label: CommandLabel, dpi: Dpi) -> LabelBuilder:
    """The label with everything on it. Raises ValueError when the code cannot be a scannable Code 128."""
    builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
    builder.text(
        _LEFT_MM,
        3.0,
        label.command,
        field="command",
        height_mm=10.0,
        least_height_mm=4.0,
        width_mm=_INNER_WIDTH_MM,
    )
    builder.block(
        _LEFT_MM,
        15.0,
        label.explanation,
        field="explanation",
        height_mm=3.8,
        least_height_mm=2.4,
        width_mm=_INNER_WIDTH_MM,
        area_mm=9.0,
    )
    builder.code_128(_LEFT_MM, 25.5, label.code, height_mm=19.0, width_mm=_INNER_WIDTH_MM)
    builder.text(_LEFT_MM, 46.5, label.code, field="code", height_mm=4.0, least_height_mm=2.4, width_mm=_INNER_WIDTH_MM)
    return builder
