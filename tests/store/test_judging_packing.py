"""What each fact of a packer changes, and every reason for which a carton is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import (
    CartonClosed,
    Fact,
    LabelProven,
    LabelSent,
    PackedQuantity,
    PackProblem,
    PrintVerdict,
    SsccAssigned,
)
from sync.record.ids import OrderLineId, Sscc, ToteCode
from sync.record.rows import PackingRow
from sync.store import tables as t
from sync.store.views import rows_of
from tests.store.floor_ledger import (
    Ledger,
    bind,
    claim,
    hand_over,
    kinds_opened,
    label,
    lay_out,
    pick,
    report,
    row,
    verify,
)
from tests.store.small_floor import sscc
from tests.store.small_site import SITE, SmallSite, small_site

S1, S2 = sscc(1), sscc(2)


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Tote T-1 waits for packing with 4 MUG (order line 1) and 3 TEA (order line 2)."""
    with small_site(any_database) as made:
        lay_out(made)
        picker = Ledger(made)
        picker.does(claim(), bind(), pick(4), pick(3, line_id=2, item="TEA", at="B1"), hand_over())
        yield made


@pytest.fixture
def packer(site: SmallSite) -> Ledger:
    return Ledger(site, "PK-01")


def close(
    *contents: tuple[int, int], carton: Sscc = S1, tote: str = "T-1", weight_g: int | None = None
) -> CartonClosed:
    packed = tuple(PackedQuantity(order_line_id=OrderLineId(line), quantity=quantity) for line, quantity in contents)
    return CartonClosed(sscc=carton, tote=ToteCode(tote), contents=packed, weight_g=weight_g)


def contents(site: SmallSite, tote: str = "T-1") -> dict[int, tuple[int, int]]:
    return {one["order_line_id"]: (one["quantity"], one["verified"]) for one in site.rows(t.tote_content, tote=tote)}


def packing(site: SmallSite, tote: str = "T-1") -> PackingRow | None:
    with site.database.read() as conn:
        found = rows_of(conn, SITE, "packing", [tote]).get(tote)
    assert found is None or isinstance(found, PackingRow)
    return found


def test_pieces_are_verified_out_of_the_tote(site: SmallSite, packer: Ledger) -> None:
    assert packer.does(verify(3), verify(1), verify(3, 2, "TEA")) == ["accepted"] * 3
    assert contents(site) == {1: (4, 4), 2: (3, 3)}


def test_what_the_tote_should_not_hold_is_surplus(site: SmallSite, packer: Ledger) -> None:
    assert packer.does(verify(5), verify(1, 2, "MUG"), verify(1, 99)) == ["discrepancy:surplus"] * 3
    assert contents(site) == {1: (4, 4), 2: (3, 0)}
    assert [one["quantity"] for one in site.rows(t.discrepancy)] == [1, 1, 1]


def test_a_tote_that_is_still_picked_into_is_not_packed(site: SmallSite, packer: Ledger) -> None:
    picker = Ledger(site, "HH-08")
    picker.does(claim(2), bind("T-2", 2), pick(2, line_id=3))
    verdicts = packer.does(
        verify(1, 3, tote="T-2"),
        report(PackProblem.MISSING, 1, 3, tote="T-2"),
        SsccAssigned(tote=ToteCode("T-2"), sscc=S1),
        close((3, 1), tote="T-2"),
    )
    assert verdicts == [
        "discrepancy:surplus",
        "accepted",
        "quarantined:not-handed-over",
        "refused:not-handed-over",
    ]
    assert contents(site, "T-2") == {3: (2, 0)}
    assert packing(site, "T-2") is None
    assert picker.undoes(picker.events[2]) == "accepted"


@pytest.mark.parametrize("problem", list(PackProblem))
def test_a_reported_problem_opens_a_discrepancy_and_gone_pieces_leave_the_account(
    site: SmallSite, packer: Ledger, problem: PackProblem
) -> None:
    gone = problem in (PackProblem.MISSING, PackProblem.DAMAGED)
    assert packer.does_one(report(problem, 2)) == "accepted"
    assert contents(site)[1] == (2 if gone else 4, 0)
    line = site.line(1)
    assert (line["picked"], line["short"]) == ((2, 2) if gone else (4, 0))
    assert sum(move["quantity"] for move in site.rows(t.stock_move, target="lost")) == (2 if gone else 0)
    assert kinds_opened(site) == [f"pack-{problem}"]


