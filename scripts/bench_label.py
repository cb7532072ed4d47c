"""The label's number: one 4x6 ship label built, as bytes for the printer."""

from __future__ import annotations

import time

from bench_rows import Row, row_of

from layouts.labels.ship_label import ShipLabel, ShipTo, ship_label
from layouts.zpl import Dpi

WARM_UP = 50
LABELS = 1000


def label_rows() -> list[Row]:
    took_ms = []
    for number in range(WARM_UP + LABELS):
        label = a_label(number)
        begun = time.perf_counter()
        ship_label(label, Dpi.DPI_203)
        took_ms.append((time.perf_counter() - begun) * 1000)
    return [row_of("one 4x6 label built", "ms", took_ms[WARM_UP:], median_limit=2)]


def a_label(number: int) -> ShipLabel:
    return ShipLabel(
        sender=("Floorhand Demo Ltd", "1 Warehouse Way", "Coventry CV1 2AB", "United Kingdom"),
        ship_to=ShipTo(f"Zoë O'Brien {number}", ("Flat 2", "12 Long Street"), "SW1A 1AA", "London", "United Kingdom"),
        carrier_service="NEXTDAY",
        order_reference=f"{536365 + number}",
        sscc="340123451234567895",
        carton_number=1 + number % 9,
        carton_count=None,
        pieces=1 + number,
    )
