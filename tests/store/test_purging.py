"""Deletions are forgotten after 30 days, and whoever was away for longer begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import select

from sync.store import tables as t
from sync.store.api.keeper import keep_hourly
from sync.store.keeping.purging import KEPT_DAYS, keep
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, lay_out, let_go, pick
from tests.store.small_site import NOW, SITE, SmallSite, small_site
from tests.store.test_changes import Replica, fresh, made_known


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


def days_later(site: SmallSite, days: float) -> None:
    site.database.now = lambda: NOW + timedelta(days=days)


def purged(site: SmallSite) -> int:
    with site.database.read() as conn:
        return int(conn.execute(select(t.feed_head.c.purged).where(t.feed_head.c.site_id == SITE)).scalar_one())


def test_nothing_is_forgotten_before_its_time_and_all_of_it_then(site: SmallSite) -> None:
    away, reader = Replica(site), Replica(site)
    for replica in (away, reader):
        replica.follow()
    Ledger(site).does(claim(), bind(), pick(4), pick(3, line_id=2, item="TEA", at="B1"), hand_over())
    reader.follow()
    rows = len(site.rows(t.feed))
    days_later(site, KEPT_DAYS - 0.01)
    assert [(one.dropped, one.settled) for one in keep(site.database)] == [(0, 0)]
    assert (len(site.rows(t.feed)), purged(site)) == (rows, 0)
    days_later(site, KEPT_DAYS)
    (done,) = keep(site.database)
    assert done.dropped > 0
    assert len(site.rows(t.feed)) == rows - done.dropped
    assert all(row["left"] == "," for row in site.rows(t.feed))
    assert purged(site) > 0
    page = away.ask()
    assert page.reset, "what it should forget is no longer known"
    away.follow()
    assert not reader.ask().reset
    reader.follow()
    assert away.rows == reader.rows == fresh(reader, site)


def test_a_row_that_was_forgotten_comes_back_when_it_changes(site: SmallSite) -> None:
    reader, picker = Replica(site), Ledger(site)
    picker.does(claim(), bind(), let_go(token=2))
    reader.follow()
    days_later(site, KEPT_DAYS + 1)
    keep(site.database)
    picker.does(claim())
    reader.follow()
    assert reader.keys("pick_line") == ["1", "2"]
    assert reader.rows == fresh(reader, site)


def test_changes_from_before_times_were_kept_count_from_now_on(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(1), hand_over())
    site.change(t.feed, {"at": None})
    days_later(site, 1)
    assert [one.dropped for one in keep(site.database)] == [0]
    days_later(site, KEPT_DAYS + 1)
    assert [one.dropped > 0 for one in keep(site.database)] == [True]


def test_every_change_has_the_time_of_its_commit(site: SmallSite) -> None:
    assert {row["at"] for row in site.rows(t.feed)} == {NOW}
    days_later(site, 2)
    Ledger(site).does(claim())
    assert {row["at"] for row in site.rows(t.feed, kind="pick_list", key="1")} == {NOW + timedelta(days=2)}


async def test_a_server_does_it_by_itself_and_goes_on_after_a_failure(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(1), hand_over())
    days_later(site, KEPT_DAYS)
    now, failures = site.database.now, iter([True])

    def breaks_once() -> datetime:
        if next(failures, False):
            raise OSError("the disk is away")
        return now()

    site.database.now = breaks_once
    chores = asyncio.create_task(keep_hourly(site.database, first_s=0, every_s=0.01))
    until = monotonic() + 20
    while not await asyncio.to_thread(purged, site) and monotonic() < until:  # noqa: ASYNC110 - a database rings no bell
        await asyncio.sleep(0.02)
    chores.cancel()
    assert purged(site) > 0
    assert next(failures, None) is None
