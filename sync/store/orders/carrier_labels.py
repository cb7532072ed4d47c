"""Labels that carriers have made for cartons of an order: taken in, given to one carton each, and forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select, update

from sync.record.codes.carrier_zpl import UnsafeZpl, checked_carrier_zpl
from sync.record.facts import SsccAssigned
from sync.record.ids import OrderId
from sync.store.access.auditing import audit
from sync.store.bench import Bench, RowDict
from sync.store.orders.holding import OrderRefused, lock_order
from sync.store.tables import carrier_label, order_line, orders
from sync.store.unit_of_work import PACK_STATIONS, UnitOfWork

MOST_BYTES = 64 * 1024
MOST_CARTONS = 99
CARRIER_BARCODE = r"^[!-~][ -~]{2,62}[!-~]$"
"""What a carrier's barcode may say: 4 to 64 printable ASCII characters."""


class LabelUnfit(Exception):
    """The file cannot be printed as a carrier's label; the text says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLabel:
    order_ref: str
    carton_no: int
    labels: int
    """How many labels the file prints."""
    new: bool
    """False: the very same was here already."""


def give_carrier_label(
    work: UnitOfWork, order_ref: str, carton_no: int, zpl: bytes, *, barcode: str | None, by: str
) -> GivenLabel:
    """Have a carrier's ``zpl`` printed on one carton of an order. ``barcode`` is what a scanner reads off it.

    Another one may be given until a carton has it.

    Raises:
        LabelUnfit: too large, no UTF-8, or it would do more than print.
        OrderRefused: no such order, cancelled, or a carton has the label already.
    """
    text, labels = _looked_through(zpl)
    order = lock_order(work, order_ref)
    if order.status == "cancelled":
        raise OrderRefused(
            f"Order {order_ref} is cancelled: nothing of it is packed. Cancel the label with its carrier."
        )
    bench = Bench(work)
    before = bench.carrier_labels.get(order.order_id, carton_no)
    is_same = before is not None and (before["zpl"], before["barcode"]) == (text, barcode)
    if not is_same:
        if before is not None and before["sscc"] is not None:
            raise OrderRefused(
                f"Label {carton_no} of order {order_ref} is on carton {before['sscc']}: it cannot be given anew. "
                "Give the next carton's under another number."
            )
        if before is None and carton_no <= order.cartons_closed:
            raise OrderRefused(
                f"Order {order_ref} has {order.cartons_closed} closed cartons: label {carton_no} would be on none. "
                f"Give the next carton's under {order.cartons_closed + 1}."
            )
        row = {"order_id": order.order_id, "carton_no": carton_no, "sscc": None}
        bench.carrier_labels.add(**row, zpl=text, barcode=barcode, given_at=work.now)
        bench.flush()
        _tell(work, order.order_id, carton_no)
        audit(work, by, "carrier-label", order_ref, carton_no=carton_no, labels=labels, barcode=barcode)
    return GivenLabel(order_ref=order_ref, carton_no=carton_no, labels=labels, new=not is_same)


def _looked_through(zpl: bytes) -> tuple[str, int]:
    if len(zpl) > MOST_BYTES:
        raise LabelUnfit(
            f"The file holds {len(zpl):,} bytes, and a carton's label {MOST_BYTES:,} at most. Nothing was changed; "
            "have the carrier compress its pictures (^GFA) or send text and barcodes as commands."
        )
    try:
        return zpl.decode("utf-8"), checked_carrier_zpl(zpl).labels
    except UnicodeDecodeError as error:
        raise LabelUnfit(
            f"Byte {error.start + 1} of the file is no UTF-8. Nothing was changed; ask the carrier for labels in UTF-8 "
            "(^CI28) or with other letters as ^FH codes."
        ) from error
    except UnsafeZpl as error:
        raise LabelUnfit(f"The label is refused: {error}.") from error


def take_carrier_label(bench: Bench, tote: RowDict, fact: SsccAssigned) -> str | None:
    """The carton of ``fact`` has its carrier label now. Returns what a lead must know where another one has it, too."""
    if fact.carrier_label is None or tote["order_id"] is None:
        return None
    bench.orders.get(tote["order_id"])  # locked first, as by who gives the label: two never wait for each other
    label = bench.carrier_labels.get(tote["order_id"], fact.carrier_label)
    if label is not None:
        bench.totes.change(tote, carrier_label=fact.carrier_label)
        if label["zpl"] is not None and label["sscc"] in (None, fact.sscc):
            bench.carrier_labels.change(label, sscc=fact.sscc)
            _tell(bench.work, label["order_id"], label["carton_no"])
            return None
    other = "" if label is None or label["sscc"] is None else f", as carton {label['sscc']} has"
    return (
        f"carton {fact.sscc} from {fact.tote} has the carrier's label {fact.carrier_label} of its order{other}: "
        "compare them before they leave"
    )


def end_carrier_label(bench: Bench, tote: RowDict) -> None:
    """Its carton is closed: what was printed, with the address on it, is kept no longer."""
    label = bench.carrier_labels.get(tote["order_id"], tote["carrier_label"])
    if label is not None and label["sscc"] == tote["sscc"]:
        bench.carrier_labels.change(label, zpl=None)
        _tell(bench.work, label["order_id"], label["carton_no"], deleted=True)


def forget_carrier_labels(work: UnitOfWork) -> int:
    """Forget those of orders of which nothing is to be packed any more; returns how many."""
    c, o, line = carrier_label.c, orders.c, order_line.c
    to_pack = exists().where(
        (o.site_id == c.site_id) & (o.order_id == c.order_id) & (o.status != "cancelled"),
        (line.site_id == c.site_id) & (line.order_id == c.order_id),
        line.packed < line.ordered - line.cancelled - line.cut,
    )
    over = select(c.order_id, c.carton_no).where(c.site_id == work.site_id, c.zpl.is_not(None), ~to_pack)
    gone = work.conn.execute(over.order_by(c.order_id, c.carton_no).with_for_update()).all()
    for order_id, carton_no in gone:
        this = (c.site_id == work.site_id) & (c.order_id == order_id) & (c.carton_no == carton_no)
        work.conn.execute(update(carrier_label).where(this).values(zpl=None))
        _tell(work, order_id, carton_no, deleted=True)
    return len(gone)


def _tell(work: UnitOfWork, order_id: OrderId, carton_no: int, *, deleted: bool = False) -> None:
    work.touch("carrier_label", f"{order_id}.{carton_no}", PACK_STATIONS, deleted=deleted)
