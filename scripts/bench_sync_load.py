"""Terminals as separate clients: each its own TCP connections, real HTTP, the bodies that a terminal would send."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec
from bench_sync_site import Ledger

from sync.terminal.identity import Identity
from sync.wire.messages import MAX_PUSH_ENTRIES, PROTOCOL, Changes, Pushed
from sync.wire.signing import Target
from tests.days.released import SITE

POLL_S = 25


class Connection:
    """One TCP connection that makes one request after the other."""

    def __init__(self, port: int, identity: Identity) -> None:
        self._port = port
        self._identity = identity
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(self, method: str, target: str, body: bytes = b"") -> bytes:
        """The body of the answer. Raises RuntimeError where its status is not 200."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**24)
        headers = "".join(f"{name}: {value}\r\n" for name, value in self._signed(method, target, body).items())
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: application/json\r\n{headers}"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in answer[:-4].lower().split(b"\r\n")[1:])
        said = await self._reader.readexactly(int(fields[b"content-length"]))
        if answer[9:12] != b"200":
            raise RuntimeError(f"{method} {target}: {answer[:12].decode()}: {said[:300].decode()}")
        return said

    def _signed(self, method: str, target: str, body: bytes) -> dict[str, str]:
        path, _, query = target.partition("?")
        headers = {"Content-Type": "application/json"} if body else {}
        return headers | self._identity.sign(Target(method, path, query), body)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@dataclass(slots=True)
class Pusher:
    """Delivers a ledger in order, one push in flight; an answer counts if it is about what was sent."""

    ledger: Ledger
    connection: Connection
    acked: int = 0
    pushes: list[tuple[float, int]] = field(default_factory=list)
    """When each answer was there (seconds, monotonic), and how many entries it was about."""

    async def push(self, count: int) -> float:
        """Push the next ``count`` entries; returns the seconds until the answer was read."""
        body = push_body(self.ledger, self.acked + 1, count)
        begun = time.perf_counter()
        said = await self.connection.request("POST", f"/v1/streams/{self.ledger.stream_id}/events", body)
        took = time.perf_counter() - begun
        answer = msgspec.json.decode(said, type=Pushed)
        sent = self.acked + count
        wrong = [one for one in answer.verdicts if one.verdict != "accepted"]
        if (answer.hwm, answer.head_h, len(answer.verdicts)) != (sent, self.ledger.h(sent), count) or wrong:
            raise RuntimeError(f"{self.ledger.terminal_id} sent up to {sent}, the store has {answer.hwm}: {wrong[:3]}")
        self.acked = sent
        self.pushes.append((time.perf_counter(), count))
        return took

    async def deliver(self, has: Callable[[], int], ends_at: float) -> None:
        """Push what it ``has`` so far (entries from the beginning), in batches as a terminal makes them."""
        while time.perf_counter() < ends_at and self.acked < len(self.ledger.bodies):
            count = min(has() - self.acked, MAX_PUSH_ENTRIES)
            if count > 0:
                await self.push(count)
            else:
                await asyncio.sleep(0.005)


def push_body(ledger: Ledger, first: int, count: int) -> bytes:
    head = {
        "protocol": PROTOCOL,
        "site_id": SITE,
        "terminal_id": ledger.terminal_id,
        "nonce": f"{first}",
        "from_seq": first,
        "prev_h": ledger.h(first - 1),
    }
    entries = b",".join(ledger.bodies[first - 1 : first - 1 + count])
    return msgspec.json.encode(head)[:-1] + b',"entries":[' + entries + b"]}"


@dataclass(slots=True)
class Follower:
    """Follows the store with a long poll; ``seen`` is told of every change and when it was read."""

    ledger: Ledger
    connection: Connection
    seen: Callable[[str, str, bytes, float], None]
    cursor: str | None = None
    reflected: int = 0

    async def pull(self, wait_s: int) -> Changes:
        asked = {"site_id": SITE, "terminal_id": self.ledger.terminal_id, "stream_id": self.ledger.stream_id}
        asked |= {"reflected": str(self.reflected), "wait": str(wait_s), "limit": "200"}
        asked |= {} if self.cursor is None else {"cursor": self.cursor}
        said = await self.connection.request("GET", f"/v1/changes?{urlencode(asked)}")
        now = time.perf_counter()
        page = msgspec.json.decode(said, type=Changes)
        self.cursor = page.cursor
        if not page.more:
            self.reflected = page.hwm
        for change in page.changes:
            self.seen(change.kind, change.key, bytes(change.row), now)
        return page

    async def catch_up(self) -> None:
        while (await self.pull(0)).more:
            pass

    async def follow(self) -> None:
        """For ever."""
        while True:
            await self.pull(POLL_S)


def pushers(ledgers: Sequence[Ledger], port: int) -> list[Pusher]:
    return [Pusher(ledger, Connection(port, ledger.identity)) for ledger in ledgers]


def close(clients: Sequence[Pusher | Follower]) -> None:
    for client in clients:
        client.connection.close()
