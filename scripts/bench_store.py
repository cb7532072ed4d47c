"""The store's numbers: each real day imported, allocated and released, on a fresh SQLite file and on PostgreSQL."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from bench_rows import Row, row_of

from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.importers.importing import import_file
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.schema import create_or_upgrade
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import demo_warehouse
from tests.days.released import ONLINE_RETAIL, SITE
from tests.postgres import running_server
from tests.store.order_files import DAYS

RUNS = 3
_numbers = count(1)


def day_rows() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name, running_server() as server:
        for kind in ("SQLite", "PostgreSQL"):
            for day in DAYS:
                timed = []
                for _ in range(RUNS + 1):
                    with fresh(kind, Path(name), server) as url:
                        timed.append(one_day(url, day))
                imports, releases = zip(*timed[1:], strict=True)
                rows += [
                    row_of(f"importing {day.stem}, {kind}", "s", imports, median_limit=3, with_p99=False),
                    row_of(
                        f"allocating and releasing {day.stem}, {kind}", "s", releases, median_limit=3, with_p99=False
                    ),
                ]
    return rows


@contextmanager
def fresh(kind: str, folder: Path, server: Path) -> Iterator[str]:
    """An empty database."""
    name = f"bench_{next(_numbers)}"
    if kind == "SQLite":
        yield f"sqlite:///{folder / name}.db"
        return
    with psycopg.connect(f"postgresql://floorhand@/postgres?host={server}", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://floorhand@/{name}?host={server}"
    with psycopg.connect(f"postgresql://floorhand@/postgres?host={server}", autocommit=True) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def one_day(url: str, day: Path) -> tuple[float, float]:
    """Seconds to import the day, and to allocate and release it; commits included, the warehouse made before."""
    file = (day.name, day.read_bytes())
    create_or_upgrade(url)
    database = Database(url)
    try:
        found(database)
        with database.write(SITE) as work:
            demo_warehouse(work, read_catalogue(ONLINE_RETAIL, [file]))
        begun = time.perf_counter()
        with database.write(SITE) as work:
            import_file(work, ONLINE_RETAIL, *file)
        imported = time.perf_counter()
        with database.write(SITE) as work:
            allocate(work)
            release(work)
        return imported - begun, time.perf_counter() - imported
    finally:
        database.close()
