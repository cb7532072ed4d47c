"""A store that has too much to do is asked again when it says, and not by all at the same moment."""

from __future__ import annotations

import pytest

from sync.terminal.connection import LONGEST_RETRY_AFTER_S, _seconds
from sync.terminal.sync_loop import Backoff, Pace
from tests.sync.conftest import Connect
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import WORKER, picked


def test_a_busy_store_is_left_alone_for_as_long_as_it_asks(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    assert session.uploader is not None
    assert session.downloader is not None
    session.record([picked()], worker_id=WORKER)
    store.faults["POST"].append("busy")
    store.faults["GET"].append("busy")
    for rest in (session.uploader.round(), session.downloader.round()):
        assert rest.at_least_s == 7
        assert 7 <= rest.at_most_s <= 7.2
    assert store.struck["busy"] == 2
    assert session.link().undelivered == 1
    assert session.uploader.round().at_least_s == 0
    assert session.link().undelivered == 0


def test_terminals_that_were_told_the_same_do_not_come_back_together() -> None:
    rests = {Backoff(Pace()).rest(5.0).at_most_s for _ in range(50)}
    assert len(rests) > 40
    assert all(5.0 < rest_s <= 6.0 for rest_s in rests)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 12 ", 12.0),
        ("999999", LONGEST_RETRY_AFTER_S),
        ("9" * 400, 0.0),
        ("", 0.0),
        ("-3", 0.0),
        ("٣", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_only_plain_seconds_are_heeded_and_not_for_ever(said: str, seconds: float) -> None:
    assert _seconds(said) == seconds
