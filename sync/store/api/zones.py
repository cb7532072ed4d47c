"""What leads decide about zones over the network."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import JSONBody, Parameter

from sync.record.ids import WorkerId, ZoneId
from sync.record.permissions import Action
from sync.store.api.access import TheCaller
from sync.store.api.documented import refusals
from sync.store.api.permitted import REFUSED, asks, do, permitted
from sync.store.database import Database
from sync.store.leading.zones import ZoneEnd, ZoneStanding, assign, end, zones
from sync.wire.messages import ID_PATTERN

_Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a worker picks from the next list on; None: in any zone."""

    zone_id: _Zone | None


class HandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who goes on: a terminal, or a worker signed in at one; None: whoever takes it from the common pool."""

    to: Annotated[str, msgspec.Meta(pattern=ID_PATTERN)] | None = None


@get(
    "/zones",
    opt=asks(Action.READ_TERMINALS),
    sync_to_thread=True,
    responses=refusals(401, 403),
    summary="Each zone: its people, its lists, what is left to pick, the totes that wait for it",
)
def read_zones(state: State, caller: TheCaller) -> list[ZoneStanding]:
    database: Database = state.database
    with database.read() as conn:
        return zones(conn, caller.site_id)


@post(
    "/workers/{worker_id:str}/zone",
    opt=asks(Action.ASSIGN_ZONE),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Put a worker into a zone; what they have begun stays with them",
)
def assign_zone(
    state: State, caller: TheCaller, worker_id: Annotated[str, Parameter(max_length=64)], data: JSONBody[Assignment]
) -> Assignment:
    zone_id = None if data.zone_id is None else ZoneId(data.zone_id)
    do(state.database, caller, lambda work, by: assign(work, WorkerId(worker_id), zone_id, by))
    return data


@post(
    "/zones/{zone_id:str}/end",
    opt=asks(Action.MOVE_LIST),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="End a zone's shift: each of its lists is left at the next stop and goes on with who comes",
)
def end_zone(
    state: State, caller: TheCaller, zone_id: Annotated[str, Parameter(max_length=16)], data: JSONBody[HandOver]
) -> ZoneEnd:
    return do(state.database, caller, lambda work, by: end(work, ZoneId(zone_id), to=data.to, by=by))


zone_routes = Router(
    "/v1",
    route_handlers=[read_zones, assign_zone, end_zone],
    guards=[permitted],
    exception_handlers=REFUSED,
)
