"""Terminals that follow the store: one reader for each site reads what is new once and tells all whom it concerns."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.store.changes import FeedSpan, Reader, audiences_of, changes, page_end, read_cursor
from sync.store.database import Database
from sync.store.meeting import Mark
from sync.store.news import Changed, News, news
from sync.store.unit_of_work import EVERYBODY
from sync.wire.messages import Change, Changes

POLL_S = 0.2
"""How often other processes' commits are looked for: other workers, the command line beside the server."""
BREATH_S = 0.03
"""Between two looks: what is committed meanwhile is read together."""
REST_S = 0.1
REST_FOR_EACH_S = 0.002
"""A terminal rests so long between news of others, and the longer the more follow: each answer has its price."""
KEPT_CHANGES = 4000


@dataclass(slots=True)
class Ear:
    """One question that is kept open."""

    reader: Reader
    audiences: list[str]
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    wants_picture: bool = False
    """It is woken by the next picture, whatever is in it."""
    rests: bool = False
    """Only what became of its own entries wakes it."""
    failure: Exception | None = None

    async def wait(self, most_s: float | None, *, rests: bool = False) -> None:
        """Until something wakes it, so long at most. Raises what kept a picture that it wants from being made."""
        self.rests = rests
        with suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), most_s)
        self.woken.clear()
        if self.failure is not None:
            raise self.failure


