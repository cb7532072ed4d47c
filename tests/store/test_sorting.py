"""What sorters do at a put wall: every piece of a batch ends in one cubby, one location, or one report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import SortProblem
from sync.store import tables as t
from sync.store.leading.batches import BatchAccount, batch_accounts
from sync.store.leading.verifying import differences
from sync.store.orders.cancelling import cancel_order
from tests.store.floor_ledger import Ledger, close, kinds_opened, label, row, verify
from tests.store.small_floor import sscc
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.wall_floor import build_wall, claim_sort, pick_in_bulk, plan_batch, release_sort, say_wrong, sort


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Three orders picked in bulk into T-1: 2, 1 and 3 MUG (order lines 1, 2 and 3), at a wall of four cubbies."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 20, position=10)
        build_wall(made, 4)
        orders = [made.order(f"order {number}", [("MUG", pieces)]) for number, pieces in ((1, 2), (2, 1), (3, 3))]
        batch_id, (list_id,) = plan_batch(made, orders)
        assert batch_id == 1
        pick_in_bulk(made, Ledger(made, "HH-01"), list_id, "T-1")
        yield made
        with made.database.read() as conn:
            assert list(differences(conn, SITE)) == []


@pytest.fixture
def sorter(site: SmallSite) -> Ledger:
    ledger = Ledger(site)
    assert ledger.does_one(claim_sort("T-1")) == "accepted"
    return ledger


def account(site: SmallSite, batch_id: int = 1) -> BatchAccount:
    with site.database.read() as conn:
        (found,) = batch_accounts(conn, SITE, [batch_id])
    return found


def held(site: SmallSite, tote: str) -> dict[int, int]:
    """Pieces by order line."""
    return {one["order_line_id"]: one["quantity"] for one in site.rows(t.tote_content, tote=tote) if one["quantity"]}


def cubbies(site: SmallSite) -> dict[str, Any]:
    return {one["tote"]: one["order_id"] for one in site.rows(t.cubby) if one["order_id"] is not None}


def test_a_bulk_tote_that_was_handed_over_waits_at_the_wall(site: SmallSite) -> None:
    tote = row(site, "tote", tote="T-1")
    assert (tote["status"], tote["place"], tote["batch_id"], tote["terminal_id"]) == ("to_sort", "SORT1", 1, None)
    assert account(site).status == "sorting"
    assert site.audiences("sorting")["T-1"] == "*"


def test_the_first_tote_of_a_batch_takes_a_cubby_for_each_order(site: SmallSite, sorter: Ledger) -> None:
    assert cubbies(site) == {"W-1-A01": 1, "W-1-A02": 2, "W-1-A03": 3}
    assert row(site, "tote", tote="W-1-A01")["status"] == "picking"
    assert row(site, "batch", batch_id=1)["wall"] == "1"
    assert row(site, "tote", tote="T-1")["terminal_id"] == sorter.terminal_id


def test_a_batch_is_closed_when_its_last_piece_is_in_its_cubby(site: SmallSite, sorter: Ledger) -> None:
    assert sorter.does(sort(2, 1, "W-1-A01"), sort(1, 2, "W-1-A02")) == ["accepted"] * 2
    assert account(site).status == "sorting"
    assert row(site, "tote", tote="W-1-A01")["status"] == "to_pack"
    assert sorter.does(sort(3, 3, "W-1-A03"), release_sort("T-1")) == ["accepted"] * 2
    done = account(site)
    assert (done.status, done.picked, done.put, done.in_totes, done.difference) == ("closed", 6, 6, 0, 0)
    assert row(site, "tote", tote="T-1")["status"] == "empty"
    assert held(site, "W-1-A03") == {3: 3}
    assert kinds_opened(site) == []


def test_a_packed_cubby_is_free_for_the_next_batch(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(sort(2, 1, "W-1-A01"))
    packer = Ledger(site, "PK-1")
    packer.does(verify(2, 1, tote="W-1-A01"), *label(sscc(1), "W-1-A01"))
    assert packer.does_one(close(sscc(1), {1: 2}, "W-1-A01")) == "accepted"
    assert cubbies(site) == {"W-1-A02": 2, "W-1-A03": 3}
    assert row(site, "tote", tote="W-1-A01")["status"] == "empty"
    assert row(site, "cubby", tote="W-1-A01")["batch_id"] is None


def test_a_second_sorter_is_told_who_has_the_tote(site: SmallSite, sorter: Ledger) -> None:
    assert Ledger(site, "HH-08").does_one(claim_sort("T-1")) == f"refused:held-by:{sorter.terminal_id}"
    assert sorter.does_one(claim_sort("T-1")) == "accepted:already-held"


def test_what_is_no_bulk_tote_at_the_wall_is_not_given_out(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(claim_sort("T-9")) == "refused:unknown-tote"
    assert ledger.does_one(claim_sort("W-1-A01")) == "refused:not-to-sort"
    assert ledger.does_one(claim_sort("T-1", "7")) == "refused:unknown-wall"
    assert ledger.does_one(release_sort("T-1")) == "refused:not-yours"
    assert ledger.does_one(release_sort("T-9")) == "refused:unknown-tote"


def test_too_few_cubbies_refuse_the_claim_and_name_how_many_are_missing(site: SmallSite) -> None:
    build_wall(site, 1, "2")
    assert Ledger(site).does_one(claim_sort("T-1", "2")) == "refused:cubbies:2"
    assert cubbies(site) == {}
    assert row(site, "batch", batch_id=1)["wall"] is None


def test_a_batch_stays_at_its_wall(site: SmallSite, sorter: Ledger) -> None:
    build_wall(site, 9, "2")
    sorter.does(release_sort("T-1"))
    assert sorter.does_one(claim_sort("T-1", "2")) == "refused:other-wall:1"


def test_the_lapsed_holder_loses_the_tote_and_what_they_did_counts_all_the_same(
    site: SmallSite, sorter: Ledger
) -> None:
    site.change(
        t.terminal, {"last_seen_at": sorter.site.rows(t.batch)[0]["made_at"].replace(hour=1)}, terminal_id="HH-07"
    )
    other = Ledger(site, "HH-08")
    assert other.does_one(claim_sort("T-1")) == "accepted"
    assert sorter.does_one(sort(1, 1, "W-1-A01")) == "discrepancy:sorted-by-another"
    assert held(site, "W-1-A01") == {1: 1}
    assert kinds_opened(site) == ["sorted-by-another"]
    assert sorter.does_one(release_sort("T-1")) == "refused:not-yours"


def test_more_than_the_tote_held_is_told_and_moves_nothing(site: SmallSite, sorter: Ledger) -> None:
    assert sorter.does_one(sort(5, 1, "W-1-A01")) == "discrepancy:sort-more"
    assert held(site, "W-1-A01") == {1: 2}
    (opened,) = site.rows(t.discrepancy)
    assert (opened["quantity"], opened["place"]) == (3, "tote:W-1-A01")


def test_pieces_in_another_orders_cubby_stand_there_and_a_lead_hears_of_it(site: SmallSite, sorter: Ledger) -> None:
    assert sorter.does_one(sort(1, 2, "W-1-A01")) == "discrepancy:wrong-cubby"
    assert held(site, "W-1-A01") == {2: 1}


def test_missing_and_damaged_pieces_are_short_of_their_order(site: SmallSite, sorter: Ledger) -> None:
    facts = (say_wrong(SortProblem.MISSING, 1, 1), say_wrong(SortProblem.DAMAGED, 3, 3), sort(1, 1, "W-1-A01"))
    assert sorter.does(*facts) == ["accepted"] * 3
    assert kinds_opened(site) == ["sort-missing", "sort-damaged"]
    assert (site.line(1)["short"], site.line(1)["picked"], site.line(3)["short"]) == (1, 1, 3)
    assert row(site, "tote", tote="W-1-A01")["status"] == "to_pack"
    assert "W-1-A03" not in cubbies(site)  # nothing comes for it any more
    sorter.does(sort(1, 2, "W-1-A02"))
    assert (account(site).status, account(site).reported, account(site).difference) == ("closed", 4, 0)


def test_surplus_and_wrong_pieces_are_put_aside_for_the_lead(site: SmallSite, sorter: Ledger) -> None:
    odd = (say_wrong(SortProblem.SURPLUS, 1, None), say_wrong(SortProblem.WRONG_ITEM, 1, None, item="TEA"))
    assert sorter.does(*odd) == ["accepted"] * 2
    assert kinds_opened(site) == ["sort-surplus", "sort-wrong_item"]
    assert account(site).in_totes == 6


def test_pieces_of_a_cancelled_order_go_back_from_the_wall_and_from_its_cubby(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(sort(1, 3, "W-1-A03"))
    with site.write() as work:
        cancel_order(work, "order 3", by="Ruth")
    assert row(site, "tote", tote="W-1-A03")["status"] == "to_pack"  # for the packer to put back
    assert sorter.does_one(say_wrong(SortProblem.RETURNED, 2, 3, place="A1")) == "accepted"
    assert (site.line(3)["cancelled"], site.line(3)["picked"], account(site).returned) == (2, 1, 2)
    sorter.does(sort(2, 1, "W-1-A01"), sort(1, 2, "W-1-A02"))
    assert (account(site).status, account(site).difference) == ("closed", 0)


def test_pieces_of_a_cancelled_order_may_be_put_in_its_cubby_all_the_same(site: SmallSite, sorter: Ledger) -> None:
    """Off-line nobody knew."""
    with site.write() as work:
        cancel_order(work, "order 3", by="Ruth")
    assert "W-1-A03" not in cubbies(site)
    assert sorter.does_one(sort(3, 3, "W-1-A03")) == "accepted"
    assert cubbies(site)["W-1-A03"] == 3
    assert row(site, "tote", tote="W-1-A03")["status"] == "to_pack"
    assert [one["place"] for one in site.rows(t.discrepancy) if one["settled_at"] is None] == ["tote:W-1-A03"]


def test_fewer_of_a_line_are_taken_out_of_the_bulk_tote(site: SmallSite, sorter: Ledger) -> None:
    with site.write() as work:
        cancel_order(work, "order 3", by="Ruth", line_no=1, quantity=2)
    assert held(site, "T-1") == {1: 2, 2: 1, 3: 1}
    sorter.does(sort(2, 1, "W-1-A01"), sort(1, 2, "W-1-A02"), sort(1, 3, "W-1-A03"))
    assert (account(site).status, account(site).reported, account(site).difference) == ("closed", 2, 0)


def test_returned_to_no_known_place_is_not_understood(site: SmallSite, sorter: Ledger) -> None:
    assert sorter.does_one(say_wrong(SortProblem.RETURNED)) == "quarantined:unknown-location"
    assert sorter.does_one(say_wrong(SortProblem.RETURNED, 9, 1, place="A1")) == "discrepancy:put-back-more"


def test_facts_that_name_nothing_known_are_kept_apart(site: SmallSite, sorter: Ledger) -> None:
    assert sorter.does_one(sort(1, 1, "W-1-A01", batch_id=9)) == "quarantined:unknown-batch"
    assert sorter.does_one(sort(1, 1, "W-1-A01", tote="T-9")) == "quarantined:unknown-tote"
    assert sorter.does_one(sort(1, 99, "W-1-A01")) == "quarantined:unknown-line"
    assert sorter.does_one(sort(1, 1, "W-9-A01")) == "quarantined:unknown-cubby"


def test_the_last_put_is_taken_back_and_the_batch_is_open_again(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(sort(2, 1, "W-1-A01"), sort(1, 2, "W-1-A02"), sort(3, 3, "W-1-A03"))
    assert account(site).status == "closed"
    assert sorter.undoes() == "accepted"
    assert (held(site, "T-1"), held(site, "W-1-A03")) == ({3: 3}, {})
    assert (account(site).status, account(site).put) == ("sorting", 3)
    assert row(site, "tote", tote="W-1-A03")["status"] == "picking"
    assert sorter.does_one(sort(3, 3, "W-1-A03")) == "accepted"
    assert account(site).status == "closed"


def test_a_put_of_a_packed_piece_cannot_be_taken_back(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(sort(1, 2, "W-1-A02"))
    put = sorter.events[-1]
    Ledger(site, "PK-1").does(verify(1, 2, tote="W-1-A02"))
    assert sorter.undoes(put) == "discrepancy:undo-late"


def test_a_report_is_taken_back_as_long_as_the_tote_waits(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(say_wrong(SortProblem.MISSING, 3, 3))
    assert sorter.undoes() == "accepted"
    assert (held(site, "T-1")[3], site.line(3)["short"], account(site).reported) == (3, 0, 0)
    assert kinds_opened(site) == []
    sorter.does(say_wrong(SortProblem.SURPLUS, 1, None))
    assert sorter.undoes() == "accepted"
    assert kinds_opened(site) == []
    sorter.does(say_wrong(SortProblem.RETURNED, 1, 1, place="A1"))
    assert sorter.undoes() == "discrepancy:cannot-undo"


def test_a_tote_is_left_for_somebody_else_and_an_empty_one_is_free(site: SmallSite, sorter: Ledger) -> None:
    sorter.does(sort(2, 1, "W-1-A01"))
    assert sorter.does_one(release_sort("T-1")) == "accepted"
    other = Ledger(site, "HH-08")
    assert other.does(claim_sort("T-1"), sort(1, 2, "W-1-A02"), sort(3, 3, "W-1-A03")) == ["accepted"] * 3
    assert row(site, "tote", tote="T-1")["status"] == "to_sort"  # the last put may still be taken back
    assert other.does_one(release_sort("T-1")) == "accepted"
    assert row(site, "tote", tote="T-1")["status"] == "empty"


def test_who_takes_the_next_tote_has_left_the_one_before(site: SmallSite, sorter: Ledger) -> None:
    batch_id, (list_id,) = plan_batch(site, [site.order("order 4", [("MUG", 1)])])
    pick_in_bulk(site, Ledger(site, "HH-02"), list_id, "T-2")
    assert sorter.does_one(claim_sort("T-2")) == "accepted"
    assert row(site, "tote", tote="T-1")["terminal_id"] is None
    assert row(site, "cubby", tote="W-1-A04")["batch_id"] == batch_id
