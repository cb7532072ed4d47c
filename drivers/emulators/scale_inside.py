"""The inside of an emulated scale: what lies on it, what is wrong with it, what its keys do. No input or output."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Range = Literal["within", "over", "under"]

_ZERO_SHARE = Decimal("0.1")
"""The part of its capacity up to which a scale lets itself be set to zero."""


@dataclass(slots=True)
class ScaleInside:
    """Loads are in the scale's own unit, as the display shows them with `decimals` places."""

    unit: str
    decimals: int
    capacity: Decimal
    load: Decimal = Decimal(0)
    zero_point: Decimal = Decimal(0)
    tare: Decimal = Decimal(0)
    is_moving: bool = False
    is_defect: bool = False
    has_lost_zero: bool = False

    @property
    def net(self) -> Decimal:
        """What the display shows."""
        return (self.load - self.zero_point - self.tare).quantize(Decimal(1).scaleb(-self.decimals))

    @property
    def range(self) -> Range:
        gross = self.load - self.zero_point
        if gross > self.capacity:
            return "over"
        return "under" if gross < -self.capacity * _ZERO_SHARE else "within"

    def press_zero(self) -> bool:
        """Whether it did: not while it moves, nor with more on it than a tenth of its capacity."""
        if self.is_moving or abs(self.load) > self.capacity * _ZERO_SHARE:
            return False
        self.zero_point, self.tare, self.has_lost_zero = self.load, Decimal(0), False
        return True

    def press_tare(self) -> bool:
        """Whether it did: not while it moves or is out of range."""
        if self.is_moving or self.range != "within" or self.load < self.zero_point:
            return False
        self.tare = self.load - self.zero_point
        return True
