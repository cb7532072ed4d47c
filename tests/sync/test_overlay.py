"""What the worker sees: the store's rows with the terminal's own facts over them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync.record.facts import (
    CartonClosed,
    How,
    LabelProven,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    PackedQuantity,
    PieceVerified,
    PrintVerdict,
    ShortReason,
    SsccAssigned,
    Undone,
)
from sync.record.ids import ItemId, LocationCode, OrderLineId, PickLineId, PickListId, Sscc
from sync.record.rows import PackingRow, PickLineRow, ToteStatus
from sync.terminal.session import TerminalSession
from tests.sync.conftest import Connect
from tests.sync.tiny_store import TinyStore
from tests.sync.warehouse import (
    TOTE,
    WORKER,
    bound,
    claimed,
    located,
    one_list,
    packing,
    pick_list,
    picked,
    put,
    sscc_range,
    tote,
    undone,
)


def up(session: TerminalSession) -> None:
    assert session.uploader is not None
    session.uploader.round()


def down(session: TerminalSession) -> None:
    assert session.downloader is not None
    session.downloader.round()


@pytest.fixture
def session(store: TinyStore, connect: Connect) -> TerminalSession:
    """A terminal that holds list 1; nothing goes up or down unless the test says so."""
    session = connect(start=False)
    down(session)
    session.record([claimed()], worker_id=WORKER)
    up(session)
    down(session)
    return session


def line(session: TerminalSession, line_id: int = 1) -> PickLineRow:
    walk = session.held_walk()
    found = None if walk is None else walk.line(PickLineId(line_id))
    assert found is not None
    return found


def handed_over(list_id: int = 1) -> ListHandedOver:
    return ListHandedOver(list_id=PickListId(list_id), token=1, place=LocationCode("PACK"), how=How.SCANNED)


def test_own_facts_show_at_once_and_after_a_restart(session: TerminalSession, connect: Connect) -> None:
    session.record([bound(), located(1)], worker_id=WORKER)
    session.record([picked(1, 2), put(1, 2)], worker_id=WORKER)
    seen = session.held_walk()
    assert line(session).picked == line(session).put == 2
    assert line(session).located
    session.close()
    again = connect(alone=True)
    assert again.held_walk() == seen
    assert seen is not None
    assert seen.head.totes == (TOTE,)


def test_an_undo_takes_back_what_is_only_here_and_what_the_rows_contain_already(session: TerminalSession) -> None:
    (first,) = session.record([picked(1)], worker_id=WORKER)
    assert session.last_undoable(PickListId(1)) == (first, picked(1))
    session.record([undone(first)], worker_id=WORKER)
    assert line(session).picked == 0
    assert session.last_undoable(PickListId(1)) is None

    (second,) = session.record([picked(1)], worker_id=WORKER)
    up(session)
    down(session)
    assert line(session).picked == 1
    session.record([undone(second)], worker_id=WORKER)
    assert line(session).picked == 0
    up(session)
    down(session)
    assert line(session).picked == 0


def test_the_last_undoable_is_a_pick_a_put_a_short_or_a_skip_and_none_after_the_hand_over(
    session: TerminalSession,
) -> None:
    session.record([picked(1)], worker_id=WORKER)
    short = LineShorted(line_id=PickLineId(1), token=1, quantity=2, reason=ShortReason.CUT)
    (event_id,) = session.record([short], worker_id=WORKER)
    skip = LineSkipped(line_id=PickLineId(2), token=1)
    skip_id, _ = session.record([skip, located(2)], worker_id=WORKER)
    assert session.last_undoable(PickListId(1)) == (skip_id, skip)
    session.record([Undone(undoes=skip_id)], worker_id=WORKER)
    assert session.last_undoable(PickListId(1)) == (event_id, short)
    session.record([handed_over()], worker_id=WORKER)
    assert session.last_undoable(PickListId(1)) is None


def test_a_list_handed_over_is_not_held_any_more_before_the_store_knows(session: TerminalSession) -> None:
    session.record([bound(), handed_over()], worker_id=WORKER)
    assert session.held_walk() is None
    seen = session.tote(TOTE)
    assert seen is not None
    assert (seen.status, seen.list_id) == (ToteStatus.TO_PACK, 1), "nobody puts another order into it meanwhile"


def test_a_tote_bound_here_belongs_to_its_list_at_once(session: TerminalSession) -> None:
    assert session.tote(TOTE) == tote()
    session.record([bound()], worker_id=WORKER)
    seen = session.tote(TOTE)
    assert seen is not None
    assert (seen.status, seen.list_id, seen.order_ref) == (ToteStatus.PICKING, 1, "O-1")


def test_a_list_that_a_lead_moved_away_is_not_walked_any_more(store: TinyStore, session: TerminalSession) -> None:
    assert session.held_walk() is not None
    store.tell(pick_list(1, lines=3, terminal_id="HH-99", token=2))
    down(session)
    assert session.held_walk() is None


def test_a_list_granted_later_does_not_push_in_before_the_one_in_hand(
    store: TinyStore, session: TerminalSession, connect: Connect
) -> None:
    session.record([picked(1)], worker_id=WORKER)
    store.tell(pick_list(0, lines=1, terminal_id="HH-01", token=1))
    down(session)
    again_seen = session.held_walk()
    assert again_seen is not None
    assert again_seen.head.list_id == 1
    session.close()
    walk = connect(alone=True).held_walk()
    assert walk is not None
    assert walk.head.list_id == 1


def test_a_new_line_of_the_store_joins_the_walk_and_keeps_what_is_not_delivered(
    store: TinyStore, session: TerminalSession
) -> None:
    session.record([picked(1), picked(2)], worker_id=WORKER)
    extra = one_list(lines=4)[-1]
    store.tell(extra)
    down(session)
    walk = session.held_walk()
    assert walk is not None
    assert [row.picked for row in walk.lines] == [1, 1, 0, 0]


def verified(order_line_id: int, quantity: int = 1) -> PieceVerified:
    return PieceVerified(
        tote=TOTE,
        order_line_id=OrderLineId(order_line_id),
        item_id=ItemId(f"I{order_line_id}"),
        quantity=quantity,
        how=How.SCANNED,
        code="x",
    )


def closed(sscc: Sscc, *quantities: int) -> CartonClosed:
    contents = tuple(
        PackedQuantity(order_line_id=OrderLineId(number), quantity=quantity)
        for number, quantity in enumerate(quantities, start=1)
    )
    return CartonClosed(sscc=sscc, tote=TOTE, contents=contents, weight_g=None)


def in_hand(session: TerminalSession) -> PackingRow:
    seen = session.packing_in_hand()
    assert seen is not None
    return seen


def test_a_tote_is_packed_carton_by_carton_and_comes_back_after_a_restart(
    store: TinyStore, session: TerminalSession, connect: Connect
) -> None:
    store.tell(packing(2, 1), sscc_range(1, "HH-01", 100, 101))
    down(session)
    assert session.packing_in_hand() is None
    session.record([verified(1, 2)], worker_id=WORKER)
    sscc = session.next_sscc()
    assert sscc is not None
    sent = LabelSent(sscc=sscc, printer="P", outcome=PrintVerdict.PRINTED)
    session.record([SsccAssigned(tote=TOTE, sscc=sscc), sent], worker_id=WORKER)
    session.record([LabelProven(sscc=sscc)], worker_id=WORKER)
    seen = in_hand(session)
    assert (seen.sscc, seen.labels_sent, seen.label_proven, seen.lines[0].verified) == (sscc, 1, True, 2)
    session.close()

    again = connect(start=False)
    assert in_hand(again) == seen
    again.record([closed(sscc, 2)], worker_id=WORKER)
    seen = in_hand(again)
    assert (seen.sscc, seen.carton_no, [row.in_tote for row in seen.lines]) == (None, 2, [0, 1])
    carton = again.carton(sscc)
    assert carton is not None
    assert carton.order_ref == "O-7", "a second label of it is refused before the store knows of it"
    second = again.next_sscc()
    assert second is not None
    again.record([verified(2), SsccAssigned(tote=TOTE, sscc=second), closed(second, 0, 1)], worker_id=WORKER)
    assert again.packing_in_hand() is None
    up(again)
    down(again)
    assert again.packing_in_hand() is None


def test_a_carton_that_the_store_refused_is_open_again_and_said_so(store: TinyStore, session: TerminalSession) -> None:
    store.tell(packing(1, sscc_of="held"), sscc_range(1, "HH-01", 100, 109))
    down(session)
    sscc = session.next_sscc()
    assert sscc is not None
    session.record([verified(1), SsccAssigned(tote=TOTE, sscc=sscc), closed(sscc, 1)], worker_id=WORKER)
    assert session.packing_in_hand() is None
    up(session)
    down(session)
    assert in_hand(session).sscc == sscc
    assert session.carton(sscc) is None
    assert [told.verdict for told in session.to_tell()] == ["refused:held"]


def test_carton_numbers_are_used_once_across_ranges_and_restarts(
    store: TinyStore, session: TerminalSession, connect: Connect
) -> None:
    assert (session.next_sscc(), session.unused_ssccs()) == (None, 0)
    store.tell(sscc_range(1, "HH-01", 100, 101), sscc_range(2, "HH-02", 102, 103), sscc_range(3, "HH-01", 104, 104))
    down(session)
    used = []
    for left in (3, 2, 1):
        assert session.unused_ssccs() == left
        sscc = session.next_sscc()
        assert sscc is not None
        used.append(sscc)
        session.record([SsccAssigned(tote=TOTE, sscc=sscc)], worker_id=WORKER)
        session.close()
        session = connect(start=False)
    assert [int(sscc[8:17]) for sscc in used] == [100, 101, 104]
    assert all(sscc.startswith("04012345") for sscc in used)
    assert (session.next_sscc(), session.unused_ssccs()) == (None, 0)


def test_a_lost_replica_costs_no_fact_and_shows_the_same_again(
    session: TerminalSession, connect: Connect, tmp_path: Path
) -> None:
    session.record([picked(1)], worker_id=WORKER)
    up(session)
    session.record([picked(2)], worker_id=WORKER)
    session.close()
    for path in (tmp_path / "HH-01").glob("replica*"):
        path.unlink()
    again = connect(start=False)
    assert again.held_walk() is None
    down(again)
    assert [row.picked for row in (line(again, 1), line(again, 2))] == [1, 1]


def test_a_copied_device_forks_and_nothing_is_lost_or_counted_twice(
    store: TinyStore, session: TerminalSession, connect: Connect, tmp_path: Path
) -> None:
    session.record([picked(1)], worker_id=WORKER)
    up(session)
    session.close()
    shutil.copytree(tmp_path / "HH-01", tmp_path / "copy")
    first, second = connect("HH-01", start=False), connect("copy", start=False)
    first.record([picked(1)], worker_id=WORKER)
    second.record([picked(2)], worker_id=WORKER)
    up(first)
    up(second)
    assert "Another device" in (second.link().problem or "")
    up(second)
    for one in (first, second):
        down(one)
    assert (store.line(1).picked, store.line(2).picked) == (2, 1)
    assert second.link().undelivered == 0
    assert len(store.kept.streams) == 2


def test_after_a_fork_everything_is_offered_again_to_a_store_that_was_restored(
    store: TinyStore, session: TerminalSession, connect: Connect, tmp_path: Path
) -> None:
    """Delivered under the old stream, by a device that is gone, is not delivered for good."""
    backup = store.backup()
    session.record([picked(1)], worker_id=WORKER)
    up(session)
    session.close()
    shutil.copytree(tmp_path / "HH-01", tmp_path / "copy")
    first, second = connect("HH-01", start=False), connect("copy", start=False)
    first.record([picked(2)], worker_id=WORKER)
    up(first)
    first.close()
    second.record([picked(3)], worker_id=WORKER)
    for _ in range(2):
        up(second)
        down(second)
    store.restore(backup)
    down(second)
    up(second)
    assert (store.line(1).picked, store.line(3).picked) == (1, 1)
