"""The raw rate: the rows that the store's transactions wrote, inserted once more in the same transactions, bare.

What was written is read from PostgreSQL's own log of changes (a logical replication slot), so that it is all that was
written and nothing else. It goes into copies of the tables with the same columns and indexes; an index that was unique
is not so there, because a row that was changed twice comes twice.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import psycopg
from psycopg import sql

SLOT = "bench"
SETTINGS = ("fsync=on", "wal_level=logical", "max_connections=200", "shared_buffers=512MB", "max_wal_size=4GB")
"""How the bench's PostgreSQL runs: commits are durable, and its log tells what was written."""
_CHANGE = re.compile(r"table public\.(?P<table>\S+): (?P<what>\w+): (?P<columns>.*)", re.DOTALL)
_COLUMN = re.compile(r"(?P<name>\"[^\"]+\"|\w+)\[[^]]+\](?:\[\])?:(?P<value>'(?:[^']|'')*'|\S+)", re.DOTALL)

Values = tuple[str | None, ...]
Written = tuple[str, tuple[str, ...], Values]
"""A row that was written: its table, its columns and their values."""
Transaction = list[Written]


def begin_capture(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SELECT pg_create_logical_replication_slot(%s, 'test_decoding')", (SLOT,))


def captured(url: str) -> list[Transaction]:
    """Every transaction since `begin_capture` that wrote something, in the order of the commits."""
    transactions: list[Transaction] = []
    with psycopg.connect(url, autocommit=True) as conn:
        query = "SELECT data FROM pg_logical_slot_get_changes(%s, NULL, NULL, 'include-xids', '0')"
        for (line,) in conn.cursor().stream(query, (SLOT,)):
            if line == "BEGIN":
                transactions.append([])
            elif line != "COMMIT":
                transactions[-1] += _written(line)
        conn.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))
    return [transaction for transaction in transactions if transaction]


def _written(line: str) -> Iterator[Written]:
    change = _CHANGE.fullmatch(line)
    if change is None or change["what"] == "DELETE":
        return
    columns = change["columns"].partition("new-tuple:")[2] or change["columns"]
    found = list(_COLUMN.finditer(columns))
    yield change["table"], tuple(one["name"].strip('"') for one in found), tuple(_value(one["value"]) for one in found)


def _value(literal: str) -> str | None:
    if literal == "null":
        return None
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal


def replay_s(url: str, transactions: list[Transaction], connections: int) -> float:
    """Seconds to insert everything again, each transaction as one, by so many connections at the same time."""
    _make_copies(url, {row[0] for transaction in transactions for row in transaction})
    todo = iter(transactions)
    guard = threading.Lock()
    start = threading.Barrier(connections + 1)

    def work() -> None:
        with psycopg.connect(url) as conn:
            start.wait(timeout=60)
            while True:
                with guard:
                    transaction = next(todo, None)
                if transaction is None:
                    return
                _insert(conn, transaction)

    with ThreadPoolExecutor(connections) as pool:
        jobs = [pool.submit(work) for _ in range(connections)]
        start.wait(timeout=60)
        begun = time.perf_counter()
        for job in jobs:
            job.result()
        return time.perf_counter() - begun


def _insert(conn: psycopg.Connection, transaction: Transaction) -> None:
    with conn.transaction(), conn.cursor() as cursor:
        for (table, columns), rows in groupby(transaction, key=lambda row: row[:2]):
            cursor.executemany(_statement(table, columns), [values for _, _, values in rows])


def _statement(table: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier("raw", table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )


def _make_copies(url: str, tables: set[str]) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP SCHEMA IF EXISTS raw CASCADE")
        conn.execute("CREATE SCHEMA raw")
        for table in sorted(tables):
            conn.execute(
                sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(
                    sql.Identifier("raw", table), sql.Identifier("public", table)
                )
            )
            query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s"
            for (definition,) in conn.execute(query, (table,)).fetchall():
                bare = definition.replace("UNIQUE ", "").replace(" ON public.", " ON raw.")
                conn.execute(bare.encode())
