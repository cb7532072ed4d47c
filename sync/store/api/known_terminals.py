"""The keys of those who ask: looked up for all at once who ask at the same time, and never from memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sync.record.ids import SiteId, TerminalId
from sync.store.access.enrolling import KnownTerminal, known_terminals
from sync.store.database import Database

Name = tuple[SiteId, TerminalId]


class KnownTerminals:
    """Hundreds of questions that one commit wakes together cost one look. Everything happens in the event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: list[tuple[Name, asyncio.Future[KnownTerminal | None]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def get(self, site_id: SiteId, terminal_id: TerminalId) -> KnownTerminal | None:
        """What the store says of a terminal in a look that begins after the question."""
        answer: asyncio.Future[KnownTerminal | None] = asyncio.get_running_loop().create_future()
        self._asked.append(((site_id, terminal_id), answer))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        finally:
            self._at_work = None

    async def _answer(self, asked: list[tuple[Name, asyncio.Future[KnownTerminal | None]]]) -> None:
        try:
            found = await asyncio.to_thread(self._look, {name for name, _ in asked})
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to those who wait
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for name, answer in asked:
            if not answer.done():
                answer.set_result(found.get(name))

    def _look(self, names: set[Name]) -> Mapping[Name, KnownTerminal]:
        with self._database.read() as conn:
            return known_terminals(conn, names)
