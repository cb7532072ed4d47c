"""Questions that come at the same time are answered together: hundreds that one commit wakes cost one look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_Q = TypeVar("_Q")
_A = TypeVar("_A")


class Together(Generic[_Q, _A]):
    """Asks ``answer`` in a thread, once at a time. Everything else happens in the event loop."""

    def __init__(self, answer: Callable[[Sequence[_Q]], Sequence[_A]]) -> None:
        """``answer`` gives as many answers as there are questions."""
        self._answer = answer
        self._asked: list[tuple[_Q, asyncio.Future[_A]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, question: _Q) -> _A:
        """The answer, by a look that begins after the question. Raises what ``answer`` raises."""
        answer: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        self._asked.append((question, answer))
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work_off())
        return await answer

    async def _work_off(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer_all(asked)
        finally:
            self._at_work = None

    async def _answer_all(self, asked: Sequence[tuple[_Q, asyncio.Future[_A]]]) -> None:
        try:
            answers = await asyncio.to_thread(self._answer, [question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to those who wait
            for _, waiting in asked:
                if not waiting.done():
                    waiting.set_exception(error)
            return
        for (_, waiting), answer in zip(asked, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
