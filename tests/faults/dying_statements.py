"""SIGKILL to a process of the store before its n-th statement, or before the commit itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event

from sync.store.pipeline import Pipeline


def die_at_statement(number: int, is_armed: Callable[[], bool] = lambda: True) -> None:
    """From now on every commit counts, and of statements those that write on SQLite, and all on PostgreSQL.

    There they are counted at the driver, and in `Pipeline`, which goes past it and SQLAlchemy.
    """
    counted = {"statements": 0}

    def one_more() -> None:
        if is_armed():
            counted["statements"] += 1
            if counted["statements"] == number:
                os.kill(os.getpid(), signal.SIGKILL)

    def executed(conn: Connection, *_: Any) -> None:
        if conn.dialect.name == "sqlite" and conn.get_execution_options().get("floorhand_write"):
            one_more()

    def committed(conn: Connection) -> None:
        if conn.get_execution_options().get("floorhand_write"):
            one_more()

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committed)
    driver: Any = psycopg.Cursor
    for name in ("execute", "executemany"):
        setattr(driver, name, _counted(getattr(driver, name), one_more))
    pipeline: Any = Pipeline
    pipeline.say = _counted(pipeline.say, one_more)


def _counted(function: Callable[..., Any], one_more: Callable[[], None]) -> Callable[..., Any]:
    def wrapped(*given: Any, **named: Any) -> Any:
        one_more()
        return function(*given, **named)

    return wrapped
