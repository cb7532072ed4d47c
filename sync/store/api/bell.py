"""Wakes the terminals that wait for news: at once for what this process commits, soon for what others do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sync.record.ids import SiteId

POLL_S = 0.3
"""How often other processes' commits are looked for: the command line releases waves beside the server."""


class Bell:
    """One event for each site, set when its feed has grown. Everything happens in the event loop."""

    def __init__(self, position: Callable[[SiteId], int]) -> None:
        self._position = position
        self._events: dict[SiteId, asyncio.Event] = {}
        self._heard: dict[SiteId, int] = {}
        self._listeners: Counter[SiteId] = Counter()
        self._poller: asyncio.Task[None] | None = None
        self.is_closing = False
        """The server is about to stop: nobody waits any more."""

    def close(self) -> None:
        """Send everybody who waits home, so that the server can stop."""
        self.is_closing = True
        for site_id in list(self._events):
            self.ring(site_id)

    def ring(self, site_id: SiteId) -> None:
        """There is news."""
        event = self._events.pop(site_id, None)
        if event is not None:
            event.set()

    @contextmanager
    def listening(self, site_id: SiteId) -> Iterator[None]:
        """While somebody listens, other processes' commits ring too."""
        self._listeners[site_id] += 1
        try:
            yield
        finally:
            self._listeners[site_id] -= 1

    def next_ring(self, site_id: SiteId) -> asyncio.Event:
        """Set by the next ring. Taken before one looks for news, so that none is missed that comes meanwhile."""
        return self._events.setdefault(site_id, asyncio.Event())

    async def start(self) -> None:
        self._poller = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            with suppress(asyncio.CancelledError):
                await self._poller

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            for site_id in [site_id for site_id, count in self._listeners.items() if count]:
                with suppress(Exception):  # the database may be away for a while; the next round tries again
                    position = await asyncio.to_thread(self._position, site_id)
                    if self._heard.get(site_id) != position:
                        self._heard[site_id] = position
                        self.ring(site_id)
