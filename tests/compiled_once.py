"""Statements are put into words once for each test process.

Tests open thousands of engines, and SQLAlchemy keeps what it has compiled with each: a third of the time went there.
Engines of one kind are made with the same settings (`sync.store.database`), so that they may share it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import Dialect

_dialects: dict[str, Dialect] = {}
_compiled: dict[Any, Any] = {}


def share_what_is_compiled() -> None:
    event.listen(Engine, "engine_connect", _share)


def _share(conn: Connection) -> None:
    """The first engine of a kind gives its dialect, which has met its database by now, to all later ones."""
    shared = _dialects.setdefault(f"{conn.dialect.name}+{conn.dialect.driver}", conn.dialect)
    if "compiled_cache" not in conn.engine.get_execution_options():
        conn.engine.dialect = shared
        conn.engine.update_execution_options(compiled_cache=_compiled)
    conn.dialect = shared
    conn.execution_options(compiled_cache=_compiled)
