"""Which of the carrier's labels a carton gets, and what is scanned back when it stands instead of ours."""

from __future__ import annotations

from floor.work.view import RecordView
from sync.record.rows import CarrierLabelRow, PackingRow


def next_carrier_label(view: RecordView, packing: PackingRow) -> CarrierLabelRow | None:
    """The one that the carton gets with its number: the first that no other carton has."""
    labels = view.carrier_labels(packing.order_id)
    return next((label for label in labels if label.sscc is None and label.carton_no >= packing.carton_no), None)


def carrier_label(view: RecordView, packing: PackingRow) -> CarrierLabelRow | None:
    """The one that the carton has."""
    labels = () if packing.carrier_label is None else view.carrier_labels(packing.order_id)
    return next((label for label in labels if label.carton_no == packing.carrier_label), None)


def barcode_instead(view: RecordView, packing: PackingRow) -> str | None:
    """What is scanned back where the carrier's label stands instead of ours; None: ours is printed and scanned."""
    site, label = view.site(), carrier_label(view, packing)
    return label.barcode if site is not None and site.carrier_label == "instead" and label is not None else None
