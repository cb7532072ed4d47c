"""`floor store verify`: silent over honest work, and loud over every row that somebody changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from sync.store import tables as t
from sync.store.database import Database
from sync.store.leading.verifying import differences, extent
from tests.store.small_site import NOW, SITE, SmallSite, small_site
from tests.store.worked_mixture import work_a_mixture


def found(database: Database) -> list[str]:
    with database.read() as conn:
        return list(differences(conn, SITE))


def test_honest_work_of_every_kind_is_proved(any_database: str) -> None:
    with small_site(any_database) as site:
        work_a_mixture(site)
        assert found(site.database) == []
        with site.database.read() as conn:
            there = extent(conn, SITE)
    assert (there.streams, there.audit_rows) == (3, 5)
    assert there.entries == site_entries(any_database)


def site_entries(url: str) -> int:
    database = Database(url)
    with database.read() as conn:
        count = int(conn.execute(text("SELECT count(*) FROM event")).scalar_one())
    database.close()
    return count


def test_an_empty_site_is_proved(any_database: str) -> None:
    with small_site(any_database) as site:
        assert found(site.database) == []


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a site that was worked on and that nobody has tampered with."""
    file = tmp_path_factory.mktemp("worked") / "store.sqlite"
    with small_site(f"sqlite:///{file}") as site:
        work_a_mixture(site)
        assert found(site.database) == []
    return file