def test_no_more_is_written_off_than_is_left_to_verify(site: SmallSite, packer: Ledger) -> None:
    packer.does(verify(3), report(PackProblem.MISSING, 9), report(PackProblem.MISSING, 1, 99))
    assert contents(site)[1] == (3, 3)
    assert site.line(1)["short"] == 1


def test_a_tote_from_which_all_is_missing_is_free(site: SmallSite, packer: Ledger) -> None:
    packer.does(report(PackProblem.MISSING, 4), report(PackProblem.MISSING, 3, 2, "TEA"))
    assert (row(site, "tote", tote="T-1")["status"], packing(site)) == ("empty", None)
    assert row(site, "feed", kind="packing", key="T-1")["deleted"]


def test_a_label_is_sent_again_and_proven(site: SmallSite, packer: Ledger) -> None:
    lost = LabelSent(sscc=S1, printer="ZP-1", outcome=PrintVerdict.LOST)
    assert packer.does(SsccAssigned(tote=ToteCode("T-1"), sscc=S1), lost, *label(S1)[1:]) == ["accepted"] * 4
    made = row(site, "label", sscc=S1)
    assert (made["sent"], made["last_outcome"], made["proven_at"] is not None) == (2, "printed", True)
    shown = packing(site)
    assert shown is not None
    # The lost one never came out: the one that did is no reprint.
    assert (shown.sscc, shown.labels_sent, shown.label_proven) == (S1, 1, True)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (verify(tote="T-9"), "unknown-tote"),
        (verify(tote="T" * 99), "unknown-tote"),
        (report(PackProblem.MISSING, tote="T-9"), "unknown-tote"),
        (SsccAssigned(tote=ToteCode("T-9"), sscc=S1), "unknown-tote"),
        (SsccAssigned(tote=ToteCode("T-1"), sscc=Sscc("123")), "sscc"),
        (LabelSent(sscc=Sscc("x" * 99), printer="", outcome=PrintVerdict.PRINTED), "sscc"),
        (LabelProven(sscc=Sscc("012345678901234567")), "sscc"),
        (verify(0), "quantity"),
        (verify(-2), "quantity"),
        (report(PackProblem.DAMAGED, -2), "quantity"),
    ],
)
def test_what_the_record_cannot_place_is_kept_aside(site: SmallSite, packer: Ledger, fact: Fact, reason: str) -> None:
    assert packer.does_one(fact) == f"quarantined:{reason}"
    assert contents(site) == {1: (4, 0), 2: (3, 0)}


def test_a_carton_is_closed_and_an_empty_tote_is_free(site: SmallSite, packer: Ledger) -> None:
    packer.does(verify(4), verify(3, 2, "TEA"), *label(S1))
    assert packer.does_one(close((1, 4), (2, 3), weight_g=1200)) == "accepted"
    carton = row(site, "carton", sscc=S1)
    assert (carton["order_id"], carton["carton_no"], carton["weight_g"], carton["shipped_at"]) == (1, 1, 1200, None)
    assert [(one["order_line_id"], one["quantity"]) for one in site.rows(t.carton_content)] == [(1, 4), (2, 3)]
    assert (site.line(1)["packed"], site.line(2)["packed"]) == (4, 3)
    tote = row(site, "tote", tote="T-1")
    assert (tote["status"], tote["order_id"], tote["sscc"], tote["label_proven"]) == ("empty", None, None, False)
    assert site.audiences("carton") == {S1: "pack"}
    assert row(site, "feed", kind="packing", key="T-1")["deleted"]


def test_an_order_may_go_in_several_cartons(site: SmallSite, packer: Ledger) -> None:
    packer.does(verify(3), *label(S1), close((1, 2)))
    shown = packing(site)
    assert shown is not None
    assert (shown.carton_no, shown.sscc, [(line.in_tote, line.verified) for line in shown.lines]) == (
        2,
        None,
        [(2, 1), (3, 0)],
    )
    assert packer.does(verify(1), verify(3, 2, "TEA"), *label(S2), close((1, 2), (2, 3), carton=S2))[-1] == "accepted"
    assert [one["carton_no"] for one in site.rows(t.carton)] == [1, 2]


