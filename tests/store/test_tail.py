"""What is told from memory is what the database would say at that moment, to everybody, whatever was committed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import msgspec
import pytest

from sync.record.facts import SignedIn
from sync.record.ids import TerminalId
from sync.store.api import tail as tails
from sync.store.api.tail import Tail, Tails
from sync.store.changes import BadCursor, Reader, changes
from sync.wire.messages import Change, Changes
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, lay_out, let_go, pick, row, stream_of
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_changes import made_known

STEPS = 40


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


@pytest.fixture
def from_memory(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each page that was asked of a tail, whether it could be answered there."""
    asked: list[bool] = []
    page = Tail.page

    def noted(tail: Tail, reader: Reader, limit: int) -> Changes | None:
        answer = page(tail, reader, limit)
        asked.append(answer is not None)
        return answer

    monkeypatch.setattr(Tail, "page", noted)
    return asked


def steps(site: SmallSite) -> list[Callable[[], object]]:
    """What may be committed at any time; much of it is refused or late, and that must be told alike."""
    ledgers = [Ledger(site), Ledger(site, "HH-08"), Ledger(site, "PK-01")]

    def touched(code: str, *, deleted: bool) -> None:
        with site.write() as work:
            work.touch("location", code, deleted=deleted)

    def done(number: int, *facts: object) -> Callable[[], object]:
        return lambda: ledgers[number].does(*facts)  # type: ignore[arg-type]

    return [
        *(done(number, claim(list_id), bind(f"T-{list_id}", list_id)) for number in (0, 1) for list_id in (1, 2)),
        *(done(number, let_go(list_id, token=9)) for number in (0, 1) for list_id in (1, 2)),
        *(done(number, pick(), hand_over()) for number in (0, 1)),
        done(2, SignedIn()),
        lambda: touched("A1", deleted=False),
        lambda: touched("B1", deleted=True),
    ]


def as_said(told: Changes | Change) -> bytes:
    return msgspec.json.encode(told)


@pytest.mark.parametrize("kept", [4000, 3])
async def test_memory_and_database_say_the_same(
    site: SmallSite, from_memory: list[bool], kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "KEPT_CHANGES", kept)
    chance = random.Random(3)
    followed = Tails(site.database)
    readers = [
        Reader(SITE, TerminalId(name), stream_of(name), scopes, None)
        for name, scopes in (("HH-07", ()), ("HH-08", ()), ("PK-01", ("pack",)))
    ]
    committed = steps(site)
    for _ in range(STEPS):
        before = row(site, "feed_head")["n"]
        chance.choice(committed)()
        head = row(site, "feed_head")["n"]
        for reader, number in product(readers, (before, chance.choice((head, head + 1, head - chance.randrange(12))))):
            cursor = f"first:{number}"
            limit = chance.choice([1, 3, 500])
            told = await followed.follow(replace(reader, cursor=cursor), limit, reflected=None, wait_s=0)
            with site.database.read() as conn:
                assert as_said(told) == as_said(changes(conn, replace(reader, cursor=cursor), limit)), cursor
    await followed.stop()
    assert from_memory.count(True) > STEPS
    assert from_memory.count(False) > STEPS / 2


async def test_a_restored_store_begins_again_for_everybody(site: SmallSite) -> None:
    followed = Tails(site.database)
    reader = Reader(SITE, TerminalId("HH-07"), stream_of("HH-07"), (), None)
    first = await followed.follow(reader, 500, reflected=None, wait_s=0)
    known = await followed.follow(replace(reader, cursor=first.cursor), 500, reflected=None, wait_s=0)
    assert (first.reset, known.reset, known.changes) == (True, False, [])
    made_known(site, "second")
    again = await followed.follow(replace(reader, cursor=first.cursor), 500, reflected=None, wait_s=0)
    assert (again.incarnation, again.reset) == ("second", True)
    assert [as_said(change) for change in again.changes] == [as_said(change) for change in first.changes]
    await followed.stop()


async def test_a_cursor_that_no_store_gave_is_refused(site: SmallSite) -> None:
    followed = Tails(site.database)
    reader = Reader(SITE, TerminalId("HH-07"), stream_of("HH-07"), (), "first:x")
    for _ in range(2):
        with pytest.raises(BadCursor):
            await followed.follow(reader, 500, reflected=None, wait_s=0)
    await followed.stop()
