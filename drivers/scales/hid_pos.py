"""USB HID point-of-sale scales: whole reports as Linux hands them on by /dev/hidraw. Pure.

One read gives one report, so nothing is ever put together from pieces: a piece is unreadable. Source: HID Point of Sale
Usage Tables 1.02, chapter 4.
"""

from decimal import Decimal

from drivers.readings import WeightFault
from drivers.scales.hid_descriptor import STATUSES, UNITS, Field, ScaleReports, read_descriptor
from drivers.scales.speech import Condition, Said, Shown, Unreadable
from drivers.scales.units import Unit

USUAL_REPORTS = ScaleReports(
    sizes_bytes={3: 6},
    report_id=3,
    status=Field(0, 8, 1, tuple(STATUSES)),
    unit=Field(8, 8, 1, tuple(UNITS)),
    scaling=Field(16, 8, -128, ()),
    weight=Field(24, 16, 0, ()),
    zero=b"",
)
"""Report 3: status, unit, exponent, weight in two bytes. What is in use when the device's descriptor cannot be read."""

_FAULT, _AT_ZERO, _IN_MOTION, _STABLE, _UNDER_ZERO, _OVER_LIMIT, _NEEDS_CALIBRATION, _NEEDS_ZEROING = STATUSES
_REASONS = {
    _FAULT: WeightFault.DEFECT,
    _UNDER_ZERO: WeightFault.UNDERLOAD,
    _OVER_LIMIT: WeightFault.OVERLOAD,
    _NEEDS_CALIBRATION: WeightFault.DEFECT,
    _NEEDS_ZEROING: WeightFault.OUT_OF_ZERO,
}
_TAEL = "tael"
_UNITS: dict[int, Unit | str] = dict(
    zip(
        UNITS,
        (
            Unit.MILLIGRAM, Unit.GRAM, Unit.KILOGRAM, Unit.CARAT, _TAEL, Unit.GRAIN, Unit.PENNYWEIGHT, Unit.TONNE,
            Unit.SHORT_TON, Unit.TROY_OUNCE, Unit.OUNCE, Unit.POUND,
        ),
        strict=True,
    )
)  # fmt: skip
_LARGEST_EXPONENT = 9


class HidPos:
    """`descriptor` is the device's own, b"" when it cannot be read. Raises `NotAScale`."""

    ask = b""
    tare = b""
    # USB carries a checksum of its own.
    agreeing_frames = 1

    def __init__(self, descriptor: bytes) -> None:
        self._reports = read_descriptor(descriptor) if descriptor else USUAL_REPORTS
        self.zero = self._reports.zero

    def feed(self, data: bytes) -> list[Said]:
        if not data:
            return []
        number = data[0] if self._reports.is_numbered else 0
        if len(data) != self._reports.sizes_bytes.get(number, 0):
            return [Unreadable(data)]
        return [self._read(data)] if number == self._reports.report_id else []

    def cut(self) -> list[Said]:
        return []

    def _read(self, report: bytes) -> Said:
        reports = self._reports
        payload = report[1:] if reports.is_numbered else report
        status, exponent = reports.status.usage(payload), reports.scaling.value(payload)
        if status not in STATUSES or abs(exponent) > _LARGEST_EXPONENT:
            return Unreadable(report)
        if status in _REASONS:
            return Condition(_REASONS[status])
        amount = Decimal(0) if status == _AT_ZERO else Decimal(reports.weight.value(payload)).scaleb(exponent)
        unit = _UNITS.get(reports.unit.usage(payload) or 0, "unknown")
        return Shown(amount, unit, status != _IN_MOTION)
