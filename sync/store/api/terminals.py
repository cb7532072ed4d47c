"""What terminals ask of the store: hello, push of their ledgers, pull of changes."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.params import Parameter, RawBody

from sync.record.ids import StreamId
from sync.store.api.access import (
    ALSO_REVOKED,
    CHECKED_BY_STORE,
    OPEN_TO_ALL,
    Caller,
    Doors,
    TheCaller,
    not_yours,
    reader_of,
    the_terminal,
)
from sync.store.api.contact import Pulls, TheContact, said
from sync.store.api.direct import Direct
from sync.store.api.documented import PushOperation, refusals
from sync.store.api.group_commit import GroupCommit
from sync.store.api.tail import Tails
from sync.store.changes import incarnation
from sync.store.contacts import Contact
from sync.store.database import Database, utc_now
from sync.store.entries import Piece, Trust
from sync.store.keeping.restoring import is_ahead, notice
from sync.store.ledgers import Behind, Outdated, Taken
from sync.wire.codec import UNREADABLE
from sync.wire.messages import MAX_PUSH_BYTES, OLDEST_TERMINAL, PROTOCOL, Changes, Hello, Push, Pushed

MAX_WAIT_S = 30.0
STREAM_PATTERN = "^[0-9a-f]{32}$"


@get(
    "/v1/hello",
    opt=OPEN_TO_ALL,
    sync_to_thread=True,
    responses=refusals(),
    summary="What this store is and which protocol versions it speaks",
)
def hello(state: State) -> Hello:
    database: Database = state.database
    with database.read() as conn:
        return Hello(
            product="floorhand",
            protocol_min=OLDEST_TERMINAL,
            protocol_max=PROTOCOL,
            incarnation=incarnation(conn),
            server_time=utc_now().isoformat(),
        )


@post(
    "/v1/streams/{stream_id:str}/events",
    middleware=[Direct],
    opt=ALSO_REVOKED | CHECKED_BY_STORE,
    status_code=200,
    operation_class=PushOperation,
    responses=refusals(400, 401, 403, 404, 408, 409, 413, 415),
    summary="Take in a piece of a terminal's ledger; every entry gets a verdict, the same one for ever",
)
async def push(
    state: State,
    request: Request[object, object, State],
    body: RawBody,
    caller: TheCaller,
    stream_id: Annotated[str, Parameter(pattern=STREAM_PATTERN)],
) -> Pushed:
    data = _read_push(body)
    if (data.site_id, data.terminal_id) != (caller.site_id, the_terminal(caller)):
        raise not_yours("terminal")
    groups: GroupCommit = state.groups
    answer = await groups.take(caller.site_id, _piece(StreamId(stream_id), caller, data))
    if data.owed > len(data.entries):
        pulls: Pulls = state.pulls
        pulls.has_pushed(caller.site_id, the_terminal(caller))
    while isinstance(answer, Outdated | Behind):
        if isinstance(answer, Behind):
            # An administrator has forgotten to say it; nothing may be taken in under numbers that were given out.
            await asyncio.to_thread(notice, state.database, caller.site_id, data.cursor or "")
        else:
            doors: Doors = state.doors
            caller = await doors.prove_anew(request)
        answer = await groups.take(caller.site_id, _piece(StreamId(stream_id), caller, data))
    if not isinstance(answer, Taken):
        raise answer
    return Pushed(
        nonce=data.nonce,
        incarnation=answer.incarnation,
        hwm=answer.mark.hwm,
        head_h=answer.mark.head_h,
        safe_seq=answer.mark.safe_seq,
        verdicts=answer.verdicts,
    )


_push_decoder = msgspec.json.Decoder(Push)


def _read_push(body: bytes) -> Push:
    if len(body) > MAX_PUSH_BYTES:
        raise ClientException(f"a push has at most {MAX_PUSH_BYTES} bytes", status_code=413)
    try:
        data = _push_decoder.decode(body)
    except UNREADABLE as error:
        raise ClientException(f"this is no push: {error}") from error
    if not data.entries:
        raise ClientException("a push without entries")
    return data


def _piece(stream_id: StreamId, caller: Caller, data: Push) -> Piece:
    owed = data.owed - len(data.entries)
    return Piece(
        stream_id=stream_id,
        terminal_id=the_terminal(caller),
        from_seq=data.from_seq,
        prev_h=data.prev_h,
        bodies=[bytes(entry) for entry in data.entries],
        known=caller.known,
        cursor=data.cursor,
        trust=Trust(is_revoked=caller.is_revoked, may_rescue=caller.may_rescue),
        # Pulls say when nothing is owed any more.
        contact=Contact(release=data.release, owed=owed, owed_for_s=data.owed_for_s) if owed > 0 else None,
    )


@get(
    "/v1/changes",
    middleware=[Direct],
    dependencies={"contact": Provide(said, sync_to_thread=False)},
    responses=refusals(400, 401, 403, 404, 426),
    summary="What changed for a terminal since its cursor; waits for news up to `wait` seconds",
    description="Answers at once, too, when the stream's `hwm` is beyond `reflected`: what the terminal's rows hold.",
)
async def pull(
    state: State,
    caller: TheCaller,
    contact: TheContact,
    stream_id: Annotated[str, Parameter(pattern=STREAM_PATTERN)],
    cursor: Annotated[str | None, Parameter(max_length=64)] = None,
    reflected: Annotated[int | None, Parameter(ge=0, le=2**53)] = None,
    wait: Annotated[float, Parameter(ge=0, le=MAX_WAIT_S)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 500,
) -> Changes:
    reader = reader_of(caller, StreamId(stream_id), cursor)
    doors: Doors = state.doors
    tails: Tails = state.tails
    pulls: Pulls = state.pulls
    await pulls.note(reader.site_id, reader.terminal_id, contact)
    page = await tails.follow(reader, limit, reflected=reflected, wait_s=wait)
    await doors.check_again(caller)
    if page.reset and cursor is not None and is_ahead(cursor, page):
        await asyncio.to_thread(notice, state.database, reader.site_id, cursor)
    return page
