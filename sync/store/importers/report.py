"""What an import did: with the file as a whole and with each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """Every row ends as exactly one of these."""

    ORDER_LINE = "order_line"
    CANCELLATION = "cancellation"
    RETURN_NOTICE = "return_notice"
    STOCK_ADJUSTMENT = "stock_adjustment"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row."""

    row_no: int
    """1 is the first record after the header."""
    line: int
    """Where the row begins in the file; the header stands in line 1."""
    ref: str
    item: str
    """The item's code as we keep it; empty where the row could not be read."""
    outcome: Outcome
    reason: str
    """One word (``not-goods``, ``date`` ...) for what is no plain order line; else empty."""
    text: str
    """The reason as a sentence."""


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that this import touched and that is on hold now."""

    ref: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """A file that was read to its end."""

    name: str
    profile: str
    sha256: str
    row_count: int
    """Rows after the header, blank lines not counted."""
    rows: tuple[RowResult, ...] = ()
    orders_new: tuple[str, ...] = ()
    orders_touched: tuple[str, ...] = ()
    """References of the orders that got or lost lines, the new ones included."""
    orders_held: tuple[HeldOrder, ...] = ()
    known_since: datetime | None = None
    """When the very same file was imported before; None: it was not."""

    @property
    def skipped_as_known(self) -> bool:
        """The very same file was in already, and nothing was changed."""
        return self.known_since is not None

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows ended as what; every outcome is named."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def refusals(self) -> Mapping[str, int]:
        """How many rows were refused for which reason, the commonest first."""
        return dict(Counter(row.reason for row in self.rows if row.outcome is Outcome.REFUSED).most_common())
