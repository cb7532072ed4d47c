"""The store's HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig

from sync.record.ids import SiteId
from sync.store.api.bell import Bell
from sync.store.api.documented import ChangeSchema, refusals
from sync.store.api.problems import HANDLERS
from sync.store.api.terminals import hello, pull, push
from sync.store.changes import incarnation
from sync.store.database import Database
from sync.store.unit_of_work import feed_position

MAX_BODY_BYTES = 1024 * 1024


@get("/v1/health", sync_to_thread=True, responses=refusals(), summary="Whether the store and its database answer")
def health(state: State) -> dict[str, str]:
    with state.database.read() as conn:
        incarnation(conn)
    return {"status": "ok"}


def create_app(database: Database) -> Litestar:
    """The application over one database. The caller closes the database after the server has stopped."""

    def position(site_id: SiteId) -> int:
        with database.read() as conn:
            return feed_position(conn, site_id)

    bell = Bell(position)

    @asynccontextmanager
    async def life(_app: Litestar) -> AsyncIterator[None]:
        await bell.start()
        yield
        await bell.stop()

    return Litestar(
        route_handlers=[hello, health, push, pull],
        exception_handlers=HANDLERS,
        state=State({"database": database, "bell": bell}),
        lifespan=[life],
        plugins=[ChangeSchema()],
        openapi_config=OpenAPIConfig(title="Floorhand order store", version="1", path="/v1/docs"),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )
