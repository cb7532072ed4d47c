"""The database fixtures: real, fresh, and gone afterwards."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text

from sync.store import tables as t
from tests.postgres import running_server

REPOSITORY = Path(__file__).parents[2]

# Starts a server, says where, and waits to be killed.
HOLDER = """
from tests.postgres import running_server
with running_server() as home:
    print(home, (home / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    input()
"""


def test_an_empty_database_is_empty_and_keeps_what_is_written(empty_database: str) -> None:
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE tote (lpn TEXT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO tote VALUES ('T-000193')"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT lpn FROM tote")).scalars().all() == ["T-000193"]
    engine.dispose()


def test_any_database_has_the_tables_of_the_store_and_no_row(any_database: str) -> None:
    engine = create_engine(any_database)
    with engine.connect() as connection:
        assert {*t.metadata.tables} < {*inspect(connection).get_table_names()}
        assert [name for name, table in t.metadata.tables.items() if connection.execute(select(table)).first()] == []
    engine.dispose()


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_postgres_database_has_nothing_of_the_test_before(postgres_database: str, time: str) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE of_this_test (sscc TEXT)"))
        assert connection.execute(text("SHOW server_encoding")).scalar_one() == "UTF8"
    engine.dispose()


def test_a_server_is_gone_with_its_folder_when_its_tests_are_done() -> None:
    with running_server() as home:
        server = (home / "data" / "postmaster.pid").read_text().split()[0]
        assert _is_running(server)
    assert not _is_running(server)
    assert not home.exists()


def test_a_server_is_gone_with_its_folder_when_its_tests_are_killed() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    home, server = holder.stdout.readline().split()
    assert _is_running(server)
    holder.kill()
    # The guard has the holder's standard error: it is at its end only when the guard, too, is done.
    holder.communicate(timeout=60)
    assert holder.returncode == -signal.SIGKILL
    assert not _is_running(server)
    assert not Path(home).exists()


def _is_running(pid: str) -> bool:
    """A process that has ended may stay listed as a zombie (Z) where nobody collects orphans, as in a container."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
