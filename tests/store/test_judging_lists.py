"""Pick lists have one holder, totes one order, and number ranges one terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import ClaimedSsccs
from sync.store import tables as t
from tests.store.floor_ledger import (
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    lay_out,
    let_go,
    pick,
    row,
    short,
)
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def test_a_claimed_list_is_told_to_its_holder_alone(site: SmallSite) -> None:
    assert Ledger(site).does_one(claim()) == "accepted"
    head = row(site, "pick_list", list_id=1)
    assert (head["status"], head["terminal_id"], head["worker_id"], head["token"]) == ("held", "HH-07", "W1", 2)
    assert site.audiences("pick_line") == {"1": "t:HH-07", "2": "t:HH-07", "3": "-"}


def test_whoever_comes_second_is_told_who_has_it(site: SmallSite) -> None:
    Ledger(site).does(claim())
    second = Ledger(site, "HH-08")
    assert second.does(claim(), claim(99), claim(2**65)) == [
        "refused:held-by:HH-07",
        "refused:unknown-list",
        "refused:unknown-list",
    ]
    assert row(site, "pick_list", list_id=1)["terminal_id"] == "HH-07"


def test_the_most_urgent_list_is_given_and_one_at_a_time(site: SmallSite) -> None:
    site.change(t.pick_list, {"cut_off": None}, list_id=1)
    first, second, third = Ledger(site), Ledger(site, "HH-08"), Ledger(site, "HH-09")
    assert first.does(claim(None), claim(None), claim(2)) == ["accepted"] + ["accepted:already-held"] * 2
    assert second.does_one(claim(None)) == "accepted"
    assert third.does_one(claim(None)) == "refused:no-work"
    assert {one["list_id"]: one["terminal_id"] for one in site.rows(t.pick_list)} == {1: "HH-08", 2: "HH-07"}


def test_a_released_list_goes_back_with_what_was_picked(site: SmallSite) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(), bind(), pick(2))
    assert second.does_one(let_go()) == "refused:not-yours"
    assert first.does(let_go(), let_go(99)) == ["accepted", "refused:unknown-list"]
    head = row(site, "pick_list", list_id=1)
    assert (head["status"], head["terminal_id"], head["token"], head["totes"]) == ("open", None, 3, ["T-1"])
    assert site.audiences("pick_line")["1"] == "-"
    assert second.does_one(claim()) == "accepted"
    assert row(site, "pick_line", line_id=1)["picked"] == 2


def test_a_tote_is_bound_to_the_order(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does(claim(), bind("T-1"), bind("T-2"), bind("T-1")) == ["accepted"] * 4
    assert row(site, "pick_list", list_id=1)["totes"] == ["T-2", "T-1"]
    tote = row(site, "tote", tote="T-1")
    assert (tote["status"], tote["list_id"], tote["order_id"]) == ("picking", 1, 1)
    assert ledger.does(bind("T-1", 99), bind("T" * 33)) == ["quarantined:unknown-list", "quarantined:rule-broke"]


def test_a_tote_in_use_for_another_order_is_a_discrepancy(site: SmallSite) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(), bind(), pick(4))
    assert second.does(claim(2), bind("T-1", 2), pick(2, line_id=3)) == [
        "accepted",
        "discrepancy:tote-in-use",
        "accepted",
    ]
    assert kinds_opened(site) == ["tote-in-use"]
    first.does(hand_over())
    assert row(site, "tote", tote="T-1")["status"] == "picking"
    second.does(hand_over(2))
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"


def test_a_tote_for_a_list_that_has_ended_stays_free(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(4), pick(3, line_id=2, item="TEA", at="B1"), hand_over())
    assert ledger.does_one(bind("T-2")) == "discrepancy:list-ended"
    assert row(site, "tote", tote="T-2")["status"] == "empty"


def test_handed_over_totes_wait_for_packing_and_empty_ones_are_free(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind("T-1"), pick(4), pick(3, line_id=2, item="TEA", at="B1"), bind("T-2"))
    assert ledger.does(hand_over(), hand_over()) == ["accepted", "accepted:handed-over-already"]
    assert row(site, "pick_list", list_id=1)["status"] == "handed_over"
    totes = {one["tote"]: (one["status"], one["order_id"]) for one in site.rows(t.tote)}
    assert totes == {"T-1": ("to_pack", 1), "T-2": ("empty", None)}
    packing = row(site, "feed", kind="packing", key="T-1")
    assert (packing["audience"], packing["deleted"]) == ("pack", False)
    assert site.audiences("pick_line")["1"] == "-"
    assert ledger.does_one(hand_over(99)) == "quarantined:unknown-list"


def test_what_is_open_at_the_hand_over_is_open_demand_again(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(1))
    assert ledger.does_one(hand_over()) == "discrepancy:handed-over-open"
    assert (site.line(1)["allocated"], site.line(2)["allocated"], site.allocated_at("A1")) == (0, 0, 2)
    opened = row(site, "discrepancy")
    assert (opened["kind"], opened["quantity"]) == ("handed-over-open", 3 + 3)
    head = row(site, "pick_list", list_id=1)
    assert (head["line_count"], head["piece_count"]) == (1, 1)


def test_a_list_that_another_picks_is_not_handed_over_under_their_hands(site: SmallSite) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(), bind(), pick(1), let_go())
    second.does(claim(), bind("T-2", token=4))
    assert first.does_one(hand_over()) == "discrepancy:held-by-another"
    head = row(site, "pick_list", list_id=1)
    assert (head["status"], head["terminal_id"]) == ("held", "HH-08")
    assert kinds_opened(site) == ["held-by-another"]


def test_a_late_hand_over_of_a_list_that_nobody_took_counts(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(4), pick(3, line_id=2, item="TEA", at="B1"), let_go())
    assert ledger.does_one(hand_over()) == "accepted:stale-lease"
    assert row(site, "pick_list", list_id=1)["status"] == "handed_over"


def test_a_list_from_which_everything_was_taken_is_nobodys_work(site: SmallSite) -> None:
    """A line was replaced on another list, and its pieces are found at the first place after all."""
    ledger = Ledger(site)
    ledger.does(claim(), bind(), short(4))
    for line_id, list_id in ((4, 2), (3, 1), (5, 1)):
        site.change(t.pick_line, {"list_id": list_id}, line_id=line_id)
    assert ledger.does_one(pick(4)) == "accepted"
    assert row(site, "pick_list", list_id=2)["status"] == "cancelled"
    second = Ledger(site, "HH-08")
    assert second.does(claim(2), hand_over(2)) == ["refused:cancelled", "accepted:cancelled-already"]


def test_number_ranges_follow_each_other_without_overlap(site: SmallSite) -> None:
    first, second = Ledger(site, has_numbers=False), Ledger(site, "HH-08", has_numbers=False)
    assert first.does(ClaimedSsccs(count=10), ClaimedSsccs(count=1000)) == ["accepted", "accepted"]
    assert second.does(ClaimedSsccs(count=1), ClaimedSsccs(count=0), ClaimedSsccs(count=1001)) == [
        "accepted",
        "refused:at-most:1000",
        "refused:at-most:1000",
    ]
    ranges = [(one["terminal_id"], one["first"], one["last"]) for one in site.rows(t.sscc_range)]
    assert ranges == [("HH-07", 1, 10), ("HH-07", 11, 1010), ("HH-08", 1011, 1011)]
    assert site.audiences("sscc_range") == {"1": "t:HH-07", "2": "t:HH-07", "3": "t:HH-08"}
