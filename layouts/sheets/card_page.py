"""Where things stand on a page of cards: A4, two cards in a row, six rows, to be cut apart.

Badges, totes, locations, command cards and items are all cards: a code, a caption and a detail. What paints a page, as
SVG or as PDF, asks here for the places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from layouts.bars import code_128_modules, ean_13_modules, gs1_128_modules, latin_1_modules
from layouts.printable import clean_line

PAGE_WIDTH_MM = 210
PAGE_HEIGHT_MM = 297
CARDS_PER_PAGE = 12
CARD_WIDTH_MM = 90.0
CARD_HEIGHT_MM = 43.0
BARS_MM = 18.0

_MARGIN_MM = 15.0
_TOP_MM = 24.0
_COLUMNS = 2
_BARS_TOP_MM = 13.0
_QUIET_MODULES = 11
_WIDEST_MODULE_MM = 0.4
_NARROWEST_MODULE_MM = 0.25
_INNER_MM = 4.0
_BARS = {
    "code128": code_128_modules,
    "ean13": ean_13_modules,
    "gs1_128": gs1_128_modules,
    "latin_1": latin_1_modules,
}


@dataclass(frozen=True)
class Card:
    """One card: `code` as bars and as text, `caption` large above it, `detail` small below it.

    Raises ValueError for a code that is empty or that its symbology cannot carry, for a wrong EAN check digit, and for
    a code so long that its bars would be too narrow to scan.
    """

    code: str
    caption: str
    detail: str
    symbology: Literal["code128", "ean13", "gs1_128", "latin_1"] = "code128"

    def __post_init__(self) -> None:
        if _module_mm(_modules(self)) < _NARROWEST_MODULE_MM:
            raise ValueError(f"{self.code!r} is too long for a card: its bars would not scan; shorten it")


@dataclass(frozen=True)
class Words:
    """A line of text on its baseline, at most `width_mm` wide."""

    x_mm: float
    baseline_mm: float
    text: str
    size_mm: float
    width_mm: float


@dataclass(frozen=True)
class Bars:
    """A row of modules, 1 black, `BARS_MM` high."""

    x_mm: float
    y_mm: float
    modules: str
    module_mm: float


@dataclass(frozen=True)
class CardEdge:
    """Where a card is cut out."""

    x_mm: float
    y_mm: float


Placed = Words | Bars | CardEdge


def placed_pages(title: str, cards: Sequence[Card]) -> list[list[Placed]]:
    """What stands on each page, `title` and the page number on top; no pages for no cards."""
    pages = [cards[start : start + CARDS_PER_PAGE] for start in range(0, len(cards), CARDS_PER_PAGE)]
    return [
        list(_page(f"{clean_line(title)}  {number} / {len(pages)}", page)) for number, page in enumerate(pages, start=1)
    ]


def _page(heading: str, cards: Sequence[Card]) -> Iterator[Placed]:
    yield Words(_MARGIN_MM, 17.0, heading, 6.0, PAGE_WIDTH_MM - 2 * _MARGIN_MM)
    for place, card in enumerate(cards):
        row, column = divmod(place, _COLUMNS)
        yield from _card(_MARGIN_MM + column * CARD_WIDTH_MM, _TOP_MM + row * CARD_HEIGHT_MM, card)


def _card(left_mm: float, top_mm: float, card: Card) -> Iterator[Placed]:
    inner_mm = left_mm + _INNER_MM
    width_mm = CARD_WIDTH_MM - 2 * _INNER_MM
    modules = _modules(card)
    module_mm = _module_mm(modules)
    yield CardEdge(left_mm, top_mm)
    yield Words(inner_mm, top_mm + 9.0, card.caption, 6.0, width_mm)
    bars_mm = left_mm + (CARD_WIDTH_MM - len(modules) * module_mm) / 2
    yield Bars(bars_mm, top_mm + _BARS_TOP_MM, modules, module_mm)
    yield Words(inner_mm, top_mm + 35.5, card.code, 3.6, width_mm)
    yield Words(inner_mm, top_mm + 40.0, card.detail, 3.2, width_mm)


def _modules(card: Card) -> str:
    return _BARS[card.symbology](card.code)


def _module_mm(modules: str) -> float:
    return min(_WIDEST_MODULE_MM, CARD_WIDTH_MM / (len(modules) + 2 * _QUIET_MODULES))
