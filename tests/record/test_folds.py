"""How lists, lines and totes change by what happens, and that an undo is the exact opposite."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.record.facts import (
    CartonClosed,
    Fact,
    How,
    LabelProven,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    PackedQuantity,
    PackProblem,
    PackReported,
    Picked,
    PieceVerified,
    PrintVerdict,
    PutInTote,
    ReleasedList,
    ShortReason,
    SignedIn,
    SsccAssigned,
    ToteBound,
)
from sync.record.ids import (
    ItemId,
    LocationCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
    Sscc,
    TerminalId,
    ToteCode,
)
from sync.record.packing import all_verified, contents, fold_packing, to_verify
from sync.record.picking import (
    LineFact,
    Walk,
    fold_line,
    fold_walk,
    is_done,
    next_line,
    open_pieces,
    recovered,
    unfold_line,
)
from sync.record.rows import ListKind, ListStatus, PackingRow, PackLine, PickLineRow, PickListRow, ShipTo

LIST, LINE, TOKEN = PickListId(1), PickLineId(11), 3
ITEM, PLACE, TOTE = ItemId("SOAP"), LocationCode("A01-01-1"), ToteCode("T-000001")
SSCC = Sscc("095212340000000013")


def line(**changes: object) -> PickLineRow:
    row = PickLineRow(
        line_id=LINE,
        list_id=LIST,
        order_id=OrderId(5),
        order_line_id=OrderLineId(50),
        item_id=ITEM,
        location=PLACE,
        lot=None,
        expiry=None,
        lots_here=1,
        position=10,
        passes=0,
        asked=9,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


HEAD = PickListRow(
    list_id=LIST,
    kind=ListKind.PIECE,
    order_id=OrderId(5),
    order_ref="O-1",
    service="NEXTDAY",
    cut_off=datetime(2026, 1, 1, tzinfo=UTC),
    status=ListStatus.HELD,
    line_count=1,
    piece_count=9,
    terminal_id=TerminalId("HH-07"),
    worker_id=None,
    token=TOKEN,
    totes=(),
)


def picked(quantity: int) -> Picked:
    return Picked(line_id=LINE, token=TOKEN, item_id=ITEM, location=PLACE, quantity=quantity, how=How.SCANNED, code="1")


def put(quantity: int) -> PutInTote:
    return PutInTote(line_id=LINE, token=TOKEN, tote=TOTE, quantity=quantity, how=How.SCANNED)


def shorted(quantity: int) -> LineShorted:
    return LineShorted(line_id=LINE, token=TOKEN, quantity=quantity, reason=ShortReason.SHORT)


COUNTS = st.integers(1, 99)
LINES = st.builds(
    lambda asked, picked, put, shorted, located: line(
        asked=asked, picked=picked, put=put, shorted=shorted, located=located
    ),
    *(st.integers(0, 99) for _ in range(4)),
    st.booleans(),
)
TAKEN_BACK = st.one_of(st.builds(picked, COUNTS), st.builds(put, COUNTS), st.builds(shorted, COUNTS))


@given(LINES, st.lists(TAKEN_BACK, min_size=1, max_size=6))
def test_taking_back_the_last_ones_first_leaves_the_line_as_it_was(before: PickLineRow, facts: list[LineFact]) -> None:
    after = before
    for fact in facts:
        after = fold_line(after, fact)
    assert after != before
    for fact in reversed(facts):
        after = unfold_line(after, fact)
    assert after == before


@given(LINES)
def test_a_location_and_a_skip_are_taken_back_too(row: PickLineRow) -> None:
    located = LocationConfirmed(line_id=LINE, token=TOKEN, location=PLACE, how=How.SCANNED)
    away = replace(row, located=False)
    assert unfold_line(fold_line(away, located), located) == away
    skipped = LineSkipped(line_id=LINE, token=TOKEN)
    assert fold_line(row, skipped).passes == row.passes + 1
    assert unfold_line(fold_line(away, skipped), skipped) == away


def test_a_fact_of_another_line_or_list_changes_nothing() -> None:
    walk = Walk(HEAD, (line(),))
    others: tuple[Fact, ...] = (
        replace(picked(1), line_id=PickLineId(12)),
        ToteBound(list_id=PickListId(2), token=1, tote=TOTE, how=How.SCANNED),
        SignedIn(),
    )
    for fact in others:
        assert fold_walk(walk, fact) == walk


def test_a_list_binds_totes_is_handed_over_and_given_back() -> None:
    walk = Walk(HEAD, (line(),))
    for tote in ("T-1", "T-2", "T-1"):
        walk = fold_walk(walk, ToteBound(list_id=LIST, token=TOKEN, tote=ToteCode(tote), how=How.SCANNED))
    assert walk.head.totes == ("T-2", "T-1")
    over = fold_walk(walk, ListHandedOver(list_id=LIST, token=TOKEN, place=PLACE, how=How.SCANNED))
    assert over.head.status is ListStatus.HANDED_OVER
    back = fold_walk(walk, ReleasedList(list_id=LIST, token=TOKEN)).head
    assert (back.status, back.terminal_id, back.totes) == (ListStatus.OPEN, None, ("T-2", "T-1"))


def test_the_next_line_is_the_started_one_then_the_nearest_then_the_skipped() -> None:
    near, far = line(line_id=PickLineId(1), position=10), line(line_id=PickLineId(2), position=20)
    skipped = line(line_id=PickLineId(3), position=5, passes=1)

    def chosen(*lines: PickLineRow) -> int | None:
        found = next_line(Walk(HEAD, lines), confirm_tote=True)
        return None if found is None else found.line_id

    assert chosen(skipped, far, near) == 1
    assert chosen(near, replace(far, located=True)) == 2
    assert chosen(skipped, far) == 2
    assert chosen(skipped) == 3
    assert chosen(replace(near, picked=9, put=9)) is None
    assert chosen() is None


@pytest.mark.parametrize(
    ("row", "with_totes", "without"),
    [
        (line(), False, False),
        (line(picked=9), False, True),
        (line(picked=9, put=9), True, True),
        (line(picked=4, put=4, shorted=5), True, True),
        (line(picked=4, put=3, shorted=5), False, True),
        (line(shorted=9), True, True),
    ],
)
def test_a_line_is_done_when_nothing_is_open_and_all_is_in_the_tote(
    row: PickLineRow, *, with_totes: bool, without: bool
) -> None:
    assert is_done(row, confirm_tote=True) is with_totes
    assert is_done(row, confirm_tote=False) is without
    assert open_pieces(row) == 9 - row.picked - row.shorted


PACKING = PackingRow(
    tote=TOTE,
    order_id=OrderId(5),
    order_ref="O-1",
    service="NEXTDAY",
    cut_off=None,
    ship_to=ShipTo(name="", lines=(), postcode="", city="", country=""),
    stop=None,
    lines=(
        PackLine(order_line_id=OrderLineId(50), item_id=ITEM, in_tote=3),
        PackLine(order_line_id=OrderLineId(51), item_id=ItemId("BOWL"), in_tote=1),
    ),
    carton_no=1,
)


def verified(order_line_id: int, quantity: int) -> PieceVerified:
    return PieceVerified(
        tote=TOTE,
        order_line_id=OrderLineId(order_line_id),
        item_id=ITEM,
        quantity=quantity,
        how=How.SCANNED,
        code="1",
    )


def reported(problem: PackProblem, quantity: int = 1) -> PackReported:
    return PackReported(tote=TOTE, order_line_id=OrderLineId(50), item_id=ITEM, quantity=quantity, problem=problem)


def test_a_carton_takes_what_was_verified_and_leaves_the_rest() -> None:
    packing = PACKING
    for fact in (verified(50, 2), verified(51, 1), SsccAssigned(tote=TOTE, sscc=SSCC)):
        packing = fold_packing(packing, fact)
    assert [to_verify(one) for one in packing.lines] == [1, 0]
    assert not all_verified(packing)
    inside = contents(packing)
    assert [(one.order_line_id, one.quantity) for one in inside] == [(50, 2), (51, 1)]
    sent = LabelSent(sscc=SSCC, printer="p", outcome=PrintVerdict.PRINTED)
    packing = fold_packing(fold_packing(packing, sent), LabelProven(sscc=SSCC))
    assert (packing.labels_sent, packing.label_proven) == (1, True)
    packing = fold_packing(packing, CartonClosed(sscc=SSCC, tote=TOTE, contents=inside, weight_g=None))
    assert [(one.in_tote, one.verified) for one in packing.lines] == [(1, 0), (0, 0)]
    assert (packing.carton_no, packing.sscc, packing.labels_sent, packing.label_proven) == (2, None, 0, False)
    assert contents(packing) == ()


@pytest.mark.parametrize(
    ("problem", "in_tote"),
    [(PackProblem.MISSING, 2), (PackProblem.DAMAGED, 2), (PackProblem.SURPLUS, 3), (PackProblem.WRONG_ITEM, 3)],
)
def test_only_missing_and_damaged_pieces_leave_the_totes_account(problem: PackProblem, in_tote: int) -> None:
    assert fold_packing(PACKING, reported(problem)).lines[0].in_tote == in_tote


def test_facts_of_another_tote_or_carton_change_nothing() -> None:
    other = ToteCode("T-000002")
    closed = CartonClosed(
        sscc=SSCC, tote=other, contents=(PackedQuantity(order_line_id=OrderLineId(50), quantity=1),), weight_g=None
    )
    facts: tuple[Fact, ...] = (
        replace(verified(50, 1), tote=other),
        replace(reported(PackProblem.MISSING), tote=other),
        SsccAssigned(tote=other, sscc=SSCC),
        LabelSent(sscc=SSCC, printer="p", outcome=PrintVerdict.PRINTED),
        LabelProven(sscc=SSCC),
        closed,
        SignedIn(),
    )
    for fact in facts:
        assert fold_packing(PACKING, fact) == PACKING


def test_demand_that_was_moved_away_comes_back_to_the_line_whose_pieces_are_in_the_hand() -> None:
    withdrawn = line(asked=0, picked=4, located=True)
    replacement = line(line_id=PickLineId(12), asked=6, picked=0, located=False)
    other_demand = line(line_id=PickLineId(13), order_line_id=OrderLineId(51), asked=2, picked=0, located=False)
    walk = recovered(Walk(HEAD, (withdrawn, replacement, other_demand)))
    assert [(each.line_id, each.asked) for each in walk.lines] == [(LINE, 4), (12, 2), (13, 2)]
    assert open_pieces(walk.lines[0]) == 0


def test_a_replacement_that_was_begun_keeps_its_demand() -> None:
    withdrawn = line(asked=0, picked=4, located=True)
    begun = line(line_id=PickLineId(12), asked=6, picked=0, located=True)
    assert recovered(Walk(HEAD, (withdrawn, begun))).lines == (withdrawn, begun)
