"""A document on thermal labels of 4 x 6 inches, on as many as its rows take.

The title, the bars and the page number stand on every label, so that a label that came apart from the others still says
where it belongs; facts and address stand on the first.
"""

from layouts.documents.document import Document, rows_on_pages
from layouts.zpl import Dpi, LabelBuilder

WIDTH_MM = 101.6
HEIGHT_MM = 152.4

_LEFT_MM = 4.0
_INNER_WIDTH_MM = 93.6
_BOTTOM_MM = HEIGHT_MM - 4.0
_BARS_MM = 12.0
_FACT_MM = 4.6
_ADDRESS_MM = 4.2
_MOST_ADDRESS_LINES = 7
_ROW_MM = 8.4
_CLOSING_MM = 5.0
_GAP_MM = 1.5


def thermal_pages(document: Document, dpi: Dpi) -> tuple[LabelBuilder, ...]:
    """A builder for each label; a document without rows is one label.

    Raises ValueError when the document's code cannot be a scannable Code 128.
    """
    pages: list[LabelBuilder] = []
    rows = list(document.rows)
    counts = _rows_on_pages(document)
    for number, count in enumerate(counts, start=1):
        builder = LabelBuilder(WIDTH_MM, HEIGHT_MM, dpi)
        y_mm = _head(builder, document, f"{number} / {len(counts)}")
        if number == 1:
            y_mm = _facts(builder, document, y_mm)
        y_mm = _table(builder, document, rows[:count], y_mm)
        del rows[:count]
        if number == len(counts):
            _closing(builder, document, y_mm)
        pages.append(builder)
    return tuple(pages)


def thermal_job(document: Document, dpi: Dpi) -> bytes:
    """All labels as one job, in the order in which they are read. Raises ValueError as `thermal_pages` does."""
    return b"\n".join(page.job() for page in thermal_pages(document, dpi))


def _rows_on_pages(document: Document) -> list[int]:
    head_mm = _head_mm(document) + _ROW_MM
    first_mm = _BOTTOM_MM - head_mm - _facts_mm(document)
    other_mm = _BOTTOM_MM - head_mm
    return rows_on_pages(
        len(document.rows), first_mm, other_mm, row_mm=_ROW_MM, closing_mm=len(document.closing) * _CLOSING_MM
    )


def _head_mm(document: Document) -> float:
    return 12.0 + (_BARS_MM + 5.0 if document.code else 0.0)


def _facts_mm(document: Document) -> float:
    address_lines = min(len(document.lines), _MOST_ADDRESS_LINES)
    return len(document.facts) * _FACT_MM + (address_lines * _ADDRESS_MM + _GAP_MM if address_lines else 0.0) + _GAP_MM


def _head(builder: LabelBuilder, document: Document, page: str) -> float:
    builder.text(_LEFT_MM, 4.0, document.title, field="title", height_mm=6.0, least_height_mm=3.0, width_mm=70.0)
    builder.text(78.0, 4.0, page, field="page", height_mm=5.0, least_height_mm=2.4, width_mm=19.6)
    if document.code:
        builder.code_128(_LEFT_MM, 11.5, document.code, height_mm=_BARS_MM, width_mm=_INNER_WIDTH_MM)
        below_mm = 11.5 + _BARS_MM + 0.8
        builder.text(_LEFT_MM, below_mm, document.code, field="code", height_mm=3.2, width_mm=_INNER_WIDTH_MM)
    return _head_mm(document)


def _facts(builder: LabelBuilder, document: Document, y_mm: float) -> float:
    for title, value in document.facts:
        builder.text(_LEFT_MM, y_mm, title, field=title, height_mm=2.8, width_mm=18.0)
        builder.text(
            _LEFT_MM + 20.0, y_mm, value, field=title, height_mm=3.6, least_height_mm=2.4, width_mm=_INNER_WIDTH_MM - 20
        )
        y_mm += _FACT_MM
    lines = "\n".join(document.lines)
    if lines:
        area_mm = min(len(document.lines), _MOST_ADDRESS_LINES) * _ADDRESS_MM
        builder.block(
            _LEFT_MM,
            y_mm + _GAP_MM,
            lines,
            field="address",
            height_mm=3.6,
            least_height_mm=2.4,
            width_mm=_INNER_WIDTH_MM,
            area_mm=area_mm,
        )
        y_mm += area_mm + _GAP_MM
    return y_mm + _GAP_MM


def _table(builder: LabelBuilder, document: Document, rows: list[tuple[str, ...]], y_mm: float) -> float:
    _cells(builder, document, tuple(column.title for column in document.columns), y_mm + 2.0, 2.6)
    y_mm += _ROW_MM
    for row in rows:
        builder.box(_LEFT_MM, y_mm - 1.2, width_mm=_INNER_WIDTH_MM, height_mm=0.0)
        _cells(builder, document, row, y_mm, 3.2)
        y_mm += _ROW_MM
    return y_mm


def _cells(builder: LabelBuilder, document: Document, cells: tuple[str, ...], y_mm: float, height_mm: float) -> None:
    x_mm = _LEFT_MM
    for column, cell in zip(document.columns, cells, strict=True):
        width_mm = column.share * _INNER_WIDTH_MM
        builder.block(
            x_mm,
            y_mm,
            cell,
            field=f"{column.title} of a line",
            height_mm=height_mm,
            least_height_mm=2.2,
            width_mm=width_mm - 1.0,
            area_mm=7.4,
        )
        x_mm += width_mm


def _closing(builder: LabelBuilder, document: Document, y_mm: float) -> None:
    for line in document.closing:
        builder.text(
            _LEFT_MM, y_mm, line, field="closing", height_mm=3.6, least_height_mm=2.4, width_mm=_INNER_WIDTH_MM
        )
        y_mm += _CLOSING_MM
