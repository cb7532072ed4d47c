"""A lead moves lists: softly, when their holder leaves them, or hard, at once and with open eyes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.ids import PickListId, TerminalId
from sync.store import tables as t
from sync.store.leading.moving import Effect, Moved, MoveRefused, move
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
)
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def moves(
    site: SmallSite, list_id: int = 1, *, to: str | None = "HH-08", hard: bool = False, yes: bool = False
) -> Moved:
    target = None if to is None else TerminalId(to)
    done = site.database.run(
        SITE, lambda work: move(work, PickListId(list_id), to=target, by="Lea", hard=hard, confirmed=yes)
    )
    assert site.differences() == []
    return done


def known(site: SmallSite, *names: str) -> list[Ledger]:
    """Terminals that the store has heard of."""
    ledgers = [Ledger(site, name) for name in names]
    for ledger in ledgers:
        ledger.does(claim(99))
    return ledgers


def holder_of(site: SmallSite, list_id: int = 1) -> tuple[str, str | None, int]:
    head = row(site, "pick_list", list_id=list_id)
    return head["status"], head["terminal_id"], head["token"]


def test_a_list_of_the_pool_goes_to_the_terminal_at_once(site: SmallSite) -> None:
    known(site, "HH-08")
    assert moves(site).effect is Effect.NOW
    assert holder_of(site) == ("held", "HH-08", 2)
    assert site.audiences("pick_line")["1"] == "t:HH-08"


def test_a_soft_move_is_made_when_the_holder_leaves_the_list(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), locate(), pick(2))
    done = moves(site)
    assert (done.effect, done.held_by, done.lines_begun, done.pieces_picked) == (Effect.AT_CONTACT, "HH-07", 1, 2)
    assert holder_of(site) == ("held", "HH-07", 2)
    assert holder.does(put(2), let_go()) == ["accepted", "accepted"]
    assert holder_of(site) == ("held", "HH-08", 3)
    head = row(site, "pick_list", list_id=1)
    assert (head["totes"], head["tote_gone"], head["move_at"], head["move_to"]) == (["T-1"], False, None, None)
    line = row(site, "pick_line", line_id=1)
    assert (line["picked"], line["put"], line["located"]) == (2, 2, False)


def test_a_soft_move_to_the_pool_leaves_the_list_to_anybody(site: SmallSite) -> None:
    holder, other = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), pick(2))
    moves(site, to=None)
    holder.does(let_go())
    assert holder_of(site) == ("open", None, 3)
    assert other.does_one(claim()) == "accepted"


def test_a_list_that_is_handed_over_before_it_was_left_is_not_moved_any_more(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), pick(4), pick(3, 2, "TEA", "B1"))
    moves(site)
    assert holder.does_one(hand_over()) == "accepted"
    head = row(site, "pick_list", list_id=1)
    assert (head["status"], head["terminal_id"], head["move_at"]) == ("handed_over", "HH-07", None)


def test_a_soft_move_is_called_off_by_moving_it_back(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind())
    moves(site)
    assert moves(site, to="HH-07").effect is Effect.CALLED_OFF
    assert holder.does_one(let_go()) == "accepted"
    assert holder_of(site) == ("open", None, 3)


def test_a_hard_move_says_what_it_means_before_it_is_made(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), locate(), pick(2))
    with pytest.raises(MoveRefused, match=r"1 of 2 lines begun, 2 pieces picked.*may be walked twice") as refused:
        moves(site, hard=True)
    assert refused.value.needs_yes
    assert holder_of(site) == ("held", "HH-07", 2)
    assert moves(site, hard=True, yes=True).effect is Effect.NOW
    assert holder_of(site) == ("held", "HH-08", 3)
    assert row(site, "pick_list", list_id=1)["tote_gone"] is True  # it is with who walked until now


def test_the_last_piece_picked_by_both_counts_once_and_both_sides_are_named(site: SmallSite) -> None:
    """The holder is off-line, the lead moves hard, and both pick the last piece."""
    holder, other = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), pick(3), put(3))
    moves(site, hard=True, yes=True)
    assert (
        other.does(bind("T-2", token=3), locate(token=3), pick(token=3), put(token=3, tote="T-2")) == ["accepted"] * 4
    )
    late = holder.does(locate(), pick(), put(), pick(3, 2, "TEA", "B1"), hand_over())
    assert late == [
        "accepted:stale-lease",
        "discrepancy:overpick",
        "accepted:stale-lease",
        "accepted:stale-lease",
        "discrepancy:held-by-another",
    ]
    assert row(site, "pick_line", line_id=1)["picked"] == 4
    found = {one["kind"]: one for one in site.rows(t.discrepancy)}
    overpick = found["overpick"]
    assert (overpick["terminal_id"], overpick["quantity"], overpick["place"]) == ("HH-07", 1, "location:A1")
    assert overpick["other"]["terminal_id"] == "HH-08"
    assert "asked 4: 4 picked" in overpick["other"]["says"]
    assert found["held-by-another"]["other"]["terminal_id"] == "HH-08"
    assert holder_of(site) == ("held", "HH-08", 3)
    assert other.does_one(hand_over(token=3)) == "accepted"
    contents = {(one["tote"], one["item_id"]): one["quantity"] for one in site.rows(t.tote_content) if one["quantity"]}
    assert contents == {("T-1", "MUG"): 3, ("T-1", "TEA"): 3, ("T-2", "MUG"): 1}
    assert {one["tote"]: one["status"] for one in site.rows(t.tote)} == {"T-1": "to_pack", "T-2": "to_pack"}


def test_what_a_late_picker_did_counts_where_nobody_else_has_begun(site: SmallSite) -> None:
    """All of it was picked and handed over before the other came to it: the list is done, in the late one's tote."""
    holder, other = known(site, "HH-07", "HH-08")
    holder.does(claim())
    moves(site, hard=True, yes=True)
    late = holder.does(bind(), locate(), pick(4), put(4), pick(2, 2, "TEA", "B1"), short(1, 2), hand_over())
    assert late == ["accepted:stale-lease"] * 7
    assert holder_of(site)[0] == "handed_over"
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"
    assert other.does_one(hand_over(token=3)) == "accepted:handed-over-already"


