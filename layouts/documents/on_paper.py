"""A document on A4 as PDF, on as many pages as its rows take."""

from layouts.bars import code_128_modules
from layouts.documents.document import Document, rows_on_pages
from layouts.paper import HEIGHT_MM, WIDTH_MM, Paper
from layouts.zpl import Shortfall

_LEFT_MM = 18.0
_INNER_WIDTH_MM = WIDTH_MM - 2 * _LEFT_MM
_TOP_MM = 16.0
_BOTTOM_MM = HEIGHT_MM - 18.0
_BARS_LEFT_MM = 110.0
_BARS_MM = 14.0
_QUIET_MODULES = 10
_WIDEST_MODULE_MM = 0.4
_NARROWEST_MODULE_MM = 0.25
_FACT_MM = 5.5
_ROW_MM = 9.5
_CLOSING_MM = 7.0
_MOST_LINES = 12


def document_pdf(document: Document) -> bytes:
    """The PDF file. Raises ValueError when the document's code cannot be a scannable Code 128."""
    return _laid_out(document).pdf()


def document_shortfalls(document: Document) -> tuple[Shortfall, ...]:
    """What of the document does not fit or cannot be drawn. Raises ValueError as `document_pdf` does."""
    return _laid_out(document).shortfalls


def _laid_out(document: Document) -> Paper:
    paper = Paper(document.title)
    rows = list(document.rows)
    counts = _rows_on_pages(document)
    for number, count in enumerate(counts, start=1):
        y_mm = _head(paper, document, f"{number} / {len(counts)}")
        if number == 1:
            y_mm = _facts(paper, document, y_mm)
        y_mm = _table(paper, document, rows[:count], y_mm)
        del rows[:count]
        if number == len(counts):
            _closing(paper, document, y_mm)
        paper.end_page()
    return paper


def _rows_on_pages(document: Document) -> list[int]:
    other_mm = _BOTTOM_MM - _TOP_MM - _head_mm(document) - _ROW_MM
    first_mm = other_mm - _facts_mm(document)
    return rows_on_pages(
        len(document.rows), first_mm, other_mm, row_mm=_ROW_MM, closing_mm=len(document.closing) * _CLOSING_MM
    )


def _head_mm(document: Document) -> float:
    return _BARS_MM + 9.0 if document.code else 14.0


def _facts_mm(document: Document) -> float:
    return max(len(document.facts), min(len(document.lines), _MOST_LINES)) * _FACT_MM + 4.0


def _head(paper: Paper, document: Document, page: str) -> float:
    paper.text(_LEFT_MM, _TOP_MM, document.title, field="title", size_mm=8.0, width_mm=70.0)
    paper.text(_LEFT_MM, _TOP_MM + 9.5, page, field="page", size_mm=4.0, width_mm=70.0)
    if document.code:
        modules = code_128_modules(document.code)
        room_mm = WIDTH_MM - _LEFT_MM - _BARS_LEFT_MM
        module_mm = min(_WIDEST_MODULE_MM, room_mm / (len(modules) + 2 * _QUIET_MODULES))
        if module_mm < _NARROWEST_MODULE_MM:
            raise ValueError(f"{document.code!r} is too long for a paper's head: its bars would not scan; shorten it")
        left_mm = _BARS_LEFT_MM + _QUIET_MODULES * module_mm
        paper.bars(left_mm, _TOP_MM, modules, module_mm=module_mm, height_mm=_BARS_MM)
        paper.text(left_mm, _TOP_MM + _BARS_MM + 1.0, document.code, field="code", size_mm=4.0, width_mm=70.0)
    return _TOP_MM + _head_mm(document)


def _facts(paper: Paper, document: Document, y_mm: float) -> float:
    for number, (title, value) in enumerate(document.facts):
        line_mm = y_mm + number * _FACT_MM
        paper.text(_LEFT_MM, line_mm, title, field=title, size_mm=3.6, width_mm=18.0)
        paper.text(_LEFT_MM + 20.0, line_mm, value, field=title, size_mm=4.2, width_mm=68.0)
    lines = document.lines
    if len(lines) > _MOST_LINES:
        lines = (*lines[: _MOST_LINES - 1], ", ".join(lines[_MOST_LINES - 1 :]))
    for number, line in enumerate(lines):
        paper.text(_BARS_LEFT_MM, y_mm + number * _FACT_MM, line, field="address", size_mm=4.2, width_mm=80.0)
    return y_mm + _facts_mm(document)


def _table(paper: Paper, document: Document, rows: list[tuple[str, ...]], y_mm: float) -> float:
    _cells(paper, document, tuple(column.title for column in document.columns), y_mm + 4.0, 3.4)
    y_mm += _ROW_MM
    for row in rows:
        paper.rule(_LEFT_MM, y_mm - 0.6, width_mm=_INNER_WIDTH_MM)
        _cells(paper, document, row, y_mm, 3.6)
        y_mm += _ROW_MM
    return y_mm


def _cells(paper: Paper, document: Document, cells: tuple[str, ...], y_mm: float, size_mm: float) -> None:
    x_mm = _LEFT_MM
    for column, cell in zip(document.columns, cells, strict=True):
        width_mm = column.share * _INNER_WIDTH_MM
        field = f"{column.title} of a line"
        paper.block(x_mm, y_mm, cell, field=field, size_mm=size_mm, width_mm=width_mm - 1.5, most_lines=2)
        x_mm += width_mm


def _closing(paper: Paper, document: Document, y_mm: float) -> None:
    for number, line in enumerate(document.closing):
        line_mm = y_mm + 2.0 + number * _CLOSING_MM
        paper.text(_LEFT_MM, line_mm, line, field="closing", size_mm=4.2, width_mm=_INNER_WIDTH_MM)
