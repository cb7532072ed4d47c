"""Orders that a person cancels: where their pieces go, wherever they were when it happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import How, PutBack
from sync.record.ids import ItemId, LocationCode, OrderLineId, Sscc, ToteCode
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.leading.putting_back import return_carton, return_tote
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import Cancelled, cancel_order
from sync.store.orders.holding import OrderRefused
from sync.store.orders.shipping import ship
from tests.store.floor_ledger import (
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    label,
    lay_out,
    locate,
    pick,
    put,
    row,
    verify,
)
from tests.store.small_floor import Floor, sscc
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """List 1 asks 4 MUG at A1 (line 1) and 3 TEA at B1 (line 2) of order ``first``, list 2 asks 2 MUG of ``second``."""
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def cancel(site: SmallSite, ref: str = "first", line: int | None = None, quantity: int | None = None) -> Cancelled:
    with site.write() as work:
        done = cancel_order(work, ref, by="Ruth", line_no=line, quantity=quantity)
    assert site.differences() == []
    return done


def back(quantity: int, line: int = 1, item: str = "MUG", at: str = "A1", tote: str = "T-1") -> PutBack:
    return PutBack(
        tote=ToteCode(tote),
        order_line_id=OrderLineId(line),
        item_id=ItemId(item),
        quantity=quantity,
        location=LocationCode(at),
        how=How.SCANNED,
    )


def counts(site: SmallSite, line: int = 1) -> tuple[int, int, int, int]:
    """Cancelled, reserved, picked and packed pieces of an order line."""
    one = site.line(line)
    return one["cancelled"], one["allocated"], one["picked"], one["packed"]


def on_hand(site: SmallSite, at: str) -> int:
    return int(row(site, "stock", location=at)["on_hand"])


def test_an_order_that_is_on_no_list_gives_its_reservation_back(site: SmallSite) -> None:
    site.order("third", [("TEA", 2)])
    with site.write() as work:
        allocate(work)
    assert site.allocated_at("B1") == 5
    done = cancel(site, "third")
    assert (done.whole, done.pieces, done.to_put_back) == (True, 2, 0)
    assert site.allocated_at("B1") == 3
    assert site.allocations() == []
    assert row(site, "orders", order_ref="third")["status"] == "cancelled"


def test_a_list_that_nobody_has_ends(site: SmallSite) -> None:
    done = cancel(site)
    assert (done.pieces, done.lists_ended) == (7, (1,))
    assert row(site, "pick_list", list_id=1)["status"] == "cancelled"
    assert (site.allocated_at("A1"), site.allocated_at("B1")) == (2, 0)
    assert Ledger(site).does(claim(1)) == ["refused:cancelled"]


def test_a_list_in_hands_that_has_picked_nothing_is_taken_away_and_its_tote_is_free(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), locate())
    assert cancel(site).lists_ended == (1,)
    held = row(site, "pick_list", list_id=1)
    assert (held["status"], held["terminal_id"]) == ("cancelled", None)
    assert row(site, "tote", tote="T-1")["status"] == "empty"
    assert site.audiences("pick_line")["1"] == "-"


def test_what_a_picker_takes_after_the_cancelling_is_to_be_put_back(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(1))
    cancel(site)
    assert picker.does(pick(2), pick(3, 2, "TEA", "B1")) == ["discrepancy:cancelled"] * 2
    assert picker.does(put(1), hand_over()) == ["accepted"] * 2
    assert counts(site) == (3, 0, 1, 0)
    assert kinds_opened(site).count("cancelled") == 2


def test_picked_pieces_stay_in_their_tote_until_they_are_put_back(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over())
    done = cancel(site)
    assert (done.pieces, done.to_put_back) == (0, 7)
    assert kinds_opened(site) == ["cancelled-picked"]
    packer = Ledger(site, "PK-01")
    packer.does(verify(2))
    assert packer.does_one(back(4)) == "accepted"
    assert (on_hand(site, "A1"), counts(site)) == (6, (4, 0, 0, 0))
    assert kinds_opened(site) == ["cancelled-picked"]
    assert packer.does_one(back(3, 2, "TEA", "A2")) == "accepted"
    assert kinds_opened(site) == []
    assert row(site, "tote", tote="T-1")["status"] == "empty"
    assert row(site, "stock", location="A2", item_id="TEA")["on_hand"] == 3


def test_more_than_the_tote_held_or_at_no_place_is_named(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over())
    cancel(site)
    assert Ledger(site, "PK-01").does(back(5), back(1, at="NONE"), back(1, tote="T-9")) == [
        "discrepancy:put-back-more",
        "quarantined:unknown-location",
        "quarantined:unknown-tote",
    ]
    assert (on_hand(site, "A1"), counts(site)) == (6, (4, 0, 0, 0))


def test_pieces_of_an_order_that_goes_on_are_open_demand_again_when_they_are_put_back(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over())
    assert Ledger(site, "PK-01").does_one(back(4)) == "accepted"
    assert counts(site) == (0, 0, 0, 0)
    with site.write() as work:
        assert allocate(work).pieces_reserved == 4


def test_the_office_returns_a_whole_tote_to_where_it_was_picked(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over())
    cancel(site)
    with site.write() as work:
        bench = Bench(work)
        assert return_tote(bench, ToteCode("T-1"), cause="settle:1", by="Ruth") == 7
        bench.flush()
    assert site.differences() == []
    assert (on_hand(site, "A1"), on_hand(site, "B1")) == (6, 8)
    assert kinds_opened(site) == []
    assert row(site, "tote", tote="T-1")["status"] == "empty"


def test_a_closed_carton_is_kept_and_can_be_opened(site: SmallSite) -> None:
    picker = Floor(site)
    picker.claim(1, "T-1")
    picker.pick(1, 4)
    picker.pick(2, 3)
    picker.hand_over(1)
    Floor(site, "PK-01").pack("T-1", sscc(1))
    done = cancel(site)
    assert done.cartons == (sscc(1),)
    assert kinds_opened(site) == ["cancelled-packed"]
    with site.write() as work:
        assert ship(work).kept_back == (sscc(1),)
    with site.write() as work:
        bench = Bench(work)
        assert return_carton(bench, Sscc(sscc(1)), cause="settle:1", by="Ruth") == 7
        bench.flush()
    assert site.differences() == []
    assert (on_hand(site, "A1"), on_hand(site, "B1"), counts(site)) == (6, 8, (4, 0, 0, 0))
    assert kinds_opened(site) == []
    with site.write() as work:
        assert ship(work).kept_back == ()


def test_what_has_left_cannot_be_cancelled(site: SmallSite) -> None:
    picker = Floor(site)
    picker.claim(1, "T-1")
    picker.pick(1, 4)
    picker.pick(2, 3)
    picker.hand_over(1)
    Floor(site, "PK-01").pack("T-1", sscc(1))
    with site.write() as work:
        ship(work)
    with pytest.raises(OrderRefused, match="has left"):
        cancel(site)


def test_a_line_is_reduced_where_it_costs_least(site: SmallSite) -> None:
    """Of 4 MUG on an open list one is given up, then two more while a picker holds the list and has one in the tote."""
    assert cancel(site, line=1, quantity=1).pieces == 1
    assert row(site, "pick_line", line_id=1)["asked"] == 3
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(1), put(1))
    done = cancel(site, line=1, quantity=2)
    assert (done.pieces, done.to_put_back, done.whole) == (2, 0, False)
    assert (row(site, "pick_line", line_id=1)["asked"], counts(site)) == (1, (3, 0, 1, 0))
    assert row(site, "pick_list", list_id=1)["status"] == "held"


def test_picked_pieces_of_a_reduced_line_are_surplus_with_a_way_back(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, 2, "TEA", "B1"), put(3, 2), hand_over())
    done = cancel(site, line=1, quantity=3)
    assert (done.pieces, done.to_put_back, counts(site)) == (0, 3, (3, 0, 1, 0))
    opened = row(site, "discrepancy", kind="cancelled")
    assert (opened["quantity"], opened["place"], opened["item_id"]) == (3, "location:A1", "MUG")
    assert Ledger(site, "PK-01").does(verify(1), verify(1)) == ["accepted", "discrepancy:surplus"]


def test_the_last_line_that_is_given_up_cancels_the_order(site: SmallSite) -> None:
    assert not cancel(site, line=1).whole
    assert cancel(site, line=2).whole
    assert row(site, "orders", order_ref="first")["status"] == "cancelled"
    assert row(site, "pick_list", list_id=1)["status"] == "cancelled"


def test_packed_pieces_of_a_line_cannot_be_given_up(site: SmallSite) -> None:
    picker = Floor(site)
    picker.claim(1, "T-1")
    picker.pick(1, 4)
    picker.pick(2, 3)
    picker.hand_over(1)
    Floor(site, "PK-01").pack("T-1", sscc(1))
    with pytest.raises(OrderRefused, match="4 are packed"):
        cancel(site, line=1, quantity=1)


@pytest.mark.parametrize(
    ("ref", "line", "quantity", "said"),
    [
        ("none", None, None, "There is no order none"),
        ("first", 7, None, "no line 7. Its lines: 1, 2"),
        ("first", 1, 5, "4 pieces of line 1"),
        ("first", 1, 0, "not 0"),
    ],
)
def test_what_cannot_be_cancelled_is_said_and_changes_nothing(
    site: SmallSite, ref: str, line: int | None, quantity: int | None, said: str
) -> None:
    with pytest.raises(OrderRefused, match=said):
        cancel(site, ref, line, quantity)
    assert site.allocated_at("A1") == 6


def test_an_order_is_cancelled_once_and_the_trail_says_by_whom(site: SmallSite) -> None:
    cancel(site)
    with pytest.raises(OrderRefused, match="cancelled already"):
        cancel(site)
    (written,) = site.rows(t.audit)
    assert (written["who"], written["what"], written["about"]) == ("Ruth", "cancel", "first")


def test_a_tote_of_a_cancelled_order_may_not_be_packed(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(2), bind("T-2", 2), pick(2, line_id=3), put(2, 3, "T-2"), hand_over(2))
    packer = Ledger(site, "PK-01")
    packer.does(verify(2, 3, "MUG", "T-2"), *label(sscc(2), "T-2"))
    cancel(site, "second")
    assert "destroy the label" in row(site, "discrepancy", kind="cancelled-picked")["text"]
