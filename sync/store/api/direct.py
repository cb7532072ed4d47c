"""A shorter way to the handlers that are asked all day: it took the framework longer to get there than they work.

Such a handler is declared, documented, routed and guarded like every other, and its errors are answered like theirs.
It may ask for query and path parameters, for ``request``, ``state``, ``body`` and for what plain functions provide, and
answers with a struct and status 200.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin

import msgspec
from litestar import Request
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.params import ParameterKwarg
from litestar.types import ASGIApp, Receive, Scope, Send

from sync.store.api.limits import MAX_BODY_BYTES

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

_BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")


class Direct:
    """Middleware of one handler, the innermost."""

    def __init__(self, app: ASGIApp) -> None:
        """``app`` is the way through the framework, which is not taken."""
        self._call: _Call | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = cast("HTTPRouteHandler", scope["route_handler"])
        if self._call is None:
            self._call = _Call(handler.fn, handler.resolve_dependencies())
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        for guard in handler.resolve_guards():
            await guard(request, handler)  # type: ignore[misc]
        body = await _whole(receive) if self._call.takes_body else b""
        try:
            arguments = self._call.arguments(request, body, {**request.query_params, **request.path_params})
        except msgspec.ValidationError as error:
            raise ClientException(f"A parameter does not fit: {error}") from error
        answer = msgspec.json.encode(await handler.fn(**arguments))
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


async def _whole(receive: Receive) -> bytes:
    """The body. Raises ClientException where it is too large or breaks off."""
    pieces: list[bytes] = []
    size, is_more = 0, True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientException("The connection was closed before the body had come.")
        pieces.append(message["body"])
        size += len(message["body"])
        is_more = message.get("more_body", False)
        if size > MAX_BODY_BYTES:
            raise ClientException(f"A body has at most {MAX_BODY_BYTES} bytes.", status_code=413)
    return b"".join(pieces)


class _Call:
    """What a function is called with, taken from a request."""

    def __init__(self, fn: Callable[..., Any], providers: Mapping[str, Provide]) -> None:
        self.fn = fn
        parameters = inspect.signature(fn, eval_str=True).parameters
        self._given = parameters.keys() & {"request", "state", "body"}
        self._provided = {
            name: _Call(providers[name].dependency, providers) for name in parameters if name in providers
        }
        own = [one for name, one in parameters.items() if name not in self._provided and name not in self._given]
        self._brought = msgspec.defstruct(
            f"{fn.__name__}_parameters",
            [
                (one.name, _bounded(one.annotation))
                if one.default is inspect.Parameter.empty
                else (one.name, _bounded(one.annotation), one.default)
                for one in own
            ],
            kw_only=True,
        )

    @property
    def takes_body(self) -> bool:
        return "body" in self._given

    def arguments(self, request: Request[Any, Any, Any], body: bytes, brought: Mapping[str, str]) -> dict[str, Any]:
        """Raises msgspec.ValidationError, and what the providers raise."""
        arguments = msgspec.structs.asdict(msgspec.convert(brought, self._brought, strict=False))
        if "request" in self._given:
            arguments["request"] = request
        if "state" in self._given:
            arguments["state"] = request.app.state
        if self.takes_body:
            arguments["body"] = body
        for name, call in self._provided.items():
            arguments[name] = call.fn(**call.arguments(request, body, brought))
        return arguments


def _bounded(annotation: Any) -> Any:
    """The type with the bounds that its documentation names, for msgspec to check."""
    if get_origin(annotation) is not Annotated:
        return annotation
    plain, *notes = get_args(annotation)
    named = [note for note in notes if isinstance(note, ParameterKwarg)]
    bounds = {bound: limit for note in named for bound in _BOUNDS if (limit := getattr(note, bound)) is not None}
    if type(None) in get_args(plain):
        (some,) = set(get_args(plain)) - {type(None)}
        return Annotated[some, msgspec.Meta(**bounds)] | None
    return Annotated[plain, msgspec.Meta(**bounds)]
