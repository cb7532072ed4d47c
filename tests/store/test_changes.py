"""The feed that goes down: nothing is missed behind a cursor, and everybody is told what is theirs."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from sync.record.facts import ClaimedSsccs
from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.changes import BadCursor, Reader, changes
from sync.store.database import Database
from sync.store.meeting import UnknownSite
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import NO_ROW, Changes
from tests.store.floor_ledger import (
    GENESIS,
    Ledger,
    bind,
    claim,
    hand_over,
    label,
    lay_out,
    let_go,
    pick,
    row,
    stream_of,
    verify,
)
from tests.store.small_floor import sscc
from tests.store.small_site import NOW, SITE, SmallSite, small_site
from tests.store.test_judging_packing import close

WRITERS = 8
COMMITS_EACH = 25


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


def made_known(site: SmallSite, incarnation: str = "first") -> None:
    with site.write() as work:
        work.conn.execute(t.store.delete())
        work.conn.execute(t.store.insert().values(one=1, incarnation=incarnation, created_at=NOW))


class Replica:
    """What a terminal knows when it believes every page it is given."""

    def __init__(self, site: SmallSite, terminal_id: str = "HH-07", *scopes: str, limit: int = 1000) -> None:
        self.database = site.database
        self.terminal_id = TerminalId(terminal_id)
        self.scopes = scopes
        self.limit = limit
        self.cursor: str | None = None
        self.rows: dict[tuple[str, str], bytes] = {}
        self.pages = 0

    def ask(self) -> Changes:
        reader = Reader(SITE, self.terminal_id, stream_of(self.terminal_id), self.scopes, self.cursor)
        with self.database.read() as conn:
            return changes(conn, reader, self.limit)

    def follow(self) -> Changes:
        """Read to the end; returns the last page."""
        while True:
            page = self.ask()
            self.pages += 1
            if page.reset:
                self.rows.clear()
            for change in page.changes:
                if bytes(change.row) == bytes(NO_ROW):
                    self.rows.pop((change.kind, change.key), None)
                else:
                    self.rows[change.kind, change.key] = bytes(change.row)
            self.cursor = page.cursor
            if not page.more:
                return page

    def keys(self, kind: str) -> list[str]:
        return sorted(key for of_kind, key in self.rows if of_kind == kind)


def fresh(replica: Replica, site: SmallSite) -> dict[tuple[str, str], bytes]:
    """What a terminal of that name would be told that begins from nothing."""
    other = Replica(site, replica.terminal_id, *replica.scopes)
    other.follow()
    return other.rows


def test_lines_go_to_the_holder_alone_and_the_former_one_is_told_to_forget(site: SmallSite) -> None:
    first, second = Replica(site), Replica(site, "HH-08")
    picker, other = Ledger(site), Ledger(site, "HH-08")
    first.follow()
    second.follow()
    assert first.keys("pick_line") == second.keys("pick_line") == []
    assert first.keys("pick_list") == second.keys("pick_list") == ["1", "2"]
    picker.does(claim(), bind())
    first.follow()
    second.follow()
    assert (first.keys("pick_line"), second.keys("pick_line")) == (["1", "2"], [])
    picker.does(pick(1), let_go())
    first.follow()
    assert first.keys("pick_line") == []
    other.does(claim())
    second.follow()
    first.follow()
    assert (first.keys("pick_line"), second.keys("pick_line")) == ([], ["1", "2"])
    other.does(let_go(token=4))
    picker.does(claim())
    first.follow()
    assert first.keys("pick_line") == ["1", "2"]
    second.follow()
    assert second.keys("pick_line") == []
    assert first.rows == fresh(first, site)
    assert second.rows == fresh(second, site)


def test_a_late_fact_does_not_show_a_finished_line_again(site: SmallSite) -> None:
    replica, picker = Replica(site), Ledger(site)
    picker.does(claim(), bind(), pick(1), hand_over())
    picker.does(pick(1))
    replica.follow()
    assert replica.keys("pick_line") == []


def test_packing_is_told_to_pack_stations_alone_and_taken_back_when_the_tote_is_empty(site: SmallSite) -> None:
    station, hand_held, curious = Replica(site, "PK-01", "pack"), Replica(site), Replica(site, "HH-09", "*", "t:HH-07")
    Ledger(site).does(claim(), bind(), pick(4), pick(3, line_id=2, item="TEA", at="B1"), hand_over())
    Ledger(site, "HH-07", stream="second").does(ClaimedSsccs(count=5))
    for replica in (station, hand_held, curious):
        replica.follow()
    assert (station.keys("packing"), hand_held.keys("packing")) == (["T-1"], [])
    assert (hand_held.keys("sscc_range"), curious.keys("sscc_range")) == (["1"], [])
    Ledger(site, "PK-01").does(verify(4), verify(3, 2, "TEA"), *label(sscc(1)), close((1, 4), (2, 3), carton=sscc(1)))
    station.follow()
    assert (station.keys("packing"), station.keys("carton")) == ([], [sscc(1)])
    assert station.rows == fresh(station, site)


def test_a_deleted_row_is_forgotten_and_a_new_terminal_never_hears_of_it(site: SmallSite) -> None:
    replica = Replica(site)
    with site.write() as work:
        work.touch("location", "A1")
    replica.follow()
    assert replica.keys("location") == ["A1"]
    with site.write() as work:
        work.conn.execute(t.location.delete().where(t.location.c.code == "A1"))
        work.touch("location", "A1", deleted=True)
    (change,) = replica.ask().changes
    assert (change.key, bytes(change.row)) == ("A1", bytes(NO_ROW))
    assert msgspec.json.decode(msgspec.json.encode(change)) == {"kind": "location", "key": "A1"}
    replica.follow()
    assert replica.rows == fresh(replica, site)


def test_pages_add_up_to_the_whole(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind())
    in_pages = Replica(site, limit=2)
    last = in_pages.follow()
    assert in_pages.pages == 3
    assert in_pages.rows == fresh(in_pages, site)
    assert (last.more, last.cursor) == (False, f"first:{row(site, 'feed_head')['n']}")
    assert in_pages.ask().changes == []


def test_a_cursor_that_means_nothing_here_begins_again(site: SmallSite) -> None:
    replica = Replica(site)
    assert replica.follow().reset is True
    assert replica.follow().reset is False
    known = replica.rows.copy()
    for cursor in (None, "elsewhere:1", f"first:{row(site, 'feed_head')['n'] + 1}"):
        replica.cursor = cursor
        assert replica.ask().reset is True
        replica.follow()
        assert replica.rows == known
    made_known(site, "second")
    assert replica.follow().reset is True


@pytest.mark.parametrize("cursor", ["", "first", "first:", "first:-1", "first:1e3", "first:٣", "first:" + "9" * 19])
def test_a_cursor_that_no_store_gave_is_refused(site: SmallSite, cursor: str) -> None:
    replica = Replica(site)
    replica.cursor = cursor
    with pytest.raises(BadCursor):
        replica.ask()


def test_a_site_that_is_not_here_is_said_to_be_unknown(site: SmallSite) -> None:
    with pytest.raises(UnknownSite), site.database.read() as conn:
        changes(conn, Reader(SiteId("elsewhere"), TerminalId("HH-07"), stream_of("HH-07"), (), None), 10)


def test_a_page_says_how_much_of_the_asking_ledger_it_contains(site: SmallSite) -> None:
    replica, ledger = Replica(site), Ledger(site)
    page = replica.ask()
    assert (page.hwm, page.head_h) == (0, GENESIS)
    ledger.does(claim(), bind(), pick(1))
    page = replica.ask()
    assert (page.hwm, page.head_h) == (3, ledger.h(3))


def test_the_ledgers_mark_and_the_rows_are_of_one_picture(site: SmallSite) -> None:
    """While facts are pushed one by one, no page ever says that it holds more or fewer of them than its rows show."""
    ledger, replica = Ledger(site), Replica(site)
    ledger.does(claim(), bind())
    ledger.write(*[pick(1) for _ in range(20)])
    done = threading.Event()

    def push() -> None:
        for seq in range(3, len(ledger.bodies) + 1):
            ledger.push(seq, seq)
        done.set()

    with ThreadPoolExecutor(1) as pool:
        pushing = pool.submit(push)
        looks = 0
        while not done.is_set() or looks == 0:
            page = replica.follow()
            line = msgspec.json.decode(replica.rows["pick_line", "1"])
            assert line["picked"] == min(4, page.hwm - 2)
            looks += 1
        pushing.result()


def test_eight_writers_and_a_reader_that_misses_nothing(site: SmallSite) -> None:
    """Numbers are drawn last, so that a number never becomes visible before a smaller one."""
    for number in range(30):
        site.location(f"L{number}", number)
    writing = threading.Barrier(WRITERS + 1)
    databases = [Database(site.database.url) for _ in range(WRITERS)]

    def write(seed: int) -> None:
        chance, database = random.Random(seed), databases[seed]

        def job(work: UnitOfWork) -> None:
            for code in sorted(chance.sample(range(30), 3)):
                work.conn.execute(
                    t.location.update()
                    .where(t.location.c.site_id == SITE, t.location.c.code == f"L{code}")
                    .values(position=t.location.c.position + 1)
                )
                work.touch("location", f"L{code}")

        writing.wait(timeout=30)
        for _ in range(COMMITS_EACH):
            database.run(SITE, job)

    replica, pages = Replica(site), 0
    with ThreadPoolExecutor(WRITERS) as pool:
        jobs = [pool.submit(write, seed) for seed in range(WRITERS)]
        writing.wait(timeout=30)
        while not all(job.done() for job in jobs):
            replica.follow()
            pages += 1
        for job in jobs:
            job.result()
    for database in databases:
        database.close()
    assert pages > 1
    replica.follow()
    assert replica.rows == fresh(replica, site)
    moved = sum(one["position"] for one in site.rows(t.location) if one["code"].startswith("L"))
    assert moved == sum(range(30)) + WRITERS * COMMITS_EACH * 3
