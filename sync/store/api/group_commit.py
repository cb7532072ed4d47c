"""Pushes that come at the same time are judged together: one transaction and one commit for many terminals."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from sync.record.ids import SiteId
from sync.store.database import Database
from sync.store.entries import Piece
from sync.store.keeping.clones import note_clone
from sync.store.ledgers import Fork, Refusal, Taken, receive_all
from sync.store.unit_of_work import UnitOfWork

MOST_ENTRIES = 400
"""Of one transaction: those who wait behind it wait for all of it."""
MOST_PIECES = 32
SITES_AT_ONCE = 4
ONE_IN_THE_WAY = ("55P03", "57014", "40001", "40P01")
"""PostgreSQL's states of a transaction that waited too long for a lock or took too long, or lost to another one."""

Answer = Taken | Refusal
"""What became of the piece."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    piece: Piece
    answer: asyncio.Future[Answer]


class GroupCommit:
    """Takes pieces of ledgers in. Everything but the transactions happens in the event loop; one runs for each site.

    ``committed`` is told of the site of each transaction.
    """

    def __init__(self, database: Database, committed: Callable[[SiteId], None]) -> None:
        self._database = database
        self._committed = committed
        self._queues: defaultdict[SiteId, deque[_Waiting]] = defaultdict(deque)
        self._at_work: dict[SiteId, asyncio.Task[None]] = {}
        self._threads = ThreadPoolExecutor(SITES_AT_ONCE, "commit")
        """Their own: no scan waits behind those who only read."""

    async def take(self, site_id: SiteId, piece: Piece) -> Answer:
        """What the store says to a piece, once that is durable. Raises what the transaction raised."""
        waiting = _Waiting(piece, asyncio.get_running_loop().create_future())
        self._queues[site_id].append(waiting)
        if site_id not in self._at_work:
            self._at_work[site_id] = asyncio.create_task(self._work_off(site_id))
        return await waiting.answer

    async def _work_off(self, site_id: SiteId) -> None:
        queue = self._queues[site_id]
        try:
            while queue:
                await self._take_in(site_id, _next_group(queue))
        finally:
            del self._at_work[site_id], self._queues[site_id]

    async def _take_in(self, site_id: SiteId, group: list[_Waiting]) -> None:
        try:
            pieces = [waiting.piece for waiting in group]
            answers = await asyncio.get_running_loop().run_in_executor(self._threads, self._commit, site_id, pieces)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to those who wait
            if len(group) > 1 and isinstance(error, DBAPIError) and _state(error) in ONE_IN_THE_WAY:
                for waiting in group:
                    await self._take_in(site_id, [waiting])
                return
            for waiting in group:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for waiting, answer in zip(group, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
        self._committed(site_id)

    def _commit(self, site_id: SiteId, pieces: list[Piece]) -> Iterable[Answer]:
        def job(work: UnitOfWork) -> list[Answer]:
            answers = receive_all(work, pieces)
            for piece, answer in zip(pieces, answers, strict=True):
                if isinstance(answer, Fork):
                    note_clone(work, piece.stream_id, piece.terminal_id, piece.from_seq, piece.prev_h, piece.bodies)
            return answers

        return self._database.run(site_id, job)


def _next_group(queue: deque[_Waiting]) -> list[_Waiting]:
    """The oldest that wait, as many as fit; of one stream only one, because the next must find it taken in."""
    group: list[_Waiting] = []
    later: list[_Waiting] = []
    streams: set[str] = set()
    entries = 0
    while queue and len(group) < MOST_PIECES:
        waiting = queue.popleft()
        if waiting.piece.stream_id in streams:
            later.append(waiting)
            continue
        streams.add(waiting.piece.stream_id)
        entries += len(waiting.piece.bodies)
        if group and entries > MOST_ENTRIES:
            later.append(waiting)
            break
        group.append(waiting)
    queue.extendleft(reversed(later))
    return group


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state
