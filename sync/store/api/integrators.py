"""What shops' programs ask of the store: orders in, where they stand, hold, cancel."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Request, Response, Router, get, post, put
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody, Parameter
from sqlalchemy import Connection, select

from sync.record.permissions import Action, may
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.api.access import Caller, TheCaller
from sync.store.api.documented import LabelOperation, refusals
from sync.store.api.leads import Line, OrderRef, Reason, Word
from sync.store.api.permitted import REFUSED, asks, do, key_name, permitted
from sync.store.database import Database
from sync.store.orders.cancelling import Cancelled, cancel_order
from sync.store.orders.capturing import SHIP_LINES, Captured, NewLine, NewOrder, capture
from sync.store.orders.carrier_labels import CARRIER_BARCODE, MOST_BYTES, MOST_CARTONS, GivenLabel, give_carrier_label
from sync.store.orders.holding import Held, OrderRefused, hold_order
from sync.store.orders.ordered import OrderStanding, orders_named
from sync.store.unit_of_work import UnitOfWork

Pieces = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class OrderLineIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: Word
    quantity: Pieces
    description: Line = ""
    unit_price: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")] | None = None
    """A decimal as text; all lines have one, or none has."""


class ShipToIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Line
    lines: Annotated[list[Line], msgspec.Meta(max_length=SHIP_LINES)]
    postcode: Line
    city: Line
    country: Line


class OrderIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order. The same again changes nothing; another one under the same reference is refused (409)."""

    order_ref: Word
    ordered_at: Annotated[datetime, msgspec.Meta(tz=True)]
    ship_to: ShipToIn
    lines: Annotated[list[OrderLineIn], msgspec.Meta(min_length=1, max_length=500)]
    customer: Word | None = None
    service: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    """0 is the most urgent."""


class HoldIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Reason


class CancelIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole order or, with ``line_no``, up to ``quantity`` pieces of one of its lines."""

    line_no: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    quantity: Pieces | None = None


@post(
    "/orders",
    opt=asks(Action.CAPTURE_ORDERS),
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Take in an order: 201 where it is new, 200 where the very same one was in already",
)
def capture_order(state: State, caller: TheCaller, data: JSONBody[OrderIn]) -> Response[Captured]:
    order = NewOrder(
        order_ref=data.order_ref,
        ordered_at=data.ordered_at,
        ship_name=data.ship_to.name,
        ship_lines=data.ship_to.lines,
        ship_postcode=data.ship_to.postcode,
        ship_city=data.ship_to.city,
        ship_country=data.ship_to.country,
        lines=[
            NewLine(
                item_id=line.item_id,
                quantity=line.quantity,
                description=line.description,
                unit_price=line.unit_price,
            )
            for line in data.lines
        ],
        customer=data.customer,
        service=data.service,
        priority=data.priority,
    )
    # A key that follows another one under the same name goes on with its orders: the name is their source.
    captured = do(state.database, caller, lambda work, by: capture(work, key_name(work.conn, caller), order, by=by))
    return Response(captured, status_code=201 if captured.new else 200)


def _own_source(conn: Connection, caller: Caller) -> str | None:
    """The source whose orders alone this caller may see and change; None: those of every source."""
    return key_name(conn, caller) if caller.roles == {Role.INTEGRATOR} else None


def _need_own(work: UnitOfWork, caller: Caller, order_ref: str) -> None:
    """Raises `OrderRefused`, in the words for an order that is not there, where it is another program's."""
    own = _own_source(work.conn, caller)
    o = t.orders.c
    named = select(o.source).where(o.site_id == work.site_id, o.order_ref == order_ref)
    if own is not None and own not in work.conn.execute(named).scalars().all():
        raise OrderRefused(f"There is no order {order_ref}. Check its reference.")


@get(
    "/orders/{order_ref:str}",
    opt=asks(Action.READ_ORDERS),
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 404),
    summary="Where an order stands; one for each source that has used the reference",
    description="Customer and address stand in it for roles that may see them: `read-addresses`.",
)
def read_order(state: State, caller: TheCaller, order_ref: OrderRef) -> list[OrderStanding]:
    database: Database = state.database
    with database.read() as conn:
        own = _own_source(conn, caller)
        address = may(caller.roles, Action.READ_ADDRESSES)
        found = orders_named(conn, caller.site_id, order_ref, address=address)
    found = [order for order in found if own in (None, order.source)]
    if not found:
        raise NotFoundException(f"There is no order {order_ref}.")
    return found


@post(
    "/orders/{order_ref:str}/hold",
    opt=asks(Action.HOLD_ORDER),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Put an order on hold: nothing more is reserved, released or packed of it",
)
def hold(state: State, caller: TheCaller, order_ref: OrderRef, data: JSONBody[HoldIn]) -> Held:
    def job(work: UnitOfWork, by: str) -> Held:
        _need_own(work, caller, order_ref)
        return hold_order(work, order_ref, reason=data.reason, by=by)

    return do(state.database, caller, job)


@post(
    "/orders/{order_ref:str}/cancel",
    opt=asks(Action.CANCEL_ORDER),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Cancel an order, or pieces of one of its lines",
)
def cancel(state: State, caller: TheCaller, order_ref: OrderRef, data: JSONBody[CancelIn]) -> Cancelled:
    def job(work: UnitOfWork, by: str) -> Cancelled:
        _need_own(work, caller, order_ref)
        return cancel_order(work, order_ref, by=by, line_no=data.line_no, quantity=data.quantity)

    return do(state.database, caller, job)


@put(
    "/orders/{order_ref:str}/carrier-labels/{carton_no:int}",
    opt=asks(Action.CAPTURE_ORDERS),
    status_code=200,
    request_max_body_size=MOST_BYTES,
    operation_class=LabelOperation,
    responses=refusals(400, 401, 403, 404, 409, 413),
    summary="Give a carton of an order its carrier's label: ZPL that is looked through and printed untouched",
    description="`barcode`: what a scanner reads off the label; without it our own label is printed beside.",
)
async def carrier_label(
    state: State,
    request: Request[object, object, State],
    caller: TheCaller,
    order_ref: OrderRef,
    carton_no: Annotated[int, Parameter(ge=1, le=MOST_CARTONS)],
    barcode: Annotated[str | None, Parameter(pattern=CARRIER_BARCODE)] = None,
) -> GivenLabel:
    zpl = await request.body()

    def job(work: UnitOfWork, by: str) -> GivenLabel:
        _need_own(work, caller, order_ref)
        return give_carrier_label(work, order_ref, carton_no, zpl, barcode=barcode, by=by)

    return await asyncio.to_thread(do, state.database, caller, job)


integrators = Router(
    "/v1",
    route_handlers=[capture_order, read_order, hold, cancel, carrier_label],
    guards=[permitted],
    exception_handlers=REFUSED,
)
