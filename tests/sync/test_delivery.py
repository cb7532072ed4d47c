"""What a terminal recorded reaches the store once, whatever the way there does to it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from sync.record.facts import LineSkipped, SignedIn
from sync.record.ids import PickLineId
from sync.terminal.session import TerminalSession
from tests.sync.conftest import Connect
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import WORKER, claimed, picked, poison

LONG_S = 20.0


def hold_list(session: TerminalSession) -> None:
    session.record([claimed()], worker_id=WORKER)
    assert session.wait_for(lambda: session.held_walk() is not None, LONG_S)


def pieces(session: TerminalSession, line_id: int = 1) -> int:
    walk = session.held_walk()
    line = None if walk is None else walk.line(PickLineId(line_id))
    assert line is not None
    return line.picked


def test_facts_are_delivered_and_come_back_as_rows(store: TinyStore, connect: Connect) -> None:
    session = connect()
    hold_list(session)
    session.record([picked(1), picked(1)], worker_id=WORKER)
    assert session.drain(LONG_S)
    assert store.line(1).picked == 2
    assert pieces(session) == 2
    link = session.link()
    assert (link.online, link.undelivered, link.oldest_undelivered_at, link.problem) == (True, 0, None, None)


@pytest.mark.parametrize(
    "fault",
    [
        "lost_request",
        "lost_answer",
        "half_answer",
        "twice",
        "html",
        "html_as_json",
        "redirect",
        "status_503",
        "status_429",
        "status_500",
        "status_400",
        "status_413",
        "status_422",
        "wrong_nonce",
        "wrong_head",
        "no_verdicts",
    ],
)
def test_a_push_that_goes_wrong_is_made_again_and_counts_once(fault: str, store: TinyStore, connect: Connect) -> None:
    session = connect()
    hold_list(session)
    store.faults["POST"].extend([fault, fault])
    session.record([picked(1)], worker_id=WORKER)
    assert session.wait_for(lambda: store.struck[fault] == 1 or bool(store.struck[fault]), LONG_S)
    session.record([picked(2)], worker_id=WORKER)
    assert session.drain(LONG_S)
    assert store.struck[fault] >= 1
    assert (store.line(1).picked, store.line(2).picked) == (1, 1)
    assert (pieces(session, 1), pieces(session, 2)) == (1, 1)


@pytest.mark.parametrize(
    "fault",
    [
        "lost_request",
        "lost_answer",
        "half_answer",
        "html",
        "html_as_json",
        "redirect",
        "status_503",
        "wrong_incarnation",
    ],
)
def test_a_pull_that_goes_wrong_is_made_again(fault: str, store: TinyStore, connect: Connect) -> None:
    store.faults["GET"].extend([fault] * 3)
    session = connect()
    assert session.wait_for(lambda: session.site() is not None, LONG_S)
    assert store.struck[fault] == 3


def test_a_portal_that_answers_instead_of_the_store_is_named(store: TinyStore, connect: Connect) -> None:
    store.faults["GET"].extend(["html"] * 1000)
    session = connect()
    assert session.wait_for(lambda: session.link().problem is not None, LONG_S)
    link = session.link()
    assert not link.online
    assert "login page" in (link.problem or "")
    assert session.site() is None


def test_what_was_recorded_without_a_store_is_delivered_by_itself_when_it_is_back(
    store: TinyStore, connect: Connect
) -> None:
    session = connect()
    hold_list(session)
    store.close()
    for _ in range(3):
        session.record([picked(1)], worker_id=WORKER)
    assert session.wait_for(lambda: not session.link().online, LONG_S)
    assert session.link().undelivered == 3
    assert session.link().oldest_undelivered_at is not None
    assert pieces(session) == 3
    store.open()
    assert session.wait_for(lambda: session.link().undelivered == 0, LONG_S), "nobody touched the terminal"
    assert store.line(1).picked == 3


def test_many_facts_go_up_in_batches_and_all_arrive(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    for _ in range(450):
        session.record([SignedIn()], worker_id=WORKER)
    session.start()
    assert session.drain(LONG_S)
    assert len(store.kept.verdicts) == 450
    # One that was not answered in time comes again as it was.
    assert len({json.loads(body)["from_seq"] for body in store.pushes}) == 3
    assert max(len(body) for body in store.pushes) <= 256 * 1024


def test_a_fact_that_the_store_cannot_digest_does_not_block_the_next(store: TinyStore, connect: Connect) -> None:
    session = connect()
    hold_list(session)
    session.record([poison(), picked(1)], worker_id=WORKER)
    assert session.drain(LONG_S)
    assert store.line(1).picked == 1
    assert [told.verdict for told in session.to_tell()] == ["quarantined:ValueError"]


def test_a_verdict_is_told_until_it_was_told(store: TinyStore, connect: Connect, tmp_path: Path) -> None:
    first, second = connect("HH-01"), connect("HH-02")
    hold_list(first)
    (event_id,) = second.record([claimed()], worker_id=WORKER)
    assert second.claim_pending()
    assert second.wait_for(lambda: bool(second.to_tell()), LONG_S)
    (told,) = second.to_tell()
    assert (told.event_id, told.verdict, told.fact) == (event_id, "refused:held-by:HH-01", claimed())
    assert not second.claim_pending()
    second.close()
    again = connect("HH-02", alone=True)
    assert len(again.to_tell()) == 1
    again.tell([event_id])
    assert again.to_tell() == ()


def test_a_claim_is_pending_until_its_rows_are_here(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    assert session.uploader is not None
    assert session.downloader is not None
    session.downloader.round()
    session.record([claimed(None)], worker_id=WORKER)
    assert session.claim_pending()
    session.uploader.round()
    assert session.link().undelivered == 0
    assert session.claim_pending(), "granted, but nothing can be shown yet"
    session.downloader.round()
    assert not session.claim_pending()
    assert session.held_walk() is not None


def test_counts_do_not_jump_back_between_verdict_and_rows(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    assert session.uploader is not None
    assert session.downloader is not None
    session.downloader.round()
    session.record([claimed()], worker_id=WORKER)
    session.uploader.round()
    session.downloader.round()
    session.record([picked(1)], worker_id=WORKER)
    seen = [pieces(session)]
    session.uploader.round()
    seen.append(pieces(session))
    session.downloader.round()
    seen.append(pieces(session))
    assert seen == [1, 1, 1]


def test_rows_in_pages_show_no_piece_twice_on_the_way(store: TinyStore, connect: Connect) -> None:
    """Rows of the first page contain a fact that only the last page calls reflected."""
    session = connect(start=False)
    assert session.uploader is not None
    assert session.downloader is not None
    session.downloader.round()
    session.record([claimed()], worker_id=WORKER)
    session.uploader.round()
    session.downloader.round()
    session.record([picked(1), picked(2)], worker_id=WORKER)
    session.uploader.round()
    store.page_rows = 1
    store.tell(*(store.line(3) for _ in range(2)))
    seen = []
    for _ in range(3):
        session.downloader.round()
        seen.append((pieces(session, 1), pieces(session, 2)))
    assert seen == [(1, 1)] * 3


def test_a_quarantined_fact_leaves_the_walk_when_the_store_has_spoken(store: TinyStore, connect: Connect) -> None:
    session = connect()
    hold_list(session)
    skipped = LineSkipped(line_id=PickLineId(1), token=1)
    session.record([skipped], worker_id=WORKER)
    assert session.drain(LONG_S)
    walk = session.held_walk()
    assert walk is not None
    assert [line.passes for line in walk.lines] == [1, 0, 0]


def test_closing_ends_both_threads_while_the_store_keeps_a_question_open(store: TinyStore, connect: Connect) -> None:
    session = connect()
    assert session.wait_for(lambda: session.site() is not None, LONG_S)
    with store.lock:
        assert store.lock.wait_for(lambda: store.waiting == 1, LONG_S)
    before = time.monotonic()
    session.close()
    assert time.monotonic() - before < 2.0, "the promise of close()"
    assert not [thread for thread in threading.enumerate() if thread.name in ("deliver", "follow")]


def test_a_callback_hears_of_rows_and_verdicts(store: TinyStore, connect: Connect) -> None:
    session = connect(start=False)
    heard = threading.Event()
    session.on_change(heard.set)
    session.start()
    assert heard.wait(LONG_S)


@pytest.mark.parametrize("fault", ["wrong_nonce", "wrong_head"])
def test_an_answer_that_only_looks_like_the_stores_acknowledges_nothing(
    fault: str, store: TinyStore, connect: Connect
) -> None:
    session = connect(start=False)
    assert session.uploader is not None
    session.record([SignedIn()], worker_id=WORKER)
    store.faults["POST"].append(fault)
    session.uploader.round()
    assert store.struck[fault] == 1
    assert session.link().undelivered == 1
    session.uploader.round()
    assert session.link().undelivered == 0
    assert len(store.kept.verdicts) == 1
