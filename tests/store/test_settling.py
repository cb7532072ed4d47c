"""Settling a discrepancy does in the record what a person says was done with the pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import PackProblem, ReportedEmpty, ShortReason
from sync.record.ids import ItemId, LocationCode, LotCode, TerminalId
from sync.store import tables as t
from sync.store.leading.discrepancies import Way, discrepancies
from sync.store.leading.settling import SettlementRefused, Settling, settle
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, lay_out, pick, report, row, short
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def open_one(site: SmallSite) -> dict[str, Any]:
    (found,) = (one for one in site.rows(t.discrepancy) if one["settled_at"] is None)
    return found


def settles(site: SmallSite, way: Way, **how: Any) -> str:
    """Settle what is open, and see that the books balance."""
    found = open_one(site)
    done = site.database.run(SITE, lambda work: settle(work, found["discrepancy_id"], "Lea", Settling(way=way, **how)))
    assert site.differences() == []
    return done


def on_hand(site: SmallSite, location: str, item: str = "MUG") -> int:
    return sum(one["on_hand"] for one in site.rows(t.stock, location=location, item_id=item))


def moved(site: SmallSite) -> list[tuple[str, str, int, str]]:
    moves = (one for one in site.rows(t.stock_move) if one["cause"].startswith("settle:"))
    return [(one["source"], one["target"], one["quantity"], one["reason"]) for one in moves]


@pytest.mark.parametrize(("at", "target"), [(None, "A1"), ("A2", "A2")])
def test_surplus_pieces_stand_where_they_were_put_back(site: SmallSite, at: str | None, target: str) -> None:
    ledger = Ledger(site)
    assert ledger.does(claim(), bind(), pick(6)) == ["accepted", "accepted", "discrepancy:overpick"]
    before = on_hand(site, target)
    done = settles(site, Way.PUT_BACK, at=None if at is None else LocationCode(at), note="both of them")
    assert done == f"put-back 2{' at A2' if at else ''}: both of them"
    assert on_hand(site, target) == before + 2
    assert moved(site) == [("surplus", f"location:{target}", 2, "put-back")]
    assert row(site, "discrepancy")["settled_by"] == "Lea"
    assert [(one["who"], one["what"]) for one in site.rows(t.audit)] == [("Lea", "settle")]


def test_surplus_pieces_that_nobody_finds_are_written_off(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(6))
    settles(site, Way.WRITE_OFF)
    assert moved(site) == [("surplus", "lost", 2, "write-off")]


def test_an_undo_after_the_pieces_were_put_back_does_not_put_them_back_again(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(6))
    settles(site, Way.PUT_BACK)
    assert ledger.undoes() == "discrepancy:undo-late"
    assert on_hand(site, "A1") == 2
    assert row(site, "pick_line", line_id=1)["picked"] == 4


@pytest.mark.parametrize(("found", "move"), [(0, ("location:A1", "lost", 3)), (9, ("outside", "location:A1", 6))])
def test_a_count_corrects_the_stock_and_opens_the_location(
    site: SmallSite, found: int, move: tuple[str, str, int]
) -> None:
    Ledger(site).does(claim(), bind(), pick(3), short(1))
    assert row(site, "location", code="A1")["blocked"] == "short"
    position = row(site, "feed_head")["n"]
    assert settles(site, Way.COUNT, found=found) == f"count {found} at A1"
    assert on_hand(site, "A1") == found
    assert moved(site) == [(*move, "count")]
    assert row(site, "location", code="A1")["blocked"] is None
    assert row(site, "feed", kind="location", key="A1")["n"] > position


def test_a_count_that_finds_what_the_record_says_moves_nothing(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(3), short(1))
    settles(site, Way.COUNT, found=3)
    assert moved(site) == []


def test_an_empty_location_with_several_things_in_it_is_counted_thing_by_thing(site: SmallSite) -> None:
    site.stock("B1", "MUG", 4, position=30, lot="L1")
    site.stock("B1", "MUG", 2, position=30, lot="L2")
    Ledger(site).does(ReportedEmpty(location=LocationCode("B1")))
    with pytest.raises(SettlementRefused, match=r"B1 holds several things .*MUG lot L1, MUG lot L2, TEA.*Say which"):
        settles(site, Way.COUNT, found=1)
    settles(site, Way.COUNT, found=1, item_id=ItemId("MUG"), lot=LotCode("L2"))
    assert on_hand(site, "B1") == 4 + 1


def test_an_empty_location_that_is_empty_holds_nothing_of_anything(site: SmallSite) -> None:
    site.stock("B1", "MUG", 4, position=30)
    Ledger(site).does(ReportedEmpty(location=LocationCode("B1")))
    settles(site, Way.COUNT, found=0)
    assert (on_hand(site, "B1"), on_hand(site, "B1", "TEA")) == (0, 0)


def test_what_a_lead_has_frozen_stays_frozen(site: SmallSite) -> None:
    site.change(t.location, {"blocked": "frozen"}, code="B1")
    Ledger(site).does(ReportedEmpty(location=LocationCode("B1")))
    settles(site, Way.COUNT, found=8)
    assert row(site, "location", code="B1")["blocked"] == "frozen"


def test_a_count_at_another_place_than_the_discrepancy_names(site: SmallSite) -> None:
    """A piece that packing misses lies at its location."""
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(4), pick(3, 2, "TEA", "B1"), hand_over(), report(PackProblem.MISSING))
    with pytest.raises(SettlementRefused, match="names no location"):
        settles(site, Way.COUNT, found=3)
    with pytest.raises(SettlementRefused, match="There is no location Z9"):
        settles(site, Way.COUNT, found=3, at=LocationCode("Z9"))
    settles(site, Way.COUNT, found=3, at=LocationCode("A1"))
    assert on_hand(site, "A1") == 3


@pytest.mark.parametrize(
    ("facts", "way", "said"),
    [
        ([pick(6)], Way.ACCEPT, "overpick: accept does not settle it. What does: put-back, write-off"),
        ([pick(6)], Way.COUNT, "count does not settle it"),
        ([short(1)], Way.PUT_BACK, "short-short: put-back does not settle it. What does: count, accept"),
        ([short(1, reason=ShortReason.CUT)], Way.WRITE_OFF, "What does: accept, count"),
        ([short(1)], Way.COUNT, "needs the number of pieces"),
    ],
)
def test_a_way_that_does_not_fit_is_refused_and_changes_nothing(
    site: SmallSite, facts: list[Any], way: Way, said: str
) -> None:
    Ledger(site).does(claim(), bind(), *facts)
    with pytest.raises(SettlementRefused, match=said):
        settles(site, way)
    assert open_one(site)["settled_at"] is None
    assert site.rows(t.audit) == []


def test_a_discrepancy_is_settled_once(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(6))
    found = open_one(site)
    settles(site, Way.PUT_BACK)
    for name, said in (
        (found["discrepancy_id"], "was settled by Lea on 2010-12-01 09:30 UTC"),
        ("x", "no discrepancy x"),
    ):
        with pytest.raises(SettlementRefused, match=said), site.write() as work:
            settle(work, name, "Karl", Settling(way=Way.PUT_BACK))
    assert on_hand(site, "A1") == 2


def test_the_list_says_what_a_lead_needs_and_can_be_narrowed(site: SmallSite) -> None:
    Ledger(site).does(claim(), bind(), pick(6), short(1, 2))
    with site.database.read() as conn:
        overpick, missed = discrepancies(conn, SITE)
        assert discrepancies(conn, SITE, kinds=["overpick"]) == [overpick]
        assert discrepancies(conn, SITE, terminal_id=TerminalId("HH-08")) == []
    assert (overpick.order_ref, overpick.item_id, overpick.place, overpick.quantity) == (
        "first",
        "MUG",
        "location:A1",
        2,
    )
    assert (overpick.terminal_id, overpick.worker_id, overpick.ways) == ("HH-07", "W1", (Way.PUT_BACK, Way.WRITE_OFF))
    assert overpick.other is not None
    assert overpick.other["says"] == "line 1 asked 4: 4 picked, 0 short"
    assert (missed.kind, missed.ways[0], missed.other) == ("short-short", Way.COUNT, None)
