"""An undo takes back what its fact really did, once, as long as the tote has not moved on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import Fact, ShortReason, SignedIn, Undone
from sync.record.ids import EventId
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


@pytest.fixture
def ledger(site: SmallSite) -> Ledger:
    walking = Ledger(site)
    walking.does(claim(), bind(), locate(), pick(1), put(1))
    return walking


def books(site: SmallSite) -> list[list[dict[str, Any]]]:
    """What the order asks for and where its pieces are, without rows that stand at nothing."""
    stock = [{name: one[name] for name in ("location", "item_id", "lot", "on_hand")} for one in site.rows(t.stock)]
    return [
        [one for one in site.rows(t.pick_line, list_id=1) if one["asked"]],
        site.rows(t.order_line, order_id=1),
        [one for one in stock if one["on_hand"]],
        [one for one in site.rows(t.tote_content) if one["quantity"]],
    ]


UNDOABLE: dict[str, Fact] = {
    "skip": skip(2),
    "location": locate(2, "B1"),
    "pick": pick(2),
    "pick of another lot": pick(2, lot="L9"),
    "overpick": pick(5),
    "wrong item": pick(1, item="TEA", at="B1"),
    "put": put(1, line_id=1),
    "short": short(2),
    "short of more than is open": short(9),
    "damaged": short(2, reason=ShortReason.DAMAGED),
    "cut": short(2, reason=ShortReason.CUT),
}


@pytest.mark.parametrize("together", [False, True], ids=["apart", "in one batch"])
def test_an_undo_restores_what_was_before(ledger: Ledger, together: bool) -> None:
    ledger.does(pick(1), put(1), pick(1))
    before = books(ledger.site)
    for name, fact in UNDOABLE.items():
        if together:
            ledger.write(fact)
            ledger.write(Undone(undoes=ledger.events[-1]))
            _, judged = ledger.push(len(ledger.bodies) - 1)
            verdict = judged[-1].verdict
        else:
            ledger.does(fact)
            verdict = ledger.undoes()
        assert (name, verdict, ledger.site.differences()) == (name, "accepted", [])
        assert (name, books(ledger.site)) == (name, before)
        assert (name, kinds_opened(ledger.site)) == (name, [])


@pytest.mark.parametrize("together", [False, True], ids=["apart", "in one batch"])
def test_a_second_undo_of_the_same_fact_changes_nothing(ledger: Ledger, together: bool) -> None:
    ledger.does(pick(2))
    picked = ledger.events[-1]
    if together:
        assert ledger.does(Undone(undoes=picked), Undone(undoes=picked)) == ["accepted", "discrepancy:undone-already"]
    else:
        assert [ledger.undoes(picked), ledger.undoes(picked)] == ["accepted", "discrepancy:undone-already"]
    assert row(ledger.site, "pick_line", line_id=1)["picked"] == 1


def test_an_undo_after_the_hand_over_is_told_to_the_lead(ledger: Ledger) -> None:
    ledger.does(pick(2))
    picked = ledger.events[-1]
    ledger.does(hand_over())
    assert ledger.undoes(picked) == "discrepancy:undo-late"
    assert row(ledger.site, "pick_line", line_id=1)["picked"] == 3
    assert "undo-late" in kinds_opened(ledger.site)


def test_a_short_that_somebody_has_made_good_elsewhere_cannot_be_taken_back(ledger: Ledger) -> None:
    ledger.does(short(3))
    shorted = ledger.events[-1]
    ledger.does(locate(4, "A2"), pick(1, line_id=4, at="A2"))
    assert ledger.undoes(shorted) == "discrepancy:undo-late"
    assert ledger.undoes(shorted) == "discrepancy:undo-late"
    assert row(ledger.site, "pick_line", line_id=1)["shorted"] == 3


def test_a_late_undo_in_the_same_batch_stays_late(ledger: Ledger) -> None:
    ledger.does(short(3))
    again = Undone(undoes=ledger.events[-1])
    verdicts = ledger.does(pick(1, line_id=4, at="A2"), again, again)
    assert verdicts == ["accepted", "discrepancy:undo-late", "discrepancy:undo-late"]


def test_an_undo_of_what_never_took_effect_finds_nothing(ledger: Ledger) -> None:
    ledger.does(put(-3))
    assert ledger.undoes() == "quarantined:unknown-event"
    assert ledger.does(pick(0), Undone(undoes=EventId("nobody"))) == [
        "quarantined:quantity",
        "quarantined:unknown-event",
    ]
    assert row(ledger.site, "pick_line", line_id=1)["put"] == 1


def test_nobody_undoes_another_terminals_fact(ledger: Ledger) -> None:
    other = Ledger(ledger.site, "HH-08")
    assert other.undoes(ledger.events[-2]) == "quarantined:other-ledger"
    assert row(ledger.site, "pick_line", line_id=1)["picked"] == 1


def test_signing_in_is_not_undone(ledger: Ledger) -> None:
    ledger.does(SignedIn())
    assert ledger.undoes() == "discrepancy:cannot-undo"
    assert ledger.undoes() == "discrepancy:cannot-undo"


def test_an_undo_of_a_former_holder_leaves_the_new_ones_place_alone(ledger: Ledger) -> None:
    located = ledger.events[2]
    ledger.does(skip(2), let_go())
    skipped = ledger.events[-2]
    second = Ledger(ledger.site, "HH-08")
    second.does(claim(), bind("T-2", token=4), locate(token=4), skip(2, token=4))
    assert [ledger.undoes(located), ledger.undoes(skipped)] == ["accepted", "accepted"]
    assert row(ledger.site, "pick_line", line_id=1)["located"]
    assert row(ledger.site, "pick_line", line_id=2)["passes"] == 2
