"""What each fact of a picker changes, and what it is told where the record and the floor disagree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import Fact, ReportedEmpty, ShortReason, SignedIn, SignedOut
from sync.record.ids import LocationCode
from sync.store import tables as t
from tests.store.floor_ledger import (
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    lay_out,
    let_go,
    locate,
    pick,
    put,
    row,
    short,
    skip,
)
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def walking(site: SmallSite) -> Ledger:
    """A terminal that has taken list 1 and bound a tote to it."""
    ledger = Ledger(site)
    assert ledger.does(claim(), bind()) == ["accepted", "accepted"]
    return ledger


def counts(site: SmallSite, line_id: int = 1) -> tuple[int, int, int, int, int]:
    line = row(site, "pick_line", line_id=line_id)
    return line["asked"], line["picked"], line["put"], line["shorted"], line["surplus"]


def on_hand(site: SmallSite, location: str, item: str = "MUG") -> int:
    return sum(one["on_hand"] for one in site.rows(t.stock, location=location, item_id=item))


def test_signing_in_and_out_is_known_of_the_terminal(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does_one(SignedIn()) == "accepted"
    assert row(site, "terminal", terminal_id="HH-07")["worker_id"] == "W1"
    assert ledger.does_one(SignedOut()) == "accepted"
    assert row(site, "terminal", terminal_id="HH-07")["worker_id"] is None


def test_a_line_is_located_picked_and_put(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does(locate(), pick(), pick(2), put(3)) == ["accepted"] * 4
    assert row(site, "pick_line", line_id=1)["located"]
    assert counts(site) == (4, 3, 3, 0, 0)
    line = site.line(1)
    assert (line["picked"], line["allocated"]) == (3, 1)
    assert (on_hand(site, "A1"), site.allocated_at("A1")) == (3, 3)
    content = row(site, "tote_content", tote="T-1")
    assert (content["order_line_id"], content["item_id"], content["quantity"], content["verified"]) == (1, "MUG", 3, 0)
    moves = site.rows(t.stock_move, reason="pick")
    assert [(m["quantity"], m["source"], m["target"]) for m in moves] == [
        (1, "location:A1", "tote:T-1"),
        (2, "location:A1", "tote:T-1"),
    ]
    assert kinds_opened(site) == []


def test_a_skipped_line_comes_back_later(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does(locate(), skip()) == ["accepted", "accepted"]
    line = row(site, "pick_line", line_id=1)
    assert (line["located"], line["passes"]) == (False, 1)


def test_more_than_asked_is_put_back_and_never_counted(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does(pick(3), pick(3)) == ["accepted", "discrepancy:overpick"]
    assert counts(site) == (4, 4, 0, 0, 2)
    assert (site.line(1)["picked"], on_hand(site, "A1")) == (4, 0)
    opened = row(site, "discrepancy")
    assert (opened["kind"], opened["quantity"], opened["place"]) == ("overpick", 2, "location:A1")
    assert (opened["item_id"], opened["terminal_id"], opened["worker_id"]) == ("MUG", "HH-07", "W1")


def test_pieces_found_after_a_short_are_counted_as_far_as_the_demand_is_still_open(site: SmallSite) -> None:
    site.change(t.location, {"blocked": "frozen"}, code="A2")
    ledger = walking(site)
    assert ledger.does(pick(1), short(3)) == ["accepted", "accepted"]
    assert (site.line(1)["short"], site.line(1)["allocated"]) == (3, 0)
    assert ledger.does(pick(4)) == ["discrepancy:overpick"]
    assert counts(site) == (7, 4, 0, 3, 1)
    assert (site.line(1)["short"], site.line(1)["picked"]) == (0, 4)


def test_pieces_found_after_a_short_are_taken_back_from_the_line_that_replaces_it(site: SmallSite) -> None:
    ledger = walking(site)
    ledger.does(short(4))
    assert [(one["line_id"], one["location"], one["asked"]) for one in site.rows(t.pick_line, order_line_id=1)] == [
        (1, "A1", 4),
        (4, "A2", 4),
    ]
    assert ledger.does_one(pick(3)) == "accepted"
    assert row(site, "pick_line", line_id=4)["asked"] == 1
    head = row(site, "pick_list", list_id=1)
    lines = site.rows(t.pick_line, list_id=1)
    assert (head["line_count"], head["piece_count"]) == (
        sum(one["asked"] > 0 for one in lines),
        sum(one["asked"] for one in lines),
    )
    assert site.audiences("pick_line")["4"] == "t:HH-07"


def test_demand_is_not_taken_back_from_a_list_that_was_cancelled(site: SmallSite) -> None:
    """Its lines reserve nothing any more, whatever they still seem to ask for."""
    ledger = walking(site)
    ledger.does(short(4))
    site.change(t.pick_line, {"list_id": 2}, line_id=4)
    site.change(t.pick_list, {"status": "cancelled"}, list_id=2)
    for line_id in (1, 3):
        ordered = row(site, "order_line", order_line_id=line_id)["ordered"]
        site.change(t.order_line, {"allocated": 0, "cut": ordered}, order_line_id=line_id)
    site.change(t.stock, {"allocated": 0}, item_id="MUG")
    assert ledger.does_one(pick(1)) == "discrepancy:overpick"


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (pick(2, item="TEA", at="B1"), "wrong-item"),
        (pick(2, line_id=3), "no-tote"),
    ],
)
def test_what_no_line_wants_is_put_back(site: SmallSite, fact: Fact, kind: str) -> None:
    ledger = walking(site)
    assert ledger.does_one(fact) == f"discrepancy:{kind}"
    assert kinds_opened(site) == [kind]
    assert sum(move["quantity"] for move in site.rows(t.stock_move, target="surplus")) == 2
    assert site.rows(t.tote_content) == []


def test_what_is_picked_for_a_cancelled_order_is_put_back(site: SmallSite) -> None:
    ledger = walking(site)
    ledger.does(pick(1))
    site.change(t.orders, {"status": "cancelled"}, order_id=1)
    ledger.write(pick(2))
    _, (judged,) = ledger.push(len(ledger.bodies))
    assert (judged.verdict, judged.reason) == ("discrepancy", "cancelled")
    assert counts(site) == (4, 1, 0, 0, 2)


def test_another_lot_is_taken_from_its_own_stock(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does_one(pick(2, lot="L9")) == "accepted"
    by_lot = {one["lot"]: (one["on_hand"], one["allocated"]) for one in site.rows(t.stock, location="A1")}
    assert by_lot == {"": (6, 4), "L9": (-2, 0)}


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (pick(line_id=99), "unknown-line"),
        (locate(99), "unknown-line"),
        (put(line_id=99), "unknown-line"),
        (skip(99), "unknown-line"),
        (short(line_id=99), "unknown-line"),
        (pick(line_id=2**70), "unknown-line"),
        (pick(at="Z9"), "unknown-location"),
        (pick(item="LAMP"), "unknown-item"),
        (pick(0), "quantity"),
        (put(-1), "quantity"),
        (short(-1), "quantity"),
        (pick(5_901_234_123_457), "quantity"),
        (ReportedEmpty(location=LocationCode("Z9")), "unknown-location"),
    ],
)
def test_what_the_record_cannot_place_is_kept_aside_and_changes_nothing(
    site: SmallSite, fact: Fact, reason: str
) -> None:
    ledger = walking(site)
    before = [site.rows(table) for table in (t.pick_line, t.stock, t.stock_move, t.order_line, t.discrepancy)]
    assert ledger.does_one(fact) == f"quarantined:{reason}"
    assert [site.rows(table) for table in (t.pick_line, t.stock, t.stock_move, t.order_line, t.discrepancy)] == before


def test_late_facts_of_a_former_holder_count_and_say_nothing_of_where_the_new_one_stands(site: SmallSite) -> None:
    first, second = walking(site), Ledger(site, "HH-08")
    first.does(let_go())
    second.does(claim(), bind("T-2", token=4))
    stale = ["accepted:stale-lease"] * 4
    assert first.does(locate(), skip(), pick(1), bind("T-3")) == stale
    line = row(site, "pick_line", line_id=1)
    assert (line["located"], line["passes"], line["picked"]) == (False, 0, 1)
    assert row(site, "pick_list", list_id=1)["totes"][-1] == "T-2"


def test_late_facts_after_the_list_has_ended_are_put_back(site: SmallSite) -> None:
    first, second = walking(site), Ledger(site, "HH-08")
    first.does(let_go())
    second.does(claim(), bind("T-2", token=4), pick(2, token=4), hand_over(token=4))
    assert first.does_one(pick(1)) == "discrepancy:list-ended"
    assert counts(site) == (2, 2, 0, 0, 1)


def test_a_short_is_looked_for_elsewhere_and_its_location_leaves_the_walks(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does_one(short(4)) == "accepted"
    assert counts(site) == (4, 0, 0, 4, 0)
    assert row(site, "location", code="A1")["blocked"] == "short"
    assert [one["location"] for one in site.rows(t.pick_line, order_line_id=3)] == ["A1", "A2"]
    assert kinds_opened(site) == ["short-short"]
    assert site.audiences("location")["A1"] == "*"


@pytest.mark.parametrize(
    ("reason", "blocked", "written_off", "cut"),
    [
        (ShortReason.SHORT, "short", 0, 0),
        (ShortReason.WRONG_ITEM, "wrong_item", 0, 0),
        (ShortReason.DAMAGED, None, 3, 0),
        (ShortReason.CUT, None, 0, 3),
    ],
)
def test_what_follows_from_a_short_depends_on_its_reason(
    site: SmallSite, reason: ShortReason, blocked: str | None, written_off: int, cut: int
) -> None:
    ledger = walking(site)
    assert ledger.does_one(short(3, reason=reason)) == "accepted"
    assert row(site, "location", code="A1")["blocked"] == blocked
    assert sum(move["quantity"] for move in site.rows(t.stock_move, target="lost")) == written_off
    assert on_hand(site, "A1") == 6 - written_off
    assert site.line(1)["cut"] == cut
    assert kinds_opened(site) == [f"short-{reason}"]
    replaced = sum(one["asked"] for one in site.rows(t.pick_line, location="A2", order_line_id=1))
    assert replaced == (0 if cut else 3)


def test_a_short_says_no_more_than_the_line_still_asks_for(site: SmallSite) -> None:
    ledger = walking(site)
    assert ledger.does(pick(3), short(9, reason=ShortReason.CUT)) == ["accepted", "accepted"]
    assert counts(site) == (4, 3, 0, 1, 0)
    assert ledger.does_one(short(1)) == "accepted:nothing-open"
    assert kinds_opened(site) == ["short-cut"]


def test_a_location_reported_empty_leaves_every_walk_but_lines_already_begun(site: SmallSite) -> None:
    ledger = walking(site)
    other = Ledger(site, "HH-08")
    other.does(claim(2), bind("T-2", 2), pick(1, line_id=3))
    assert ledger.does_one(ReportedEmpty(location=LocationCode("A1"))) == "accepted"
    asked = {one["line_id"]: (one["location"], one["asked"]) for one in site.rows(t.pick_line, item_id="MUG")}
    assert asked == {1: ("A1", 0), 3: ("A1", 2), 4: ("A2", 4)}
    assert kinds_opened(site) == ["empty"]
    assert ledger.does_one(ReportedEmpty(location=LocationCode("A1"))) == "accepted"
