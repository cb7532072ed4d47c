"""Who asks: every request proves it before anything is done for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from litestar.connection import ASGIConnection, Request
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.record.rows import Role
from sync.store.access.api_keys import key_holder
from sync.store.access.enrolling import RESCUE, KnownTerminal, known_terminals
from sync.store.api.limits import Buckets, Limits, TooOften
from sync.store.api.together import Together
from sync.store.changes import Reader
from sync.store.database import Database
from sync.wire.signing import SIGNING, Signed, Target, Unsigned, read_signature

OPEN_TO_ALL: Final = {"open_to_all": True}
"""``opt`` of a handler that answers without proof; whoever forgets it shuts everybody out, not in."""
CHECKED_BY_STORE: Final = {"checked_by_store": True}
"""``opt`` of a handler whose own transaction sees that the terminal is what it was let in as: it may be remembered."""
ALSO_REVOKED: Final = {"also_revoked": True}
"""``opt`` of a handler that takes in what a revoked terminal brings, to be looked at by a person."""

_CALLER = "caller"
_PROVING = {name.encode(): name for name in (*SIGNING, "authorization", "content-length", "transfer-encoding")}
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})


@dataclass(frozen=True, slots=True)
class Admission:
    """How a store lets callers in. ``enrol_loopback``: terminals of this machine are enrolled without a code."""

    limits: Limits = field(default_factory=Limits)
    enrol_loopback: bool = False
    authority: str | None = None
    """The certificate (PEM) of the authority that vouches for this store; None: it has none."""


BY_CODE: Final = Admission()
"""How it is when nothing else is said."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A terminal (``terminal_id``, with the scopes it was enrolled for) or the holder of a key (with its roles)."""

    site_id: SiteId
    terminal_id: TerminalId | None
    key_id: str | None
    roles: frozenset[Role]
    scopes: frozenset[str]
    is_revoked: bool = False
    known: KnownTerminal | None = None
    """What a terminal's request was checked against."""

    @property
    def may_rescue(self) -> bool:
        return RESCUE in self.scopes


TheCaller = NamedDependency[Caller]
"""A handler's parameter ``caller: TheCaller`` is who asks."""


class NotAdmitted(HTTPException):
    """A request that proves nothing, or not enough. ``error`` is the stable code."""

    def __init__(self, status: int, error: str, text: str) -> None:
        super().__init__(text, status_code=status, headers={"WWW-Authenticate": "Signature"} if status == 401 else {})
        self.error = error


def not_enrolled() -> NotAdmitted:
    """One answer for an unknown terminal, another key and a broken signature: who guesses learns nothing."""
    return NotAdmitted(
        401,
        "not_enrolled",
        "The store does not know the key of this terminal. It keeps what it has recorded and delivers it once it is "
        "enrolled: have a code made with `floor store enrol` and start it with --enrol CODE.",
    )


def bad_key() -> NotAdmitted:
    return NotAdmitted(
        401,
        "bad_key",
        "The store does not take this key: it is unknown, revoked or its time is over. "
        "Ask an administrator for another: floor store key add",
    )


def revoked() -> NotAdmitted:
    return NotAdmitted(
        403,
        "revoked",
        "This terminal was shut out. It keeps what it has recorded; what it delivers is looked at by a person. "
        "Hand it in, or have it enrolled again with `floor store enrol`.",
    )


def not_yours(what: str) -> NotAdmitted:
    return NotAdmitted(403, "not_yours", f"The request speaks of another {what} than its sender. Nothing was done.")


