"""Real databases for tests: a PostgreSQL server for each test process, and a fresh database in it for each test."""

import getpass
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy.engine import make_url

from sync.store.schema import create_or_upgrade
from tests.laid_out import lay_out_sqlite

HOW_TO_INSTALL = (
    "PostgreSQL's server programs are missing. On Debian: apt-get install postgresql (scripts/test does it)."
)

# Runs beside the server while its standard input is open. A test process that ends, in whatever way, closes it:
# so no server and no folder outlives the tests. On standard output it says "ready", or why the server did not start.
GUARD = r"""
bin=$1 home=$2 settings=$3
end() { "$bin/pg_ctl" stop -D "$home/data" -m immediate -w >>"$home/guard.log" 2>&1; rm -rf "$home"; }
trap end EXIT
if "$bin/initdb" -D "$home/data" -U floorhand -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$home/guard.log" 2>&1 &&
    "$bin/pg_ctl" start -D "$home/data" -w -t 60 -l "$home/server.log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$home' $settings" >>"$home/guard.log" 2>&1
then echo ready; read -r _
else cat "$home/guard.log" "$home/server.log" 2>/dev/null
fi
"""


def _server_programs() -> Path:
    """The folder of initdb, pg_ctl and postgres; Debian keeps them out of PATH, one folder for each version."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not versions:
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    return versions[-1].parent


@contextmanager
def running_server(*settings: str) -> Iterator[Path]:
    """Runs a PostgreSQL server and gives the folder of its Unix socket. The user `floorhand` needs no password.

    ``settings``: how it runs (`name=value`); without any, as tests want it: without `fsync`. It refuses to run as root:
    root hands it to the user `postgres` that Debian's package brings.

    Raises:
        RuntimeError: the server did not start; the text is what it said.
    """
    programs = _server_programs()
    home = Path(tempfile.mkdtemp(prefix="floorhand-postgres-"))
    given = " ".join(f"-c {setting}" for setting in settings or ("fsync=off",))
    command = ["bash", "-c", GUARD, "guard", str(programs), str(home), given]
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *command]
    # A session of its own: Ctrl-C in the terminal ends the tests, and the tests end the server.
    guard = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=home, start_new_session=True, text=True
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    try:
        first_line = guard.stdout.readline()
        if first_line != "ready\n":
            raise RuntimeError(f"PostgreSQL did not start for {getpass.getuser()}:\n{first_line}{guard.stdout.read()}")
        yield home
    finally:
        guard.stdin.close()
        guard.stdout.close()
        guard.wait(timeout=60)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server's maintenance database as an SQLAlchemy URL. Tests want `postgres_database`, which is their own."""
    with running_server() as socket_folder:
        yield _url(socket_folder, "postgres")


def _url(socket_folder: Path, database: str) -> str:
    return f"postgresql+psycopg://floorhand@/{database}?host={socket_folder}"


@pytest.fixture(scope="session")
def _laid_out(postgres_url: str) -> str:
    """The name of a database with the store's tables and no row, to be copied: making them takes much longer."""
    _at_server(postgres_url, f"CREATE DATABASE {LAID_OUT}")
    create_or_upgrade(_named(postgres_url, LAID_OUT))
    return LAID_OUT


LAID_OUT = "laid_out"
_database_numbers = itertools.count(1)


@contextmanager
def _fresh_database(postgres_url: str, template: str) -> Iterator[str]:
    name = f"test_{next(_database_numbers)}"
    _at_server(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(postgres_url, name)
    _at_server(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def _named(postgres_url: str, name: str) -> str:
    return postgres_url.replace("/postgres?", f"/{name}?", 1)


def _at_server(postgres_url: str, statement: LiteralString) -> None:
    with psycopg.connect(postgres_url.replace("postgresql+psycopg", "postgresql", 1), autocommit=True) as server:
        server.execute(statement)


@pytest.fixture
def postgres_database(postgres_url: str, _laid_out: str) -> Iterator[str]:
    """A PostgreSQL database with the store's tables and no row, as an SQLAlchemy URL; it is dropped after the test."""
    with _fresh_database(postgres_url, _laid_out) as url:
        yield url


@pytest.fixture
def empty_postgres_database(postgres_url: str) -> Iterator[str]:
    """The same without any table."""
    with _fresh_database(postgres_url, "template1") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the store's tables and no row, as an SQLAlchemy URL.

    A test that asks for it runs twice, on an SQLite file and on PostgreSQL.
    """
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'floorhand.sqlite'}"
        lay_out_sqlite(make_url(url))
        return url
    fresh: str = request.getfixturevalue("postgres_database")
    return fresh


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same without any table; no SQLite file is there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'floorhand.sqlite'}"
    fresh: str = request.getfixturevalue("empty_postgres_database")
    return fresh