def test_a_late_tote_is_not_the_tote_of_who_picks_now(site: SmallSite) -> None:
    holder, other = known(site, "HH-07", "HH-08")
    holder.does(claim())
    moves(site, hard=True, yes=True)
    holder.does(bind("T-1"), pick(1))
    assert row(site, "pick_list", list_id=1)["tote_gone"] is True
    other.does(bind("T-2", token=3), pick(1, token=3))
    assert row(site, "pick_list", list_id=1)["tote_gone"] is False
    holder.does(bind("T-3"), pick(1))
    assert row(site, "pick_list", list_id=1)["totes"] == ["T-3", "T-1", "T-2"]
    contents = {one["tote"]: one["quantity"] for one in site.rows(t.tote_content) if one["quantity"]}
    assert contents == {"T-1": 1, "T-2": 1, "T-3": 1}


def test_who_picks_now_is_never_asked_to_put_what_another_had_in_the_hand(site: SmallSite) -> None:
    holder, other = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind(), pick(1))
    moves(site, hard=True, yes=True)
    other.does(bind("T-2", token=3), pick(1, token=3))
    holder.does(put(1), pick(1), put(1))
    line = row(site, "pick_line", line_id=1)
    assert (line["picked"], line["put"]) == (3, 2)  # one is in the hand of who picks now
    other.does(put(1, tote="T-2", token=3))
    assert row(site, "pick_line", line_id=1)["put"] == 3
    contents = {one["tote"]: one["quantity"] for one in site.rows(t.tote_content) if one["quantity"]}
    assert contents == {"T-1": 2, "T-2": 1}


def test_late_undoing_takes_back_what_was_counted_late(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim(), bind())
    moves(site, hard=True, yes=True)
    holder.does(pick(2))
    assert holder.undoes() == "accepted"
    assert row(site, "pick_line", line_id=1)["picked"] == 0
    assert [one["quantity"] for one in site.rows(t.tote_content)] == [0]


def test_giving_back_a_list_that_came_back_meanwhile_is_refused(site: SmallSite) -> None:
    holder, _ = known(site, "HH-07", "HH-08")
    holder.does(claim())
    moves(site, hard=True, yes=True)
    moves(site, to="HH-07", hard=True, yes=True)
    assert holder.does_one(let_go()) == "refused:stale-lease"
    assert holder_of(site) == ("held", "HH-07", 4)


def test_what_cannot_be_moved_is_said(site: SmallSite) -> None:
    (holder,) = known(site, "HH-07")
    for change, said in (
        ({"list_id": 99}, "There is no pick list 99"),
        ({"to": None}, "in the common pool already"),
        ({"to": "NOPE"}, "never heard of a terminal NOPE"),
    ):
        with pytest.raises(MoveRefused, match=said):
            moves(site, **change)
    holder.does(claim(), bind(), pick(4), pick(3, 2, "TEA", "B1"))
    with pytest.raises(MoveRefused, match="HH-07 holds pick list 1 already"):
        moves(site, to="HH-07")
    holder.does(hand_over())
    with pytest.raises(MoveRefused, match="is handed over"):
        moves(site)
    site.change(t.terminal, {"revoked_at": site.database.now()}, terminal_id="HH-07")
    with pytest.raises(MoveRefused, match="was revoked"):
        moves(site, 2, to="HH-07")
    assert kinds_opened(site) == []
