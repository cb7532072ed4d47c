"""What each row of a file does to the orders, row by row in the file's order; no database here.

A file in pieces must end as the file in one go: so a row is judged by what came before it and by nothing after it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sync.record.ids import ItemId
from sync.store.importers.order_rows import Head, OrderRow, Unreadable
from sync.store.importers.profile import Profile
from sync.store.importers.report import Outcome


@dataclass(slots=True, kw_only=True)
class Line:
    """An order line as far as an import may change it. Pieces."""

    order: Order
    line_no: int
    item_id: ItemId
    ordered: int
    description: str = ""
    unit_price: str | None = None
    order_line_id: int | None = None
    """None: the line is new."""
    cancelled: int = 0
    cut: int = 0
    picked: int = 0
    on_list: bool = False
    """It stands on a released pick list."""
    taken_back: int = 0
    """Cancelled by this file."""

    @property
    def open(self) -> int:
        return self.ordered - self.cancelled - self.cut - self.picked


@dataclass(slots=True, kw_only=True)
class Order:
    ref: str
    head: Head
    ordered_at: datetime | None
    service: str
    priority: int
    order_id: int | None = None
    """None: the order is new."""
    cancelled: bool = False
    started: bool = False
    """Somebody on the floor has it or has had it in hand."""
    last_line_no: int = 0
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Notice:
    """A return notice or a stock adjustment."""

    row: OrderRow
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Rows of one reference and content that are in already."""

    count: int
    file_name: str
    row_no: int


@dataclass(frozen=True, slots=True)
class Verdict:
    row: OrderRow | Unreadable
    outcome: Outcome
    reason: str = ""
    text: str = ""
    target: Line | Notice | None = None


NOTHING_EARLIER: Final = Earlier(0, "", 0)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Sorter:
    """The orders that a file speaks of, changed row by row."""

    def __init__(
        self, profile: Profile, orders: Mapping[str, Order], earlier: Mapping[tuple[str, str], Earlier]
    ) -> None:
        self.orders = dict(orders)
        self.touched: dict[str, Order] = {}
        self.new_lines: list[Line] = []
        self.returns: list[Notice] = []
        self.adjustments: list[Notice] = []
        self._profile = profile
        self._earlier = earlier
        self._seen: Counter[tuple[str, str]] = Counter()
        self._by_customer: defaultdict[tuple[str, ItemId], list[Line]] = defaultdict(list)
        known = (line for order in orders.values() for line in order.lines)
        for line in sorted(known, key=lambda line: line.order_line_id or 0):
            self._know(line)

    def sort(self, row: OrderRow | Unreadable) -> Verdict:
        """What becomes of the next row."""
        if isinstance(row, Unreadable):
            return Verdict(row, Outcome.REFUSED, row.reason, row.text)
        meaning = self._profile.non_goods.meaning(row.item_id)
        if meaning is not None:
            return Verdict(row, Outcome.REFUSED, "not-goods", f"{row.item_id} is no goods: {meaning}")
        known = self._known(row)
        if known is not None:
            return known
        prefix = self._profile.cancellation_prefix
        if prefix is not None and row.ref.startswith(prefix):
            return self._take_back(row)
        if row.quantity < 0:
            return self._adjust(row)
        return self._order(row)

    def _known(self, row: OrderRow) -> Verdict | None:
        """The same row twice in one file is two rows; in another file only the surplus over earlier files is new."""
        key = (row.ref, row.row_hash)
        self._seen[key] += 1
        earlier = self._earlier.get(key, NOTHING_EARLIER)
        if self._seen[key] > earlier.count:
            return None
        text = f"it is in already, from {earlier.file_name}, row {earlier.row_no}"
        return Verdict(row, Outcome.REFUSED, "already-imported", text)

    def _order(self, row: OrderRow) -> Verdict:
        order = self.orders.get(row.ref)
        if order is None:
            head = _completed(row.head, self._profile.defaults)
            order = Order(ref=row.ref, head=head, ordered_at=row.at, service=row.service, priority=row.priority)
            self.orders[row.ref] = order
        elif order.cancelled:
            return Verdict(row, Outcome.REFUSED, "order-cancelled", f"order {row.ref} is cancelled; order it anew")
        elif differing := _differs(row.head, order.head):
            text = f"order {row.ref} has another {differing} than this row"
            return Verdict(row, Outcome.REFUSED, "other-head", text)
        order.last_line_no += 1
        line = Line(
            order=order,
            line_no=order.last_line_no,
            item_id=row.item_id,
            ordered=row.quantity,
            description=row.description,
            unit_price=row.unit_price,
        )
        order.lines.append(line)
        self.new_lines.append(line)
        self._know(line)
        self.touched[order.ref] = order
        return Verdict(row, Outcome.ORDER_LINE, target=line)

    def _take_back(self, row: OrderRow) -> Verdict:
        if row.quantity > 0:
            text = f"{row.ref} takes back, and a quantity taken back is below 0; this one is {row.quantity}"
            return Verdict(row, Outcome.REFUSED, "sign", text)
        pieces = -row.quantity
        line = self._line_to_cancel(row, pieces)
        if line is None:
            notice = Notice(row)
            self.returns.append(notice)
            return Verdict(row, Outcome.RETURN_NOTICE, "return", "nothing that is open still covers it", notice)
        line.cancelled += pieces
        line.taken_back += pieces
        order = line.order
        order.cancelled = all(each.ordered <= each.cancelled + each.cut for each in order.lines)
        self.touched[order.ref] = order
        return Verdict(row, Outcome.CANCELLATION, "cancelled", f"{pieces} taken off order {order.ref}", line)

    def _line_to_cancel(self, row: OrderRow, pieces: int) -> Line | None:
        """The newest line of the customer that covers it whole and that nobody on the floor has begun."""
        if row.head.customer is None:
            return None
        covering = [line for line in self._by_customer[row.head.customer, row.item_id] if _covers(line, row, pieces)]
        covering.sort(key=lambda line: line.order.ordered_at or LONG_AGO)
        return covering[-1] if covering else None

    def _adjust(self, row: OrderRow) -> Verdict:
        if self._profile.negative_without_price and row.free:
            notice = Notice(row)
            self.adjustments.append(notice)
            text = f"{row.quantity} noted: the location has to be counted first"
            return Verdict(row, Outcome.STOCK_ADJUSTMENT, "adjustment", text, notice)
        text = f"the quantity {row.quantity} is below 0 on a reference that takes nothing back"
        return Verdict(row, Outcome.REFUSED, "negative", text)

    def _know(self, line: Line) -> None:
        if line.order.head.customer is not None:
            self._by_customer[line.order.head.customer, line.item_id].append(line)


def _covers(line: Line, row: OrderRow, pieces: int) -> bool:
    order = line.order
    if order.started or order.cancelled or line.on_list or line.open < pieces:
        return False
    return row.at is None or order.ordered_at is None or order.ordered_at <= row.at


def _completed(head: Head, defaults: Mapping[str, str]) -> Head:
    missing: dict[str, Any] = {name: value for name, value in defaults.items() if not getattr(head, name)}
    return replace(head, **missing)


def _differs(row: Head, order: Head) -> str | None:
    """What a row says otherwise than its order's first row; what it leaves empty it does not contradict."""
    for name in ("customer", "ship_name", "ship_lines", "ship_postcode", "ship_city", "ship_country"):
        said = getattr(row, name)
        if said and said != getattr(order, name):
            return name.replace("_", " ")
    return None
