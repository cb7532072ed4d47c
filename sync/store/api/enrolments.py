"""Terminals become known here: `POST /v1/enrolments`, and the authority that vouches for the store."""

from __future__ import annotations

import asyncio

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException
from sqlalchemy import select

from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.access.enrolling import GRANTABLE, CodeRefused, enrol_key, use_code
from sync.store.access.people import pin_pepper
from sync.store.api.access import OPEN_TO_ALL, Doors, NotAdmitted, is_from_this_machine, proof_of_key, source
from sync.store.api.documented import EnrolOperation, refusals
from sync.store.api.limits import TooOften
from sync.store.meeting import UnknownSite
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import UNREADABLE
from sync.wire.enrolling import Enrol, Enrolled

ON_THIS_MACHINE = "this machine"
MAX_BYTES = 4096


@get(
    "/v1/authority",
    opt=OPEN_TO_ALL,
    media_type=MediaType.TEXT,
    responses=refusals(404),
    summary="The certificate (PEM) of the authority that vouches for this store; enrolment codes carry its fingerprint",
)
async def authority(state: State) -> str:
    doors: Doors = state.doors
    certificate = doors.admission.authority
    if certificate is None:
        raise NotFoundException("This store has no certificate.")
    return certificate


@post(
    "/v1/enrolments",
    opt=OPEN_TO_ALL,
    status_code=201,
    operation_class=EnrolOperation,
    responses=refusals(400, 401, 403, 404, 408, 413, 415),
    summary="Enrol a terminal: its new key, with which the request is signed, for a one-time code",
)
async def enrol(state: State, request: Request[object, object, State]) -> Response[Enrolled]:
    doors: Doors = state.doors
    wanted = _read(await request.body())
    signed = proof_of_key(request, wanted.public_key)
    if (signed.site_id, signed.terminal_id) != (wanted.site_id, wanted.terminal_id):
        raise NotAdmitted(403, "not_yours", "The request speaks of another terminal than its sender. Nothing was done.")
    if not wanted.code and not (doors.admission.enrol_loopback and is_from_this_machine(request)):
        raise NotAdmitted(
            403, "code_needed", "This store enrols terminals by code. Have one made: `floor store enrol TERMINAL`."
        )
    wait_s = doors.enrolments.wait_s(source(request)) if wanted.code else None
    if wait_s is not None:
        raise TooOften("Too many wrong enrolment codes came from here. Wait, and type the code with care.", wait_s)
    try:
        enrolled = await asyncio.to_thread(
            state.database.run, SiteId(wanted.site_id), lambda work: _enrol(work, wanted)
        )
    except CodeRefused as error:
        doors.enrolments.take(source(request))
        raise NotAdmitted(403, "bad_code", str(error)) from error
    return Response(enrolled, status_code=201, headers={"Cache-Control": "no-store"})


_decoder = msgspec.json.Decoder(Enrol)


def _read(body: bytes) -> Enrol:
    if len(body) > MAX_BYTES:
        raise ClientException(f"an enrolment has at most {MAX_BYTES} bytes", status_code=413)
    try:
        return _decoder.decode(body)
    except UNREADABLE as error:
        raise ClientException(f"this is no enrolment: {error}") from error


def _enrol(work: UnitOfWork, wanted: Enrol) -> Enrolled:
    if work.conn.execute(select(t.site.c.site_id).where(t.site.c.site_id == work.site_id)).first() is None:
        raise UnknownSite(work.site_id)
    terminal_id = TerminalId(wanted.terminal_id)
    if wanted.code:
        by, scopes = use_code(work, wanted.code, terminal_id, wanted.public_key)
    else:
        by, scopes = ON_THIS_MACHINE, sorted(GRANTABLE.intersection(wanted.scopes))
        enrol_key(work, terminal_id, wanted.public_key, scopes, by)
    audit(work, by, "enrolled", terminal_id, scopes=scopes)
    return Enrolled(site_id=work.site_id, terminal_id=terminal_id, scopes=scopes, pin_pepper=pin_pepper(work))