class Doors:
    """Lets in who proves it."""

    def __init__(self, database: Database, admission: Admission) -> None:
        self._database = database
        self._known = Together(self._look)
        self.admission = admission
        self._remembered: dict[tuple[SiteId, TerminalId], Caller] = {}
        self._callers = Buckets(admission.limits.caller)
        self._strangers = Buckets(admission.limits.stranger)
        self.enrolments = Buckets(admission.limits.enrolment)

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """For every route: raises `NotAdmitted` or `TooOften`, or leaves the `Caller` for `the_caller`."""
        if handler.opt.get("open_to_all"):
            self._take(self._strangers, source(connection))
            return
        try:
            caller = await self._prove(connection, from_memory=bool(handler.opt.get("checked_by_store")))
        except NotAdmitted:
            self._take(self._strangers, source(connection))
            raise
        self._take(self._callers, (caller.site_id, caller.terminal_id, caller.key_id))
        if caller.is_revoked and not handler.opt.get("also_revoked"):
            raise revoked()
        for name, own in (("site_id", caller.site_id), ("terminal_id", caller.terminal_id)):
            if connection.query_params.get(name, own) != own:
                raise not_yours(name.removesuffix("_id"))
        connection.scope["state"][_CALLER] = caller

    async def check_again(self, caller: Caller) -> None:
        """Before a question that was open long is answered. Raises `NotAdmitted` if the terminal was shut out since."""
        known = await self._known.ask((caller.site_id, the_terminal(caller)))
        if known is None or known.is_revoked or known != caller.known:
            raise revoked()

    async def prove_anew(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        """After what was remembered of a terminal has turned out to be old. Raises `NotAdmitted`."""
        return await self._prove(connection, from_memory=False)

    async def _prove(self, connection: ASGIConnection[Any, Any, Any, Any], *, from_memory: bool) -> Caller:
        headers = _proving(connection)
        bearer = headers.get("authorization")
        if bearer is not None:
            return await asyncio.to_thread(self._holder, bearer)
        signed, target = _signed(connection, headers)
        name = (signed.site_id, signed.terminal_id)
        remembered = self._remembered.get(name) if from_memory else None
        if remembered is not None and _is_by(remembered.known, signed, target):
            return remembered
        known = await self._known.ask(name)
        if known is None or not _is_by(known, signed, target):
            raise not_enrolled()
        self._remembered[name] = caller = Caller(*name, None, frozenset(), known.scopes, known.is_revoked, known)
        return caller

    def _look(self, names: Sequence[tuple[SiteId, TerminalId]]) -> list[KnownTerminal | None]:
        """Their keys, never from memory."""
        with self._database.read() as conn:
            found = known_terminals(conn, set(names))
        return [found.get(name) for name in names]

    def _holder(self, authorization: str) -> Caller:
        with self._database.read() as conn:
            held = key_holder(conn, authorization.removeprefix("Bearer "), self._database.now())
        if held is None:
            raise bad_key()
        return Caller(held.site_id, None, held.key_id, frozenset(held.roles), frozenset())

    def _take(self, buckets: Buckets, asker: object) -> None:
        wait_s = buckets.take(asker)
        if wait_s is not None:
            raise TooOften("More requests came from here than one may send. Ask again later.", wait_s)


def the_caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who asks, as the guard has found it."""
    caller: Caller = request.scope["state"][_CALLER]
    return caller


def the_terminal(caller: Caller) -> TerminalId:
    """The terminal that asks. Raises `NotAdmitted` where it is the holder of a key."""
    if caller.terminal_id is None:
        raise NotAdmitted(403, "not_yours", "Only terminals have a ledger and are told changes. Nothing was done.")
    return caller.terminal_id


def reader_of(caller: Caller, stream_id: StreamId, cursor: str | None) -> Reader:
    """What a terminal may be told. Its scopes are those it was enrolled for, whatever it asks."""
    return Reader(caller.site_id, the_terminal(caller), stream_id, tuple(sorted(caller.scopes)), cursor)


def proof_of_key(connection: ASGIConnection[Any, Any, Any, Any], public_key: str) -> Signed:
    """The signature of a request that brings its own key. Raises `NotAdmitted` unless that key made it."""
    signed, target = _signed(connection, _proving(connection))
    if not signed.is_by(public_key, target):
        raise not_enrolled()
    return signed


def _is_by(known: KnownTerminal | None, signed: Signed, target: Target) -> bool:
    return known is not None and signed.is_by(known.public_key, target)


def _proving(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """The headers that prove something; one that came several times is one list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in connection.scope["headers"]:
        name = _PROVING.get(raw_name)
        if name is not None:
            value = raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _signed(connection: ASGIConnection[Any, Any, Any, Any], headers: Mapping[str, str]) -> tuple[Signed, Target]:
    if not isinstance(connection, Request):
        raise not_enrolled()
    try:
        signed = read_signature(headers)
    except Unsigned as error:
        raise not_enrolled() from error
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and signed.digest is None:
        raise not_enrolled()
    path = connection.scope["raw_path"].decode("utf-8", "surrogateescape")
    query = connection.scope["query_string"].decode("utf-8", "surrogateescape")
    return signed, Target(str(connection.method), path, query)


def source(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address that a request came from."""
    return connection.client.host if connection.client is not None else ""


def is_from_this_machine(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Straight from this machine: forwarded by nobody, and meant for a loopback address (no page's rebound name)."""
    name, _, _ = connection.headers.get("host", "").rpartition(":")
    return (
        source(connection) in _LOOPBACK
        and name.strip("[]") in (*_LOOPBACK, "localhost")
        and not any(header in connection.headers for header in _FORWARDED)
    )
