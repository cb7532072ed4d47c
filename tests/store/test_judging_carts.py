"""What the store makes of a cart: each order's pieces in its own tote, whoever comes late or goes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import CartToteBound, ClaimedTote, OrderHandedOver
from sync.record.ids import LocationCode, OrderId, PickListId, ToteCode
from sync.record.rows import ListOrderRow
from sync.store import tables as t
from sync.store.leading.moving import move
from sync.store.leading.reporting import report
from sync.store.leading.terminals import terminals
from sync.store.orders.allocating import allocate
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.holding import hold_order
from sync.store.orders.releasing import release
from sync.store.site_files.files import SiteFile
from sync.store.site_files.setting import set_file
from sync.store.views import rows_of
from tests.store.floor_ledger import (
    SCANNED,
    Ledger,
    claim,
    hand_over,
    kinds_opened,
    let_go,
    locate,
    pick,
    put,
    row,
    short,
)
from tests.store.small_site import NOW, SITE, SmallSite, small_site

ON_A_CART = '[[rule]]\nname = "cart"\nway = "batch"\ncart = "cart-12"\n'


def release_a_cart(site: SmallSite) -> None:
    with site.write() as work:
        set_file(work, SiteFile.WAVES, ON_A_CART, by="Lea")
        allocate(work)
        release(work)


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """List 1: order 1 wants 2 MUG (line 1), order 2 wants 3 MUG (line 2) and 1 TEA (line 3)."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 20, position=10)
        made.stock("B1", "TEA", 20, position=20)
        made.order("first", [("MUG", 2)])
        made.order("second", [("MUG", 3), ("TEA", 1)])
        release_a_cart(made)
        lines = [(line["line_id"], line["order_id"], line["item_id"]) for line in made.rows(t.pick_line)]
        assert lines == [(1, 1, "MUG"), (2, 2, "MUG"), (3, 2, "TEA")]
        yield made


def on_cart(order_id: int, tote: str, position: int | None = None, token: int = 2) -> CartToteBound:
    return CartToteBound(
        list_id=PickListId(1),
        token=token,
        order_id=OrderId(order_id),
        position=position or order_id,
        tote=ToteCode(tote),
        how=SCANNED,
    )


def leaves(order_id: int, token: int = 2) -> OrderHandedOver:
    place = LocationCode("PACK01")
    return OrderHandedOver(list_id=PickListId(1), token=token, order_id=OrderId(order_id), place=place, how=SCANNED)


def inside(site: SmallSite, tote: str) -> dict[str, int]:
    return {one["item_id"]: one["quantity"] for one in site.rows(t.tote_content, tote=tote) if one["quantity"]}


def places(site: SmallSite) -> list[tuple[int, int, list[str]]]:
    return [(one["order_id"], one["position"], one["totes"]) for one in site.rows(t.list_order)]


