"""A database as the store makes it, before its first row: made once for each test process, and copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy.engine import URL

from sync.store.schema import create_or_upgrade


def lay_out_sqlite(url: URL) -> None:
    """Makes the file with its tables where there is none; other databases have theirs already."""
    if url.get_backend_name() == "sqlite" and url.database is not None and not Path(url.database).exists():
        Path(url.database).write_bytes(_sqlite_file())


@cache
def _sqlite_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "floorhand.sqlite"
        create_or_upgrade(f"sqlite:///{path}")
        return path.read_bytes()
