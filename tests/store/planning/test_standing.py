"""Every ordered piece stands in exactly one place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.record.ids import ItemId, OrderId, OrderLineId
from sync.store.planning.standing import LineCount, OrderState, Pieces, differences, order_state

few = st.integers(0, 5)


@st.composite
def lines(draw: st.DrawFn) -> LineCount:
    """An order line whose row agrees with the rows that hold its pieces."""
    gone = [draw(few) for _ in range(3)]
    reserved, on_lists, in_totes, in_cartons, left = (draw(few) for _ in range(5))
    return LineCount(
        order_line_id=OrderLineId(1),
        order_id=OrderId(1),
        order_ref="536365",
        line_no=1,
        item_id=ItemId("MUG"),
        order_status=draw(st.sampled_from(["open", "held"])),
        ordered=sum(gone) + reserved + on_lists + in_totes + in_cartons + left + draw(few),
        cancelled=gone[0],
        cut=gone[1],
        short=gone[2],
        said_allocated=reserved + on_lists,
        said_picked=in_totes + in_cartons + left,
        said_packed=in_cartons + left,
        said_shipped=left,
        reserved=reserved,
        on_lists=on_lists,
        in_totes=in_totes,
        in_cartons=in_cartons,
        left_in_cartons=left,
    )


@given(lines(), st.integers(-3, 20))
def test_each_ordered_piece_is_counted_once_whatever_is_available(line: LineCount, available: int) -> None:
    pieces = line.pieces(available)
    assert differences(line) == []
    assert pieces.ordered == line.ordered
    assert min(pieces.as_counts().values()) >= 0
    assert pieces.open <= max(0, available)
    assert (pieces.on_hold > 0) <= (line.order_status == "held")


@given(lines(), lines())
def test_the_pieces_of_two_lines_are_their_sum(one: LineCount, other: LineCount) -> None:
    together = one.pieces(3) + other.pieces(3)
    assert together.ordered == one.ordered + other.ordered
    assert together.as_counts().keys() == Pieces().as_counts().keys()


@given(lines())
def test_only_what_has_wholly_left_counts_as_shipped(line: LineCount) -> None:
    pieces = line.pieces(0)
    state = order_state(pieces, status=line.order_status, in_walk=False)
    wanted = line.ordered - line.cancelled - line.cut
    assert (state is OrderState.SHIPPED) == (line.order_status == "open" and wanted == line.left_in_cartons > 0)
