"""A PostgreSQL server that can be stopped, killed, copied into a standby and failed over to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.postgres import _server_programs

_START_S = 60.0
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # processes are killed here, never the machine
    "wal_level": "replica",
    "max_wal_senders": "4",
    "lock_timeout": "0",
}


class PostgresRun:
    """``url`` is that of its database `floorhand`, for SQLAlchemy. It ends with the process that made it."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="floorhand-faults-"))
        self._programs = _server_programs()
        self._process: subprocess.Popen[bytes] | None = None
        self.database = "floorhand"
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres", "postgres")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://floorhand@/{self.database}?host={self.home}"

    def make(self) -> None:
        """A fresh server with an empty database."""
        self._run("initdb", "-U", "floorhand", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        self.sql("CREATE DATABASE floorhand", database="postgres")

    def start(self) -> None:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self.home / "data"), *settings]
        # A fast shutdown when the process that runs this ends, in whatever way.
        guarded = ["setpriv", "--pdeathsig", "INT", *_as_postgres(), "--", *command]
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*guarded, "-c", f"unix_socket_directories={self.home}"], cwd=self.home, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {(self.home / 'server.log').read_text()[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self.sql("SELECT 1", database="postgres")
        except psycopg.OperationalError:
            return False
        return True

    def sql(self, statement: str, *, database: str | None = None) -> None:
        with psycopg.connect(
            f"postgresql://floorhand@/{database or self.database}?host={self.home}", autocommit=True
        ) as conn:
            conn.execute(statement)

    def connect(self) -> psycopg.Connection:
        """A session of its own, to hold locks and transactions open with."""
        return psycopg.connect(f"postgresql://floorhand@/{self.database}?host={self.home}")

    def stop(self, *, at_once: bool = False) -> None:
        """A fast shutdown, or an immediate one: every session is cut, and the next start recovers."""
        self._end(signal.SIGQUIT if at_once else signal.SIGINT)

    def kill_session(self) -> bool:
        """SIGKILL to one session of the store: the server throws out all others and recovers, as after a crash.

        False: the store had none.
        """
        for child in self._children():
            name = Path(f"/proc/{child}/cmdline")
            if name.exists() and b"floorhand floorhand" in name.read_bytes():
                os.kill(child, signal.SIGKILL)
                return True
        return False

    def kill(self) -> None:
        """SIGKILL to the server and all of its processes."""
        children = self._children()
        self._end(signal.SIGKILL)
        for child in children:
            if Path(f"/proc/{child}").exists():
                os.kill(child, signal.SIGKILL)
        (self.home / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _children(self) -> list[int]:
        pid = self._pid()
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def cut_sessions(self) -> None:
        self.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'",
            database="postgres",
        )

    def copy_database(self, name: str) -> None:
        """What it holds now, as another database: nobody may be connected."""
        self.cut_sessions()
        self.sql(f"CREATE DATABASE {name} TEMPLATE {self.database}", database="postgres")

    def put_back(self, name: str) -> None:
        """The copy in the place of the database."""
        self.sql(f"DROP DATABASE {self.database} WITH (FORCE)", database="postgres")
        self.sql(f"CREATE DATABASE {self.database} TEMPLATE {name}", database="postgres")

    def standby(self) -> PostgresRun:
        """A second server that follows this one, running."""
        second = PostgresRun()
        target = str(second.home / "data")
        command = [str(self._programs / "pg_basebackup"), "-D", target, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        second._as_user([*command, "-h", str(self.home), "-U", "floorhand"])
        second.start()
        return second

    def is_level_with(self, primary: PostgresRun) -> bool:
        with psycopg.connect(f"postgresql://floorhand@/postgres?host={primary.home}") as conn:
            (here,) = conn.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
        with psycopg.connect(f"postgresql://floorhand@/postgres?host={self.home}") as conn:
            found = conn.execute(f"SELECT coalesce(pg_last_wal_replay_lsn() >= '{here}'::pg_lsn, false)").fetchone()
        return bool(found and found[0])

    def stop_following(self) -> None:
        """From now on the standby lags: the line to its primary is down."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''", database="postgres")
        self.sql("SELECT pg_reload_conf()", database="postgres")
        deadline = time.monotonic() + _START_S
        with psycopg.connect(f"postgresql://floorhand@/postgres?host={self.home}", autocommit=True) as conn:
            while conn.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchone() is not None:
                if time.monotonic() > deadline:
                    raise RuntimeError("the standby does not stop following")
                time.sleep(0.05)

    def promote(self) -> None:
        self.sql("SELECT pg_promote(true, 60)", database="postgres")

    def close(self) -> None:
        if self._process is not None:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.home, ignore_errors=True)

    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_START_S)
            self._process = None

    def _run(self, program: str, *options: str) -> None:
        self._as_user([str(self._programs / program), "-D", str(self.home / "data"), *options])

    def _as_user(self, command: list[str]) -> None:
        user = ["setpriv", *_as_postgres(), "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*user, *command], cwd=self.home, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root: root hands it to the user that Debian's package brings."""
    return ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
