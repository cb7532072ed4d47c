"""Terminals that push at the same moment: each list has one holder, each number one range, each event one effect."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from sync.record.facts import ClaimedSsccs
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, kinds_opened, label, pick, row, verify
from tests.store.small_floor import sscc
from tests.store.small_site import SmallSite, small_site
from tests.store.test_judging_packing import close

T = TypeVar("T")


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Eight orders of three MUG, each with its list and line of the same number."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 100, position=10)
        for number in range(8):
            made.order(f"order {number}", [("MUG", 3)])
        with made.write() as work:
            allocate(work)
            release(work)
        yield made


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run jobs in threads that all start together."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        start.wait(timeout=30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def pushes(ledger: Ledger, first: int = 1) -> Callable[[], list[str]]:
    def job() -> list[str]:
        return [one.verdict if one.reason is None else f"{one.verdict}:{one.reason}" for one in ledger.push(first)[1]]

    return job


def test_one_list_asked_for_by_all_is_given_to_one(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"HH-{number:02}") for number in range(8)]
    for ledger in ledgers:
        ledger.write(claim(1))
    verdicts = [verdict for (verdict,) in at_once([pushes(ledger) for ledger in ledgers])]
    holder = row(site, "pick_list", list_id=1)["terminal_id"]
    assert Counter(verdicts) == {"accepted": 1, f"refused:held-by:{holder}": 7}
    assert verdicts[int(holder[-2:])] == "accepted"
    assert row(site, "pick_list", list_id=1)["token"] == 2


def test_as_many_lists_as_terminals_are_all_given_out(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"HH-{number:02}") for number in range(8)]
    for ledger in ledgers:
        ledger.write(claim(None))
    assert at_once([pushes(ledger) for ledger in ledgers]) == [["accepted"]] * 8
    holders = [one["terminal_id"] for one in site.rows(t.pick_list)]
    assert sorted(holders) == [ledger.terminal_id for ledger in ledgers]


def test_number_ranges_drawn_at_once_never_overlap(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"PK-{number:02}", has_numbers=False) for number in range(8)]
    for ledger in ledgers:
        ledger.write(*[ClaimedSsccs(count=size) for size in (7, 100, 1)])
    assert at_once([pushes(ledger) for ledger in ledgers]) == [["accepted"] * 3] * 8
    ranges = sorted((one["first"], one["last"]) for one in site.rows(t.sscc_range))
    drawn = [number for first, last in ranges for number in range(first, last + 1)]
    assert drawn == list(range(1, 8 * 108 + 1))


def test_all_take_from_the_same_stock_at_once(site: SmallSite) -> None:
    """Also from a lot that the record knew nothing of: its row is made by whoever comes first."""
    ledgers = [Ledger(site, f"HH-{number:02}") for number in range(8)]
    for number, ledger in enumerate(ledgers, start=1):
        ledger.write(claim(number), bind(f"T-{number}", number), pick(1, number), pick(1, number, lot="L9"))
    assert at_once([pushes(ledger) for ledger in ledgers]) == [["accepted"] * 4] * 8
    by_lot = {one["lot"]: (one["on_hand"], one["allocated"]) for one in site.rows(t.stock)}
    assert by_lot == {"": (92, 8), "L9": (-8, 0)}
    assert site.differences() == []


def test_the_same_body_from_two_workers_at_once_is_judged_once(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(claim(1), bind("T-1", 1), pick(2))
    assert at_once([pushes(ledger) for _ in range(4)]) == [["accepted"] * 3] * 4
    assert row(site, "pick_line", line_id=1)["picked"] == 2


def test_the_same_events_under_two_streams_at_once_count_once(site: SmallSite) -> None:
    """A clone and its original deliver together; one of them is carried in by another device's name."""
    ledger = Ledger(site)
    ledger.write(claim(1), bind("T-1", 1), pick(2))
    clone = Ledger(site, "WS-1", stream="clone")
    clone.bodies = ledger.bodies
    answers = at_once([pushes(ledger), pushes(clone)])
    assert sorted(answers) == [["accepted"] * 3, ["duplicate:accepted"] * 3]
    assert row(site, "pick_line", line_id=1)["picked"] == 2
    assert site.differences() == []


def test_one_carton_number_closed_twice_at_once_is_closed_once(site: SmallSite) -> None:
    picker = Ledger(site)
    for number in (1, 2):
        tote = f"T-{number}"
        picker.does(claim(number), bind(tote, number), pick(3, number), hand_over(number))
    packers = [Ledger(site, f"PK-{number}") for number in (1, 2)]
    for number, packer in enumerate(packers, start=1):
        packer.does(verify(3, number, tote=f"T-{number}"), *label(sscc(7), f"T-{number}"))
        packer.write(close((number, 3), carton=sscc(7), tote=f"T-{number}"))
    answers = at_once([pushes(packer, 5) for packer in packers])
    assert sorted(answers) == [["accepted"], ["refused:sscc-used"]]
    assert kinds_opened(site) == ["carton-refused"]
    assert site.differences() == []
