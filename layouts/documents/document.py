"""A paper with a head and a table, before anybody says whether it is printed on A4 or on thermal labels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of the table; `share` is its part of the width, and the shares of a table add up to 1."""

    title: str
    share: float


@dataclass(frozen=True)
class Document:
    """What stands on the paper.

    `code` is what a scan of the paper gives, empty for no bars; `facts` are titled values, `lines` an address or
    nothing, `closing` what stands below the table. Raises ValueError when a row has not one cell for each column.
    """

    title: str
    code: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    closing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        odd = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if odd is not None:
            raise ValueError(f"the row {odd} has {len(odd)} cells for {len(self.columns)} columns")


def rows_on_pages(rows: int, first_mm: float, other_mm: float, *, row_mm: float, closing_mm: float) -> list[int]:
    """How many of `rows` each page holds, with room for what closes the document on the last one.

    `first_mm` and `other_mm` are the room for rows on the first page and on the others. There is always one page.
    """
    counts: list[int] = []
    left = rows
    while True:
        room_mm = other_mm if counts else first_mm
        if left * row_mm + closing_mm <= room_mm:
            return [*counts, left]
        counts.append(min(left, int(room_mm / row_mm)))
        left -= counts[-1]
