"""From the record's carton to the layout's ship label, in the site's own format where it wants one."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from floor.ports import Unmade, Unprintable
from floor.work.reply import PrintLabel
from sync.record.codes.carrier_zpl import UnsafeZpl, checked_carrier_zpl
from sync.record.ids import ItemId
from sync.record.rows import CarrierLabelRow, ItemRow, SiteRow

if TYPE_CHECKING:
    from layouts.label_format import LabelFormat
    from layouts.labels.ship_label import ShipLabel
    from layouts.zpl import Dpi, LabelBuilder


def label_maker(
    site: Callable[[], SiteRow | None],
    formats: Path | None = None,
    item: Callable[[ItemId], ItemRow | None] = lambda _item_id: None,
) -> Callable[[PrintLabel, int], bytes]:
    """Makes ship labels for printers of 203 or 300 dpi. The layouts are loaded with the first label.

    ``formats`` is the folder of the site's own formats, ``item`` gives names for the paper that the site may want with
    each carton. The maker raises `Unprintable` rather than printing code points where an address should be, and
    `Unmade` where what the site wants cannot be printed.
    """

    def make(job: PrintLabel, dpi: int) -> bytes:
        from layouts.zpl import Dpi

        here = site()
        ship_format, paper = ("", "") if here is None else (here.ship_format, here.carton_paper)
        carriers = b"" if job.carrier is None else _untouched(job.carrier)
        ours = b"" if job.instead else _laid_out(_ship_label(job, here), Dpi(dpi), ship_format, formats)
        # It lies in the carton already when the label is printed once more.
        pages = _paper(job, here, paper, Dpi(dpi), item) if paper and job.reprint_reason is None else ()
        return ours + carriers + b"".join(page.job() for page in pages)

    return make


def _ship_label(job: PrintLabel, here: SiteRow | None) -> ShipLabel:
    from layouts.labels.ship_label import ShipLabel, ShipTo

    to = job.packing.ship_to
    return ShipLabel(
        sender=() if here is None else here.sender,
        ship_to=ShipTo(to.name, to.lines, to.postcode, to.city, to.country),
        carrier_service=job.packing.service,
        order_reference=job.packing.order_ref,
        sscc=job.sscc,
        carton_number=job.packing.carton_no,
        carton_count=None,
        pieces=job.pieces,
        weight_g=job.weight_g,
        reprint_reason=job.reprint_reason,
    )


def _paper(
    job: PrintLabel, here: SiteRow | None, kind: str, dpi: Dpi, item: Callable[[ItemId], ItemRow | None]
) -> tuple[LabelBuilder, ...]:
    """What lies in the carton, on as many labels as it takes."""
    from layouts.documents import carton_content, packing_slip
    from layouts.documents.packing_slip import PackedLine
    from layouts.documents.thermal import thermal_pages

    packing, to, carton = job.packing, job.packing.ship_to, str(job.packing.carton_no)
    lines = tuple(
        PackedLine(line.item_id, "" if (known := item(line.item_id)) is None else known.name, line.verified)
        for line in packing.lines
        if line.verified
    )
    match kind:
        case "carton-content":
            content = carton_content.CartonContent(packing.order_ref, carton, job.sscc, lines)
            return thermal_pages(carton_content.document(content), dpi)
        case "packing-slip":
            address = (to.name, *to.lines, f"{to.postcode} {to.city}", to.country)
            sender = () if here is None else here.sender
            slip = packing_slip.PackingSlip(sender, address, packing.order_ref, carton, lines)
            return thermal_pages(packing_slip.document(slip), dpi)
        case _:
            raise Unmade(
                f"The site wants {kind} with each carton, and there is carton-content and packing-slip only. "
                "Nothing was printed. Tell the administrator."
            )


def _untouched(label: CarrierLabelRow) -> bytes:
    """Looked through here too: another store, or an older one, may have let more pass."""
    try:
        return checked_carrier_zpl(label.zpl.encode()).zpl
    except UnsafeZpl as error:
        raise Unmade(f"The carrier's label cannot be printed: {error}. Tell the administrator.") from error


def _laid_out(label: ShipLabel, dpi: Dpi, wanted: str, formats: Path | None) -> bytes:
    builder = _built(label, dpi, wanted, formats)
    undrawable = tuple(short.field for short in builder.shortfalls if short.is_undrawable)
    if undrawable:
        raise Unprintable(undrawable)
    return builder.job()


def _built(label: ShipLabel, dpi: Dpi, wanted: str, formats: Path | None) -> LabelBuilder:
    from layouts.label_format import FormatError
    from layouts.labels.ship_label import laid_out

    if not wanted:
        return laid_out(label, dpi)
    try:
        path = _format_file(wanted, formats)
        return _read(path, path.stat().st_mtime_ns).lay_out(label, dpi)
    except (FormatError, OSError, TypeError, ValueError) as fault:
        raise Unmade(f"The ship label format {wanted} cannot be used here: {fault}. Tell the administrator.") from fault


def _format_file(name: str, formats: Path | None) -> Path:
    """The site's own file, otherwise the one that ships. A name is never a path."""
    import layouts

    shipped = Path(layouts.__path__[0]) / "formats"
    folders = (shipped,) if formats is None else (formats, shipped)
    found = [folder / f"{name}.toml" for folder in folders if (folder / f"{name}.toml").is_file()]
    if Path(name).name != name or not found:
        raise ValueError(f"there is no {name}.toml in {' or '.join(map(str, folders))}")
    return found[0]


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int) -> LabelFormat:  # noqa: ARG001 - a file that was changed is read anew
    from layouts.label_format import read_format

    return read_format(path)
