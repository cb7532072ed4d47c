"""Whatever sorters write, in any order: every piece stays in one place, and the batch can still be closed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.record.facts import Fact, SortProblem, Undone
from sync.record.ids import EventId
from sync.record.rows import ToteStatus
from sync.store import tables as t
from sync.store.leading.batches import BatchAccount, batch_accounts
from sync.store.leading.verifying import differences
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.holding import OrderRefused
from tests.store.floor_ledger import Ledger, verify
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.wall_floor import (
    build_wall,
    claim_sort,
    pick_in_bulk,
    plan_batch,
    release_sort,
    say_wrong,
    sort,
)

TOTES = st.sampled_from(["T-1", "T-2", "T-9", "W-1-A01"])
LINES = st.integers(1, 7)
PIECES = st.sampled_from([1, 1, 2, 3, 9])
ITEMS = st.sampled_from(["MUG", "MUG", "TEA"])
CUBBIES = st.sampled_from(["W-1-A01", "W-1-A02", "W-1-A03", "W-1-A04", "W-9-A01"])
PROBLEMS = st.sampled_from(SortProblem)
PLACES = st.sampled_from(["A1", "B1", None])

FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(claim_sort, TOTES, st.sampled_from(["1", "1", "2"])),
    st.builds(release_sort, TOTES),
    st.builds(sort, PIECES, LINES, CUBBIES, TOTES, ITEMS, st.sampled_from([1, 1, 1, 2])),
    st.builds(say_wrong, PROBLEMS, PIECES, st.none() | LINES, TOTES, ITEMS, st.just(1), PLACES),
    st.builds(verify, PIECES, LINES, ITEMS, CUBBIES),
)
ACTS = st.one_of(
    st.tuples(st.sampled_from([0, 1]), st.lists(FACTS, min_size=1, max_size=4)),
    st.tuples(st.sampled_from([0, 1]), st.integers(0, 20)),
    st.tuples(st.just("cancel"), st.integers(0, 2)),
    st.tuples(st.just("fewer"), st.integers(0, 2)),
)


@settings(max_examples=5)
@given(st.lists(ACTS, max_size=15))
def test_any_sequence_keeps_the_books_and_leaves_a_batch_that_can_be_closed(acts: list[tuple[object, object]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        small_site(f"sqlite:///{Path(folder) / 'floorhand.sqlite'}") as site,
    ):
        site.stock("A1", "MUG", 40, position=10)
        site.stock("B1", "TEA", 40, position=20)
        build_wall(site, 4)
        orders = [site.order(f"order {number}", [("MUG", 2 + number), ("TEA", 1)]) for number in range(3)]
        _, (list_id,) = plan_batch(site, orders)
        pick_in_bulk(site, Ledger(site, "HH-01"), list_id, "T-1", "T-2")
        sorters = [Ledger(site, "HH-11"), Ledger(site, "HH-12")]
        sorters[0].does(claim_sort("T-1"))
        for who, what in acts:
            _act(site, sorters, who, what)
            _nothing_is_lost(site)
        _finish(site, sorters[1])
        _nothing_is_lost(site)
        assert _account(site).status == "closed", _account(site)
        with site.database.read() as conn:
            assert list(differences(conn, SITE)) == []


def _act(site: SmallSite, sorters: list[Ledger], who: object, what: object) -> None:
    match who, what:
        case int(), list():
            verdicts = sorters[who].does(*what)  # `does` sees that the books balance
            assert not any("rule-broke" in verdict for verdict in verdicts)
        case int(), int():
            events = [event for ledger in sorters for event in ledger.events]
            sorters[who].does(Undone(undoes=EventId(events[what % len(events)])))
        case "cancel" | "fewer", int():
            line_no = None if who == "cancel" else 1
            try:
                with site.write() as work:
                    cancel_order(work, f"order {what}", by="Ruth", line_no=line_no, quantity=line_no)
            except OrderRefused:
                pass  # cancelled before, or nothing is left of it
        case _:
            raise AssertionError(f"no such act: {who}, {what}")


def _account(site: SmallSite) -> BatchAccount:
    with site.database.read() as conn:
        (account,) = batch_accounts(conn, SITE, [1])
    return account


def _nothing_is_lost(site: SmallSite) -> None:
    account = _account(site)
    assert account.difference == 0, account
    assert site.differences() == []
    owners = [row["order_id"] for row in site.rows(t.cubby) if row["order_id"] is not None]
    assert len(owners) == len(set(owners))
    for row in site.rows(t.cubby):
        (tote,) = site.rows(t.tote, tote=row["tote"])
        assert tote["order_id"] == row["order_id"], (row, tote)
        assert (tote["status"] == ToteStatus.EMPTY) == (row["order_id"] is None), (row, tote)


def _finish(site: SmallSite, sorter: Ledger) -> None:
    """Put what is left into cubbies; without one, or for a cancelled order, it goes back to its place."""
    for tote in ("T-1", "T-2"):
        sorter.does(claim_sort(tote))  # refused where another holds it: what is done counts all the same
        place_of = {row["order_id"]: row["tote"] for row in site.rows(t.cubby)}
        of_line = {row["order_line_id"]: row["order_id"] for row in site.rows(t.order_line)}
        for content in site.rows(t.tote_content, tote=tote):
            line, pieces = content["order_line_id"], content["quantity"]
            (order,) = site.rows(t.orders, order_id=of_line[line])
            cubby = place_of.get(of_line[line])
            if not pieces:
                continue
            if order["status"] == "cancelled" or cubby is None:
                sorter.does(say_wrong(SortProblem.RETURNED, pieces, line, tote, content["item_id"], 1, "A1"))
            else:
                sorter.does(sort(pieces, line, cubby, tote, content["item_id"]))
