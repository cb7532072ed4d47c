"""Counts of locations over the network."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, JSONBody

from sync.record.ids import ItemId, LocationCode
from sync.record.permissions import Action
from sync.store.api.access import TheCaller
from sync.store.api.documented import refusals
from sync.store.api.permitted import REFUSED, asks, do, permitted
from sync.store.database import Database
from sync.store.leading.counts import Adjustment, CountStanding, adjustments, ask, counts

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
_Item = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class CountWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    location: _Code
    item_id: _Item | None = None
    """Only this item; None: all that is there."""


@get(
    "/counts",
    opt=asks(Action.READ_COUNTS),
    sync_to_thread=True,
    responses=refusals(400, 401, 403),
    summary="The counts of locations: why, by whom, what was found first; with `only_open` those that are not done",
)
def read_counts(state: State, caller: TheCaller, only_open: FromQuery[bool] = False) -> list[CountStanding]:
    database: Database = state.database
    with database.read() as conn:
        return counts(conn, caller.site_id, only_open=only_open)


@get(
    "/adjustments",
    opt=asks(Action.READ_COUNTS),
    sync_to_thread=True,
    responses=refusals(401, 403),
    summary="What counts have changed in the stock, with reason and author, the newest first",
)
def read_adjustments(state: State, caller: TheCaller) -> list[Adjustment]:
    database: Database = state.database
    with database.read() as conn:
        return adjustments(conn, caller.site_id)


@post(
    "/counts",
    opt=asks(Action.ASK_COUNT),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Have a location counted, or only one item there",
)
def ask_for_count(state: State, caller: TheCaller, data: JSONBody[CountWanted]) -> CountStanding:
    item_id = None if data.item_id is None else ItemId(data.item_id)
    return do(state.database, caller, lambda work, by: ask(work, LocationCode(data.location), item_id, by))


count_routes = Router(
    "/v1",
    route_handlers=[read_counts, read_adjustments, ask_for_count],
    guards=[permitted],
    exception_handlers=REFUSED,
)
