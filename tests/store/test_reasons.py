"""What follows of a reason is the site's table: every consequence, and each of them taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import LineShorted, LocationReported, ReportedEmpty
from sync.record.ids import LocationCode, PickLineId
from sync.store import tables as t
from sync.store.leading.discrepancies import Way, discrepancies
from sync.store.leading.replenishing import NothingAsked, replenished, to_replenish
from sync.store.leading.settling import Settling, settle
from sync.store.leading.verifying import differences as unproven
from sync.store.orders.cancelling import cancel_order
from sync.store.site_files.files import SiteFile, shipped
from sync.store.site_files.setting import set_file
from tests.store.floor_ledger import Ledger, bind, claim, kinds_opened, lay_out, locate, row
from tests.store.small_site import SITE, SmallSite, small_site

A1 = LocationCode("A1")


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def adds(site: SmallSite, then: str, *, about: str = "line") -> None:
    """The site puts a reason of its own, ``wet``, in the place of the shipped ``label_missing``."""
    kept = [one for one in shipped(SiteFile.REASONS).split("[[reason]]") if "label_missing" not in one]
    own = f'\ncode = "wet"\ndigit = "9"\nwords = {{ en = "Wet" }}\nabout = "{about}"\nthen = {then}\n'
    with site.write() as work:
        set_file(work, SiteFile.REASONS, "[[reason]]".join([*kept, own]), by="Ruth")


def short(reason: str = "wet", quantity: int = 4) -> LineShorted:
    return LineShorted(line_id=PickLineId(1), token=2, quantity=quantity, reason=reason)


def standing(site: SmallSite) -> dict[str, Any]:
    """All that a reason may change, without what only says that it was given."""
    tables = ("order_line", "pick_line", "stock", "location", "orders")
    found: dict[str, Any] = {name: site.rows(getattr(t, name)) for name in tables}
    found["stock"] = [one for one in found["stock"] if one["on_hand"] or one["allocated"]]
    for line in found["pick_line"]:
        line.pop("surplus")
    found["pick_line"] = [line for line in found["pick_line"] if line["asked"]]
    found["open"] = kinds_opened(site)
    found["counts"] = site.rows(t.count_task, status="open")
    found["wanted"] = site.rows(t.replenishment)
    found["holds"] = [one for one in site.rows(t.order_hold) if one["released_at"] is None]
    return found


def stands(site: SmallSite) -> Ledger:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), locate())
    return ledger


def test_a_reason_without_consequences_leaves_the_demand_open_and_tells_nobody(site: SmallSite) -> None:
    adds(site, "[]")
    assert stands(site).does_one(short()) == "accepted"
    line = row(site, "order_line", order_line_id=1)
    assert (line["allocated"], line["short"], line["cut"]) == (0, 0, 0)
    assert row(site, "pick_line", line_id=1)["shorted"] == 4
    assert kinds_opened(site) == []
    (kept,) = site.rows(t.discrepancy)
    assert (kept["kind"], kept["quantity"], kept["settled_by"], kept["followed"]) == (
        "short-wet",
        4,
        "table of reasons",
        [],
    )


def test_look_elsewhere_alone_adds_the_pieces_to_the_walk(site: SmallSite) -> None:
    adds(site, '["look_elsewhere"]')
    stands(site).does(short())
    assert [(one["location"], one["asked"]) for one in site.rows(t.pick_line, order_line_id=1)] == [
        ("A1", 4),
        ("A2", 4),
    ]
    assert row(site, "location", code="A1")["blocked"] is None


def test_cut_gives_the_demand_up(site: SmallSite) -> None:
    adds(site, '["cut", "tell_lead"]')
    stands(site).does(short())
    assert row(site, "order_line", order_line_id=1)["cut"] == 4
    assert kinds_opened(site) == ["short-wet"]


def test_write_off_takes_the_pieces_out_of_the_stock(site: SmallSite) -> None:
    adds(site, '["write_off"]')
    stands(site).does(short())
    assert row(site, "stock", location="A1", item_id="MUG")["on_hand"] == 2
    assert [
        (one["target"], one["quantity"], one["reason"]) for one in site.rows(t.stock_move, source="location:A1")
    ] == [("lost", 4, "wet")]


def test_freeze_closes_the_location_for_everybody_else_until_it_was_counted(site: SmallSite) -> None:
    adds(site, '["freeze"]')
    stands(site).does(short())
    assert row(site, "location", code="A1")["blocked"] == "wet"
    assert {one["location"] for one in site.rows(t.pick_line, list_id=2) if one["asked"]} == {"A2"}
    with site.database.read() as conn:
        (told,) = discrepancies(conn, SITE)
    assert (told.kind, told.ways) == ("short-wet", (Way.COUNT, Way.ACCEPT))
    with site.write() as work:
        settle(work, told.discrepancy_id, "Ruth", Settling(way=Way.COUNT, found=6))
    assert row(site, "location", code="A1")["blocked"] is None


def test_count_asks_for_a_count_of_the_item_and_of_all_where_the_location_is_closed(site: SmallSite) -> None:
    adds(site, '["count"]')
    stands(site).does(short(quantity=1))
    (task,) = site.rows(t.count_task)
    assert (task["location"], task["item_id"], task["why"], task["status"]) == ("A1", "MUG", "wet", "open")
    assert site.audiences("count_task") == {"1": "*"}
    adds(site, '["count", "freeze"]')
    Ledger(site, "HH-08").does(claim(2))
    assert LocationCode(row(site, "pick_line", line_id=3)["location"]) == A1
    Ledger(site, "HH-09").does(LineShorted(line_id=PickLineId(3), token=2, quantity=1, reason="wet"))
    assert [(one["item_id"], one["priority"]) for one in site.rows(t.count_task)] == [("MUG", 5), (None, 1)]


def test_replenish_asks_for_the_item_at_the_location(site: SmallSite) -> None:
    adds(site, '["replenish"]')
    stands(site).does(short())
    (wanted,) = site.rows(t.replenishment)
    assert (wanted["location"], wanted["item_id"], wanted["done_at"]) == ("A1", "MUG", None)
    with site.database.read() as conn:
        assert [(one.location, one.item_id, one.times) for one in to_replenish(conn, SITE)] == [("A1", "MUG", 1)]
    with site.write() as work:
        assert replenished(work, A1, by="Ruth") == 1
        assert to_replenish(work.conn, SITE) == []
        with pytest.raises(NothingAsked):
            replenished(work, A1, by="Ruth")


def test_hold_order_stops_the_order_and_the_walk_goes_on(site: SmallSite) -> None:
    adds(site, '["hold_order"]')
    stands(site).does(short())
    assert row(site, "orders", order_id=1)["status"] == "held"
    (hold,) = site.rows(t.order_hold)
    assert hold["reason"] == "from-floor"
    assert hold["text"].startswith("Wet (")
    assert row(site, "pick_list", list_id=1)["status"] == "held"
    assert row(site, "pick_line", line_id=2)["asked"] == 3


@pytest.mark.parametrize(
    "then",
    [
        "[]",
        '["look_elsewhere"]',
        '["cut"]',
        '["write_off", "look_elsewhere"]',
        '["freeze", "look_elsewhere", "tell_lead"]',
        '["count"]',
        '["replenish", "tell_lead"]',
        '["hold_order"]',
        '["look_elsewhere", "write_off", "freeze", "count", "replenish", "tell_lead", "hold_order"]',
        '["cut", "hold_order", "count"]',
    ],
)
def test_each_consequence_is_taken_back_with_the_short(site: SmallSite, then: str) -> None:
    adds(site, then)
    with site.write() as work:  # lines of others that a closed location was taken out of stay where they are
        cancel_order(work, "second", by="Ruth")
    ledger = stands(site)
    before = standing(site)
    ledger.does(short())
    assert standing(site) != before
    with site.write() as work:  # what the table says by now is not what was done
        set_file(work, SiteFile.REASONS, None, by="Ruth")
    assert ledger.undoes(ledger.events[-1]) == "accepted"
    assert standing(site) == before
    assert site.differences() == []


def test_a_reason_that_the_site_does_not_have_counts_as_short_and_is_named_to_a_lead(site: SmallSite) -> None:
    stands(site).does(short("haunted"))
    assert kinds_opened(site) == ["short-short", "unknown-reason"]
    (named,) = site.rows(t.discrepancy, kind="unknown-reason")
    assert "'haunted'" in named["text"]
    assert row(site, "location", code="A1")["blocked"] == "short"


def test_a_site_without_a_row_for_empty_still_closes_a_location_that_is_reported_empty(site: SmallSite) -> None:
    own = '[[reason]]\ncode = "wet"\ndigit = "9"\nwords = { en = "Wet" }\n'
    with site.write() as work:
        set_file(work, SiteFile.REASONS, own, by="Ruth")
    Ledger(site).does(ReportedEmpty(location=A1))
    assert row(site, "location", code="A1")["blocked"] == "empty"
    assert {one["item_id"] for one in site.rows(t.replenishment)} == {"MUG"}
    assert [(one["location"], one["why"]) for one in site.rows(t.count_task)] == [("A1", "empty")]


def test_what_is_wrong_with_a_location_leaves_the_line_as_it_is(site: SmallSite) -> None:
    ledger = stands(site)
    before = standing(site)
    assert ledger.does_one(LocationReported(location=A1, reason="label_missing")) == "accepted"
    assert standing(site) == before | {"open": ["label_missing"]}
    assert ledger.does_one(LocationReported(location=LocationCode("Z9"), reason="label_missing")) == (
        "quarantined:unknown-location"
    )
    assert ledger.does_one(LocationReported(location=A1, reason="haunted")) == "accepted"
    assert sorted(kinds_opened(site)) == ["label_missing", "label_missing", "unknown-reason"]


def test_a_reason_about_a_location_that_the_site_adds_does_what_its_row_says(site: SmallSite) -> None:
    adds(site, '["freeze", "count"]', about="location")
    Ledger(site).does(LocationReported(location=A1, reason="wet"))
    assert row(site, "location", code="A1")["blocked"] == "wet"
    assert {one["location"] for one in site.rows(t.pick_line, item_id="MUG") if one["asked"]} == {"A2"}
    assert kinds_opened(site) == ["wet"]


def test_the_proof_from_the_facts_follows_the_table_as_it_was(site: SmallSite) -> None:
    adds(site, '["cut", "write_off"]')
    ledger = stands(site)
    ledger.does(short(quantity=2))
    ledger.does(short(quantity=1))
    ledger.undoes(ledger.events[-1])
    with site.database.read() as conn:
        assert list(unproven(conn, SITE)) == []
    site.change(t.order_line, {"cut": 0}, order_line_id=1)
    with site.database.read() as conn:
        assert any("cut" in problem for problem in unproven(conn, SITE))
