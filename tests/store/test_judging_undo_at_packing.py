"""What a packer takes back, what a picker takes back of a tote, and places that are open again after an undo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import PackProblem, ReportedEmpty, ShortReason
from sync.record.ids import LocationCode
from sync.store import tables as t
from tests.store.floor_ledger import (
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    label,
    lay_out,
    pick,
    put,
    report,
    row,
    short,
    verify,
)
from tests.store.small_floor import sscc
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def fresh(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


@pytest.fixture
def site(fresh: SmallSite) -> SmallSite:
    """Tote T-1 waits for packing with 4 MUG (order line 1) and 3 TEA (order line 2)."""
    picker = Ledger(fresh)
    picker.does(claim(), bind(), pick(4), put(4), pick(3, line_id=2, item="TEA", at="B1"), put(3, 2), hand_over())
    return fresh


def contents(site: SmallSite) -> dict[int, tuple[int, int]]:
    return {one["order_line_id"]: (one["quantity"], one["verified"]) for one in site.rows(t.tote_content, tote="T-1")}


def test_a_verified_piece_is_unseen_again(site: SmallSite) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(verify(3))
    assert packer.undoes() == "accepted"
    assert contents(site)[1] == (4, 0)
    assert packer.undoes(packer.events[0]) == "discrepancy:undone-already"


def test_only_what_was_counted_of_a_verified_surplus_is_taken_back(site: SmallSite) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(verify(1), verify(5))
    assert packer.undoes() == "accepted"
    assert contents(site)[1] == (4, 1)
    assert kinds_opened(site) == []


@pytest.mark.parametrize("problem", list(PackProblem))
def test_a_reported_problem_is_none_again(site: SmallSite, problem: PackProblem) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(verify(1), report(problem, 2))
    assert packer.undoes() == "accepted"
    assert contents(site)[1] == (4, 1)
    assert (site.line(1)["picked"], site.line(1)["short"]) == (4, 0)
    assert kinds_opened(site) == []


def test_a_tote_that_seemed_empty_is_to_be_packed_again(site: SmallSite) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(report(PackProblem.MISSING, 3, 2, "TEA"), report(PackProblem.MISSING, 4))
    assert row(site, "tote", tote="T-1")["status"] == "empty"
    assert packer.undoes() == "accepted"
    assert (row(site, "tote", tote="T-1")["status"], row(site, "tote", tote="T-1")["order_id"]) == ("to_pack", 1)
    assert contents(site)[1] == (4, 0)


def test_a_tote_that_has_another_list_since_keeps_it(site: SmallSite) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(report(PackProblem.MISSING, 3, 2, "TEA"), report(PackProblem.MISSING, 4))
    Ledger(site, "HH-08").does(claim(2), bind("T-1", 2))
    assert packer.undoes() == "discrepancy:undo-late"
    assert row(site, "tote", tote="T-1")["order_id"] == 2


def test_nothing_is_taken_back_of_a_carton_that_has_its_number(site: SmallSite) -> None:
    packer = Ledger(site, "PK-01")
    packer.does(verify(4), report(PackProblem.MISSING, 3, 2, "TEA"), *label(sscc(1))[:1])
    assert packer.undoes(packer.events[0]) == "discrepancy:undo-late"
    assert packer.undoes(packer.events[1]) == "discrepancy:undo-late"
    assert contents(site)[1] == (4, 4)


def test_a_tote_that_was_bound_by_mistake_is_free_again(fresh: SmallSite) -> None:
    picker = Ledger(fresh)
    picker.does(claim(), bind())
    assert picker.undoes() == "accepted"
    assert row(fresh, "tote", tote="T-1")["status"] == "empty"
    assert row(fresh, "pick_list", list_id=1)["totes"] == []
    assert Ledger(fresh, "HH-08").does(claim(2), bind("T-1", 2)) == ["accepted"] * 2


def test_a_tote_with_pieces_in_it_stays_bound(fresh: SmallSite) -> None:
    picker = Ledger(fresh)
    picker.does(claim(), bind(), pick(1), put(1))
    assert picker.undoes(picker.events[1]) == "discrepancy:undo-late"
    assert row(fresh, "pick_list", list_id=1)["totes"] == ["T-1"]


@pytest.mark.parametrize("reason", [ShortReason.SHORT, ShortReason.WRONG_ITEM])
def test_a_place_is_open_again_when_the_only_report_of_it_is_taken_back(fresh: SmallSite, reason: ShortReason) -> None:
    picker = Ledger(fresh)
    picker.does(claim(), bind(), short(2, reason=reason), ReportedEmpty(location=LocationCode("A1")))
    assert row(fresh, "location", code="A1")["blocked"] == reason
    assert picker.undoes(picker.events[2]) == "accepted"
    assert row(fresh, "location", code="A1")["blocked"] is None
    assert kinds_opened(fresh) == []
    assert "A1" in fresh.audiences("location")


def test_a_place_that_somebody_else_reported_too_stays_blocked(fresh: SmallSite) -> None:
    picker, other = Ledger(fresh), Ledger(fresh, "HH-08")
    picker.does(claim(), bind(), short(2))
    other.does(ReportedEmpty(location=LocationCode("A1")))
    assert picker.undoes() == "accepted"
    assert row(fresh, "location", code="A1")["blocked"] == "short"
    assert kinds_opened(fresh) == ["empty"]


def test_a_place_that_a_lead_has_frozen_stays_frozen(fresh: SmallSite) -> None:
    picker = Ledger(fresh)
    picker.does(claim(), bind(), short(2))
    fresh.change(t.location, {"blocked": "frozen"}, code="A1")
    assert picker.undoes() == "accepted"
    assert row(fresh, "location", code="A1")["blocked"] == "frozen"
