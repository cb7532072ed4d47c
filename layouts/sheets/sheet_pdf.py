"""Sheets of barcodes for an office printer as PDF, all pages in one file."""

from collections.abc import Sequence

from layouts.paper import BASELINE, LETTERS_OF_LINE, Paper
from layouts.sheets.card_page import BARS_MM, CARD_HEIGHT_MM, CARD_WIDTH_MM, Bars, Card, CardEdge, Words, placed_pages


def sheet_pdf(title: str, cards: Sequence[Card]) -> bytes:
    """A4 pages, 12 cards on each, `title` and the page number on top. Raises ValueError for no cards."""
    if not cards:
        raise ValueError(f"there are no cards for {title!r}, so there is nothing to print")
    paper = Paper(title)
    for page in placed_pages(title, cards):
        for placed in page:
            match placed:
                case Words():
                    size_mm = placed.size_mm / LETTERS_OF_LINE
                    top_mm = placed.baseline_mm - size_mm * BASELINE
                    paper.text(
                        placed.x_mm, top_mm, placed.text, field="card", size_mm=size_mm, width_mm=placed.width_mm
                    )
                case Bars():
                    paper.bars(placed.x_mm, placed.y_mm, placed.modules, module_mm=placed.module_mm, height_mm=BARS_MM)
                case CardEdge():
                    paper.cutting_line(placed.x_mm, placed.y_mm, width_mm=CARD_WIDTH_MM, height_mm=CARD_HEIGHT_MM)
        paper.end_page()
    return paper.pdf()
