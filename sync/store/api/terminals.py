"""What terminals ask of the store: hello, push of their ledgers, pull of changes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import suppress
from time import monotonic
from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.params import Parameter, QueryParameter
from sqlalchemy import select

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.store import tables as t
from sync.store.api.bell import Bell
from sync.store.api.documented import PushOperation, refusals
from sync.store.changes import Reader, changes, incarnation
from sync.store.database import Database, utc_now
from sync.store.ledgers import SAFE_EVERYTHING, receive
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import UNREADABLE
from sync.wire.messages import ID_PATTERN, MAX_PUSH_BYTES, PROTOCOL, Changes, Hello, Push, Pushed

MAX_WAIT_S = 30.0
STREAM_PATTERN = "^[0-9a-f]{32}$"


@get(
    "/v1/hello",
    sync_to_thread=True,
    responses=refusals(),
    summary="What this store is and which protocol versions it speaks",
)
def hello(state: State) -> Hello:
    database: Database = state.database
    with database.read() as conn:
        return Hello(
            product="floorhand",
            protocol_min=PROTOCOL,
            protocol_max=PROTOCOL,
            incarnation=incarnation(conn),
            sites=list(conn.execute(select(t.site.c.site_id).order_by(t.site.c.site_id)).scalars()),
            server_time=utc_now().isoformat(),
        )


@post(
    "/v1/streams/{stream_id:str}/events",
    status_code=200,
    operation_class=PushOperation,
    responses=refusals(400, 404, 409, 413),
    summary="Take in a piece of a terminal's ledger; every entry gets a verdict, the same one for ever",
)
async def push(
    state: State,
    request: Request[object, object, State],
    stream_id: Annotated[str, Parameter(pattern=STREAM_PATTERN)],
) -> Pushed:
    body = await request.body()
    data = _read_push(body, request.headers.get("content-digest"))
    answer = await asyncio.to_thread(_receive, state.database, StreamId(stream_id), data)
    bell: Bell = state.bell
    bell.ring(SiteId(data.site_id))
    return answer


_push_decoder = msgspec.json.Decoder(Push)


def _read_push(body: bytes, digest: str | None) -> Push:
    if len(body) > MAX_PUSH_BYTES:
        raise ClientException(f"a push has at most {MAX_PUSH_BYTES} bytes", status_code=413)
    if digest is not None and digest != content_digest(body):
        raise ClientException("the body is not the one that the digest was made of: it was cut or changed on the way")
    try:
        data = _push_decoder.decode(body)
    except UNREADABLE as error:
        raise ClientException(f"this is no push: {error}") from error
    if data.protocol != PROTOCOL:
        raise ClientException(f"this store speaks protocol {PROTOCOL}, the terminal {data.protocol}")
    if not data.entries:
        raise ClientException("a push without entries")
    return data


def content_digest(body: bytes) -> str:
    """RFC 9530."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def _receive(database: Database, stream_id: StreamId, data: Push) -> Pushed:
    def receive_all(work: UnitOfWork) -> Pushed:
        mark, verdicts = receive(
            work,
            stream_id,
            TerminalId(data.terminal_id),
            data.from_seq,
            data.prev_h,
            [bytes(entry) for entry in data.entries],
        )
        return Pushed(
            nonce=data.nonce,
            incarnation=incarnation(work.conn),
            hwm=mark.hwm,
            head_h=mark.head_h,
            safe_seq=SAFE_EVERYTHING,
            verdicts=verdicts,
        )

    return database.run(SiteId(data.site_id), receive_all)


@get(
    "/v1/changes",
    responses=refusals(400, 404),
    summary="What changed for a terminal since its cursor; waits for news up to `wait` seconds",
    description="Answers at once, too, when the stream's `hwm` is beyond `reflected`: what the terminal's rows hold.",
)
async def pull(
    state: State,
    site_id: Annotated[str, Parameter(pattern=ID_PATTERN)],
    terminal_id: Annotated[str, Parameter(pattern=ID_PATTERN)],
    stream_id: Annotated[str, Parameter(pattern=STREAM_PATTERN)],
    cursor: Annotated[str | None, Parameter(max_length=64)] = None,
    reflected: Annotated[int | None, Parameter(ge=0, le=2**53)] = None,
    wait: Annotated[float, Parameter(ge=0, le=MAX_WAIT_S)] = 0,
    scopes: Annotated[list[str] | None, QueryParameter(name="scope", max_items=4)] = None,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 500,
) -> Changes:
    reader = Reader(SiteId(site_id), TerminalId(terminal_id), StreamId(stream_id), tuple(scopes or ()), cursor)
    bell: Bell = state.bell
    until = monotonic() + wait
    with bell.listening(reader.site_id):
        while True:
            news = bell.next_ring(reader.site_id)
            page = await asyncio.to_thread(_changes, state.database, reader, limit)
            left_s = until - monotonic()
            # Entries of its own that changed no row, a refused intent say, are news to the terminal all the same.
            judged = reflected is not None and page.hwm > reflected
            if page.changes or page.reset or judged or left_s <= 0 or bell.is_closing:
                return page
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), left_s)


def _changes(database: Database, reader: Reader, limit: int) -> Changes:
    with database.read() as conn:
        return changes(conn, reader, limit)
