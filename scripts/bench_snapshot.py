"""A new terminal fetches everything, end to end: a site with 50,000 open lines, all of them told to this terminal."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from bench_rows import Row, machine, row_of, table

from floor.store_process import StoreProcess
from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import enrol_key
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.schema import create_or_upgrade
from sync.store.unit_of_work import UnitOfWork, one_terminal
from sync.terminal.connection import Connection, Question
from sync.terminal.identity import Identity, save_identity
from sync.terminal.session import open_session
from sync.wire.signing import make_key
from tests.postgres import running_server

RUNS = 5
LINES, LINES_OF_A_LIST, ITEMS, LOCATIONS = 50_000, 20, 5_000, 12_000
SITE, TERMINAL = SiteId("bench"), TerminalId("HH-01")
AT = datetime(2010, 12, 9, 6, 0, tzinfo=UTC)
WORDS = ("WHITE", "RED", "HEART", "LANTERN", "CAKE", "STAND", "MUG", "RETROSPOT", "BAG", "BUNTING", "CLOCK", "GLASS")


def snapshot_rows() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name, running_server() as server:
        for kind in ("SQLite", "PostgreSQL"):
            with database_of(kind, Path(name), server) as url:
                private_key = made(url)
                with StoreProcess(url, SITE) as process:
                    taken = [
                        one_terminal_more(Path(name) / f"{kind}-{n}", process.url, private_key) for n in range(RUNS)
                    ]
            seconds, mebibytes = zip(*taken, strict=True)
            what = f"snapshot for a new terminal, {LINES:,} open lines, {kind}"
            rows += [
                row_of(what, "s", seconds, median_limit=3, with_p99=False),
                row_of(f"{what}: on the wire", "MiB", mebibytes, median_limit=2, with_p99=False),
            ]
    return rows


@contextmanager
def database_of(kind: str, folder: Path, server: Path) -> Iterator[str]:
    if kind == "SQLite":
        yield f"sqlite:///{folder}/snapshot.db"
        return
    with psycopg.connect(f"postgresql://floorhand@/postgres?host={server}", autocommit=True) as conn:
        conn.execute("CREATE DATABASE snapshots")
    yield f"postgresql+psycopg://floorhand@/snapshots?host={server}"


def made(url: str) -> str:
    """A site with everything that a terminal holds; returns the terminal's private key."""
    create_or_upgrade(url)
    database = Database(url)
    private_key = make_key()
    identity = Identity(site_id=SITE, terminal_id=TERMINAL, private_key=private_key)
    chance = random.Random(1)
    try:
        found(database)
        with database.write(SITE) as work:
            make_site(work)
            make_lists(work, chance, make_goods(work, chance))
            enrol_key(work, TERMINAL, identity.public_key, (), "bench")
    finally:
        database.close()
    return private_key


def make_site(work: UnitOfWork) -> None:
    work.insert(t.feed_head, [{"n": 0}])
    site = {
        "name": "Bench",
        "company_prefix": "9521234",
        "sender": ["Bench"],
        "time_zone": "Europe/London",
        "rules": {},
    }
    work.insert(t.site, [site])
    work.touch("site", SITE)


def make_goods(work: UnitOfWork, chance: random.Random) -> list[str]:
    """Items and a location's stock of each; returns the items."""
    items = [f"{10000 + n}{chance.choice('ABCD')}" for n in range(ITEMS)]
    flags = {"sellable": True, "lot_tracked": False, "serial_tracked": False, "expiry_tracked": False}
    named = [
        {"item_id": item, "name": " ".join(chance.sample(WORDS, 4)), "demand_class": None, **flags} for item in items
    ]
    work.insert(t.item, named)
    places = [
        {
            "code": code_of(n),
            "zone_id": "ABC"[n % 3],
            "aisle": code_of(n)[:3],
            "kind": "pick",
            "position": n,
            **dict.fromkeys(("x_m", "y_m", "z_m"), 0.0),
            "check_digits": f"{chance.randrange(100):02d}",
        }
        for n in range(LOCATIONS)
    ]
    work.insert(t.location, places)
    # What a location holds is told with the lines that are picked there.
    held = {"lot": "", "expiry": None, "on_hand": 200, "allocated": 50}
    work.insert(t.stock, [{"location": code_of(n), "item_id": items[n % ITEMS], **held} for n in range(LOCATIONS)])
    for item in items:
        work.touch("item", item)
    for place in places:
        work.touch("location", str(place["code"]))
    return items