def test_the_next_cartons_number_is_told_of_all_totes_of_the_order(site: SmallSite, packer: Ledger) -> None:
    site.change(t.tote_content, {"tote": "T-2"}, order_line_id=2)
    site.change(t.stock_move, {"target": "tote:T-2"}, item_id="TEA", reason="pick")
    waiting = {**row(site, "tote", tote="T-1"), "tote": "T-2"}
    with site.write() as work:
        work.insert(t.tote, [waiting])
    packer.does(verify(4), *label(S1))
    before = row(site, "feed_head")["n"]
    assert packer.does_one(close((1, 4))) == "accepted"
    assert row(site, "feed", kind="packing", key="T-2")["n"] > before


READY: tuple[Fact, ...] = (verify(4), *label(S1))
REFUSALS: dict[str, tuple[tuple[Fact, ...], Fact]] = {
    "unknown-tote": (READY, close((1, 1), tote="T-9")),
    "label-unproven": ((verify(4), *label(S1)[:2]), close((1, 4))),
    "sscc-not-assigned": ((*READY, SsccAssigned(tote=ToteCode("T-1"), sscc=S2)), close((1, 4))),
    "sscc-used": ((*READY, close((1, 1)), *label(S1)), close((1, 1))),
    "not-verified": (READY, close((1, 5))),
    "empty": (READY, close()),
    "weight": (READY, close((1, 1), weight_g=0)),
    "other-order": (READY, close((1, 1), (3, 1))),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_carton_that_must_not_go_is_refused_and_the_lead_hears_of_it(
    site: SmallSite, packer: Ledger, reason: str
) -> None:
    before, carton = REFUSALS[reason]
    assert set(packer.does(*before)) == {"accepted"}
    cartons = site.rows(t.carton)
    assert packer.does_one(carton) == f"refused:{reason}"
    assert site.rows(t.carton) == cartons
    assert kinds_opened(site) == ["carton-refused"]


@pytest.mark.parametrize("fact", [close((1, 3), (1, 2)), close((1, 4), (2, 1)), close((1, 0)), close((1, 5), (1, -1))])
def test_a_line_named_twice_is_still_verified_but_once(site: SmallSite, packer: Ledger, fact: Fact) -> None:
    packer.does(*READY)
    assert packer.does_one(fact) == "refused:not-verified"


def test_a_line_named_twice_within_what_was_verified_is_packed_whole(site: SmallSite, packer: Ledger) -> None:
    packer.does(*READY)
    assert packer.does_one(close((1, 3), (1, 1))) == "accepted"
    assert row(site, "carton_content")["quantity"] == 4


def test_a_carton_without_a_real_number_is_refused(site: SmallSite, packer: Ledger) -> None:
    packer.does(*READY)
    assert packer.does_one(close((1, 4), carton=Sscc("x" * 80))) == "refused:sscc-not-assigned"


@pytest.mark.parametrize("status", ["held", "cancelled"])
def test_an_order_that_was_stopped_leaves_in_no_carton(site: SmallSite, packer: Ledger, status: str) -> None:
    packer.does(*READY)
    site.change(t.orders, {"status": status}, order_id=1)
    shown = packing(site)
    assert shown is not None
    assert shown.stop == status
    assert packer.does_one(close((1, 4))) == f"refused:order-{status}"


def test_a_tote_with_two_orders_is_packed_for_one_after_the_other(site: SmallSite, packer: Ledger) -> None:
    picker = Ledger(site, "HH-08")
    picker.does(claim(2), bind("T-1", 2), pick(2, line_id=3), hand_over(2))
    packer.does(verify(2, 3), verify(4), verify(3, 2, "TEA"), *label(S1))
    assert packer.does_one(close((3, 2), (1, 4))) == "refused:other-order"
    assert packer.does_one(close((3, 2))) == "accepted"
    shown = packing(site)
    assert shown is not None
    assert (shown.order_ref, shown.sscc) == ("first", None)
    assert packer.does(*label(S2), close((1, 4), (2, 3), carton=S2))[-1] == "accepted"
    assert row(site, "tote", tote="T-1")["status"] == "empty"
