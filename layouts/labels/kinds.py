"""Every label and document by its name: its fields, how it is laid out, and what it may not be without."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from layouts.documents import carton_content, packing_slip, pick_sheet
from layouts.documents.carton_content import CartonContent
from layouts.documents.document import Document
from layouts.documents.packing_slip import PackingSlip
from layouts.documents.pick_sheet import PickSheet
from layouts.documents.thermal import thermal_pages
from layouts.labels import (
    badge_label,
    command_label,
    location_label,
    logistic,
    pallet_label,
    position_label,
    ship_label,
    tote_label,
)
from layouts.labels.badge_label import BadgeLabel
from layouts.labels.command_label import CommandLabel
from layouts.labels.location_label import LocationLabel
from layouts.labels.pallet_label import PalletLabel
from layouts.labels.position_label import PositionLabel
from layouts.labels.ship_label import ShipLabel
from layouts.labels.tote_label import ToteLabel
from layouts.zpl import Dpi, LabelBuilder


@dataclass(frozen=True)
class RequiredBars:
    """A barcode that a label is nothing without: of this field, in this symbology, at least this large."""

    field: str
    symbology: str
    least_height_mm: float
    least_module_mm: float | None = None


@dataclass(frozen=True)
class LabelKind:
    """A label of one dataclass, `fields`; `required_text` are fields that a site's own format has to show as text."""

    name: str
    fields: type
    lay_out: Callable[[Any, Dpi], tuple[LabelBuilder, ...]]
    required_bars: tuple[RequiredBars, ...] = ()
    required_text: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentKind:
    """A document of one dataclass, `fields`, for A4 or for thermal labels."""

    name: str
    fields: type
    document: Callable[[Any], Document]

    def lay_out(self, value: object, dpi: Dpi) -> tuple[LabelBuilder, ...]:
        """Its thermal labels."""
        return thermal_pages(self.document(value), dpi)


def _one(lay_out: Callable[[Any, Dpi], LabelBuilder]) -> Callable[[Any, Dpi], tuple[LabelBuilder, ...]]:
    return lambda value, dpi: (lay_out(value, dpi),)


_SSCC = RequiredBars("sscc", "gs1-128", logistic.SSCC_BARS_MM, logistic.SSCC_LEAST_MODULE_MM)
_CODE = RequiredBars("code", "code-128", 8.0)

LABELS: Mapping[str, LabelKind] = {
    kind.name: kind
    for kind in (
        LabelKind("ship", ShipLabel, _one(ship_label.laid_out), (_SSCC,), ("readable_sscc", "reprint_mark")),
        LabelKind("pallet", PalletLabel, _one(pallet_label.laid_out), (_SSCC,), ("readable_sscc", "cartons")),
        LabelKind("tote", ToteLabel, _one(tote_label.laid_out), (_CODE,), ("code",)),
        LabelKind("location", LocationLabel, _one(location_label.laid_out), (_CODE,), ("code", "check_digits")),
        LabelKind("position", PositionLabel, _one(position_label.laid_out), (_CODE,), ("name",)),
        LabelKind("badge", BadgeLabel, _one(badge_label.laid_out), (_CODE,), ("worker_name",)),
        LabelKind("command", CommandLabel, _one(command_label.laid_out), (_CODE,), ("command",)),
    )
}

DOCUMENTS: Mapping[str, DocumentKind] = {
    kind.name: kind
    for kind in (
        DocumentKind("carton-content", CartonContent, carton_content.document),
        DocumentKind("packing-slip", PackingSlip, packing_slip.document),
        DocumentKind("pick-sheet", PickSheet, pick_sheet.document),
    )
}
