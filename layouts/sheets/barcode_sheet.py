"""Sheets of barcodes for an office printer: A4 pages as SVG, two cards in a row, six rows, to be cut apart.

Badges, totes, locations, command cards and items are all cards: a code, a caption and a detail. The bars come from
python-barcode as modules and are drawn here as rectangles, because its own SVG holds no place for the words of a card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from barcode.codex import Code128
from barcode.ean import EuropeanArticleNumber13

from layouts import font_0
from layouts.fitting import fit_line
from layouts.gs1 import require_check_digit
from layouts.printable import clean_line

PAGE_WIDTH_MM = 210
PAGE_HEIGHT_MM = 297
CARDS_PER_PAGE = 12

_MARGIN_MM = 15.0
_TOP_MM = 24.0
_CARD_WIDTH_MM = 90.0
_CARD_HEIGHT_MM = 43.0
_COLUMNS = 2
_BARS_TOP_MM = 13.0
_BARS_MM = 18.0
_QUIET_MODULES = 11
_WIDEST_MODULE_MM = 0.4
_NARROWEST_MODULE_MM = 0.25
_INNER_MM = 4.0
_DOTS_PER_MM = 100
"""Text is measured in hundredths of a millimetre; Arial is about as wide as 1.3 times font 0."""
_WIDTH_OF_ARIAL = 1.3


@dataclass(frozen=True)
class Card:
    """One card: `code` as bars and as text, `caption` large above it, `detail` small below it.

    Raises ValueError for a code that is empty or that its symbology cannot carry, for a wrong EAN check digit, and for
    a code so long that its bars would be too narrow to scan.
    """

    code: str
    caption: str
    detail: str
    symbology: Literal["code128", "ean13"] = "code128"

    def __post_init__(self) -> None:
        if self.symbology == "ean13":
            # python-barcode replaces a wrong check digit: the card would carry another item's number.
            require_check_digit(self.code, 13, "EAN")
        elif not self.code or not self.code.isascii() or not self.code.isprintable():
            raise ValueError(f"{self.code!r} cannot be a Code 128 here: printable ASCII is needed")
        if _module_mm(self) < _NARROWEST_MODULE_MM:
            raise ValueError(f"{self.code!r} is too long for a card: its bars would not scan; shorten it")


def sheet_pages(title: str, cards: Sequence[Card]) -> list[str]:
    """A4 pages as SVG texts, 12 cards on each, `title` and the page number on top of each; no pages for no cards."""
    pages = [cards[start : start + CARDS_PER_PAGE] for start in range(0, len(cards), CARDS_PER_PAGE)]
    return [_page(f"{clean_line(title)}  {number} / {len(pages)}", page) for number, page in enumerate(pages, start=1)]


def _page(heading: str, cards: Sequence[Card]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PAGE_WIDTH_MM}mm" height="{PAGE_HEIGHT_MM}mm"',
        f'viewBox="0 0 {PAGE_WIDTH_MM} {PAGE_HEIGHT_MM}" font-family="Arial, Helvetica, sans-serif">',
        f'<rect x="0" y="0" width="{PAGE_WIDTH_MM}" height="{PAGE_HEIGHT_MM}" fill="white"/>',
        _text(_MARGIN_MM, 17.0, heading, 6.0, PAGE_WIDTH_MM - 2 * _MARGIN_MM),
    ]
    for place, card in enumerate(cards):
        row, column = divmod(place, _COLUMNS)
        parts += _card(_MARGIN_MM + column * _CARD_WIDTH_MM, _TOP_MM + row * _CARD_HEIGHT_MM, card)
    return "\n".join([*parts, "</svg>", ""])


def _card(left_mm: float, top_mm: float, card: Card) -> list[str]:
    inner_mm = left_mm + _INNER_MM
    width_mm = _CARD_WIDTH_MM - 2 * _INNER_MM
    return [
        f'<rect x="{left_mm:.2f}" y="{top_mm:.2f}" width="{_CARD_WIDTH_MM}" height="{_CARD_HEIGHT_MM}" fill="none"',
        'stroke="#999999" stroke-width="0.15" stroke-dasharray="2 2"/>',
        _text(inner_mm, top_mm + 9.0, card.caption, 6.0, width_mm),
        _bars(left_mm, top_mm + _BARS_TOP_MM, card),
        _text(inner_mm, top_mm + 35.5, card.code, 3.6, width_mm),
        _text(inner_mm, top_mm + 40.0, card.detail, 3.2, width_mm),
    ]


def _bars(left_mm: float, top_mm: float, card: Card) -> str:
    """One path of rectangles, centred on the card."""
    modules = _modules(card)
    module_mm = _module_mm(card)
    x_mm = left_mm + (_CARD_WIDTH_MM - len(modules) * module_mm) / 2
    path = []
    for black, run in groupby(modules):
        width_mm = len(list(run)) * module_mm
        if black == "1":
            path.append(f"M{x_mm:.3f} {top_mm:.3f}h{width_mm:.3f}v{_BARS_MM:.3f}h-{width_mm:.3f}z")
        x_mm += width_mm
    return f'<path fill="black" d="{"".join(path)}"/>'


def _modules(card: Card) -> str:
    """The symbol as 1 (black) and 0, quiet zones not included."""
    symbol = EuropeanArticleNumber13(card.code) if card.symbology == "ean13" else Code128(card.code)
    modules: str = symbol.build()[0]
    return modules.replace("G", "1").strip("0")


def _module_mm(card: Card) -> float:
    return min(_WIDEST_MODULE_MM, _CARD_WIDTH_MM / (len(_modules(card)) + 2 * _QUIET_MODULES))


def _text(x_mm: float, baseline_mm: float, text: str, height_mm: float, width_mm: float) -> str:
    height_dots = round(height_mm * _WIDTH_OF_ARIAL * _DOTS_PER_MM)
    fitted = fit_line(clean_line(text), width_mm * _DOTS_PER_MM, lambda part: font_0.width_dots(part, height_dots))
    return f'<text x="{x_mm:.2f}" y="{baseline_mm:.2f}" font-size="{height_mm}">{escape(fitted.lines[0])}</text>'
