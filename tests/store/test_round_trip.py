"""Statements that go to PostgreSQL together: what is written and read, and what an error in their midst leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Connection, Select, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import BigInteger, DateTime, String

from sync.store import pipeline
from sync.store.database import Database
from sync.store.round_trip import RoundTrip, RowDict, round_trip

HOSTILE = ["plain", "", "a,b", 'say "so"', "back\\slash", "{}", "NULL", "new\nline", "Ärger 物 🧊", "'; --"]
LARGE = 400_000


@pytest.fixture
def database(postgres_database: str) -> Iterator[Database]:
    database = Database(postgres_database)
    yield database
    database.close()


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as conn:
        yield conn


TEXTS = select(func.unnest(bindparam("texts", type_=ARRAY(String()))).column_valued("text"))
NUMBERS = select(func.unnest(bindparam("numbers", type_=ARRAY(BigInteger()))).column_valued("number"))
ONE = cast(
    "Select[Any]",
    select(bindparam("text", type_=String()).label("text"), bindparam("at", type_=DateTime(timezone=True)).label("at")),
)


class Heard(list[list[Any]]):
    def __call__(self, rows: list[RowDict]) -> None:
        self.append([value for row in rows for value in row.values()])


def test_values_come_back_as_they_were_given(conn: Connection) -> None:
    heard, at = Heard(), datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
    with round_trip(conn) as trip:
        trip.ask(TEXTS, {"texts": HOSTILE}, heard)
        trip.ask(TEXTS, {"texts": []}, heard)
        trip.ask(NUMBERS, {"numbers": [0, -1, 2**63 - 1]}, heard)
        trip.ask(ONE, {"text": None, "at": at}, heard)
        assert heard == []
    assert heard == [HOSTILE, [], [0, -1, 2**63 - 1], [None, at]]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_text_alone_comes_back_as_it_was_given(conn: Connection, hostile: str) -> None:
    heard = Heard()
    with round_trip(conn) as trip:
        trip.ask(ONE, {"text": hostile, "at": None}, heard)
    assert heard == [[hostile, None]]


def test_a_zero_byte_is_refused_before_anything_is_sent(conn: Connection) -> None:
    with pytest.raises(DBAPIError, match="NUL"), round_trip(conn) as trip:
        trip.ask(ONE, {"text": "a\0b", "at": None}, Heard())
    assert is_usable(conn)


def test_what_is_written_and_read_may_be_larger_than_any_buffer_on_the_way(conn: Connection) -> None:
    heard, texts = Heard(), [f"{number:05}" * (LARGE // 5) for number in range(8)]
    with round_trip(conn) as trip:
        for text in texts:
            trip.ask(ONE, {"text": text, "at": None}, heard)
    assert [text for text, _ in heard] == texts


def test_one_that_is_not_taken_stops_all_behind_it_and_the_connection_goes_on(conn: Connection) -> None:
    conn.exec_driver_sql("CREATE TEMP TABLE kept (n int PRIMARY KEY)")
    conn.commit()
    heard = Heard()

    def both() -> None:
        with round_trip(conn) as trip:
            trip.say("INSERT INTO kept VALUES (%s)", [1])
            trip.say("INSERT INTO kept VALUES (%s)", [1])
            trip.ask(TEXTS, {"texts": ["x"]}, heard)

    with pytest.raises(DBAPIError) as refused:
        both()
    assert isinstance(refused.value.orig, psycopg.errors.UniqueViolation)
    assert refused.value.orig.sqlstate == "23505"
    conn.rollback()
    assert (heard, kept(conn)) == ([], [])
    say_kept(conn, 2)
    conn.commit()
    assert kept(conn) == [2]


def test_what_was_taken_back_to_a_savepoint_is_gone_and_the_rest_stays(conn: Connection) -> None:
    conn.exec_driver_sql("CREATE TEMP TABLE kept (n int PRIMARY KEY)")
    say_kept(conn, 1)
    taken_back = conn.begin_nested()
    say_kept(conn, 2)
    taken_back.rollback()
    for number in (3, 4, 5, 6, 7, 8, 9):
        say_kept(conn, number)  # psycopg has had the server forget what it had prepared
    conn.commit()
    assert kept(conn) == [1, 3, 4, 5, 6, 7, 8, 9]


def test_statements_are_found_again_after_psycopg_has_had_all_forgotten(conn: Connection) -> None:
    for _ in range(8):
        assert conn.execute(select(literal(1))).scalar_one() == 1  # often enough to be prepared by psycopg
    assert is_usable(conn)
    conn.rollback()
    assert is_usable(conn)


def test_statements_are_prepared_anew_after_a_while(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_usable(conn)
    before = prepared(conn)
    assert is_usable(conn)
    assert prepared(conn) == before
    monkeypatch.setattr(pipeline, "KEPT_S", 0)
    assert is_usable(conn)
    assert prepared(conn) == before  # not in the middle of a transaction
    conn.commit()
    assert is_usable(conn)
    assert len(prepared(conn)) == len(before)
    assert not prepared(conn) & before


def test_what_was_aborted_is_taken_back_although_the_time_of_its_statements_is_over(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with round_trip(conn) as trip:
        trip.say("SAVEPOINT marked")
    with pytest.raises(DBAPIError, match="division"):
        conn.exec_driver_sql("SELECT 1/0")
    monkeypatch.setattr(pipeline, "KEPT_S", 0)
    with round_trip(conn) as trip:
        trip.say("ROLLBACK TO SAVEPOINT marked")
    assert is_usable(conn)


def test_a_connection_that_the_database_has_ended_is_told_and_replaced(database: Database) -> None:
    with database.engine.connect() as conn, database.engine.connect() as other:
        assert is_usable(conn)
        conn.commit()
        number = conn.execute(select(func.pg_backend_pid())).scalar_one()
        other.execute(select(func.pg_terminate_backend(number, 5000)))
        with pytest.raises(DBAPIError) as lost, round_trip(conn) as trip:
            trip.ask(TEXTS, {"texts": ["x"]}, Heard())
        assert lost.value.connection_invalidated
    with database.engine.connect() as conn:
        assert is_usable(conn)


def test_it_begins_the_transaction_that_it_is_the_first_of(conn: Connection) -> None:
    assert is_usable(conn)
    heard = Heard()
    begun = select((func.now() != func.statement_timestamp()).label("begun_before"))
    with round_trip(conn) as trip:
        trip.ask(begun, {}, heard)
    assert heard == [[True]]


def is_usable(conn: Connection) -> bool:
    heard = Heard()
    with round_trip(conn) as trip:
        trip.ask(TEXTS, {"texts": ["x", "y"]}, heard)
    return heard == [["x", "y"]]


def say_kept(conn: Connection, number: int) -> None:
    with round_trip(conn) as trip:
        assert isinstance(trip, RoundTrip)
        trip.say("INSERT INTO kept VALUES (%s)", [number])


def prepared(conn: Connection) -> set[str]:
    found = conn.exec_driver_sql("SELECT name FROM pg_prepared_statements WHERE name LIKE 'floorhand%%'").scalars()
    return set(found)


def kept(conn: Connection) -> list[int]:
    return list(conn.exec_driver_sql("SELECT n FROM kept ORDER BY n").scalars())
