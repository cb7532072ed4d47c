"""How much one asker may ask: a token bucket for each, and bounds on the body of a request and on its time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.exceptions import ClientException, HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

MAX_BODY_BYTES: Final = 1024 * 1024
_ASKERS: Final = 10_000
"""How many askers are remembered; the one that was silent longest is forgotten first."""


class TooOften(HTTPException):
    """One asker asks more than it may; ``retry_after_s``: whole seconds until it may again."""

    status_code = 429

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text, status_code=429, headers={"Retry-After": str(retry_after_s)})


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once and ``per_s`` in the long run."""

    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store lets one asker do. Each process of the store counts for itself."""

    caller: Rate = Rate(per_s=200.0, burst=2000)
    """An enrolled terminal or the holder of a key: far above what hands can scan, far below what chokes a store."""
    stranger: Rate = Rate(per_s=20.0, burst=200)
    """By source address: what is open to everybody, and requests that prove nothing."""
    enrolment: Rate = Rate(per_s=1 / 60, burst=10)
    """By source address: codes that were not right."""
    body_pause_s: float = 30.0
    """How long a body may make no progress."""
    body_s: float = 600.0
    """How long a body may take in all: a full push over 2 kbit/s needs half of it."""


class Buckets:
    """Token buckets by asker, all of one rate."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, asker: Hashable) -> int | None:
        """Take one from the asker's bucket; returns None, or the whole seconds until there is one again."""
        left = self._filled(asker)
        self._left[asker] = (left - 1 if left >= 1 else left, monotonic())
        self._left.move_to_end(asker)
        if len(self._left) > _ASKERS:
            self._left.popitem(last=False)
        return self._rest_s(left)

    def wait_s(self, asker: Hashable) -> int | None:
        """Without taking: None, or the whole seconds until there is something in the bucket again."""
        return self._rest_s(self._filled(asker))

    def _filled(self, asker: Hashable) -> float:
        """What is in the asker's bucket now."""
        left, at = self._left.get(asker, (float(self._rate.burst), 0.0))
        return min(float(self._rate.burst), left + (monotonic() - at) * self._rate.per_s)

    def _rest_s(self, left: float) -> int | None:
        return None if left >= 1 else max(1, round((1 - left) / self._rate.per_s + 0.5))


def bounded(limits: Limits) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware: a body comes uncompressed, in time, and is the one whose digest was signed."""

    def around(app: ASGIApp) -> ASGIApp:
        async def bounded_app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            headers = {name: value for name, value in scope["headers"] if name in _BODY_HEADERS}
            await app(scope, _Body(receive, headers, limits).receive, send)

        return bounded_app

    return around


_BODY_HEADERS = frozenset({b"content-digest", b"content-encoding"})


class _Body:
    """Stands between the server and who reads the body."""

    def __init__(self, receive: Receive, headers: MutableMapping[bytes, bytes], limits: Limits) -> None:
        self._receive: Callable[[], Awaitable[Any]] = receive
        self._digest = headers.get(b"content-digest")
        self._encoding = headers.get(b"content-encoding", b"identity")
        self._limits = limits
        self._sum = hashlib.sha256()
        self._until: float | None = None
        self._whole = False

    async def receive(self) -> Any:
        if self._whole:
            return await self._receive()
        if self._encoding.lower() != b"identity":
            raise HTTPException("A body comes as it is: Content-Encoding is not understood here.", status_code=415)
        if self._until is None:
            self._until = monotonic() + self._limits.body_s
        try:
            patience_s = min(self._limits.body_pause_s, self._until - monotonic())
            async with asyncio.timeout(patience_s):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException("The body did not come in time. Send the request again.", status_code=408) from error
        if message["type"] != "http.request":
            return message
        self._sum.update(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._whole and self._digest is not None and self._digest != self._own_digest():
            raise ClientException(
                "the body is not the one that the digest was made of: it was cut or changed on the way"
            )
        return message

    def _own_digest(self) -> bytes:
        return b"sha-256=:" + base64.b64encode(self._sum.digest()) + b":"
