"""What GS1 logistic labels share: 4 x 6 inches, titled values in two columns, the SSCC lowest.

Source: GS1 Logistic Label Guideline. Modules of at least 0.495 mm, bars 32 mm high, quiet zones of 10 modules.
"""

from layouts.gs1 import Element, readable_sscc
from layouts.zpl import LabelBuilder

WIDTH_MM = 101.6
HEIGHT_MM = 152.4
SSCC_DIGITS = 18
SSCC_LEAST_MODULE_MM = 0.495
SSCC_BARS_MM = 32.0

LEFT_MM = 4.0
RIGHT_COLUMN_MM = 64.0
FULL_WIDTH_MM = 93.6
LEFT_WIDTH_MM = 58.0
RIGHT_WIDTH_MM = 33.6

_TITLE_MM = 2.4
_SSCC_MODULES = 156


def sscc_lowest(builder: LabelBuilder, sscc: str) -> None:
    """The SSCC for people and, at the lower edge, for scanners."""
    title(builder, LEFT_MM, 106.0, "SSCC")
    value(builder, LEFT_MM, 109.5, readable_sscc(sscc), "SSCC", height_mm=5.5, width_mm=FULL_WIDTH_MM)
    module_mm = builder.module_mm(SSCC_LEAST_MODULE_MM)
    builder.gs1_128(
        (WIDTH_MM - _SSCC_MODULES * module_mm) / 2,
        HEIGHT_MM - 4.0 - SSCC_BARS_MM,
        [Element("00", sscc)],
        height_mm=SSCC_BARS_MM,
        module_mm=SSCC_LEAST_MODULE_MM,
    )


def title(builder: LabelBuilder, x_mm: float, y_mm: float, words: str) -> None:
    """The small words above a value."""
    builder.text(x_mm, y_mm, words, field=words, height_mm=_TITLE_MM, width_mm=RIGHT_WIDTH_MM)


def value(
    builder: LabelBuilder, x_mm: float, y_mm: float, text: str, name: str, *, height_mm: float, width_mm: float
) -> None:
    """One line that may shrink to half its height before it is shortened."""
    builder.text(
        x_mm, y_mm, text, field=name, height_mm=height_mm, least_height_mm=max(2.4, height_mm / 2), width_mm=width_mm
    )


def rule(builder: LabelBuilder, y_mm: float) -> None:
    """A line over the full width."""
    builder.box(LEFT_MM, y_mm, width_mm=FULL_WIDTH_MM, height_mm=0.0)
