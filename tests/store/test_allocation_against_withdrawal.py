"""A location is blocked while others reserve and release from it: whoever comes second sees what the first one did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import text, update

from sync.record.ids import LocationCode
from sync.store import tables as t
from sync.store.database import Database
from sync.store.orders.allocating import allocate
from sync.store.orders.reallocating import withdraw_location
from sync.store.orders.releasing import release
from sync.store.unit_of_work import UnitOfWork
from tests.store.small_site import SITE, SmallSite, small_site

A1 = LocationCode("A1")


@pytest.fixture
def site(postgres_database: str) -> Iterator[SmallSite]:
    with small_site(postgres_database) as made:
        made.stock("A1", "MUG", 4, position=10)
        made.stock("A2", "MUG", 9, position=20)
        made.order("536365", [("MUG", 4)])
        yield made


def report_empty(work: UnitOfWork) -> None:
    work.conn.execute(update(t.location).where(t.location.c.code == A1).values(blocked="empty"))
    withdraw_location(work, A1)


def to_the_floor(work: UnitOfWork) -> None:
    allocate(work)
    release(work)


Step = Callable[[UnitOfWork], object]


def begin_while_open(first: Step, second: Step, site: SmallSite) -> None:
    """Do the first; begin the second while the first is not committed; when the second waits, commit the first."""

    def elsewhere() -> None:
        database = Database(site.database.url)
        try:
            with database.write(SITE) as work:
                second(work)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        with site.write() as work:
            first(work)
            running = pool.submit(elsewhere)
            until_somebody_waits_for_a_lock(site.database, running)
        running.result(timeout=60)


def until_somebody_waits_for_a_lock(database: Database, running: Future[None]) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    deadline = time.monotonic() + 60
    tick = threading.Event()
    while time.monotonic() < deadline:
        if running.done():
            running.result()
            pytest.fail("the second did not wait for the first")
        with database.engine.connect() as conn:
            if conn.execute(waiting).scalar_one():
                return
        tick.wait(0.01)
    pytest.fail("the second neither waited nor came to its end")


def open_lines(site: SmallSite) -> list[tuple[str, int]]:
    return [(line["location"], line["asked"]) for line in site.rows(t.pick_line) if line["asked"]]


def test_lines_that_were_being_released_when_the_location_was_reported_empty_are_withdrawn(site: SmallSite) -> None:
    begin_while_open(to_the_floor, report_empty, site)
    assert open_lines(site) == [("A2", 4)]
    assert site.differences() == []


def test_reservations_that_were_being_made_when_the_location_was_reported_empty_are_given_back(site: SmallSite) -> None:
    begin_while_open(allocate, report_empty, site)
    assert site.allocations() == []
    assert site.differences() == []


def test_who_reserves_while_a_location_is_being_blocked_passes_it_by(site: SmallSite) -> None:
    begin_while_open(report_empty, to_the_floor, site)
    assert open_lines(site) == [("A2", 4)]
    assert site.differences() == []
