"""A terminal's whole picture at once, and what its rows must add up to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from litestar import get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.response import Stream

from sync.record.ids import StreamId
from sync.store.api.access import TheCaller, reader_of
from sync.store.api.contact import Pulls, TheContact, said
from sync.store.api.documented import refusals
from sync.store.api.spool import Abandoned, Spool
from sync.store.api.terminals import STREAM_PATTERN
from sync.store.changes import Reader
from sync.store.database import Database
from sync.store.keeping.checksums import checksums
from sync.store.keeping.snapshots import write_snapshot
from sync.wire.messages import Checksums, SnapshotLine

AT_ONCE: Final = 2
"""Whole pictures that are read at the same time: after a restore all terminals ask for one."""
PATIENCE_S: Final = 5.0
_T = TypeVar("_T")

AtStream = Annotated[str, Parameter(pattern=STREAM_PATTERN)]


class Turns:
    """Lets a few whole pictures be read at a time; who has waited too long is told to come again."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[Any]] = set()

    async def begin(self, read: Callable[[], _T]) -> asyncio.Task[_T]:
        """Let ``read`` begin in a thread once it is its turn."""
        try:
            await asyncio.wait_for(self._free.acquire(), PATIENCE_S)
        except TimeoutError as error:
            raise HTTPException(
                "Many terminals ask for everything at once. Nothing is lost; ask again in some seconds.",
                status_code=503,
                headers={"Retry-After": "5"},
            ) from error
        task = asyncio.create_task(asyncio.to_thread(read))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._free.release()


@get(
    "/v1/snapshot",
    dependencies={"contact": Provide(said, sync_to_thread=False)},
    responses={
        200: ResponseSpec(
            data_container=SnapshotLine,
            description="A JSON document in each line, gzipped; the last one is the end.",
            generate_examples=False,
            media_type="application/x-ndjson",
        ),
        **refusals(400, 401, 403, 404, 426),
    },
    summary="Everything that a terminal is told, in one picture, for one that is new or far behind",
)
async def snapshot(state: State, caller: TheCaller, contact: TheContact, stream_id: AtStream) -> Stream:
    reader = reader_of(caller, StreamId(stream_id), None)
    pulls: Pulls = state.pulls
    await pulls.note(reader.site_id, reader.terminal_id, contact)
    turns: Turns = state.turns
    spool = Spool()
    _ = await turns.begin(lambda: _write(state.database, reader, spool))
    await spool.begun()
    return Stream(
        spool.pieces(),
        media_type="application/x-ndjson",
        headers={"Content-Encoding": "gzip", "Cache-Control": "no-store, no-transform"},
    )


@get(
    "/v1/checksums",
    responses=refusals(400, 401, 403, 404),
    summary="What a terminal's rows add up to at its cursor, by kind and zone",
)
async def sums(
    state: State,
    caller: TheCaller,
    stream_id: AtStream,
    cursor: Annotated[str, Parameter(max_length=64)],
) -> Checksums:
    reader = reader_of(caller, StreamId(stream_id), cursor)
    turns: Turns = state.turns
    return await (await turns.begin(lambda: _summed(state.database, reader)))


def _write(database: Database, reader: Reader, spool: Spool) -> None:
    try:
        with database.read() as conn:
            write_snapshot(conn, reader, spool.write)
    except Abandoned:
        return
    except Exception as error:  # noqa: BLE001 - whatever it was, the reader is told that this is not all
        spool.end(error)
    else:
        spool.end()


def _summed(database: Database, reader: Reader) -> Checksums:
    with database.read() as conn:
        return checksums(conn, reader)
