"""What comes from the store while the terminal makes up its mind: a turn is of one picture of the record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from floor.conversation import Conversation
from floor.work.prompt import Changed
from sync.record.codes.own import barcode_of
from sync.record.picking import Walk
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import PATIENCE_S, Terminal


class Restless:
    """A terminal's record; behind a look that finds no list, the one that is waited for arrives, if anything can."""

    def __init__(self, terminal: Terminal, shop: Shop) -> None:
        self._session = terminal.session
        self._shop = shop
        self.looks_without_list = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def held_walk(self) -> Walk | None:
        walk = self._session.held_walk()
        if walk is None:
            self.looks_without_list += 1
            with ThreadPoolExecutor(1) as other_thread:
                other_thread.submit(self._let_it_arrive).result()
        return walk

    def _let_it_arrive(self) -> None:
        lock = self._session._record.changed
        if lock.acquire(blocking=False):
            lock.release()
            self._shop.open()
            assert self._session.wait_for(lambda: self._session.held_walk() is not None, PATIENCE_S)


def test_a_list_arrives_before_a_turn_or_after_it_and_never_within(shop: Shop, terminal: Terminal) -> None:
    shop.orders({"O-1": [("SOAP", 3)]})
    terminal.scan(barcode_of("B-1001"))
    terminal.wait_until(lambda _: terminal.session.open_list_count() > 0)
    shop.shut()
    terminal.type("1")
    restless: Any = Restless(terminal, shop)
    conversation = Conversation(restless, None, lambda _job, _dpi: b"")
    assert conversation.give(Changed()).prompt.step == "waiting_store"
    assert restless.looks_without_list > 1
    shop.open()
    assert terminal.session.wait_for(lambda: terminal.session.held_walk() is not None, PATIENCE_S)
    assert conversation.give(Changed()).prompt.step == "bind_tote"
