"""Orders that a person holds: nothing new is begun, what is begun stops at packing, and letting go goes on with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.holding import Held, OrderRefused, hold_order
from sync.store.orders.intake import release_hold
from sync.store.orders.releasing import release
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, lay_out, pick, put, row
from tests.store.floor_ledger import let_go as give_back
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def hold(site: SmallSite, ref: str = "first") -> Held:
    with site.write() as work:
        done = hold_order(work, ref, reason="the customer called", by="Ruth")
    assert site.differences() == []
    return done


def let_go(site: SmallSite, ref: str = "first") -> None:
    with site.write() as work:
        release_hold(work, ref, "by-hand", "Ruth")
        allocate(work)
        release(work)
    assert site.differences() == []


def test_a_list_that_nobody_has_ends_and_its_stock_is_free(site: SmallSite) -> None:
    done = hold(site)
    assert (done.pieces_freed, done.lists_ended, done.lists_walked) == (7, (1,), ())
    assert (site.allocated_at("A1"), site.allocated_at("B1")) == (2, 0)
    assert row(site, "orders", order_ref="first")["status"] == "held"
    with site.write() as work:
        assert allocate(work).pieces_reserved == 0
    let_go(site)
    assert row(site, "pick_list", list_id=3)["piece_count"] == 7


def test_a_list_in_hands_is_picked_to_the_end(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(1))
    assert hold(site).lists_walked == (1,)
    assert picker.does(pick(3), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over()) == ["accepted"] * 5
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"
    let_go(site)
    assert len(site.rows(t.pick_list)) == 2


def test_what_nobody_holds_of_a_begun_list_is_freed_and_its_tote_still_gets_to_packing(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(1), put(1), give_back())
    done = hold(site)
    assert (done.pieces_freed, done.lists_ended) == (6, ())
    token = row(site, "pick_list", list_id=1)["token"] + 1
    other = Ledger(site, "HH-08")
    assert other.does(claim(1), hand_over(1, token=token)) == ["accepted"] * 2
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"
    let_go(site)
    assert row(site, "pick_list", list_id=3)["piece_count"] == 6


def test_what_cannot_be_held_is_said(site: SmallSite) -> None:
    hold(site)
    with pytest.raises(OrderRefused, match="on hold already: the customer called"):
        hold(site)
    with pytest.raises(OrderRefused, match="no order"):
        hold(site, "none")
    with site.write() as work:
        cancel_order(work, "second", by="Ruth")
    with pytest.raises(OrderRefused, match="cancelled"):
        hold(site, "second")


def test_a_held_order_can_be_cancelled_and_its_hold_ends(site: SmallSite) -> None:
    hold(site)
    with site.write() as work:
        cancel_order(work, "first", by="Karl")
    assert row(site, "orders", order_ref="first")["status"] == "cancelled"
    (ended,) = site.rows(t.order_hold)
    assert ended["released_by"] == "Karl"
