"""Two terminals at the same cart, or at the same tote on two carts, at the same moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import CartToteBound, ClaimedTote
from sync.record.ids import OrderId, PickListId, ToteCode
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.site_files.files import SiteFile
from sync.store.site_files.setting import set_file
from tests.store.floor_ledger import SCANNED, Ledger, claim, kinds_opened, let_go, pick, row
from tests.store.small_site import SmallSite, small_site
from tests.store.test_judging_carts import ON_A_CART
from tests.store.test_judging_races import at_once, pushes


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Two carts: list 1 for the orders 1 and 2, list 2 for the orders 3 and 4; each wants 3 MUG (line = order)."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 100, position=10)
        with made.write() as work:
            set_file(work, SiteFile.WAVES, ON_A_CART, by="Lea")
        for first in (1, 3):
            order_ids = [made.order(f"order {number}", [("MUG", 3)]) for number in (first, first + 1)]
            with made.write() as work:
                allocate(work, order_ids)
                release(work, order_ids)
        yield made


def on_cart(order_id: int, tote: str, list_id: int = 1) -> CartToteBound:
    return CartToteBound(
        list_id=PickListId(list_id),
        token=2,
        order_id=OrderId(order_id),
        position=order_id,
        tote=ToteCode(tote),
        how=SCANNED,
    )


def test_one_tote_bound_on_two_carts_at_once_is_told_to_a_lead_and_no_piece_is_lost(site: SmallSite) -> None:
    first, second = Ledger(site, "HH-01"), Ledger(site, "HH-02")
    first.write(claim(1), on_cart(1, "T-1"), pick(3, 1))
    second.write(claim(2), on_cart(3, "T-1", list_id=2), pick(3, 3))
    answers = at_once([pushes(first), pushes(second)])
    assert sorted(answers) == [["accepted"] * 3, ["accepted", "discrepancy:tote-in-use", "accepted"]]
    assert kinds_opened(site) == ["tote-in-use"]
    assert sum(one["quantity"] for one in site.rows(t.tote_content)) == 6
    assert site.differences() == []


def test_a_cart_that_two_ask_for_at_once_is_given_to_one(site: SmallSite) -> None:
    ledgers = [Ledger(site, f"HH-{number:02}") for number in range(4)]
    for ledger in ledgers:
        ledger.write(claim(1))
    verdicts = [verdict for (verdict,) in at_once([pushes(ledger) for ledger in ledgers])]
    holder = row(site, "pick_list", list_id=1)["terminal_id"]
    assert sorted(verdicts) == ["accepted", *[f"refused:held-by:{holder}"] * 3]


def test_a_cart_whose_totes_two_scan_at_once_goes_on_with_one(site: SmallSite) -> None:
    """It was given up: whoever scans a tote of it first has all of it."""
    before = Ledger(site, "HH-09")
    before.does(claim(1), on_cart(1, "T-1"), on_cart(2, "T-2"), pick(1, 1), let_go(1))
    ledgers = [Ledger(site, "HH-01"), Ledger(site, "HH-02")]
    for ledger, tote in zip(ledgers, ("T-1", "T-2"), strict=True):
        ledger.write(ClaimedTote(tote=ToteCode(tote)))
    verdicts = sorted(verdict for (verdict,) in at_once([pushes(ledger) for ledger in ledgers]))
    holder = row(site, "pick_list", list_id=1)
    assert verdicts[0] == "accepted"
    assert holder["status"] == "held"
    assert holder["terminal_id"] in ("HH-01", "HH-02")
    assert site.differences() == []
