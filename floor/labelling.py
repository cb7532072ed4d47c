"""From the record's carton to the layout's ship label."""

from __future__ import annotations

from collections.abc import Callable

from floor.ports import Unprintable
from floor.work.reply import PrintLabel
from sync.record.rows import SiteRow


def label_maker(site: Callable[[], SiteRow | None]) -> Callable[[PrintLabel, int], bytes]:
    """Makes ship labels for printers of 203 or 300 dpi. The layouts are loaded with the first label.

    The maker raises `Unprintable` rather than printing code points where letters should be.
    """

    def make(job: PrintLabel, dpi: int) -> bytes:
        from layouts.labels.ship_label import ShipLabel, ShipTo, ship_label, ship_label_shortfalls
        from layouts.zpl import Dpi

        here = site()
        to = job.packing.ship_to
        label = ShipLabel(
            sender=() if here is None else here.sender,
            ship_to=ShipTo(to.name, to.lines, to.postcode, to.city, to.country),
            carrier_service=job.packing.service,
            order_reference=job.packing.order_ref,
            sscc=job.sscc,
            carton_number=job.packing.carton_no,
            carton_count=None,
            pieces=job.pieces,
            reprint_reason=job.reprint_reason,
        )
        undrawable = tuple(short.field for short in ship_label_shortfalls(label, Dpi(dpi)) if short.is_undrawable)
        if undrawable:
            raise Unprintable(undrawable)
        return ship_label(label, Dpi(dpi))

    return make
