"""Terminals that wait for news are woken by any process's commit, and let go when the server stops."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from time import monotonic
from typing import Any

import httpx
import pytest

from sync.record.facts import SignedIn
from sync.record.ids import StreamId, TerminalId
from sync.store.api.tail import Tail
from sync.store.changes import Reader
from sync.store.news import News, news
from tests.store.floor_ledger import Ledger, claim, lay_out, stream_of
from tests.store.serving import Client, push_body, served
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_changes import made_known

WOKEN_WITHIN_S = 10
"""Far below the 25 seconds that a poll would wait, far above what a busy machine needs."""

TOUCHED_BY_ANOTHER_PROCESS = """
import sys
from sync.store.database import Database
database = Database(sys.argv[1])
with database.write("main") as work:
    work.touch("location", "A1")
database.close()
"""
SERVER = """
import logging, socket, sys
from sync.store.api.server import StoreServer
from sync.store.database import Database
logging.basicConfig(level=logging.INFO)
database = Database(sys.argv[1])
listener = socket.socket(fileno=int(sys.argv[2]))
StoreServer(database).run(sockets=[listener])
database.close()
print("ended well", flush=True)
"""


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


@pytest.fixture
def waiting(site: SmallSite) -> Iterator[Callable[[str], tuple[str, Future[tuple[float, Any]]]]]:
    """Begin to wait as a terminal that knows everything; returns when the server has looked once and found nothing."""
    with served(site) as url, ThreadPoolExecutor(8) as pool:

        def begin(terminal_id: str) -> tuple[str, Future[tuple[float, Any]]]:
            client = Client(site, url, terminal_id)
            cursor = client.pull()[1]["cursor"]
            asked = threading.Event()

            def wait() -> tuple[float, Any]:
                asked.set()
                _, page = client.pull(cursor, wait=25)
                woken_at = monotonic()
                client.http.close()
                return woken_at, page

            future = pool.submit(wait)
            assert asked.wait(timeout=10)
            return url, future

        yield begin


@pytest.fixture
def deaf_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server does not look for other processes' commits within a test's time."""
    monkeypatch.setattr("sync.store.api.tail.POLL_S", 3600.0)


def test_a_commit_of_this_process_wakes_everybody_who_waits(
    site: SmallSite, deaf_to_others: None, waiting: Any
) -> None:
    polls = [waiting(f"HH-{number:02}") for number in range(6)]
    url = polls[0][0]
    ledger = Ledger(site, "HH-99")
    ledger.write(claim())
    pusher = Client(site, url, "HH-99", ledger.stream_id)
    started = monotonic()
    assert pusher.post(push_body(ledger))[0] == 200
    pusher.http.close()
    for _, poll in polls:
        woken_at, page = poll.result(timeout=30)
        assert woken_at - started < WOKEN_WITHIN_S
        assert [(one["kind"], one["key"]) for one in page["changes"]] == [("pick_list", "1")]


def test_a_commit_of_another_process_wakes_everybody_who_waits(site: SmallSite, waiting: Any) -> None:
    polls = [waiting(f"HH-{number:02}") for number in range(6)]
    url = site.database.engine.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", TOUCHED_BY_ANOTHER_PROCESS, url], check=True, timeout=60)
    committed = monotonic()
    for _, poll in polls:
        woken_at, page = poll.result(timeout=30)
        assert woken_at - committed < WOKEN_WITHIN_S
        assert [(one["kind"], one["key"]) for one in page["changes"]] == [("location", "A1")]


def test_nobody_is_woken_for_what_is_not_theirs_and_the_wait_ends_by_itself(site: SmallSite) -> None:
    with served(site) as url:
        client = Client(site, url)
        cursor = client.pull()[1]["cursor"]
        ledger = Ledger(site, "HH-08")
        ledger.write(SignedIn())
        pusher = Client(site, url, "HH-08", ledger.stream_id)
        assert pusher.post(push_body(ledger))[0] == 200
        _, page = client.pull(cursor, wait=0.5)
        client.http.close()
        pusher.http.close()
    assert (page["changes"], page["more"], page["reset"], page["cursor"]) == ([], False, False, cursor)


def test_a_terminal_is_told_at_once_that_its_own_entries_were_judged_even_if_no_row_changed(site: SmallSite) -> None:
    with served(site) as url:
        ledger = Ledger(site, "HH-08")
        ledger.write(SignedIn())
        client = Client(site, url, "HH-08", ledger.stream_id)
        cursor = client.pull()[1]["cursor"]
        assert client.post(push_body(ledger))[0] == 200
        started = monotonic()
        _, page = client.pull(cursor, reflected=0, wait=25)
        assert monotonic() - started < WOKEN_WITHIN_S
        assert (page["changes"], page["hwm"]) == ([], 1)
        _, waited = client.pull(cursor, reflected=1, wait=0.3)
        client.http.close()
    assert waited["changes"] == []


async def test_news_that_come_while_one_looks_are_not_missed(site: SmallSite, deaf_to_others: None) -> None:
    looking, go_on = threading.Event(), threading.Event()
    looks: list[int | None] = []

    def look(after: int | None, streams: list[StreamId]) -> News:
        looks.append(after)
        with site.database.read() as conn:
            seen = news(conn, SITE, after, 10, streams)
        if len(looks) == 2:  # the rows are read, and their reader has them not yet
            looking.set()
            assert go_on.wait(timeout=30)
        return seen

    tail = Tail(look)
    running = asyncio.create_task(tail.run())
    with tail.listening(Reader(SITE, TerminalId("HH-07"), stream_of("HH-07"), (), None)) as ear:
        await ear.wait(30)
        tail.ring()
        await asyncio.to_thread(looking.wait, 30)
        with site.write() as work:
            work.touch("location", "A1")
        tail.ring()
        go_on.set()
        await ear.wait(30)
        page = tail.page(replace(ear.reader, cursor=f"first:{looks[-1]}"), 10)
    running.cancel()
    assert page is not None
    assert [change.key for change in page.changes] == ["A1"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_lets_those_who_wait_go_and_ends_cleanly(site: SmallSite, stop: signal.Signals) -> None:
    url = site.database.engine.url.render_as_string(hide_password=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        os.set_inheritable(listener.fileno(), True)
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, url, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        client = Client(site, address)
        cursor = client.pull()[1]["cursor"]
        with ThreadPoolExecutor(3) as pool:
            waiters = [Client(site, address, f"HH-{number}") for number in range(3)]
            polls = [pool.submit(waiter.pull, cursor, wait=25) for waiter in waiters]
            # Answered after the polls were begun: by then they wait, or find the server closing. Both must end well.
            assert client.get("/v1/health")[0] == 200
            client.http.close()
            started = monotonic()
            process.send_signal(stop)
            said, _ = process.communicate(timeout=30)
            took_s = monotonic() - started
            for poll in polls:
                try:
                    status, page = poll.result(timeout=30)
                except httpx.TransportError:  # it had not been taken in yet
                    continue
                assert (status, page["changes"]) == (200, [])
            for waiter in waiters:
                waiter.http.close()
    finally:
        process.kill()
        process.wait(timeout=30)
    assert took_s < 3
    assert "Traceback" not in said
    assert said.endswith("ended well\n")
    assert process.returncode == 0
