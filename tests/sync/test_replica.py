"""What the store said is taken over whole or not at all."""

from __future__ import annotations

from pathlib import Path

from sync.record.ids import BadgeCode, Gtin, ItemId, LocationCode
from sync.terminal.session import TerminalSession
from tests.sync.conftest import Connect
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import WORKER, claimed, item, location, picked


def follow(session: TerminalSession, rounds: int = 1) -> None:
    assert session.downloader is not None
    for _ in range(rounds):
        session.downloader.round()


def catch_up(session: TerminalSession, store: TinyStore) -> None:
    for _ in range(100):
        follow(session)
        if session._record.replica.picture().cursor == f"{store.incarnation}:{store.kept.head}":
            return
    raise AssertionError("the replica does not get to the head of the feed")


def test_rows_are_found_by_what_is_scanned(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    follow(session)
    assert session.item_by_gtin(Gtin("00000000000002")) == item(2)
    assert session.item_by_gtin(Gtin("90000000000002")) == item(2)
    assert session.item_by_gtin(Gtin("00000000000099")) is None
    worker = session.worker_by_badge(BadgeCode("B-1001"))
    assert worker is not None
    assert session.worker(worker.worker_id) == worker
    assert session.location(LocationCode("A01-001")) == location(1)
    assert session.open_list_count() == 1


def test_a_changed_row_is_no_longer_found_by_its_old_code(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    follow(session)
    changed = item(50)
    store.drop("item", "I1")
    store.tell(type(changed)(item_id=ItemId("I2"), name="new", barcodes=changed.barcodes, weight_g=1))
    follow(session)
    assert session.item(ItemId("I1")) is None
    assert session.item_by_gtin(Gtin("00000000000002")) is None
    found = session.item_by_gtin(Gtin("00000000000050"))
    assert found is not None
    assert found.item_id == "I2"


def test_a_new_incarnation_replaces_everything_at_once_page_by_page(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    catch_up(session, store)
    backup = store.backup()
    store.tell(item(77))
    follow(session)
    store.restore(backup)
    store.page_rows = 2
    rounds = 0
    while session.item(ItemId("I77")) is not None:
        assert session.item(ItemId("I1")) == item(1), "never an empty replica on the way"
        assert session._record.replica.picture().cursor != f"{store.incarnation}:{store.kept.head}", (
            "a row is left over"
        )
        follow(session)
        rounds += 1
    assert rounds > 3
    assert session.item(ItemId("I1")) == item(1)
    assert session.open_list_count() == 1


def test_a_reset_broken_off_by_a_restart_leaves_the_old_picture(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    catch_up(session, store)
    store.tell(item(77))
    follow(session)
    store.restore(store.backup())
    store.drop("item", "I77")
    store.page_rows = 2
    follow(session, 3)
    session.close()
    again = connect(start=False)
    assert again.item(ItemId("I77")) == item(77)
    catch_up(again, store)
    assert again.item(ItemId("I77")) is None
    assert again.item(ItemId("I3")) == item(3)
    generations = again._record.replica.file.rows("SELECT count(DISTINCT generation) FROM row")
    assert generations == [(1,)], "what was staged or replaced is swept away"


def test_a_longer_catch_up_is_taken_over_in_one_step(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    catch_up(session, store)
    store.page_rows = 2
    store.drop("item", "I1")
    store.tell(*(item(number) for number in range(60, 65)))
    follow(session, 2)
    assert session.item(ItemId("I1")) is not None
    assert session.item(ItemId("I60")) is None
    follow(session)
    assert session.item(ItemId("I1")) is None
    assert session.item(ItemId("I64")) == item(64)
    assert session.item_by_gtin(Gtin("00000000000060")) == item(60)


def test_kinds_of_a_newer_store_are_ignored_and_unreadable_rows_are_named(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    store.tell_raw("drone", "D1", b'{"height_m":3}')
    store.tell_raw("item", "I1", b'{"item_id":7}')
    follow(session)
    assert session.item(ItemId("I2")) == item(2)
    assert session.item(ItemId("I1")) is None
    assert "1 rows" in (session.link().problem or "")


def test_a_restored_store_gets_again_what_it_had_lost(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    assert session.uploader is not None
    catch_up(session, store)
    session.record([claimed()], worker_id=WORKER)
    session.uploader.round()
    catch_up(session, store)
    backup = store.backup()
    session.record([picked(1), picked(1)], worker_id=WORKER)
    session.uploader.round()
    catch_up(session, store)
    store.restore(backup)
    catch_up(session, store)
    assert store.line(1).picked == 0
    walk = session.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2, "what was picked stays picked on the screen"
    assert session.link().undelivered == 2
    session.uploader.round()
    catch_up(session, store)
    assert store.line(1).picked == 2
    walk = session.held_walk()
    assert walk is not None
    assert walk.lines[0].picked == 2


def test_a_damaged_replica_is_put_aside_and_fetched_again(store: TinyStore, connect: Connect, tmp_path: Path) -> None:
    session = connect(start=False)
    catch_up(session, store)
    session.close()
    path = tmp_path / "HH-01" / "replica.sqlite"
    path.write_bytes(b"not a database, not at all" * 100)
    again = connect(start=False)
    assert again.site() is None
    catch_up(again, store)
    assert again.item(ItemId("I1")) == item(1)
    assert path.with_name("replica.sqlite.damaged").exists()
