"""The store's HTTP application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from sync.store.api.access import BY_CODE, OPEN_TO_ALL, Admission, Doors, the_caller
from sync.store.api.contact import Pulls
from sync.store.api.counts import count_routes
from sync.store.api.documented import ChangeSchema, refusals
from sync.store.api.enrolments import authority, enrol
from sync.store.api.group_commit import GroupCommit
from sync.store.api.integrators import integrators
from sync.store.api.keeper import keep_hourly
from sync.store.api.leads import leads
from sync.store.api.limits import MAX_BODY_BYTES, bounded
from sync.store.api.problems import HANDLERS
from sync.store.api.snapshots import Turns, snapshot, sums
from sync.store.api.tail import Tails
from sync.store.api.terminals import hello, pull, push
from sync.store.api.zones import zone_routes
from sync.store.changes import incarnation
from sync.store.database import Database


@get(
    "/v1/health",
    opt=OPEN_TO_ALL,
    sync_to_thread=True,
    responses=refusals(),
    summary="Whether the store and its database answer",
)
def health(state: State) -> dict[str, str]:
    with state.database.read() as conn:
        incarnation(conn)
    return {"status": "ok"}


ROUTES = (hello, health, authority, enrol, push, pull, snapshot, sums, leads, zone_routes, count_routes, integrators)


def create_app(database: Database, admission: Admission = BY_CODE) -> Litestar:
    """The application over one database. The caller closes the database after the server has stopped."""

    tails = Tails(database)
    doors = Doors(database, admission)

    @asynccontextmanager
    async def life(_app: Litestar) -> AsyncIterator[None]:
        keeper = asyncio.create_task(keep_hourly(database))
        yield
        keeper.cancel()
        await tails.stop()

    return Litestar(
        route_handlers=ROUTES,
        exception_handlers=HANDLERS,
        state=State(
            {
                "database": database,
                "tails": tails,
                "groups": GroupCommit(database, tails.ring),
                "doors": doors,
                "pulls": Pulls(database),
                "turns": Turns(),
            }
        ),
        lifespan=[life],
        plugins=[ChangeSchema()],
        openapi_config=OpenAPIConfig(
            title="Floorhand order store",
            version="1",
            openapi_router=Router("/v1/docs", route_handlers=[], include_in_schema=False, opt=OPEN_TO_ALL),
        ),
        guards=[doors.guard],
        dependencies={"caller": Provide(the_caller, sync_to_thread=False)},
        middleware=[bounded(admission.limits)],
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )
