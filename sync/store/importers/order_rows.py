"""From a record to what it says: the values of one row, or why it cannot be read."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sync.record.ids import ItemId
from sync.store.importers.profile import Profile
from sync.store.importers.records import Record, Sheet

MAX_QUANTITY = 1_000_000
_QUANTITY = re.compile(r"[+-]?[0-9]{1,12}")
_PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_LONGEST = {"ref": 64, "item": 64, "customer": 64, "service": 32}
_LONGEST_TEXT = 200
_YEARS = range(1970, 2101)


@dataclass(frozen=True, slots=True)
class Head:
    """What a row says of its whole order. Empty: it says nothing."""

    customer: str | None
    ship_name: str
    ship_lines: tuple[str, ...]
    ship_postcode: str
    ship_city: str
    ship_country: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row that can be read; nothing is said yet about what it does."""

    record: Record
    row_hash: str
    ref: str
    item_id: ItemId
    description: str
    quantity: int
    at: datetime | None
    unit_price: str | None
    """A decimal as text; None: the file has no prices."""
    head: Head
    service: str
    priority: int

    @property
    def free(self) -> bool:
        return self.unit_price is not None and Decimal(self.unit_price) == 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is refused for what stands in it."""

    record: Record
    row_hash: str
    ref: str
    reason: str
    text: str


class _Fault(Exception):
    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class RowReader:
    """Reads the rows of one file by its profile."""

    def __init__(self, profile: Profile, sheet: Sheet) -> None:
        self._profile = profile
        self._sheet = sheet
        self._times: dict[str, datetime] = {}

    def read(self, record: Record) -> OrderRow | Unreadable:
        row_hash = hashlib.sha256(json.dumps(record.fields).encode()).hexdigest()
        if len(record.fields) != self._sheet.width:
            text = f"it has {len(record.fields)} fields and the header has {self._sheet.width}"
            return Unreadable(record, row_hash, "", "fields", text)
        ref = self._value(record, "ref")
        try:
            return self._read(record, row_hash, ref)
        except _Fault as fault:
            return Unreadable(record, row_hash, ref[:64], fault.reason, fault.text)

    def _read(self, record: Record, row_hash: str, ref: str) -> OrderRow:
        profile = self._profile
        head = self._head(record)
        service = self._short(record, "service") or profile.service_for(head.ship_country)
        item = self._code(record, "item")
        return OrderRow(
            record=record,
            row_hash=row_hash,
            ref=self._code(record, "ref"),
            item_id=ItemId(item.upper() if profile.upper_case_items else item),
            description=self._short(record, "description"),
            quantity=_quantity(self._value(record, "quantity")),
            at=self._time(record),
            unit_price=self._price(record, item),
            head=head,
            service=service,
            priority=self._priority(record),
        )

    def _head(self, record: Record) -> Head:
        lines = (self._cell(record, column) for column in self._profile.ship_line_columns)
        return Head(
            customer=self._short(record, "customer") or None,
            ship_name=self._short(record, "ship_name"),
            ship_lines=tuple(_fits("ship_lines", line) for line in lines if line),
            ship_postcode=self._short(record, "ship_postcode"),
            ship_city=self._short(record, "ship_city"),
            ship_country=self._short(record, "ship_country"),
        )

    def _cell(self, record: Record, column: str) -> str:
        value = record.fields[self._sheet.places[column]].strip()
        return value.removesuffix(self._profile.cut_suffix.get(column, ""))

    def _value(self, record: Record, name: str) -> str:
        column = self._profile.columns.get(name)
        return self._cell(record, column) if column else ""

    def _short(self, record: Record, name: str) -> str:
        return _fits(name, self._value(record, name))

    def _code(self, record: Record, name: str) -> str:
        value = self._short(record, name)
        if not value:
            raise _Fault(f"no-{name}", f"the column {self._profile.columns[name]!r} is empty")
        if not value.isprintable() or len(value.upper()) > _LONGEST[name]:
            raise _Fault("not-a-code", f"the column {self._profile.columns[name]!r} has characters that no code has")
        return value

    def _time(self, record: Record) -> datetime | None:
        if "ordered_at" not in self._profile.columns:
            return None
        text = self._value(record, "ordered_at")
        if text not in self._times:
            self._times[text] = self._parse_time(text)
        return self._times[text]

    def _parse_time(self, text: str) -> datetime:
        try:
            local = datetime.strptime(text, self._profile.time_format)  # noqa: DTZ007 - the profile has the zone
        except ValueError:
            local = None
        if local is None or local.year not in _YEARS:
            form = self._profile.time_format
            raise _Fault("date", f"{text[:40]!r} is no time of the form {form} between 1970 and 2100")
        return (local if local.tzinfo else local.replace(tzinfo=self._profile.time_zone)).astimezone(UTC)

    def _price(self, record: Record, item: str) -> str | None:
        if "unit_price" not in self._profile.columns or self._profile.non_goods.meaning(item):
            return None
        text = self._value(record, "unit_price")
        if not _PRICE.fullmatch(text):
            raise _Fault("price", f"{text[:40]!r} is no price such as 2.55")
        return text

    def _priority(self, record: Record) -> int:
        text = self._value(record, "priority")
        if not text:
            return self._profile.default_priority
        if not re.fullmatch(r"[0-9]", text):
            raise _Fault("priority", f"{text[:40]!r} is no priority from 0 (most urgent) to 9")
        return int(text)


def _quantity(text: str) -> int:
    if not _QUANTITY.fullmatch(text):
        raise _Fault("quantity", f"{text[:40]!r} is no whole number")
    quantity = int(text)
    if quantity == 0:
        raise _Fault("quantity", "the quantity is 0")
    if abs(quantity) > MAX_QUANTITY:
        raise _Fault("quantity", f"the quantity {quantity} is beyond {MAX_QUANTITY:,}")
    return quantity


def _fits(name: str, value: str) -> str:
    longest = _LONGEST.get(name, _LONGEST_TEXT)
    if len(value) > longest:
        raise _Fault("too-long", f"{name} has {len(value)} characters and may have {longest}: {value[:20]!r}...")
    return value
