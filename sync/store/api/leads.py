"""What leads and administrators ask of the store over the network."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated, TypeVar

import msgspec
from litestar import Router, get, post
from litestar.datastructures import State
from litestar.params import FromQuery, JSONBody, Parameter

from sync.record.ids import ItemId, LocationCode, LotCode, PickListId, TerminalId
from sync.record.permissions import Action
from sync.store.access.auditing import AuditRow, audit, trail
from sync.store.access.two_persons import Asked, confirm, waiting
from sync.store.api.access import TheCaller
from sync.store.api.documented import refusals
from sync.store.api.permitted import REFUSED, SecondPersonNeeded, asks, do, permitted
from sync.store.database import Database
from sync.store.leading.discrepancies import Discrepancy, Way, discrepancies
from sync.store.leading.moving import Moved
from sync.store.leading.reporting import Report, report
from sync.store.leading.settling import Settling
from sync.store.leading.terminals import TerminalStanding, terminals
from sync.store.leading.two_persons import move_by_two, settle_by_two
from sync.store.orders.allocating import allocate
from sync.store.orders.explaining import Waits, not_released
from sync.store.orders.intake import release_hold, revalidate
from sync.store.orders.releasing import Decision, release
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import ID_PATTERN

MOST_ROWS = 1000
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""Some words on one line, without what a terminal would obey."""
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$")
]
OrderRef = Annotated[str, Parameter(min_length=1, max_length=64)]


class Settlement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a discrepancy is settled: see `sync.store.leading.settling.Settling`."""

    way: Way
    note: Line = ""
    at: Word | None = None
    found: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    item_id: Word | None = None
    lot: Word | None = None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    discrepancy_id: str
    settlement: str


class Move(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a pick list goes (``to`` None: to the common pool); ``hard`` takes it at once and must be ``confirmed``."""

    to: Annotated[str, msgspec.Meta(pattern=ID_PATTERN)] | None = None
    hard: bool = False
    confirmed: bool = False


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    """At most so many orders, the most urgent first."""
    explain: bool = False
    """Name every order: where it went and why, or why it waits."""


