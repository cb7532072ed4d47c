"""What cannot be saved is not said to be done."""

from __future__ import annotations

import sqlite3

from floor.work.prompt import Key, Pressed, Scan
from sync.record.codes.own import barcode_of
from tests.scenarios.terminal import Terminal


def _no_insert(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_INSERT else sqlite3.SQLITE_OK


def test_a_fact_that_cannot_be_written_is_said_and_the_step_stands(terminal: Terminal) -> None:
    terminal.session._record.ledger.file.connection().set_authorizer(_no_insert)  # a disk that takes no more
    turn = terminal.give(Scan(barcode_of("B-1001"), None, 0, 5000))
    assert turn.notice is not None
    assert turn.notice.key == "storage_failed"
    assert turn.prompt.step == "sign_in"
    assert terminal.session.signed_in() is None
    assert terminal.scan(barcode_of("B-1001")).prompt.step == "menu"


def test_a_record_that_cannot_be_read_stops_the_terminal_in_words(terminal: Terminal) -> None:
    terminal.session.close()
    turn = terminal.give(Pressed(Key.ENTER))
    assert turn.prompt.step == "storage_failed"
    assert turn.notice is not None
    assert turn.notice.key == "storage_failed"
