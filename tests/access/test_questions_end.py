"""Questions that a terminal keeps open end when its key does, whichever process keeps them and whoever ends the key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from sync.record.ids import TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import enrol_key, revoke
from sync.store.commands.founding import found
from sync.wire.signing import make_key, public_key_of
from tests.store.floor_ledger import lay_out
from tests.store.serving import Client, served
from tests.store.small_site import SmallSite, small_site
from tests.store.test_serving import serving

OPEN_S = 30.0
"""How long a question stays open when nothing happens."""
AT_ONCE_S = 15.0
"""Far less, and far more than it takes on a busy machine."""
TERMINALS = 8
"""So many that each worker keeps some of their questions."""

Answer = Future[tuple[int, Any]]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TERMINALS) as made:
        yield made


def asked(pool: ThreadPoolExecutor, clients: list[Client]) -> list[Answer]:
    """A question of each, which the store keeps open: it has noted them all."""
    cursors = [client.pull()[1]["cursor"] for client in clients]
    return [
        pool.submit(client.pull, cursor, wait=OPEN_S, owed=1) for client, cursor in zip(clients, cursors, strict=True)
    ]


def until_they_wait(site: SmallSite, clients: list[Client]) -> None:
    """What a question says of its terminal is noted before it waits."""
    names = {client.terminal_id for client in clients}
    while {row["terminal_id"] for row in site.rows(t.terminal) if row["owed"] == 1} != names:
        os.sched_yield()


def test_questions_of_a_terminal_that_is_shut_out_end_at_once_at_every_worker(
    postgres_database: str, pool: ThreadPoolExecutor
) -> None:
    with small_site(postgres_database) as site:
        found(site.database)
        lay_out(site)
        with serving(postgres_database, "--workers", "2") as (url, _):
            clients = [Client(site, url, f"HH-{number:02}") for number in range(TERMINALS)]
            answers = asked(pool, clients)
            until_they_wait(site, clients)
            with site.write() as work:  # by a process that is none of the workers
                for client in clients[1:]:
                    assert revoke(work, TerminalId(client.terminal_id), "Lea")
            ended, _ = wait(answers[1:], AT_ONCE_S)
            assert {(answer.result()[0], answer.result()[1]["error"]) for answer in ended} == {(403, "revoked")}
            assert len(ended) == TERMINALS - 1
            assert not answers[0].done()
            with site.write() as work:
                work.touch("location", "A1")
            assert answers[0].result(AT_ONCE_S)[0] == 200
            for client in clients:
                client.http.close()


def test_a_question_asked_with_a_key_that_was_replaced_ends_at_once(site: SmallSite, pool: ThreadPoolExecutor) -> None:
    with served(site) as url:
        client = Client(site, url, "HH-08")
        (answer,) = asked(pool, [client])
        until_they_wait(site, [client])
        with site.write() as work:
            enrol_key(work, TerminalId("HH-08"), public_key_of(make_key()), (), "Lea")
        status, problem = answer.result(AT_ONCE_S)
        assert (status, problem["error"]) == (403, "revoked")
        client.http.close()
