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

import psycopg
import pytest

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


_database_numbers = itertools.count(1)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database as an SQLAlchemy URL; it is dropped after the test."""
    database = f"test_{next(_database_numbers)}"
    plain_url = postgres_url.replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(plain_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {database}")
    yield postgres_url.replace("/postgres?", f"/{database}?", 1)
    with psycopg.connect(plain_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database as an SQLAlchemy URL; a test that asks for it runs twice, on a SQLite file and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'floorhand.sqlite'}"
    url: str = request.getfixturevalue("postgres_database")
    return url
