"""`floor store serve`: several workers over one PostgreSQL, one process over an SQLite file, and a clean end."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select as select_rows
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from sync.record.ids import TerminalId
from sync.store import tables as t
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.schema import create_or_upgrade
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, pick
from tests.store.serving import Client, push_body
from tests.store.small_site import SmallSite, small_site

WITHOUT_CERTIFICATE = """
import socket, sys
from pathlib import Path
from sync.store.api.access import BY_CODE
from sync.store.api.supervisor import Service, Supervisor, WorkerFailed
from sync.store.access.tls import ServerCertificate
if __name__ == "__main__":
    missing = ServerCertificate(certificate=Path(sys.argv[2]), key=Path(sys.argv[2]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        try:
            Supervisor(Service(sys.argv[1], BY_CODE, missing), listener, 2).run(lambda: None)
        except WorkerFailed:
            print("a worker failed")
"""
TERMINALS = 6
EACH = 40


@pytest.fixture
def site(postgres_database: str) -> Iterator[SmallSite]:
    create_or_upgrade(postgres_database)
    with small_site(postgres_database) as made:
        found(made.database)
        lay_out(made)
        yield made


def command(url: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "sync.store", "--db", url, "serve", "--port", "0", *more]


@contextmanager
def serving(url: str, *more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command as a process of its own: its address, once it has said it."""
    process = subprocess.Popen(command(url, *more, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = ""
        while not said.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        yield json.loads(said)["url"], process
    finally:
        process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> set[int]:
    """Its children that serve: Python's own helper of the spawned is none of them."""
    found = set()
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.add(child)
    return found


def pushed_to_the_end(client: Client, ledger: Ledger) -> list[str]:
    """Push entry by entry, again where the connection broke; returns the verdicts."""
    verdicts: list[str] = []
    while len(verdicts) < len(ledger.bodies):
        try:
            status, answer = client.post(push_body(ledger, len(verdicts) + 1, len(verdicts) + 1))
        except httpx.TransportError:
            continue
        assert status == 200, answer
        verdicts += [one["verdict"] for one in answer["verdicts"]]
    return verdicts


def test_a_worker_is_killed_under_load_and_nothing_is_lost_or_doubled(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"HH-{number}") for number in range(TERMINALS)]
    for ledger in ledgers:
        ledger.write(claim(1), bind(f"T-{ledger.terminal_id}"), *[pick(1) for _ in range(EACH)])
    verdicts: dict[TerminalId, list[str]] = {}
    with serving(site.database.url, "--workers", "2") as (url, process):
        clients = [Client(site, url, ledger.terminal_id, ledger.stream_id) for ledger in ledgers]

        def work(client: Client, ledger: Ledger) -> None:
            verdicts[ledger.terminal_id] = pushed_to_the_end(client, ledger)

        threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, ledgers, strict=True)]
        for thread in threads:
            thread.start()
        before = workers_of(process)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        for thread in threads:
            thread.join(timeout=120)
        assert sorted(verdicts) == sorted(ledger.terminal_id for ledger in ledgers)
        assert wait_for_workers(process, 2) != before
        for client in clients:
            client.http.close()
    assert len(site.rows(t.event)) == sum(len(ledger.bodies) for ledger in ledgers)
    taken = sum(one["quantity"] for one in site.rows(t.stock_move, reason="pick"))
    assert taken == TERMINALS * EACH
    assert site.differences() == []


def wait_for_workers(process: subprocess.Popen[str], count: int) -> set[int]:
    """The supervisor starts another one: bounded by the time of the whole test."""
    while len(found := workers_of(process)) < count:
        assert process.poll() is None
        os.sched_yield()
    return found


def test_a_fact_that_one_worker_took_is_told_by_the_others(site: SmallSite) -> None:
    with serving(site.database.url, "--workers", "3") as (url, _):
        # Connections go to whichever worker is quickest: with so many, every worker has some.
        followers = [Client(site, url, f"HH-{number:02}") for number in range(12)]
        cursors = [client.pull()[1]["cursor"] for client in followers]
        ledger = Ledger(site, "HH-99")
        ledger.write(claim())
        pusher = Client(site, url, "HH-99", ledger.stream_id)
        assert pusher.post(push_body(ledger))[0] == 200
        for client, cursor in zip(followers, cursors, strict=True):
            _, page = client.pull(cursor, wait=25)
            assert ("pick_list", "1") in [(one["kind"], one["key"]) for one in page["changes"]]
        _, own = pusher.pull(cursors[0], reflected=0)
        assert own["hwm"] == 1
        for client in (*followers, pusher):
            client.http.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_workers_end_cleanly_with_their_supervisor(site: SmallSite, stop: signal.Signals) -> None:
    with serving(site.database.url, "--workers", "2") as (url, process):
        workers = workers_of(process)
        assert httpx.get(f"{url}/v1/health", trust_env=False).json() == {"status": "ok"}
        process.send_signal(stop)
        said, complained = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert "Traceback" not in complained
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_do_not_outlive_a_supervisor_that_was_killed(site: SmallSite) -> None:
    with serving(site.database.url, "--workers", "2") as (_, process):
        watched = [os.pidfd_open(worker) for worker in workers_of(process)]
        process.kill()
        for descriptor in watched:
            ended, _, _ = select.select([descriptor], [], [], 60)
            os.close(descriptor)
            assert ended


def test_workers_that_cannot_start_are_not_started_for_ever(site: SmallSite, tmp_path: Path) -> None:
    """Here because their certificate went away after it had been looked at."""
    program = [sys.executable, "-c", WITHOUT_CERTIFICATE, site.database.url, str(tmp_path / "none")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "a worker failed\n"
    assert "FileNotFoundError" in done.stderr


def test_several_workers_over_an_sqlite_file_are_refused_in_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    create_or_upgrade(url)
    done = subprocess.run(command(url, "--workers", "2"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert done.stderr == (
        "floor store: 2 workers cannot serve an SQLite file: only one process may write it. Leave out --workers, or "
        "give a PostgreSQL database with --db.\n"
    )


def test_an_sqlite_file_is_served_by_one_process_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    url = f"sqlite:///{file}"
    create_or_upgrade(url)
    database = Database(url)
    found(database)
    database.close()
    with serving(url) as (_, process):
        second = subprocess.run(command(url), capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 3
        assert second.stderr == (
            f"floor store: {file} is served already, and only one process may write it. "
            "Stop that `floor store serve` first.\n"
        )
        process.kill()  # whoever held the file is gone: it is free
        process.communicate()
        with serving(url) as (address, _):
            assert httpx.get(f"{address}/v1/hello", trust_env=False).status_code == 200


def test_a_client_that_stops_in_mid_transaction_loses_it_to_the_database(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.database.IDLE_IN_TRANSACTION_S", 1)
    stuck = Database(site.database.url)
    with stuck.engine.connect() as conn:
        conn.execute(update(t.site).values(name="held"))
        site.change(t.site, {"name": "free"})  # waits for it, and has it once the other one was ended
        with pytest.raises(DBAPIError, match="idle-in-transaction timeout"):
            conn.execute(select_rows(t.site))
    stuck.close()
    assert [one["name"] for one in site.rows(t.site)] == ["free"]