@pytest.fixture
def store(worked: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "store.sqlite"
    shutil.copy(worked, file)
    database = Database(f"sqlite:///{file}", now=lambda: NOW)
    yield database
    database.close()


def sql(statement: str) -> Callable[[Database], None]:
    def tamper(database: Database) -> None:
        with database.write(SITE) as work:
            assert work.conn.execute(text(statement)).rowcount == 1, statement

    return tamper


PICK = "event_id = (SELECT min(event_id) FROM event WHERE kind = 'picked@1')"
TAMPERINGS: dict[str, tuple[str, str]] = {
    "stock row changed": ("UPDATE stock SET on_hand = on_hand + 1 WHERE location = 'A1'", r"location:A1, item 22720: "),
    "stock row removed": ("DELETE FROM stock WHERE location = 'A2'", r"location:A2, item 22720: 0 pieces by its row"),
    "reservation changed": ("UPDATE stock SET allocated = 7 WHERE location = 'B1'", r"location:B1, .*: 7 reserved"),
    "stock move changed": (
        "UPDATE stock_move SET quantity = 2 WHERE reason = 'pick' AND quantity = 1 AND target LIKE 'tote%'",
        r"it says 1 pieces and moved 2",
    ),
    "stock move removed": (
        "DELETE FROM stock_move WHERE reason = 'pick' AND quantity = 1 AND target LIKE 'tote%'",
        r"it says 1 pieces and moved 0",
    ),
    "stock move added": (
        (
            "INSERT INTO stock_move SELECT site_id, 'nobody', 1, item_id, lot, 1, 'outside', target, reason, at "
            "FROM stock_move WHERE cause = 'opening' AND part = 1"
        ),
        r"stock move nobody 1 .*nothing caused it",
    ),
    "event body changed": (
        (
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'scanned', 'typed') AS BLOB) "
            "WHERE kind = 'picked@1' AND seq = 5"
        ),
        r"stream [0-9a-f]+, entry 5 \(picked@1\): its body or its hash was changed",
    ),
    "event hash changed": (
        f"UPDATE event SET h = '{'0' * 64}' WHERE kind = 'signed_in@1'",
        r"entry 1 \(signed_in@1\): its body or its hash was changed",
    ),
    "event id changed": (
        f"UPDATE event SET event_id = 'another' WHERE {PICK} AND verdict = 'accepted'",
        r"its row says picked@1 another, its body picked@1",
    ),
    "verdict changed": (
        f"UPDATE event SET verdict = 'quarantined' WHERE {PICK} AND verdict = 'accepted'",
        r"its verdict quarantined is not the one that was given",
    ),
    "refusal changed": (
        "UPDATE event SET verdict = 'accepted', reason = NULL WHERE verdict = 'refused'",
        r"\(claimed_list@1\): its verdict accepted is not the one that was given",
    ),
    "reason changed": (
        (
            "UPDATE event SET reason = 'stale-lease' WHERE kind = 'list_handed_over@1' AND reason IS NULL "
            "AND seq = (SELECT min(seq) FROM event WHERE kind = 'list_handed_over@1' AND reason IS NULL)"
        ),
        r"its verdict accepted:stale-lease is not the one",
    ),
    "event deleted": (f"DELETE FROM event WHERE {PICK} AND verdict = 'accepted'", r"entries \d+ to \d+ are missing"),
    "last event deleted": (
        "DELETE FROM event WHERE kind = 'pack_reported@1'",
        r"its mark says \d+ entries \([0-9a-f]+\), there are",
    ),
    "mark changed": ("UPDATE stream SET hwm = hwm + 1 WHERE terminal_id = 'HH-07'", r"its mark says"),
    "stream removed": ("DELETE FROM stream WHERE terminal_id = 'HH-07'", r"stream [0-9a-f]+: \d+ entries, and no mark"),
    "original of a duplicate gone": (
        (
            "DELETE FROM event WHERE verdict <> 'duplicate' AND event_id = "
            "(SELECT event_id FROM event WHERE verdict = 'duplicate')"
        ),
        r"it is a duplicate of an entry that is not there",
    ),
    "duplicate made to count": (
        "UPDATE event SET replayed = 'accepted' WHERE verdict = 'duplicate'",
        r"event \S+: it took effect 2 times",
    ),
    "audit row changed": (
        "UPDATE audit SET who = 'Nobody' WHERE what = 'release'",
        r"audit trail, row 2 .*was changed",
    ),
    "audit detail changed": ("UPDATE audit SET detail = '{}' WHERE what = 'ship'", r"audit trail, row 4 .*was changed"),
    "audit row removed": ("DELETE FROM audit WHERE n = 3", r"audit trail: rows 3 to 3 are missing"),
    "last audit row removed": (
        "DELETE FROM audit WHERE n = 5",
        r"audit trail: 5 rows were written, and the last .* is 4",
    ),
    "ordered changed": (
        "UPDATE order_line SET ordered = ordered + 1 WHERE order_line_id = 1",
        r"import 1 \(orders.csv\): its order lines are not those that came in",
    ),
    "item of a line changed": (
        "UPDATE order_line SET item_id = '21730' WHERE order_line_id = 3",
        r"import 1 \(orders.csv\): its order lines",
    ),
    "order line removed": (
        "DELETE FROM order_line WHERE order_line_id = 4",
        r"import 1 \(orders.csv\): its order lines",
    ),
    **{
        f"{what} of a line changed": (
            f"UPDATE order_line SET {what} = {what} + 1 WHERE order_line_id = {line}",
            rf"order line {line}: \d+ {what} by its row, .*{{}} by the facts".replace("{}", r"\d+"),
        )
        for what, line in (
            ("cancelled", 4),
            ("cut", 3),
            ("short", 1),
            ("allocated", 3),
            ("picked", 1),
            ("packed", 1),
            ("shipped", 2),
        )
    },
    "tote content changed": (
        "UPDATE tote_content SET quantity = quantity + 1 WHERE tote = 'T-2'",
        r"tote:T-2, item 22720",
    ),
    "verified changed": (
        "UPDATE tote_content SET verified = 9 WHERE tote = 'T-2'",
        r"tote T-2, item 22720: .* 9 verified",
    ),
    "carton content changed": (
        "UPDATE carton_content SET quantity = 5 WHERE order_line_id = 1",
        r"carton \d{18}: 8 pieces packed by its row, 7 by the facts",
    ),
    "carton removed": ("DELETE FROM carton", r"carton \d{18}: 0 closed by its row, 1 by the facts"),
    "carton taken back from the carrier": (
        "UPDATE carton SET shipped_at = NULL",
        r"order line 1: 4 shipped by its row, 0",
    ),
    "label counted down": ("UPDATE label SET sent = 1", r"label \d{18}: 1 times sent by its row, 2 by the facts"),
    "label made unproven": ("UPDATE label SET proven_at = NULL", r"label \d{18}: 0 proven by its row"),
    "pick line changed": (
        "UPDATE pick_line SET shorted = 1 WHERE line_id = 1",
        r"pick line 1: 1 shorted by its row, 0",
    ),
    "list made open again": (
        "UPDATE pick_list SET status = 'open', terminal_id = NULL WHERE list_id = 1",
        r"list 1: 1 handings over by its row, at most 0",
    ),
    "list called handed over": (
        "UPDATE pick_list SET status = 'handed_over' WHERE list_id = 3",
        r"list 3: 1 handed over by its row, at most 0",
    ),
    "list counts changed": (
        "UPDATE pick_list SET piece_count = 99 WHERE list_id = 3",
        r"list 3: 99 pieces asked by its row",
    ),
    "cartons of an order changed": (
        "UPDATE orders SET cartons_closed = 2 WHERE order_id = 1",
        r"order 1: 2 closed cartons",
    ),
    "feed turned back": ("UPDATE feed_head SET n = 1", r"feed: its head says 1"),
    "discrepancy of a short changed": (
        "UPDATE discrepancy SET quantity = 9 WHERE kind = 'short-cut'",
        r"it says 1 missing, and its discrepancy says 9",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_row_that_somebody_changed_is_named(name: str, store: Database) -> None:
    statement, says = TAMPERINGS[name]
    assert found(store) == []
    sql(statement)(store)
    told = found(store)
    assert any(re.search(says, one) for one in told), told


def test_many_pages_are_read_like_one(worked: Path, monkeypatch: pytest.MonkeyPatch, store: Database) -> None:
    for module in ("reading", "chains", "record"):
        monkeypatch.setattr(f"sync.store.leading.proof.{module}.PAGE_ROWS", 2)
    assert found(store) == []
    sql(TAMPERINGS["stock move removed"][0])(store)
    assert found(store)


def test_another_sites_rows_are_no_matter_of_this_one(store: Database) -> None:
    with store.write(SITE) as work:
        row = {"site_id": "other", "location": "A1", "item_id": "X", "lot": "", "on_hand": 5, "allocated": 0}
        work.conn.execute(t.stock.insert(), row)
    assert found(store) == []


def test_the_proof_shares_no_code_with_what_it_proves() -> None:
    folder = Path(__file__).parents[2] / "sync" / "store" / "leading"
    sources = [folder / "verifying.py", *(folder / "proof").glob("*.py")]
    imported = {
        name for source in sources for name in re.findall(r"^from (sync\.\S+) import", source.read_text(), re.MULTILINE)
    }
    assert imported == {
        "sync.record.ids",
        "sync.store",
        "sync.store.leading.proof",
        "sync.store.leading.proof.reading",
        "sync.store.leading.proof.tally",
        "sync.store.leading.proof.trips",
    }


def test_a_site_made_row_by_row_needs_no_imports(any_database: str) -> None:
    with small_site(any_database) as site:
        site.stock("A1", "MUG", 5)
        site.order("first", [("MUG", 2)])
        assert isinstance(site, SmallSite)
        assert found(site.database) == []