def make_lists(work: UnitOfWork, chance: random.Random, items: list[str]) -> None:
    count = LINES // LINES_OF_A_LIST
    work.insert(t.orders, [order_of(n) for n in range(1, count + 1)])
    work.insert(t.pick_list, [list_of(n) for n in range(1, count + 1)])
    work.insert(t.pick_line, [line_of(n, chance, items) for n in range(1, LINES + 1)])
    for n in range(1, count + 1):
        work.touch("pick_list", str(n))
    for n in range(1, LINES + 1):
        work.touch("pick_line", str(n), one_terminal(TERMINAL))


def code_of(n: int) -> str:
    return f"A{n // 400 + 1:02d}-{n // 10 % 40 + 1:02d}-{n % 10}"


def order_of(n: int) -> dict[str, Any]:
    blank = dict.fromkeys(("ship_name", "ship_postcode", "ship_city", "ship_country"), "")
    return {
        "order_id": n, "order_ref": str(536365 + n), "source": "bench", "customer": None, "ordered_at": AT,
        "captured_at": AT, **blank, "ship_lines": [], "service": "NEXTDAY", "cut_off": AT, "priority": 5,
        "status": "open", "cartons_closed": 0,
    }  # fmt: skip


def list_of(n: int) -> dict[str, Any]:
    return {
        "list_id": n, "wave_id": 1, "kind": "piece", "order_id": n, "status": "held", "priority": 5, "cut_off": AT,
        "terminal_id": TERMINAL, "worker_id": "W1", "token": 2, "totes": [f"T-{n:06d}"], "line_count": LINES_OF_A_LIST,
        "piece_count": 100,
    }  # fmt: skip


def line_of(n: int, chance: random.Random, items: list[str]) -> dict[str, Any]:
    place = chance.randrange(LOCATIONS)
    list_id = (n - 1) // LINES_OF_A_LIST + 1
    counts = dict.fromkeys(("passes", "picked", "put", "shorted", "surplus"), 0)
    return {
        "line_id": n, "list_id": list_id, "order_id": list_id, "order_line_id": n, "item_id": items[place % ITEMS],
        "location": code_of(place), "lot": "", "expiry": None, "lots_here": 1, "position": place, **counts,
        "asked": chance.choice((1, 1, 2, 3, 4, 6, 12, 24)), "located": False,
    }  # fmt: skip


def one_terminal_more(folder: Path, url: str, private_key: str) -> tuple[float, float]:
    """Seconds from asking to a replica that answers, and MiB of the snapshot on the wire."""
    identity = Identity(site_id=SITE, terminal_id=TERMINAL, private_key=private_key)
    save_identity(folder, identity)
    session = open_session(folder, site_id=SITE, terminal_id=TERMINAL, store_url=url)
    try:
        begun = time.perf_counter()
        session.start()
        if not session.wait_for(lambda: session.site() is not None, 60):
            raise RuntimeError(f"no snapshot came: {session.link().problem}")
        took = time.perf_counter() - begun
        if len(session.rows("pick_line")) != LINES:
            raise RuntimeError("the snapshot is not whole")
    finally:
        session.close()
    return took, wire_bytes(url, identity) / 2**20


def wire_bytes(url: str, identity: Identity) -> int:
    """What a snapshot is on the wire, its head left out."""
    pieces: list[int] = []
    connection = Connection(url, identity)
    connection.ask(
        Question(
            method="GET",
            path="/v1/snapshot",
            headers={"Accept-Encoding": "gzip"},
            params=[("stream_id", "0" * 32)],
            take=lambda piece, _encoding: pieces.append(len(piece)),
        )
    )
    connection.close()
    return sum(pieces)


if __name__ == "__main__":
    print(table(snapshot_rows(), machine()))