class Tail:
    """The newest changes of one site and where its streams stood then: always of one picture of the store.

    Everything happens in the event loop; only ``look`` works in a thread.
    """

    def __init__(self, look: Callable[[int | None, list[StreamId]], News]) -> None:
        self._look = look
        self._rung = asyncio.Event()
        self._ears: list[Ear] = []
        self._changes: dict[tuple[str, str], Changed] = {}
        """In the order of their numbers."""
        self._floor = 0
        """Every change after it is here."""
        self._incarnation = ""
        self._span: FeedSpan | None = None
        self._marks: dict[StreamId, Mark] = {}
        self._answered: dict[TerminalId, float] = {}
        self.begun = 0
        """Pictures that were begun: a number, growing."""
        self.done = 0
        """The newest picture that is whole."""

    def ring(self) -> None:
        """Look now."""
        if self._ears:
            self._rung.set()

    @contextmanager
    def listening(self, reader: Reader) -> Iterator[Ear]:
        ear = Ear(reader, audiences_of(reader))
        if not self._ears:
            self._rung.set()  # nobody has looked while nobody listened
        self._ears.append(ear)
        try:
            yield ear
        finally:
            self._ears.remove(ear)

    def want_picture(self, ear: Ear) -> None:
        ear.wants_picture = True
        self._rung.set()

    def wake_all(self) -> None:
        for ear in self._ears:
            ear.woken.set()

    def page(self, reader: Reader, limit: int) -> Changes | None:
        """What the store would say of the newest picture, or None where too much has changed since the cursor.

        Raises `BadCursor`.
        """
        mark = self._marks.get(reader.stream_id)
        if self._span is None or mark is None:
            return None
        after, reset = read_cursor(reader.cursor, self._incarnation, self._span)
        if reset or after < max(self._floor, 1):
            return None
        told: list[tuple[int, Change]] = []
        audiences = audiences_of(reader)
        for changed in reversed(self._changes.values()):
            if changed.n <= after:
                break
            change = changed.told_to(audiences)
            if change is not None:
                told.append((changed.n, change))
        told.reverse()
        end = page_end([change.kind for _, change in told], limit)
        more = len(told) > end
        position = told[end - 1][0] if more else self._span.head
        return Changes(
            incarnation=self._incarnation,
            cursor=f"{self._incarnation}:{position}",
            more=more,
            reset=False,
            hwm=mark.hwm,
            head_h=mark.head_h,
            changes=[change for _, change in told[:end]],
            behind=self._span.head - position,
        )

    def needs_picture(self, reader: Reader) -> bool:
        """Whether a newer picture may have what `page` lacks: the reader's stream, or changes that it knows already."""
        if self._span is None or reader.cursor is None or reader.stream_id not in self._marks:
            return reader.cursor is not None
        after, reset = read_cursor(reader.cursor, self._incarnation, replace(self._span, head=sys.maxsize))
        return not reset and after > self._span.head

    def rest_s(self, terminal_id: TerminalId, now: float) -> float:
        """How long a terminal must wait yet for news of others."""
        pause_s = max(REST_S, REST_FOR_EACH_S * len(self._ears))
        return self._answered.get(terminal_id, -pause_s) + pause_s - now

    def answered(self, terminal_id: TerminalId, now: float) -> None:
        self._answered[terminal_id] = now

    async def run(self) -> None:
        """Look whenever somebody rings, and now and then while anybody listens; until it is cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), POLL_S if self._ears else None)
            self._rung.clear()
            if self._ears:
                await self._take_picture()
                await asyncio.sleep(BREATH_S)

    async def _take_picture(self) -> None:
        self.begun += 1
        known = None if self._span is None else self._span.head
        streams = sorted({ear.reader.stream_id for ear in self._ears})
        try:
            found = await asyncio.to_thread(self._look, known, streams)
        except Exception as error:  # noqa: BLE001 - it is the answer to those who asked for a picture; the others wait on
            for ear in self._ears:
                if ear.wants_picture:
                    ear.failure = error
                    ear.woken.set()
            return
        moved = {stream_id for stream_id, mark in found.marks.items() if mark != self._marks.get(stream_id)}
        fresh = self._keep(found)
        self.done = self.begun
        self._wake(fresh, moved)

    def _keep(self, found: News) -> Sequence[Changed]:
        """Take a picture over; returns what is new in it."""
        goes_on = self._span is not None and found.incarnation == self._incarnation
        goes_on = goes_on and found.span.head >= (self._span.head if self._span else 0) and found.changes is not None
        fresh = found.changes or () if goes_on else ()
        if not goes_on:
            self._changes.clear()
            self._floor = found.span.head
        for changed in fresh:
            key = (changed.change.kind, changed.change.key)
            self._changes.pop(key, None)
            self._changes[key] = changed
        while len(self._changes) > KEPT_CHANGES:
            self._floor = self._changes.pop(next(iter(self._changes))).n
        self._incarnation, self._span, self._marks = found.incarnation, found.span, found.marks
        if not goes_on:
            self.wake_all()
        return fresh

    def _wake(self, fresh: Sequence[Changed], moved: set[StreamId]) -> None:
        concerned = {changed.audience for changed in fresh}.union(*(changed.left for changed in fresh))
        for ear in self._ears:
            own = ear.wants_picture or ear.reader.stream_id in moved
            if own or (not ear.rests and (EVERYBODY in concerned or not concerned.isdisjoint(ear.audiences))):
                ear.wants_picture = False
                ear.woken.set()


class Tails:
    """The tails of all sites that anybody follows here."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tails: dict[SiteId, Tail] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closing = False

    def ring(self, site_id: SiteId) -> None:
        """Something was committed at the site."""
        if site_id in self._tails:
            self._tails[site_id].ring()

    def close(self) -> None:
        """Send everybody who waits home, so that the server can stop."""
        self._is_closing = True
        for tail in self._tails.values():
            tail.wake_all()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def follow(self, reader: Reader, limit: int, *, reflected: int | None, wait_s: float) -> Changes:
        """One page for the reader; waits so long for news that concern it.

        What became of its own entries beyond ``reflected`` is news as well. The picture that the page is of was begun
        after the question came: a terminal that was told a verdict before is never told that it is unknown. Raises
        `BadCursor`, `UnknownSite`.
        """
        tail = self._tail(reader.site_id)
        until = monotonic() + wait_s
        with tail.listening(reader) as ear:
            needed = tail.begun + 1
            while True:
                page = tail.page(ear.reader, limit)
                if page is None and tail.done < needed and tail.needs_picture(ear.reader):
                    tail.want_picture(ear)
                    await ear.wait(None)
                    continue
                asks_store = page is None
                if page is None:
                    page = await asyncio.to_thread(self._page, ear.reader, limit)
                left_s = 0.0 if self._is_closing else until - monotonic()
                judged = reflected is not None and page.hwm > reflected
                is_news = bool(page.changes or page.reset or judged)
                rest_s = 0.0 if judged or asks_store else tail.rest_s(reader.terminal_id, monotonic())
                if is_news and not asks_store and 0 < rest_s < left_s:
                    await ear.wait(rest_s, rests=True)
                elif not (is_news or left_s <= 0):
                    if asks_store:
                        ear.reader = replace(reader, cursor=page.cursor)
                        needed = tail.begun + 1
                        tail.want_picture(ear)
                    await ear.wait(left_s)
                elif asks_store or self._is_closing or tail.done >= needed:
                    tail.answered(reader.terminal_id, monotonic())
                    return page
                else:
                    tail.want_picture(ear)
                    await ear.wait(None)

    def _tail(self, site_id: SiteId) -> Tail:
        if site_id not in self._tails:
            self._tails[site_id] = tail = Tail(partial(self._look, site_id))
            self._tasks.append(asyncio.create_task(tail.run()))
        return self._tails[site_id]

    def _look(self, site_id: SiteId, after: int | None, stream_ids: list[StreamId]) -> News:
        with self._database.read() as conn:
            return news(conn, site_id, after, KEPT_CHANGES, stream_ids)

    def _page(self, reader: Reader, limit: int) -> Changes:
        with self._database.read() as conn:
            return changes(conn, reader, limit)
