"""The fold over a bulk tote: what is put, reported or returned leaves it, what is taken back is in it again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.record.facts import Fact, How, PutInCubby, ReleasedSort, SortProblem, SortReported
from sync.record.ids import BatchId, ItemId, LocationCode, LotCode, OrderId, OrderLineId, TerminalId, ToteCode, WallId
from sync.record.rows import SortingRow, SortLine
from sync.record.sorting import fold_sorting, to_put, to_return

TOTE = ToteCode("T-1")


def line(number: int, in_tote: int, order: int = 1, *, lot: str | None = None, stopped: bool = False) -> SortLine:
    return SortLine(
        order_line_id=OrderLineId(number),
        order_id=OrderId(order),
        order_ref=f"O-{order}",
        item_id=ItemId("MUG"),
        lot=None if lot is None else LotCode(lot),
        in_tote=in_tote,
        cubby=ToteCode(f"W-1-A{order:02}"),
        stopped=stopped,
    )


def tote(*lines: SortLine) -> SortingRow:
    return SortingRow(tote=TOTE, batch_id=BatchId(1), wall=WallId("1"), terminal_id=TerminalId("HH-07"), lines=lines)


def put(number: int, quantity: int, *, lot: str | None = None, of: str = TOTE) -> PutInCubby:
    return PutInCubby(
        batch_id=BatchId(1),
        tote=ToteCode(of),
        order_line_id=OrderLineId(number),
        item_id=ItemId("MUG"),
        quantity=quantity,
        cubby=ToteCode("W-1-A01"),
        how=How.SCANNED,
        code="",
        lot=None if lot is None else LotCode(lot),
    )


def told(problem: SortProblem, number: int | None, quantity: int) -> SortReported:
    return SortReported(
        batch_id=BatchId(1),
        tote=TOTE,
        order_line_id=None if number is None else OrderLineId(number),
        item_id=ItemId("MUG"),
        quantity=quantity,
        problem=problem,
        place=LocationCode("A1"),
    )


def test_orders_of_which_least_is_left_come_first() -> None:
    """One piece completes order 2 in this tote; of order 1 two more lines are there."""
    lines = to_put(tote(line(1, 1, 1), line(2, 5, 1), line(3, 4, 2), line(4, 9, 3, stopped=True)))
    assert [one.order_line_id for one in lines] == [3, 2, 1]


def test_pieces_of_stopped_orders_are_returned() -> None:
    here = tote(line(1, 1, 1), line(2, 2, 2, stopped=True), line(3, 0, 2, stopped=True))
    assert [one.order_line_id for one in to_return(here)] == [2]


def test_the_lot_of_the_fact_leaves_the_tote_first() -> None:
    here = fold_sorting(tote(line(1, 2, lot="L1"), line(1, 2, lot="L2")), put(1, 3, lot="L2"))
    assert [(one.lot, one.in_tote) for one in here.lines] == [("L1", 1), ("L2", 0)]


def test_what_the_row_has_no_more_is_in_it_again_with_its_lot() -> None:
    """The store leaves out what is not in the tote."""
    here = fold_sorting(tote(line(1, 2, lot="L2")), put(1, 4, lot="L1"), undone=True)
    assert [(one.lot, one.in_tote, one.order_ref) for one in here.lines] == [("L2", 2, "O-1"), ("L1", 4, "O-1")]
    empty = fold_sorting(tote(), put(1, 4), undone=True)
    assert [(one.order_line_id, one.in_tote, one.cubby) for one in empty.lines] == [(1, 4, "W-1-A01")]
    assert fold_sorting(tote(), told(SortProblem.MISSING, None, 1), undone=True) == tote()


def test_facts_of_other_totes_and_pieces_that_were_never_in_it_change_nothing() -> None:
    here = tote(line(1, 2))
    other: tuple[Fact, ...] = (put(1, 1, of="T-2"), told(SortProblem.SURPLUS, None, 1))
    assert all(fold_sorting(here, fact) == here for fact in other)


def test_a_tote_that_was_left_is_nobodys() -> None:
    assert fold_sorting(tote(line(1, 2)), ReleasedSort(tote=TOTE)).terminal_id is None


FACTS = st.one_of(
    st.builds(put, st.integers(1, 3), st.integers(1, 3)),
    st.builds(told, st.sampled_from(SortProblem), st.integers(1, 3), st.integers(1, 3)),
)


@given(st.lists(FACTS, max_size=12))
def test_no_line_falls_below_none_and_taking_all_back_leaves_what_was(facts: list[PutInCubby | SortReported]) -> None:
    start = tote(line(1, 9), line(2, 9, 2), line(3, 9, 3, stopped=True))
    here = start
    done: list[PutInCubby | SortReported] = []
    for fact in facts:
        if next(one.in_tote for one in here.lines if one.order_line_id == fact.order_line_id) >= fact.quantity:
            here = fold_sorting(here, fact)
            done.append(fact)
        assert all(one.in_tote >= 0 for one in fold_sorting(here, fact).lines)
    for fact in reversed(done):
        here = fold_sorting(here, fact, undone=True)
    assert here == start
