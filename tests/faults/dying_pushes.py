"""One push after the other, each killed one statement later than the one before; then it is sent again. Usage: URL.

The database holds `floor_ledger.lay_out`. It says as JSON what was found after each death, and in the end. Nothing is
open while a process is forked.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table, select

from sync.record.facts import Undone
from sync.store import tables as t
from sync.store.database import Database
from sync.store.leading.reconciling import reconcile
from sync.store.ledgers import receive
from sync.store.meeting import stream_mark
from tests.faults.dying_statements import die_at_statement
from tests.store.floor_ledger import BELIEVED, Ledger, bind, claim, locate, pick
from tests.store.small_site import NOW, SITE

MOST_STATEMENTS = 300
FIRST = 3
"""Entries before the first pick; each push after them has two."""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url, now=lambda: NOW)
    try:
        yield database
    finally:
        database.close()


def history(pushes: int) -> Ledger:
    """The ledger after so many pushes: the same bytes each time that it is made."""
    nowhere: Any = None
    ledger = Ledger(nowhere, has_numbers=False)
    ledger.write(claim(), bind(), locate())
    for _ in range(pushes):
        ledger.write(pick(2))
        ledger.write(Undone(undoes=ledger.events[-1]))
    return ledger


def push(url: str, pushes: int) -> list[str]:
    """Offer the newest push; its verdicts."""
    ledger = history(pushes)
    before = FIRST + 2 * (pushes - 1) if pushes else 0
    given = (ledger.stream_id, ledger.terminal_id, before + 1, ledger.h(before), ledger.bodies[before:], BELIEVED)
    with opened(url) as database:
        _, judged = database.run(SITE, lambda work: receive(work, *given))
    return [one.verdict for one in judged]


def survives(url: str, pushes: int, statement: int) -> bool:
    """Push in a process of its own that dies at this statement; whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        die_at_statement(statement)
        push(url, pushes)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


def kept(url: str) -> tuple[int, list[str]]:
    """How much of the ledger the store has, and what does not add up there."""
    with opened(url) as database, database.read() as conn:
        return stream_mark(conn, SITE, history(0).stream_id).hwm, list(map(str, reconcile(conn, SITE).differences))


def rows(url: str, table: Table) -> list[Any]:
    with opened(url) as database, database.read() as conn:
        return list(conn.execute(select(table)).all())


def main(url: str) -> None:
    push(url, 0)
    deaths: list[dict[str, object]] = []
    for number in range(1, MOST_STATEMENTS):
        alive = survives(url, number, number)
        hwm, differences = kept(url)
        before = FIRST + 2 * (number - 1)
        again = push(url, number)
        deaths.append({"alive": alive, "before": before, "hwm": hwm, "differences": differences, "again": again})
        if alive:
            break
    said = {
        "deaths": deaths,
        "events": len(rows(url, t.event)),
        "picks": sum(row.reason == "pick" for row in rows(url, t.stock_move)),
        "picked": [row.picked for row in rows(url, t.pick_line) if row.line_id == 1],
        "differences": kept(url)[1],
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
