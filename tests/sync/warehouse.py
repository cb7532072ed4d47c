"""A small warehouse in rows, and facts about it."""

from __future__ import annotations

from datetime import UTC, datetime

from sync.record.facts import (
    ClaimedList,
    Fact,
    How,
    LocationConfirmed,
    Picked,
    PutInTote,
    ReportedEmpty,
    ToteBound,
    Undone,
)
from sync.record.ids import (
    BadgeCode,
    EventId,
    Gtin,
    ItemId,
    LocationCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
    SiteId,
    TerminalId,
    ToteCode,
    WorkerId,
    ZoneId,
)
from sync.record.rows import (
    Barcode,
    ItemRow,
    ListKind,
    ListStatus,
    LocationKind,
    LocationRow,
    PackingRow,
    PackLine,
    PickLineRow,
    PickListRow,
    Role,
    Row,
    ShipTo,
    SiteRow,
    SsccRangeRow,
    ToteRow,
    ToteStatus,
    WorkerRow,
)

SITE = SiteId("north")
WORKER = WorkerId("W1")
TOTE = ToteCode("T-000001")
NOWHERE = LocationCode("POISON")
"""A report about this location is one that the tiny store cannot digest."""


def site() -> SiteRow:
    return SiteRow(site_id=SITE, name="North", company_prefix="4012345", sender=("North",))


def worker(pin_hash: str | None = None, *, active: bool = True) -> WorkerRow:
    return WorkerRow(
        worker_id=WORKER,
        badge=BadgeCode("B-1001"),
        name="Ada",
        roles=(Role.PICKER,),
        language="en",
        pin_hash=pin_hash,
        active=active,
    )


def item(number: int) -> ItemRow:
    return ItemRow(
        item_id=ItemId(f"I{number}"),
        name=f"Item {number}",
        barcodes=(
            Barcode(gtin=Gtin(f"{number:014d}"), pieces=1, packaging="each"),
            Barcode(gtin=Gtin(f"9{number:013d}"), pieces=12, packaging="case"),
        ),
        weight_g=100,
    )


def location(number: int) -> LocationRow:
    return LocationRow(
        code=LocationCode(f"A01-{number:03d}"),
        zone_id=ZoneId("A"),
        aisle="A01",
        kind=LocationKind.PICK,
        position=number,
        check_digits="42",
    )


def pick_list(list_id: int, *, lines: int, terminal_id: str | None = None, token: int = 0) -> PickListRow:
    return PickListRow(
        list_id=PickListId(list_id),
        kind=ListKind.PIECE,
        order_id=OrderId(list_id),
        order_ref=f"O-{list_id}",
        service="std",
        cut_off=None,
        status=ListStatus.OPEN if terminal_id is None else ListStatus.HELD,
        line_count=lines,
        piece_count=lines,
        terminal_id=None if terminal_id is None else TerminalId(terminal_id),
        worker_id=None,
        token=token,
        totes=(),
    )


def pick_line(line_id: int, list_id: int, *, asked: int = 3) -> PickLineRow:
    return PickLineRow(
        line_id=PickLineId(line_id),
        list_id=PickListId(list_id),
        order_id=OrderId(list_id),
        order_line_id=OrderLineId(line_id),
        item_id=ItemId(f"I{line_id}"),
        location=LocationCode(f"A01-{line_id:03d}"),
        lot=None,
        expiry=None,
        lots_here=1,
        position=line_id,
        passes=0,
        asked=asked,
    )


def tote(code: str = TOTE) -> ToteRow:
    return ToteRow(tote=ToteCode(code), status=ToteStatus.EMPTY, order_ref=None, list_id=None)


def packing(*quantities: int, sscc_of: str | None = None) -> PackingRow:
    return PackingRow(
        tote=TOTE,
        order_id=OrderId(7),
        order_ref="O-7",
        service="std",
        cut_off=None,
        ship_to=ShipTo(name="A", lines=("B",), postcode="1", city="C", country="DE"),
        stop=sscc_of,
        lines=tuple(
            PackLine(order_line_id=OrderLineId(number), item_id=ItemId(f"I{number}"), in_tote=quantity)
            for number, quantity in enumerate(quantities, start=1)
        ),
        carton_no=1,
    )


def sscc_range(range_id: int, terminal_id: str, first: int, last: int) -> SsccRangeRow:
    return SsccRangeRow(range_id=range_id, terminal_id=TerminalId(terminal_id), first=first, last=last)


def one_list(*, lines: int = 3, asked: int = 3, list_id: int = 1) -> list[Row]:
    """A site with one open list and what its lines hang on."""
    rows: list[Row] = [site(), worker(), tote(), pick_list(list_id, lines=lines)]
    for number in range(1, lines + 1):
        rows += [item(number), location(number), pick_line(number, list_id, asked=asked)]
    return rows


def claimed(list_id: int | None = 1) -> Fact:
    return ClaimedList(list_id=None if list_id is None else PickListId(list_id))


def picked(line_id: int = 1, quantity: int = 1, token: int = 1) -> Picked:
    return Picked(
        line_id=PickLineId(line_id),
        token=token,
        item_id=ItemId(f"I{line_id}"),
        location=LocationCode(f"A01-{line_id:03d}"),
        quantity=quantity,
        how=How.SCANNED,
        code="x",
    )


def located(line_id: int = 1) -> LocationConfirmed:
    return LocationConfirmed(
        line_id=PickLineId(line_id), token=1, location=LocationCode(f"A01-{line_id:03d}"), how=How.SCANNED
    )


def put(line_id: int = 1, quantity: int = 1) -> PutInTote:
    return PutInTote(line_id=PickLineId(line_id), token=1, tote=TOTE, quantity=quantity, how=How.SCANNED)


def bound(list_id: int = 1) -> ToteBound:
    return ToteBound(list_id=PickListId(list_id), token=1, tote=TOTE, how=How.SCANNED)


def undone(event_id: EventId) -> Undone:
    return Undone(undoes=event_id)


def poison() -> ReportedEmpty:
    return ReportedEmpty(location=NOWHERE)


def long_ago() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)