class Released(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    lists: int
    orders: int
    lines: int
    pieces: int
    decisions: tuple[Decision, ...] = ()
    """Where the orders went that had something reserved, and why."""
    waits: tuple[Waits, ...] = ()
    """What is on hold, and for what there is no stock."""


class HoldToRelease(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Word
    """``address``, ``by-hand`` ..."""


_Done = TypeVar("_Done")


def _done(outcome: _Done | Asked) -> _Done:
    """Raises `SecondPersonNeeded` where another person has to agree first."""
    if isinstance(outcome, Asked):
        raise SecondPersonNeeded(outcome)
    return outcome


@get(
    "/report",
    opt=asks(Action.READ_REPORT),
    sync_to_thread=True,
    responses=refusals(401, 403),
    summary="Where everything stands, counted anew",
)
def read_report(state: State, caller: TheCaller) -> Report:
    database: Database = state.database
    with database.read() as conn:
        return report(conn, caller.site_id)


@get(
    "/terminals",
    opt=asks(Action.READ_TERMINALS),
    sync_to_thread=True,
    responses=refusals(401, 403),
    summary="Every terminal: last contact, who works there, what it holds and has not delivered",
)
def read_terminals(state: State, caller: TheCaller) -> list[TerminalStanding]:
    database: Database = state.database
    with database.read() as conn:
        return terminals(conn, caller.site_id, database.now())


@get(
    "/discrepancies",
    opt=asks(Action.READ_DISCREPANCIES),
    sync_to_thread=True,
    responses=refusals(400, 401, 403),
    summary="Where record and floor disagree; with `settled` also what a person has settled",
)
def read_discrepancies(state: State, caller: TheCaller, settled: FromQuery[bool] = False) -> list[Discrepancy]:
    database: Database = state.database
    with database.read() as conn:
        return discrepancies(conn, caller.site_id, settled=settled)


@post(
    "/discrepancies/{discrepancy_id:str}/settlement",
    opt=asks(Action.SETTLE),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Settle a discrepancy: what was done with the pieces is done in the record too",
)
def settle_one(
    state: State,
    caller: TheCaller,
    discrepancy_id: Annotated[str, Parameter(max_length=64)],
    data: JSONBody[Settlement],
) -> Settled:
    how = Settling(
        way=data.way,
        note=data.note,
        at=None if data.at is None else LocationCode(data.at),
        found=data.found,
        item_id=None if data.item_id is None else ItemId(data.item_id),
        lot=None if data.lot is None else LotCode(data.lot),
    )
    done = do(state.database, caller, lambda work, by: settle_by_two(work, discrepancy_id, by, how))
    return Settled(discrepancy_id=discrepancy_id, settlement=_done(done))


@post(
    "/lists/{list_id:int}/move",
    opt=asks(Action.MOVE_LIST),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 404, 409),
    summary="Move a pick list to another terminal or to the common pool",
)
def move_list(
    state: State, caller: TheCaller, list_id: Annotated[int, Parameter(ge=1, le=2**53)], data: JSONBody[Move]
) -> Moved:
    to = None if data.to is None else TerminalId(data.to)
    moved = do(
        state.database,
        caller,
        lambda work, by: move_by_two(work, PickListId(list_id), to=to, by=by, hard=data.hard, confirmed=data.confirmed),
    )
    return _done(moved)


@get(
    "/confirmations",
    opt=asks(Action.CONFIRM),
    sync_to_thread=True,
    responses=refusals(401, 403),
    summary="What waits for a second person",
)
def read_confirmations(state: State, caller: TheCaller) -> list[Asked]:
    database: Database = state.database
    with database.read() as conn:
        return waiting(conn, caller.site_id, database.now())


@post(
    "/confirmations/{code:str}",
    opt=asks(Action.CONFIRM),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Agree, as the second person, to what another one has asked for: they may then do it, once",
)
def confirm_one(state: State, caller: TheCaller, code: Annotated[str, Parameter(max_length=64)]) -> Asked:
    return do(state.database, caller, lambda work, by: confirm(work, code, by))


@post(
    "/release",
    opt=asks(Action.RELEASE_WORK),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403),
    summary="Reserve stock for open orders and release pick lists for what is reserved",
)
def release_work(state: State, caller: TheCaller, data: JSONBody[Release]) -> Released:
    def job(work: UnitOfWork, by: str) -> Released:
        revalidate(work)
        allocate(work)
        done = release(work, limit=data.limit)
        released = Released(
            lists=len(done.lists),
            orders=done.orders,
            lines=done.lines,
            pieces=done.pieces,
            decisions=done.decisions if data.explain else (),
            waits=tuple(not_released(work.conn, caller.site_id)) if data.explain else (),
        )
        counts = {name: getattr(released, name) for name in ("lists", "orders", "lines", "pieces")}
        audit(work, by, "release", caller.site_id, **counts)
        return released

    return do(state.database, caller, job)


@post(
    "/orders/{order_ref:str}/release-hold",
    opt=asks(Action.RELEASE_HOLD),
    status_code=200,
    sync_to_thread=True,
    responses=refusals(400, 401, 403, 409),
    summary="Let an order go that is on hold for a reason",
)
def release_one_hold(
    state: State, caller: TheCaller, order_ref: OrderRef, data: JSONBody[HoldToRelease]
) -> HoldToRelease:
    def job(work: UnitOfWork, by: str) -> None:
        release_hold(work, order_ref, data.reason, by)
        audit(work, by, "release-hold", order_ref, reason=data.reason)

    do(state.database, caller, job)
    return data


@get(
    "/audit",
    opt=asks(Action.READ_AUDIT),
    sync_to_thread=True,
    responses=refusals(400, 401, 403),
    summary="Who changed what, when; at most 1000 rows behind row `after`",
)
def read_audit(
    state: State,
    caller: TheCaller,
    after: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
    since: FromQuery[datetime | None] = None,
    who: Annotated[str | None, Parameter(max_length=200)] = None,
) -> list[AuditRow]:
    database: Database = state.database
    with database.read() as conn:
        return list(islice(trail(conn, caller.site_id, since=since, who=who, after=after), MOST_ROWS))


leads = Router(
    "/v1",
    route_handlers=[
        read_report,
        read_terminals,
        read_discrepancies,
        settle_one,
        move_list,
        release_work,
        release_one_hold,
        read_confirmations,
        confirm_one,
        read_audit,
    ],
    guards=[permitted],
    exception_handlers=REFUSED,
)
