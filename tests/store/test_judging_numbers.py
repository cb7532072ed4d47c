"""Numbers that name one thing in the world: serials of pieces, and carton numbers that were leased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sync.record.codes.sscc import sscc as made_sscc
from sync.record.facts import CartonClosed, Fact, LabelRefused, PackedQuantity, Picked, PutBack, SsccAssigned
from sync.record.ids import ItemId, LocationCode, OrderLineId, Serial, Sscc, ToteCode
from sync.store import tables as t
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.intake import release_hold
from tests.store.floor_ledger import (
    SCANNED,
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    label,
    lay_out,
    pick,
    put,
    row,
    verify,
)
from tests.store.small_floor import sscc
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def piece(serial: str, line_id: int = 1) -> Picked:
    return replace(pick(1, line_id), serial=Serial(serial))


def places(site: SmallSite) -> dict[str, str]:
    return {one["serial"]: one["place"] for one in site.rows(t.serial)}


def test_a_serial_that_two_orders_have_is_named_with_both_places(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), piece("SN-1"))
    other = Ledger(site, "HH-08")
    assert other.does(claim(2), bind("T-2", 2), piece("SN-1", 3))[-1] == "discrepancy:serial-twice"
    opened = row(site, "discrepancy", kind="serial-twice")
    assert (opened["place"], opened["order_id"], opened["item_id"]) == ("tote:T-1", 2, "MUG")
    assert row(site, "pick_line", line_id=3)["picked"] == 1  # it is in the tote all the same
    assert other.undoes() == "accepted"
    assert (places(site), kinds_opened(site)) == ({"SN-1": "tote:T-1"}, [])


def test_a_serial_that_stands_elsewhere_in_stock_is_named(site: SmallSite) -> None:
    with site.write() as work:
        work.insert(t.serial, [{"item_id": "MUG", "serial": "SN-1", "lot": "", "place": "location:A2"}])
        work.insert(t.serial, [{"item_id": "MUG", "serial": "SN-2", "lot": "", "place": "location:A1"}])
    verdicts = Ledger(site).does(claim(), bind(), piece("SN-1"), piece("SN-2"))
    assert verdicts[-2:] == ["discrepancy:serial-twice", "accepted"]


def test_a_pick_that_is_taken_back_leaves_the_piece_where_it_stood(site: SmallSite) -> None:
    picker = Ledger(site)
    picker.does(claim(), bind(), piece("SN-1"))
    picker.undoes()
    assert places(site) == {"SN-1": "location:A1"}
    assert picker.does_one(piece("SN-1")) == "accepted"


def test_serials_go_into_the_carton_with_the_last_piece(site: SmallSite) -> None:
    Ledger(site).does(claim(2), bind("T-2", 2), piece("SN-1", 3), piece("SN-2", 3), put(2, 3, "T-2"), hand_over(2))
    packer = Ledger(site, "PK-01")
    packer.does(verify(2, 3, "MUG", "T-2"), *label(sscc(1), "T-2"), _closed("T-2", 3, 2))
    assert set(places(site).values()) == {f"carton:{sscc(1)}"}


def _closed(tote: str, line: int, quantity: int) -> Fact:
    contents = (PackedQuantity(order_line_id=OrderLineId(line), quantity=quantity),)
    return CartonClosed(sscc=sscc(1), tote=ToteCode(tote), contents=contents, weight_g=None)


def test_a_piece_that_was_put_back_may_be_picked_again(site: SmallSite) -> None:
    Ledger(site).does(claim(2), bind("T-2", 2), piece("SN-1", 3), put(1, 3, "T-2"))
    with site.write() as work:
        cancel_order(work, "second", by="Ruth")
    back = PutBack(
        tote=ToteCode("T-2"),
        order_line_id=OrderLineId(3),
        item_id=ItemId("MUG"),
        quantity=1,
        location=LocationCode("A1"),
        how=SCANNED,
    )
    Ledger(site, "PK-01").does(back)
    assert places(site) == {"SN-1": "location:A1"}
    assert Ledger(site, "HH-08").does(claim(1), bind("T-1"), piece("SN-1"))[-1] == "accepted"


@pytest.mark.parametrize(
    ("terminal_id", "carton"), [("PK-01", sscc(5000)), ("PK-01", made_sscc(3, "4012345", 1)), ("PK-02", sscc(7))]
)
def test_a_carton_number_that_was_not_leased_to_its_terminal_is_named(
    site: SmallSite, terminal_id: str, carton: Sscc
) -> None:
    Ledger(site).does(claim(2), bind("T-2", 2), pick(2, 3), put(2, 3, "T-2"), hand_over(2))
    packer = Ledger(site, terminal_id)
    site.change(t.sscc_range, {"first": 1, "last": 6}, terminal_id="PK-02")
    assert packer.does_one(SsccAssigned(tote=ToteCode("T-2"), sscc=carton)) == "discrepancy:sscc-not-leased"
    assert row(site, "tote", tote="T-2")["sscc"] == carton
    assert kinds_opened(site) == ["sscc-not-leased"]


def test_an_order_whose_label_cannot_be_printed_waits_for_a_person(site: SmallSite) -> None:
    Ledger(site).does(claim(2), bind("T-2", 2), pick(2, 3), put(2, 3, "T-2"), hand_over(2))
    packer = Ledger(site, "PK-01")
    assigned = SsccAssigned(tote=ToteCode("T-2"), sscc=sscc(1))
    unprintable = LabelRefused(tote=ToteCode("T-2"), sscc=sscc(1), fields=("ship-to name",))
    assert packer.does(verify(2, 3, "MUG", "T-2"), assigned, unprintable) == ["accepted"] * 3
    assert row(site, "orders", order_ref="second")["status"] == "held"
    assert "ship-to name" in row(site, "order_hold", order_id=2)["text"]
    assert kinds_opened(site) == ["label-unprintable"]
    with site.write() as work:
        release_hold(work, "second", "address", "Ruth")
    assert row(site, "orders", order_ref="second")["status"] == "open"
