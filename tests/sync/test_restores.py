"""A store that was put back to yesterday gets again what it lost, and gives nothing out twice."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from sync.record.facts import ClaimedSsccs
from sync.store import tables as t
from sync.store.changes import incarnation
from sync.store.database import Database
from sync.store.keeping.backing_up import BackupRefused, copy_file, note_backup
from sync.store.keeping.restoring import GAP, restored
from sync.terminal.session import TerminalSession
from sync.terminal.verdicts import KEPT_IF_SAFE_MS
from tests.store.floor_ledger import bind, claim, pick, put
from tests.store.small_site import SmallSite, small_site
from tests.sync.real_store import WORKER, RealStore, down, real_store, settle, up


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]  # a context manager's value
    with real_store(f"sqlite:///{tmp_path / 'store.db'}") as made:
        yield made


def picked(store: RealStore, line_id: int = 1) -> int:
    return int(store.site.rows(t.pick_line, line_id=line_id)[0]["picked"])


def shown(session: TerminalSession) -> list[int]:
    walk = session.held_walk()
    return [] if walk is None else [line.picked for line in walk.lines]


def replica(session: TerminalSession) -> dict[tuple[str, str], bytes]:
    return {(kind, key): data for kind, key, data in session._record.replica.rows_behind("", "", 10_000)}


def yesterday_and_today(store: RealStore, tmp_path: Path) -> tuple[TerminalSession, TerminalSession, Path]:
    """A backup in the middle of a morning, and what two terminals did after it."""
    one, other = store.terminal(tmp_path / "one"), store.terminal(tmp_path / "other", "HH-08")
    settle(one, other)
    one.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    settle(one, other)
    backup = tmp_path / "yesterday.db"
    copy_file(store.site.database, backup)
    one.record([pick(2), put(3)], worker_id=WORKER)
    other.record([claim(2), bind("T-2", 2), pick(1, 3), ClaimedSsccs(count=5)], worker_id=WORKER)
    settle(one, other)
    return one, other, backup


@pytest.mark.parametrize("told", [True, False], ids=["with the command", "the command forgotten"])
def test_terminals_send_again_what_a_backup_lacks(store: RealStore, tmp_path: Path, told: bool) -> None:
    one, other, backup = yesterday_and_today(store, tmp_path)
    before = store.site.rows(t.event)
    store.put_back(backup)
    assert picked(store) == 1
    if told:
        restored(store.site.database, by="Ada")
    down(one)
    down(one)
    assert shown(one) == [3, 0], "what was picked stays picked on the screen"
    settle(one, other)
    assert (picked(store), picked(store, 3)) == (3, 1)
    assert shown(one) == [3, 0]
    assert {row["event_id"] for row in store.site.rows(t.event)} == {row["event_id"] for row in before}
    assert store.site.differences() == []
    fresh = store.terminal(tmp_path / "fresh", "HH-07")
    down(fresh)
    assert replica(one) == replica(fresh), "nothing is left of what the store no longer has"
    for session in (one, other, fresh):
        session.close()


@pytest.mark.parametrize("told", [True, False], ids=["with the command", "the command forgotten"])
def test_what_was_given_out_after_the_backup_is_not_given_out_again(
    store: RealStore, tmp_path: Path, told: bool
) -> None:
    one, other, backup = yesterday_and_today(store, tmp_path)
    leased = store.site.rows(t.sscc_range)[0]
    tokens = {row["list_id"]: row["token"] for row in store.site.rows(t.pick_list)}
    store.put_back(backup)
    if told:
        restored(store.site.database, by="Ada")
    else:
        down(other)  # it is the first that knows more than the store
    with store.site.database.read() as conn:
        assert incarnation(conn) != "first"
    settle(one, other)
    again = store.site.rows(t.sscc_range)
    assert all(row["first"] > leased["last"] for row in again)
    assert all(row["token"] > tokens[row["list_id"]] for row in store.site.rows(t.pick_list))
    with store.site.write() as work:
        assert all(work.allot(name) > GAP for name in ("order", "pick_list", "pick_line", "wave", "sscc_range"))
    trail = store.site.rows(t.audit)
    assert [(row["what"], row["who"]) for row in trail] == [("restored", "Ada" if told else "store")]
    one.close()
    other.close()


def test_the_step_of_carton_numbers_leaves_a_short_range_usable(any_database: str) -> None:
    with small_site(any_database) as site:
        _made_known(site)
        site.change(t.site, {"company_prefix": "9521234567"})
        restored(site.database, by="Ada")
        with site.write() as work:
            assert work.allot("sscc") == 10_001
            assert work.allot("wave") == GAP + 1
            assert work.allot("audit") == 2


def test_a_restore_is_noticed_by_one_whose_facts_were_all_in_the_backup(store: RealStore, tmp_path: Path) -> None:
    """Others have moved the feed beyond its cursor meanwhile: only the sums tell that its rows are of another time."""
    idle = store.terminal(tmp_path / "idle", "HH-09")
    one, other, backup = yesterday_and_today(store, tmp_path)
    settle(idle)
    store.put_back(backup)
    for n in range(60):
        with store.site.write() as work:
            work.upsert(t.tote, [{"tote": f"N{n}", "status": "empty", "labels_sent": 0, "label_proven": False}])
            work.touch("tote", f"N{n}")
    with store.site.database.read() as conn:
        head = conn.execute(select(t.feed_head.c.n)).scalar_one()
    assert head > int((idle._record.replica.picture().cursor or ":0").partition(":")[2])
    assert idle.downloader is not None
    idle.downloader.check_soon()
    settle(idle)
    fresh = store.terminal(tmp_path / "fresh", "HH-09")
    down(fresh)
    assert replica(idle) == replica(fresh)
    for session in (one, other, idle, fresh):
        session.close()


def test_a_backup_that_was_read_lets_terminals_forget_earlier(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "one")
    settle(session)
    session.record([claim(1), bind(), pick(1)], worker_id=WORKER)
    settle(session)
    copy_file(store.site.database, tmp_path / "b.db")
    copy = Database(f"sqlite:///{tmp_path / 'b.db'}")
    noted = note_backup(store.site.database, copy)
    copy.close()
    assert (noted.streams, noted.entries) == (1, 3)
    session.record([pick(1)], worker_id=WORKER)
    settle(session)
    ledger, verdicts = session._record.ledger, session._record.verdicts
    assert ledger.safe_seq() == 3
    with ledger.file.transaction() as db:
        db.execute("UPDATE verdict SET told = 1")
    assert verdicts.purge(reflected_seq=4, boot_id="next", since_boot_ms=KEPT_IF_SAFE_MS // 2) == 0
    assert verdicts.purge(reflected_seq=4, boot_id="third", since_boot_ms=KEPT_IF_SAFE_MS) == 3
    assert ledger.base().seq == 3
    ledger.verify()
    session.close()


def test_a_copy_of_another_store_or_a_damaged_one_is_not_believed(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "one")
    session.record([claim(1)], worker_id=WORKER)
    settle(session)
    session.close()
    database = store.site.database
    copy_file(database, tmp_path / "b.db")
    with pytest.raises(BackupRefused, match="there already"):
        copy_file(database, tmp_path / "b.db")
    shutil.copy(tmp_path / "b.db", tmp_path / "foreign.db")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as raw, raw:
        raw.execute("UPDATE store SET incarnation = 'another'")
    with pytest.raises(BackupRefused, match="another store"):
        note_backup(database, Database(f"sqlite:///{tmp_path / 'foreign.db'}"))
    broken = bytearray((tmp_path / "b.db").read_bytes())
    broken[8192:12288] = bytes(4096)
    (tmp_path / "broken.db").write_bytes(broken)
    with pytest.raises(BackupRefused, match="damaged"):
        note_backup(database, Database(f"sqlite:///{tmp_path / 'broken.db'}"))
    with store.site.write() as work:  # an entry that is another one than the copy's does not count as safe
        work.conn.execute(update(t.event).values(h="f" * 64))
    copy = Database(f"sqlite:///{tmp_path / 'b.db'}")
    assert note_backup(database, copy).streams == 0
    copy.close()


def _made_known(site: SmallSite) -> None:
    with site.write() as work:
        work.conn.execute(t.store.insert().values(one=1, incarnation="first", created_at=work.now))


def test_a_terminal_that_is_alone_offers_its_facts_again(store: RealStore, tmp_path: Path) -> None:
    session = store.terminal(tmp_path / "one")
    settle(session)
    empty = tmp_path / "empty.db"
    copy_file(store.site.database, empty)
    session.record([claim(1), bind(), pick(2)], worker_id=WORKER)
    settle(session)
    store.put_back(empty)
    session.record([pick(1)], worker_id=WORKER)
    up(session)  # a gap: the store lacks what came before
    settle(session)
    assert picked(store) == 3
    session.close()
