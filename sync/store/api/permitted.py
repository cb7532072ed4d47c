"""What the holders of keys may ask for: each route says which action of the permission table it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from sqlalchemy import Connection, select

from sync.record.permissions import Action, may
from sync.store import tables as t
from sync.store.access.two_persons import AGREED_MIN, Asked, ConfirmationRefused
from sync.store.api.access import Caller, NotAdmitted, the_caller
from sync.store.api.problems import problem
from sync.store.database import Database
from sync.store.leading.counts import CountRefused
from sync.store.leading.moving import MoveRefused
from sync.store.leading.settling import SettlementRefused
from sync.store.leading.zones import ZoneRefused
from sync.store.orders.capturing import CaptureRefused
from sync.store.orders.carrier_labels import LabelUnfit
from sync.store.orders.holding import OrderRefused
from sync.store.orders.intake import HoldRefused
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import Problem

_T = TypeVar("_T")
_ACTION = "action"


def asks(action: Action) -> dict[str, Any]:
    """``opt`` of a handler that does this action."""
    return {_ACTION: action}


def permitted(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of these routes, behind the one that has found out who asks. A route without an action is for nobody."""
    caller = the_caller(connection)
    action = handler.opt.get(_ACTION)
    if action is None or caller.key_id is None or not may(caller.roles, action):
        what = "this" if action is None else str(action)
        raise NotAdmitted(
            403, "not_allowed", f"The roles of this key do not allow {what}. Ask an administrator for one that may."
        )


def key_name(conn: Connection, caller: Caller) -> str:
    """Whose key the caller holds."""
    k = t.api_key.c
    return str(conn.execute(select(k.name).where(k.site_id == caller.site_id, k.key_id == caller.key_id)).scalar_one())


def who(conn: Connection, caller: Caller) -> str:
    """The name that stands in the record for what the holder of a key does."""
    return f"{key_name(conn, caller)} (key {caller.key_id})"


def do(database: Database, caller: Caller, job: Callable[[UnitOfWork, str], _T]) -> _T:
    """``job`` in a write transaction of the caller's site; it is given the name that stands in the record."""
    return database.run(caller.site_id, lambda work: job(work, who(work.conn, caller)))


class SecondPersonNeeded(Exception):
    """It was not done; the request for another person's word is kept."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(
            f"{asked.text} It takes two persons, and nothing was changed. The other one agrees within {AGREED_MIN} "
            f"minutes: POST /v1/confirmations/{asked.code}. Then send this again."
        )


def _needs_another(_request: Request[Any, Any, Any], error: SecondPersonNeeded) -> Response[Problem]:
    return problem(409, "second_person", str(error))


def _refused(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    return problem(409, "refused", str(error))


def _not_captured(_request: Request[Any, Any, Any], error: CaptureRefused) -> Response[Problem]:
    return problem(409, "conflict", str(error)) if error.conflict else problem(400, "bad_request", str(error))


def _unfit(_request: Request[Any, Any, Any], error: LabelUnfit) -> Response[Problem]:
    return problem(400, "bad_request", str(error))


REFUSED: dict[int | type[Exception], Any] = {
    SettlementRefused: _refused,
    MoveRefused: _refused,
    ZoneRefused: _refused,
    CountRefused: _refused,
    OrderRefused: _refused,
    HoldRefused: _refused,
    CaptureRefused: _not_captured,
    LabelUnfit: _unfit,
    ConfirmationRefused: _refused,
    SecondPersonNeeded: _needs_another,
}
"""Exception handlers of these routes: what the record refuses, in its own words."""
