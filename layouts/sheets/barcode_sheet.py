"""Sheets of barcodes for an office printer as SVG, a file for each page.

The bars come from python-barcode as modules and are drawn here as rectangles, because its own SVG holds no place for
the words of a card.
"""

from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from layouts import font_0
from layouts.fitting import fit_line
from layouts.printable import clean_line
from layouts.sheets.card_page import (
    BARS_MM,
    CARD_HEIGHT_MM,
    CARD_WIDTH_MM,
    PAGE_HEIGHT_MM,
    PAGE_WIDTH_MM,
    Bars,
    Card,
    CardEdge,
    Placed,
    Words,
    placed_pages,
)

_DOTS_PER_MM = 100
"""Text is measured in hundredths of a millimetre; Arial is about as wide as 1.3 times font 0."""
_WIDTH_OF_ARIAL = 1.3


def sheet_pages(title: str, cards: Sequence[Card]) -> list[str]:
    """A4 pages as SVG texts, 12 cards on each, `title` and the page number on top of each; no pages for no cards."""
    return [_svg(page) for page in placed_pages(title, cards)]


def _svg(page: Sequence[Placed]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PAGE_WIDTH_MM}mm" height="{PAGE_HEIGHT_MM}mm"',
        f'viewBox="0 0 {PAGE_WIDTH_MM} {PAGE_HEIGHT_MM}" font-family="Arial, Helvetica, sans-serif">',
        f'<rect x="0" y="0" width="{PAGE_WIDTH_MM}" height="{PAGE_HEIGHT_MM}" fill="white"/>',
        *map(_element, page),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _element(placed: Placed) -> str:
    match placed:
        case Words():
            return _text(placed)
        case Bars():
            return _bars(placed)
        case CardEdge():
            return (
                f'<rect x="{placed.x_mm:.2f}" y="{placed.y_mm:.2f}" width="{CARD_WIDTH_MM}" height="{CARD_HEIGHT_MM}" '
                'fill="none" stroke="#999999" stroke-width="0.15" stroke-dasharray="2 2"/>'
            )


def _bars(bars: Bars) -> str:
    """One path of rectangles."""
    x_mm = bars.x_mm
    path = []
    for black, run in groupby(bars.modules):
        width_mm = len(list(run)) * bars.module_mm
        if black == "1":
            path.append(f"M{x_mm:.3f} {bars.y_mm:.3f}h{width_mm:.3f}v{BARS_MM:.3f}h-{width_mm:.3f}z")
        x_mm += width_mm
    return f'<path fill="black" d="{"".join(path)}"/>'


def _text(words: Words) -> str:
    height_dots = round(words.size_mm * _WIDTH_OF_ARIAL * _DOTS_PER_MM)
    fitted = fit_line(
        clean_line(words.text), words.width_mm * _DOTS_PER_MM, lambda part: font_0.width_dots(part, height_dots)
    )
    return (
        f'<text x="{words.x_mm:.2f}" y="{words.baseline_mm:.2f}" font-size="{words.size_mm}">'
        f"{escape(fitted.lines[0])}</text>"
    )
