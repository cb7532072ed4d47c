"""Pushes of many terminals in one transaction: each is answered for itself, and none pays for another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from sync.record.facts import SignedIn
from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.access.enrolling import KnownTerminal, enrol_key, revoke
from sync.store.api.group_commit import GroupCommit
from sync.store.database import Database
from sync.store.entries import FOR_ITSELF, Piece, Trust
from sync.store.ledgers import Fork, Gap, Outdated, Taken
from sync.store.meeting import UnknownSite
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, pick
from tests.store.small_site import NOW, SITE, SmallSite, small_site
from tests.store.test_changes import made_known


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


@contextmanager
def grouped(site: SmallSite, *, serving: bool = False) -> Iterator[tuple[GroupCommit, list[SiteId]]]:
    """A group commit over the site, and the transactions that it has told of."""
    database = Database(site.database.url, now=lambda: NOW, serving=serving)
    commits: list[SiteId] = []
    try:
        yield GroupCommit(database, commits.append), commits
    finally:
        database.close()


def piece(ledger: Ledger, first: int = 1, last: int | None = None) -> Piece:
    return Piece(
        stream_id=ledger.stream_id,
        terminal_id=ledger.terminal_id,
        from_seq=first,
        prev_h=ledger.h(first - 1),
        bodies=ledger.bodies[first - 1 : last],
        trust=FOR_ITSELF,
    )


def walking(site: SmallSite, list_id: int, terminal_id: str) -> Ledger:
    """A terminal that has claimed a list and bound a tote to it."""
    ledger = Ledger(site, terminal_id)
    ledger.does(claim(list_id), bind(f"T-{list_id}", list_id))
    return ledger


async def test_those_who_wait_for_a_transaction_share_the_next_one(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"HH-{number}") for number in range(20)]
    for ledger in ledgers:
        ledger.write(SignedIn())
    with grouped(site) as (groups, commits):
        answers = await asyncio.gather(*(groups.take(SITE, piece(ledger)) for ledger in ledgers))
    for ledger, answer in zip(ledgers, answers, strict=True):
        assert isinstance(answer, Taken)
        assert answer.incarnation == "first"
        assert (answer.mark.hwm, answer.mark.head_h) == (1, ledger.h(1))
        assert [(one.event_id, one.verdict) for one in answer.verdicts] == [(ledger.events[0], "accepted")]
    assert len(commits) <= 2
    assert len(site.rows(t.event)) == len(ledgers)


async def test_one_ledger_twice_at_once_is_taken_in_once_and_answered_alike(site: SmallSite) -> None:
    ledger = walking(site, 1, "HH-07")
    ledger.write(pick())
    with grouped(site) as (groups, _):
        first, second = await asyncio.gather(*(groups.take(SITE, piece(ledger, 3)) for _ in range(2)))
    assert first == second
    assert site.rows(t.pick_line, line_id=1)[0]["picked"] == 1


async def test_a_fork_a_gap_and_poison_are_no_matter_of_the_others(site: SmallSite) -> None:
    good, forked, gap, poisoned = walking(site, 1, "HH-07"), *(Ledger(site, f"HH-1{number}") for number in range(3))
    good.write(pick(2))
    forked.write(SignedIn())
    forked.push(1)
    clone = Ledger(site, forked.terminal_id)
    clone.write(claim(2))
    gap.write(SignedIn(), SignedIn())
    poisoned.write(SignedIn())
    poisoned.bodies.insert(0, b"17")
    with grouped(site) as (groups, _):
        asked = [piece(clone), piece(good, 3), piece(gap, 2), piece(poisoned)]
        answers = await asyncio.gather(*(groups.take(SITE, one) for one in asked))
    assert isinstance(answers[0], Fork)
    assert isinstance(answers[2], Gap)
    assert isinstance(answers[1], Taken)
    assert isinstance(answers[3], Taken)
    assert [one.verdict for one in answers[3].verdicts] == ["quarantined", "accepted"]
    assert site.rows(t.pick_line, line_id=1)[0]["picked"] == 2
    assert [one["hwm"] for one in site.rows(t.stream, stream_id=gap.stream_id)] == []
    assert site.differences() == []


async def test_a_rule_that_breaks_costs_its_entry_and_nobody_elses(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = walking(site, 1, "HH-07"), walking(site, 2, "HH-08")
    first.write(pick(1))
    second.write(pick(1, line_id=3))

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sync.store.judging.lines._put_back", breaks)
    second.write(pick(9, line_id=3))
    with grouped(site) as (groups, _):
        answers = await asyncio.gather(groups.take(SITE, piece(first, 3)), groups.take(SITE, piece(second, 3)))
    verdicts = [[one.verdict for one in answer.verdicts] for answer in answers if isinstance(answer, Taken)]
    assert verdicts == [["accepted"], ["accepted", "quarantined"]]
    assert site.differences() == []


async def test_who_was_let_in_from_memory_and_is_no_longer_what_it_was_is_sent_back_and_changes_nothing(
    site: SmallSite,
) -> None:
    first, other = Ledger(site, "HH-07"), Ledger(site, "HH-08")
    first.write(SignedIn(), SignedIn())
    other.write(SignedIn())
    with site.database.write(SITE) as work:
        enrol_key(work, first.terminal_id, "a" * 64, (), "test")
    then = KnownTerminal("a" * 64, frozenset(), is_revoked=False)
    with grouped(site) as (groups, _):
        assert isinstance(await groups.take(SITE, replace(piece(first, 1, 1), known=then)), Taken)
        with site.database.write(SITE) as work:
            revoke(work, first.terminal_id, "test")
        again = replace(piece(first, 2), known=then)
        outdated, taken = await asyncio.gather(groups.take(SITE, again), groups.take(SITE, piece(other)))
        assert isinstance(outdated, Outdated)
        assert isinstance(taken, Taken)
        assert [row["hwm"] for row in site.rows(t.stream, stream_id=first.stream_id)] == [1]
        anew = replace(again, known=replace(then, is_revoked=True), trust=Trust(is_revoked=True, may_rescue=False))
        answer = await groups.take(SITE, anew)
    assert isinstance(answer, Taken)
    assert [(one.verdict, one.reason) for one in answer.verdicts] == [("quarantined", "revoked")]


async def test_an_unknown_site_is_said_to_each(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(SignedIn())
    with grouped(site) as (groups, commits), pytest.raises(UnknownSite):
        await groups.take(SiteId("elsewhere"), piece(ledger))
    assert commits == []


async def test_who_wants_a_row_that_somebody_holds_is_sent_away_and_the_others_go_on(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.database.LOCK_WAIT_S", 1)
    with small_site(postgres_database) as site:
        made_known(site)
        lay_out(site)
        first, second = walking(site, 1, "HH-07"), walking(site, 2, "HH-08")
        first.write(pick(1, line_id=2, item="TEA", at="B1"))
        second.write(pick(1, line_id=3))
        held = select(t.pick_line.c.line_id).where(t.pick_line.c.line_id == 2).with_for_update()
        with grouped(site, serving=True) as (groups, _), site.database.engine.connect() as stuck, stuck.begin():
            stuck.execute(held)
            pushes = (groups.take(SITE, piece(one, 3)) for one in (first, second))
            refused, taken = await asyncio.gather(*pushes, return_exceptions=True)
        assert isinstance(refused, OperationalError)
        assert isinstance(taken, Taken)
        with grouped(site) as (groups, _):
            again = await groups.take(SITE, piece(first, 3))
        assert isinstance(again, Taken)
        assert [one.verdict for one in again.verdicts] == ["accepted"]
        assert site.differences() == []
