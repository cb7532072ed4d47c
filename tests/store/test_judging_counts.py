"""Counts and zero checks: who is given them, what they change, and what two counters who differ lead to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sync.record.facts import (
    ClaimedCount,
    Counted,
    CountedItem,
    CountEnded,
    How,
    ReleasedCount,
    ReportedEmpty,
    ZeroChecked,
)
from sync.record.ids import CountTaskId, ItemId, LocationCode, LotCode, PickLineId, TerminalId, WorkerId
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.contacts import Contact, note_contacts
from sync.store.judging.count_tasks import ask_count
from tests.store.floor_ledger import Ledger, bind, claim, kinds_opened, lay_out, locate, pick, put, row
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        made.worker("W2")
        yield made


def claimed(task_id: int | None = None) -> ClaimedCount:
    return ClaimedCount(task_id=None if task_id is None else CountTaskId(task_id))


def ended(found: dict[str, int], at: str = "A1", task_id: int | None = None) -> CountEnded:
    """``found``: pieces by item, or by ``item/lot``."""
    finds = [
        CountedItem(
            item_id=ItemId(name.partition("/")[0]),
            lot=LotCode(lot) if (lot := name.partition("/")[2]) else None,
            quantity=n,
        )
        for name, n in found.items()
    ]
    task = None if task_id is None else CountTaskId(task_id)
    return CountEnded(task_id=task, location=LocationCode(at), finds=tuple(finds))


def find(item: str = "MUG", quantity: int = 1, at: str = "A1") -> Counted:
    return Counted(
        task_id=None, location=LocationCode(at), item_id=ItemId(item), quantity=quantity, how=How.SCANNED, lot=None
    )


def zero(found: int, at: str = "A1", item: str = "MUG") -> ZeroChecked:
    return ZeroChecked(line_id=PickLineId(1), location=LocationCode(at), item_id=ItemId(item), found=found)


def asked(site: SmallSite, at: str = "A1", item: str | None = None, priority: int = 5) -> int:
    with site.write() as work:
        bench = Bench(work)
        item_id = None if item is None else ItemId(item)
        task = ask_count(bench, LocationCode(at), item_id, "lead", "lead:Lea", priority=priority)
        bench.flush()
    return int(task["task_id"])


def two_workers(site: SmallSite) -> tuple[Ledger, Ledger]:
    one, other = Ledger(site), Ledger(site, "HH-08")
    other.worker_id = WorkerId("W2")
    return one, other


def on_hand(site: SmallSite, at: str = "A1", item: str = "MUG") -> int:
    return sum(one["on_hand"] for one in site.rows(t.stock, location=at, item_id=item))


def adjustments(site: SmallSite) -> list[tuple[str, int, str, str]]:
    moves = site.rows(t.stock_move, reason="count")
    return [(move["item_id"], move["quantity"], move["source"], move["target"]) for move in moves]


def task(site: SmallSite, task_id: int) -> dict[str, Any]:
    return row(site, "count_task", task_id=task_id)


def test_the_most_urgent_count_is_given_first_and_none_where_none_waits(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(claimed()) == "refused:no-count"
    usual, urgent = asked(site, "B1"), asked(site, "A1", priority=1)
    assert ledger.does_one(claimed()) == "accepted"
    assert (task(site, urgent)["status"], task(site, urgent)["terminal_id"]) == ("held", "HH-07")
    assert task(site, usual)["status"] == "open"
    assert ledger.does_one(claimed()) == "accepted:already-held"


def test_a_count_that_another_holds_is_refused_and_the_holder_is_named(site: SmallSite) -> None:
    one, other = two_workers(site)
    task_id = asked(site)
    assert one.does_one(claimed(task_id)) == "accepted"
    assert other.does_one(claimed(task_id)) == "refused:held-by:HH-07"
    assert other.does_one(claimed()) == "refused:no-count"
    assert other.does_one(claimed(99)) == "refused:unknown-count"
    assert other.does_one(ReleasedCount(task_id=CountTaskId(task_id))) == "refused:not-yours"
    assert other.does_one(ReleasedCount(task_id=CountTaskId(99))) == "refused:unknown-count"
    assert one.does_one(ReleasedCount(task_id=CountTaskId(task_id))) == "accepted"
    assert other.does_one(claimed()) == "accepted"


def test_a_count_of_a_terminal_that_is_not_heard_of_any_more_is_given_to_another(site: SmallSite) -> None:
    one, other = two_workers(site)
    asked(site)
    assert one.does_one(claimed()) == "accepted"
    with site.write() as work:
        note_contacts(work, {TerminalId("HH-07"): Contact()})
    assert other.does_one(claimed()) == "refused:no-count"
    long_ago = row(site, "terminal", terminal_id="HH-07")["last_seen_at"] - timedelta(minutes=16)
    site.change(t.terminal, {"last_seen_at": long_ago}, terminal_id="HH-07")
    assert other.does_one(claimed()) == "accepted"


def test_a_count_that_agrees_changes_nothing_and_opens_the_location(site: SmallSite) -> None:
    ledger = Ledger(site)
    site.change(t.location, {"blocked": "short"}, code="A1")
    task_id = asked(site)
    assert ledger.does(claimed(), ended({"MUG": 6}, task_id=task_id)) == ["accepted", "accepted"]
    assert adjustments(site) == []
    assert task(site, task_id)["status"] == "done"
    assert row(site, "location", code="A1")["blocked"] is None
    assert ledger.does_one(claimed(task_id)) == "refused:count-done"


def test_what_a_lead_has_frozen_stays_frozen(site: SmallSite) -> None:
    site.change(t.location, {"blocked": "frozen"}, code="A1")
    assert Ledger(site).does_one(ended({"MUG": 6})) == "accepted"
    assert row(site, "location", code="A1")["blocked"] == "frozen"


def test_finds_move_nothing_and_can_be_taken_back(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(find()) == "accepted"
    assert ledger.undoes() == "accepted"
    assert ledger.does_one(find("NOTHING")) == "quarantined:unknown-item"
    assert ledger.does_one(find(at="Z9")) == "quarantined:unknown-location"
    assert on_hand(site) == 6


def test_a_difference_is_counted_again_by_somebody_else_before_anything_is_adjusted(site: SmallSite) -> None:
    one, other = two_workers(site)
    site.change(t.location, {"blocked": "short"}, code="A2")
    task_id = asked(site, "A2")
    assert one.does(claimed(), ended({"MUG": 3}, "A2", task_id)) == ["accepted", "accepted:recount"]
    assert (on_hand(site, "A2"), adjustments(site)) == (5, [])
    assert row(site, "location", code="A2")["blocked"] == "short"
    again = task(site, task_id)
    assert (again["status"], again["not_by"], again["first_finds"]) == ("open", "W1", [["MUG", "", 3]])
    assert one.does_one(claimed()) == "refused:no-count"
    assert one.does_one(claimed(task_id)) == "refused:counted-first"
    assert one.does_one(ended({"MUG": 4}, "A2")) == "accepted:recount"  # not twice by the same worker
    assert other.does(claimed(), ended({"MUG": 3}, "A2", task_id)) == ["accepted", "accepted"]
    assert adjustments(site) == [("MUG", 2, "location:A2", "lost")]
    assert row(site, "stock_move", reason="count")["cause"] == other.events[-1]
    assert (on_hand(site, "A2"), kinds_opened(site)) == (3, [])
    assert row(site, "location", code="A2")["blocked"] is None
    assert [one["status"] for one in site.rows(t.count_task)] == ["done"]


def test_where_two_counters_differ_the_second_stands_and_a_lead_hears_both(site: SmallSite) -> None:
    one, other = two_workers(site)
    assert one.does_one(ended({"MUG": 3}, "A2")) == "accepted:recount"
    assert other.does(claimed(), ended({"MUG": 7}, "A2", 1)) == ["accepted", "accepted"]
    assert adjustments(site) == [("MUG", 2, "outside", "location:A2")]
    opened = row(site, "discrepancy", kind="count-differs")
    assert "3 of MUG first, 7 of MUG then; the record said 5 of MUG" in opened["text"]
    assert (opened["worker_id"], opened["other"]["worker_id"]) == ("W2", "W1")


def test_within_the_tolerance_one_count_is_enough(site: SmallSite) -> None:
    site.change(t.site, {"rules": {"count_tolerance_pct": 20}})
    ledger = Ledger(site)
    assert ledger.does_one(ended({"MUG": 4}, "A2")) == "accepted"
    assert (on_hand(site, "A2"), len(adjustments(site))) == (4, 1)
    assert ledger.does_one(ended({"MUG": 3}, "A2")) == "accepted:recount"


def test_an_item_that_the_record_has_not_there_is_a_difference(site: SmallSite) -> None:
    one, other = two_workers(site)
    found = {"MUG": 5, "TEA": 1}
    assert one.does_one(ended(found, "A2")) == "accepted:recount"
    assert other.does_one(ended(found, "A2")) == "accepted"
    assert (on_hand(site, "A2", "TEA"), adjustments(site)) == (1, [("TEA", 1, "outside", "location:A2")])


def test_a_count_of_one_item_says_nothing_of_the_others_there(site: SmallSite) -> None:
    site.stock("A2", "CUP", 4, position=20)
    task_id = asked(site, "A2", "MUG")
    assert Ledger(site).does(claimed(), ended({"MUG": 5}, "A2", task_id)) == ["accepted", "accepted"]
    assert (on_hand(site, "A2", "CUP"), adjustments(site)) == (4, [])


def test_lots_are_counted_each_for_itself(site: SmallSite) -> None:
    one, other = two_workers(site)
    site.stock("C1", "CREAM", 4, lot="L1")
    site.stock("C1", "CREAM", 4, lot="L2")
    assert one.does_one(ended({"CREAM/L1": 3, "CREAM/L2": 5}, "C1")) == "accepted:recount"
    assert other.does_one(ended({"CREAM/L1": 3, "CREAM/L2": 5}, "C1")) == "accepted"
    assert {one["lot"]: one["on_hand"] for one in site.rows(t.stock, location="C1")} == {"L1": 3, "L2": 5}


def test_reservations_that_do_not_fit_any_more_are_found_elsewhere(site: SmallSite) -> None:
    one, other = two_workers(site)
    assert one.does_one(ended({"MUG": 4})) == "accepted:recount"
    assert other.does_one(ended({"MUG": 4})) == "accepted"
    # The less urgent order had 2 of the 6 that were reserved at A1: now it gets them at A2.
    stock = {(one["location"], one["item_id"]): (one["on_hand"], one["allocated"]) for one in site.rows(t.stock)}
    assert stock["A1", "MUG"] == (4, 4)
    assert stock["A2", "MUG"] == (5, 2)
    assert row(site, "pick_line", line_id=3)["asked"] == 0
    moved = row(site, "pick_line", location="A2")
    assert (moved["list_id"], moved["asked"]) == (2, 2)


def test_lines_that_somebody_has_begun_stay_with_their_picker(site: SmallSite) -> None:
    one, other = two_workers(site)
    assert one.does(claim(), bind(), locate()) == ["accepted"] * 3
    assert other.does_one(ended({"MUG": 1})) == "accepted:recount"
    assert one.does_one(ended({"MUG": 1})) == "accepted"
    assert row(site, "pick_line", line_id=1)["asked"] == 4
    assert site.differences() == []


def test_reservations_on_no_list_are_given_back_first(site: SmallSite) -> None:
    one, other = two_workers(site)
    site.order("third", [("MUG", 5)])
    from sync.store.orders.allocating import allocate

    with site.write() as work:
        allocate(work)
    assert site.allocated_at("A2") == 5
    assert one.does_one(ended({"MUG": 2}, "A2")) == "accepted:recount"
    assert other.does_one(ended({"MUG": 2}, "A2")) == "accepted"
    assert site.allocated_at("A2") == 2
    assert [quantity for *_, quantity in site.allocations()] == [2]


def test_two_off_line_counts_of_one_task_are_two_counts(site: SmallSite) -> None:
    one, other = two_workers(site)
    task_id = asked(site, "A2")
    assert one.does_one(ended({"MUG": 5}, "A2", task_id)) == "accepted"
    assert other.does_one(ended({"MUG": 4}, "A2", task_id)) == "accepted:recount"
    assert on_hand(site, "A2") == 5
    assert task(site, task_id)["status"] == "done"


def test_picks_that_come_after_the_count_take_from_what_was_counted(site: SmallSite) -> None:
    one, other = two_workers(site)
    assert other.does_one(ended({"MUG": 6})) == "accepted"
    assert one.does(claim(), bind(), locate(), pick(4), put(4)) == ["accepted"] * 5
    assert on_hand(site) == 2


def test_a_count_settles_what_asked_for_it(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(ReportedEmpty(location=LocationCode("A2"))) == "accepted"
    assert kinds_opened(site) == ["empty"]
    assert ledger.does_one(ended({"MUG": 5}, "A2")) == "accepted"
    opened = row(site, "discrepancy", kind="empty")
    assert (opened["settled_by"], opened["settlement"]) == ("W1", f"count:{ledger.events[-1]}")
    assert row(site, "location", code="A2")["blocked"] is None
    assert {one["status"] for one in site.rows(t.count_task)} <= {"done"}


def test_a_zero_check_that_agrees_leaves_nothing_to_do(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does(claim(), bind(), locate(), pick(4), put(4), zero(2)) == ["accepted"] * 6
    assert (kinds_opened(site), site.rows(t.count_task)) == ([], [])


def test_a_zero_check_that_differs_asks_for_a_count_and_can_be_taken_back(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(zero(0)) == "accepted:to-count"
    assert kinds_opened(site) == ["zero-check"]
    waiting = row(site, "count_task", location="A1")
    assert (waiting["why"], waiting["item_id"], waiting["status"]) == ("zero", "MUG", "open")
    assert on_hand(site) == 6
    assert ledger.undoes() == "accepted"
    assert row(site, "count_task", location="A1")["status"] == "done"
    assert row(site, "discrepancy", kind="zero-check")["settled_by"] == "undo"


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (zero(-1), "quantity"),
        (zero(0, at="Z9"), "unknown-location"),
        (zero(0, item="NOTHING"), "unknown-item"),
        (ended({}, at="Z9"), "unknown-location"),
        (ended({"MUG": 0}), "quantity"),
        (ended({"MUG": 100_001}), "quantity"),
        (ended({"NOTHING": 1}), "unknown-item"),
    ],
)
def test_what_names_nothing_that_is_known_is_put_aside(
    site: SmallSite, fact: CountEnded | ZeroChecked, reason: str
) -> None:
    assert Ledger(site).does_one(fact) == f"quarantined:{reason}"
