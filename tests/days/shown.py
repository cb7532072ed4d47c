"""What stands in the terminals' own files after a day, put beside what the store would tell them now."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sync.record.ids import SiteId
from sync.store.database import Database
from sync.store.unit_of_work import feed_position
from sync.store.views import encoded_rows


def rows_not_as_told(url: str, site_id: SiteId, terminals: Path) -> tuple[int, list[str]]:
    """How many terminals have heard everything, and of these each row that the store would tell otherwise today.

    A row that changes without a number is never told again: the terminal's sums would differ for ever.
    """
    database = Database(url)
    try:
        with database.read() as conn:
            head, heard, wrong = feed_position(conn, site_id), 0, []
            for file in sorted(terminals.glob("*/replica.sqlite")):
                with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as replica:
                    ((live, cursor),) = replica.execute("SELECT live, cursor FROM state").fetchall()
                    if not cursor.endswith(f":{head}"):
                        continue
                    heard += 1
                    rows = replica.execute(
                        "SELECT kind, key, data FROM row WHERE generation = ? AND data IS NOT NULL", (live,)
                    ).fetchall()
                of_kind: dict[str, dict[str, bytes]] = {}
                for kind, key, data in rows:
                    of_kind.setdefault(kind, {})[key] = bytes(data)
                for kind, told in of_kind.items():
                    now = encoded_rows(conn, site_id, kind, list(told))
                    wrong += [f"{file.parent.name}: {kind} {key}" for key in told if told[key] != now.get(key)]
            return heard, wrong
    finally:
        database.close()
