"""A HID report descriptor, as far as a scale needs it: where its status, unit, scaling and weight stand. Pure.

Sources: USB Device Class Definition for HID 1.11, chapter 6.2.2; HID Point of Sale Usage Tables 1.02, chapter 4 (page
0x8D). Only the form that the tables give is read: status and unit as one selector each. Other forms are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

_SCALE_PAGE = 0x8D << 16
WEIGHT, SCALING, ZERO_SCALE = _SCALE_PAGE | 0x40, _SCALE_PAGE | 0x41, _SCALE_PAGE | 0x80
STATUSES = range(_SCALE_PAGE | 0x71, _SCALE_PAGE | 0x79)
UNITS = range(_SCALE_PAGE | 0x51, _SCALE_PAGE | 0x5D)

# The items that matter, by their prefix without its size.
_INPUT, _OUTPUT, _PUSH, _POP = 0x80, 0x90, 0xA4, 0xB4
_USAGE, _USAGE_MINIMUM, _USAGE_MAXIMUM = 0x08, 0x18, 0x28
_USAGE_PAGE, _LOGICAL_MINIMUM = 0x04, 0x14
_GLOBALS = {_USAGE_PAGE: "page", _LOGICAL_MINIMUM: "minimum", 0x74: "size_bits", 0x84: "report_id", 0x94: "count"}
_LONG_ITEM = 0xFE
_IS_VARIABLE = 0x02
_LONGEST_REPORT_BITS = 8 * 256


class NotAScale(Exception):
    """The descriptor is broken, or not that of a scale whose reports can be read here."""


@dataclass(frozen=True, slots=True)
class Field:
    """Bits of a report, counted from behind its number. A selector's value `v` means `usages[v - minimum]`."""

    offset_bits: int
    size_bits: int
    minimum: int
    usages: tuple[int, ...]

    def value(self, payload: bytes) -> int:
        """The number in these bits. `payload` must be long enough."""
        value = int.from_bytes(payload, "little") >> self.offset_bits & ((1 << self.size_bits) - 1)
        is_negative = self.minimum < 0 and value >> (self.size_bits - 1)
        return value - (1 << self.size_bits) if is_negative else value

    def usage(self, payload: bytes) -> int | None:
        """The usage that a selector names, None when it names none."""
        index = self.value(payload) - self.minimum
        return self.usages[index] if 0 <= index < len(self.usages) else None


@dataclass(frozen=True, slots=True)
class ScaleReports:
    """How a scale reports. `sizes_bytes` has every input report by number, the number's own byte included.

    Devices without numbers have one report, number 0, and no byte for it. `zero` is the output report that sets the
    scale to zero, as it is written to the device; b"" when there is none.
    """

    sizes_bytes: Mapping[int, int]
    report_id: int
    status: Field
    unit: Field
    scaling: Field
    weight: Field
    zero: bytes

    @property
    def is_numbered(self) -> bool:
        return self.report_id != 0


@dataclass(frozen=True, slots=True)
class _Globals:
    page: int = 0
    minimum: int = 0
    size_bits: int = 0
    count: int = 0
    report_id: int = 0


@dataclass(slots=True)
class _Reports:
    """Fields by report number, and how many bits of each report are taken."""

    fields: dict[int, list[Field]] = field(default_factory=dict)
    bits: dict[int, int] = field(default_factory=dict)

    def add(self, state: _Globals, usages: tuple[int, ...], is_variable: bool) -> None:
        offset = self.bits.get(state.report_id, 0)
        end = offset + state.size_bits * state.count
        if end > _LONGEST_REPORT_BITS:
            raise NotAScale("a report is longer than any scale's")
        self.bits[state.report_id] = end
        here = self.fields.setdefault(state.report_id, [])
        if state.size_bits == 0 or not usages:
            return
        for number in range(state.count):
            own = (usages[min(number, len(usages) - 1)],) if is_variable else usages
            here.append(Field(offset + number * state.size_bits, state.size_bits, state.minimum, own))


def read_descriptor(descriptor: bytes) -> ScaleReports:
    """Find the weight report in `descriptor`. Raises `NotAScale`."""
    reading = _Reading()
    for tag, data in _items(descriptor):
        reading.take(tag, data)
    return _scale_in(reading.inputs, reading.outputs)


class _Reading:
    """A descriptor is a program: some items set what holds for those that follow, others put fields into reports."""

    def __init__(self) -> None:
        self.inputs, self.outputs = _Reports(), _Reports()
        self._state = _Globals()
        self._stack: list[_Globals] = []
        self._usages: list[int] = []
        self._first_usage = 0

    def take(self, tag: int, data: bytes) -> None:
        value = int.from_bytes(data, "little", signed=tag == _LOGICAL_MINIMUM)
        # A usage of four bytes names its page itself.
        usage = value if len(data) == 4 else self._state.page << 16 | value
        if tag in _GLOBALS:
            self._state = replace(self._state, **{_GLOBALS[tag]: value})
        elif tag == _PUSH:
            self._stack.append(self._state)
        elif tag == _POP and self._stack:
            self._state = self._stack.pop()
        elif tag == _USAGE:
            self._usages.append(usage)
        elif tag == _USAGE_MINIMUM:
            self._first_usage = usage
        elif tag == _USAGE_MAXIMUM:
            self._usages += range(self._first_usage, min(usage, self._first_usage + 0xFF) + 1)
        elif tag in (_INPUT, _OUTPUT):
            reports = self.inputs if tag == _INPUT else self.outputs
            reports.add(self._state, tuple(self._usages), bool(value & _IS_VARIABLE))
        if tag & 0x0C == 0:
            # Usages hold for one main item only.
            self._usages = []


def _items(descriptor: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(descriptor):
        prefix = descriptor[position]
        if prefix == _LONG_ITEM:
            position += 3 + (descriptor[position + 1] if position + 1 < len(descriptor) else 0)
            continue
        size = (0, 1, 2, 4)[prefix & 0x03]
        data = descriptor[position + 1 : position + 1 + size]
        if len(data) < size:
            raise NotAScale("the descriptor stops in the middle")
        yield prefix & 0xFC, data
        position += 1 + size


def _scale_in(inputs: _Reports, outputs: _Reports) -> ScaleReports:
    for report_id, fields in inputs.fields.items():
        weight = _first(fields, range(WEIGHT, WEIGHT + 1))
        if weight is None:
            continue
        status, unit = _first(fields, STATUSES), _first(fields, UNITS)
        scaling = _first(fields, range(SCALING, SCALING + 1))
        if status is None or unit is None or scaling is None:
            raise NotAScale("its weight report has no status, unit or scaling")
        if len(status.usages) == 1 or len(unit.usages) == 1:
            raise NotAScale("its weight report gives status or unit in single bits")
        number_bytes = 1 if report_id else 0
        sizes = {number: (bits + 7) // 8 + number_bytes for number, bits in inputs.bits.items()}
        return ScaleReports(sizes, report_id, status, unit, scaling, weight, _zero_report(outputs))
    raise NotAScale("it has no weight report")


def _first(fields: list[Field], wanted: range) -> Field | None:
    return next((found for found in fields if any(usage in wanted for usage in found.usages)), None)


def _zero_report(outputs: _Reports) -> bytes:
    for report_id, fields in outputs.fields.items():
        zero = _first(fields, range(ZERO_SCALE, ZERO_SCALE + 1))
        if zero is not None:
            size = (outputs.bits[report_id] + 7) // 8
            # Linux wants the number before an output report even where there are no numbers.
            return bytes((report_id,)) + (1 << zero.offset_bits).to_bytes(size, "little")
    return b""