def test_pieces_of_each_order_are_in_its_own_tote_and_all_totes_go_to_packing(site: SmallSite) -> None:
    picker = Ledger(site)
    assert set(picker.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"))) == {"accepted"}
    assert set(picker.does(locate(1), locate(2), pick(2, 1), pick(3, 2), put(2, 1, "T-1"), put(3, 2, "T-2"))) == {
        "accepted"
    }
    assert (inside(site, "T-1"), inside(site, "T-2")) == ({"MUG": 2}, {"MUG": 3})
    assert set(picker.does(pick(1, 3, "TEA", "B1"), put(1, 3, "T-2"), hand_over(1))) == {"accepted"}
    assert [(one["tote"], one["status"], one["order_id"]) for one in site.rows(t.tote)] == [
        ("T-1", "to_pack", 1),
        ("T-2", "to_pack", 2),
    ]
    assert kinds_opened(site) == []


def test_an_order_may_leave_the_cart_before_the_others(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(2, 1), put(2, 1, "T-1"))
    assert picker.does_one(leaves(1)) == "accepted"
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"
    assert row(site, "tote", tote="T-2")["status"] == "picking"
    assert picker.does_one(leaves(1)) == "accepted:handed-over-already"
    picker.does(pick(3, 2), pick(1, 3, "TEA", "B1"), put(3, 2, "T-2"), put(1, 3, "T-2"))
    assert picker.does_one(hand_over(1)) == "accepted"
    assert picker.does_one(leaves(2)) == "accepted:handed-over-already"
    assert row(site, "tote", tote="T-2")["status"] == "to_pack"


def test_a_second_tote_of_an_order_takes_what_was_in_the_hand(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(2, 1), pick(3, 2), put(2, 1, "T-1"))
    picker.does(on_cart(2, "T-3"), put(3, 2, "T-3"))
    assert (inside(site, "T-2"), inside(site, "T-3")) == ({}, {"MUG": 3})
    assert places(site) == [(1, 1, ["T-1"]), (2, 2, ["T-2", "T-3"])]
    picker.does(pick(1, 3, "TEA", "B1"), put(1, 3, "T-3"), hand_over(1))
    assert row(site, "tote", tote="T-2")["status"] == "empty"


def test_an_order_at_another_position_changes_places_with_one_that_has_no_tote(site: SmallSite) -> None:
    picker = Ledger(site)
    assert set(picker.does(claim(1), on_cart(1, "T-1", position=2))) == {"accepted"}
    assert places(site) == [(1, 2, ["T-1"]), (2, 1, [])]
    assert picker.does_one(on_cart(2, "T-2", position=1)) == "accepted"


def test_a_tote_is_taken_off_the_cart_again_while_nothing_is_in_it(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"))
    assert picker.undoes() == "accepted"
    assert places(site)[0] == (1, 1, [])
    assert row(site, "tote", tote="T-1")["status"] == "empty"
    picker.does(on_cart(1, "T-1"), pick(1, 1))
    assert picker.undoes(picker.events[-2]) == "discrepancy:undo-late"


def test_a_tote_with_another_orders_pieces_is_told_to_a_lead(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"), pick(2, 1))
    assert picker.does_one(on_cart(2, "T-1")) == "discrepancy:tote-in-use"


@pytest.mark.parametrize(
    ("fact", "verdict"),
    [
        (on_cart(7, "T-1"), "quarantined:unknown-order"),
        (on_cart(1, "T-1", position=1000), "quarantined:position"),
        (leaves(7), "quarantined:unknown-order"),
        (
            CartToteBound(
                list_id=PickListId(9), token=1, order_id=OrderId(1), position=1, tote=ToteCode("T-1"), how=SCANNED
            ),
            "quarantined:unknown-list",
        ),
    ],
)
def test_what_the_record_has_never_heard_of_is_put_aside(
    site: SmallSite, fact: CartToteBound | OrderHandedOver, verdict: str
) -> None:
    assert Ledger(site).does_one(fact) == verdict


def test_totes_and_orders_of_a_cart_are_told_to_its_holder_only(site: SmallSite) -> None:
    assert site.audiences("list_order") == {"1.1": "-", "1.2": "-"}
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"))
    assert site.audiences("list_order") == {"1.1": "t:HH-07", "1.2": "t:HH-07"}
    with site.database.read() as conn:
        told = rows_of(conn, SITE, "list_order", ["1.1"])["1.1"]
    assert told == ListOrderRow(
        list_id=PickListId(1), order_id=OrderId(1), order_ref="first", position=1, totes=(ToteCode("T-1"),)
    )
    picker.does_one(let_go(1))
    assert site.audiences("list_order") == {"1.1": "-", "1.2": "-"}


def test_a_cart_that_was_given_up_stands_there_for_the_next_one(site: SmallSite) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(2, 1), put(2, 1, "T-1"), let_go(1))
    second.does(claim(1))
    assert [one["tote_gone"] for one in site.rows(t.list_order)] == [False, False]
    token = row(site, "pick_list", list_id=1)["token"]
    second.does(pick(3, 2, token=token), pick(1, 3, "TEA", "B1", token=token), hand_over(1, token=token))
    assert (inside(site, "T-1"), inside(site, "T-2")) == ({"MUG": 2}, {"MUG": 3, "TEA": 1})


def test_a_cart_that_was_taken_away_stays_with_who_had_it(site: SmallSite) -> None:
    """What the first one still does is in the first one's totes; the second one begins with others."""
    first, second = Ledger(site), Ledger(site, "HH-08")
    second.does(claim(None), let_go(1))
    first.does(claim(1))
    had = row(site, "pick_list", list_id=1)["token"]
    first.does(on_cart(1, "T-1", token=had), on_cart(2, "T-2", token=had), pick(1, 1, token=had))
    with site.write() as work:
        move(work, PickListId(1), to=second.terminal_id, by="Lea", hard=True, confirmed=True)
    assert [one["tote_gone"] for one in site.rows(t.list_order)] == [True, True]
    token = row(site, "pick_list", list_id=1)["token"]
    second.does(on_cart(1, "T-3", token=token), on_cart(2, "T-4", token=token), pick(1, 1, token=token))
    assert first.does(pick(3, 2, token=had), put(3, 2, "T-2", token=had)) == ["accepted:stale-lease"] * 2
    assert first.does_one(on_cart(2, "T-5", token=had)) == "accepted:stale-lease"
    assert inside(site, "T-1") == {"MUG": 1}
    assert inside(site, "T-2") == {"MUG": 3}
    assert inside(site, "T-3") == {"MUG": 1}
    assert places(site) == [(1, 1, ["T-1", "T-3"]), (2, 2, ["T-5", "T-2", "T-4"])]
    assert first.does_one(leaves(2, token=had)) == "accepted:stale-lease"
    assert row(site, "tote", tote="T-2")["status"] == "to_pack"
    assert row(site, "tote", tote="T-4")["status"] == "picking"
    assert first.does_one(hand_over(1, token=had)) == "discrepancy:held-by-another"
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"
    assert row(site, "tote", tote="T-3")["status"] == "picking"
    second.does(pick(1, 3, "TEA", "B1", token=token), hand_over(1, token=token))
    assert inside(site, "T-4") == {"TEA": 1}
    assert {one["tote"]: one["status"] for one in site.rows(t.tote)} == {
        "T-1": "to_pack",
        "T-2": "to_pack",
        "T-3": "to_pack",
        "T-4": "to_pack",
        "T-5": "empty",
    }


def test_a_cart_before_whom_it_stands_is_claimed_by_any_of_its_totes(site: SmallSite) -> None:
    """The worker goes on with their own cart at another terminal; what the first one still owes is late."""
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(2, 1), put(2, 1, "T-1"))
    assert second.does_one(ClaimedTote(tote=ToteCode("T-2"))) == "accepted"
    assert row(site, "pick_list", list_id=1)["terminal_id"] == "HH-08"
    assert [one["tote_gone"] for one in site.rows(t.list_order)] == [False, False]
    token = row(site, "pick_list", list_id=1)["token"]
    assert first.does_one(pick(1, 2)) == "accepted:stale-lease"
    second.does(pick(2, 2, token=token), pick(1, 3, "TEA", "B1", token=token), hand_over(1, token=token))
    assert (inside(site, "T-1"), inside(site, "T-2")) == ({"MUG": 2}, {"MUG": 3, "TEA": 1})


def test_cancelling_one_order_leaves_the_others_on_the_cart(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(1, 2))
    with site.write() as work:
        cancel_order(work, "second", by="Ruth")
    assert [(one["order_id"], one["asked"]) for one in site.rows(t.pick_line)] == [(1, 2), (2, 1), (2, 0)]
    assert row(site, "pick_list", list_id=1)["status"] == "held"
    picker.does(pick(2, 1), put(2, 1, "T-1"), hand_over(1))
    assert row(site, "tote", tote="T-2")["status"] == "to_pack"  # to be put back
    assert site.differences() == []


def test_holding_one_order_of_an_open_batch_takes_its_lines_off(site: SmallSite) -> None:
    with site.write() as work:
        hold_order(work, "first", reason="the customer called", by="Ruth")
    assert [(one["order_id"], one["asked"]) for one in site.rows(t.pick_line)] == [(1, 0), (2, 3), (2, 1)]
    assert row(site, "pick_list", list_id=1)["status"] == "open"
    assert site.differences() == []


def test_a_short_of_one_order_is_looked_for_elsewhere_on_the_same_cart(site: SmallSite) -> None:
    site.stock("A2", "MUG", 5, position=15)
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(2, 1), pick(1, 2), short(2, 2))
    added = [(one["order_id"], one["location"], one["asked"]) for one in site.rows(t.pick_line)][3:]
    assert added == [(2, "A2", 2)]
    picker.does(pick(2, 4, at="A2"), put(3, 2, "T-2"))
    assert inside(site, "T-2") == {"MUG": 3}


def test_reports_name_a_cart_by_its_own_number(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(1), on_cart(1, "T-1"))
    with site.database.read() as conn:
        (standing,) = (one for one in terminals(conn, SITE, NOW) if one.terminal_id == "HH-07")
        assert [(held.order_ref, held.started) for held in standing.lists] == [("B-1", True)]
        assert report(conn, SITE).orders["picking"] == 2
