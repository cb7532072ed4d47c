"""What a request that cannot be served is told: what happened, what it means, what to do now."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.store.api.access import NotAdmitted
from sync.store.changes import BadCursor
from sync.store.ledgers import Fork, Gap
from sync.store.meeting import UnknownSite
from sync.wire.messages import Problem

log = logging.getLogger("floorhand.store")


def problem(
    status: int, error: str, text: str, *, hwm: int | None = None, reference: str | None = None
) -> Response[Problem]:
    return Response(
        Problem(error=error, text=text, hwm=hwm, reference=reference), status_code=status, media_type=MediaType.JSON
    )


def on_fork(_request: Request[Any, Any, Any], _error: Fork) -> Response[Problem]:
    return problem(
        409, "fork", "Another device has written under this ledger's id. Take a new stream id and send again."
    )


def on_gap(_request: Request[Any, Any, Any], error: Gap) -> Response[Problem]:
    return problem(409, "gap", "Entries are missing before the first one sent. Send again from hwm + 1.", hwm=error.hwm)


def on_unknown_site(_request: Request[Any, Any, Any], error: UnknownSite) -> Response[Problem]:
    return problem(
        404, "unknown_site", f"This store has no site {str(error)[:64]!r}. Check `site` in the terminal's profile."
    )


def on_bad_cursor(_request: Request[Any, Any, Any], _error: BadCursor) -> Response[Problem]:
    return problem(400, "bad_cursor", "The cursor is none that a store gave. Ask again without one.")


def on_database(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """The database is away, busy or broke off: nothing was written, and the same request may come again."""
    reference = secrets.token_hex(4)
    log.error("database failure %s: %s", reference, error)
    return problem(
        503, "database", "The store's database did not answer. Nothing was recorded; send again.", reference=reference
    )


def on_http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = error.error if isinstance(error, NotAdmitted) else _CODES.get(error.status_code, "bad_request")
    answer = problem(error.status_code, code, _what(error))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def on_bad_value(_request: Request[Any, Any, Any], error: ValidationException) -> Response[Problem]:
    """Litestar's own text names the whole URL and not the parameter."""
    named = [f"{one.get('key')}: {one.get('message')}" for one in error.extra or () if isinstance(one, dict)]
    return problem(400, "bad_request", f"A parameter does not fit: {'; '.join(named) or error.detail}")


_CODES = {
    401: "not_enrolled",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "bad_encoding",
    426: "upgrade",
    429: "too_often",
    500: "internal",
    503: "busy",
}


def _what(error: HTTPException) -> str:
    match error.status_code:
        case 404:
            return "The store has no such address. Its documentation stands under /v1/docs."
        case 405:
            return "This address is asked in another way. The store's documentation stands under /v1/docs."
        case _:
            return error.detail


def on_anything(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    reference = secrets.token_hex(4)
    log.error("unexpected failure %s", reference, exc_info=error)
    return problem(
        500, "internal", "The store failed on this request. Its log says why under the reference.", reference=reference
    )


HANDLERS: dict[int | type[Exception], Any] = {
    Fork: on_fork,
    Gap: on_gap,
    UnknownSite: on_unknown_site,
    BadCursor: on_bad_cursor,
    DBAPIError: on_database,
    PoolTimeout: on_database,
    ValidationException: on_bad_value,
    HTTPException: on_http,
    Exception: on_anything,
}
