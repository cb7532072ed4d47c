"""Pick and pass: a tote goes from zone to zone, and every zone takes it over by its scan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import ShortReason
from sync.store import tables as t
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.holding import hold_order
from sync.store.orders.intake import release_hold
from tests.store.clock import Clock
from tests.store.floor_ledger import bind, claim, kinds_opened, let_go, pick, row, short
from tests.store.small_site import SmallSite, small_site
from tests.store.trips import (
    PASS,
    Picker,
    hand_over_at,
    in_zone,
    lay_out_zones,
    more_mugs_in_zone_b,
    statuses,
    take,
    told,
    tote,
    trip,
)


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out_zones(made)
        yield made


def head(site: SmallSite, list_id: int) -> dict[str, object]:
    return row(site, "pick_list", list_id=list_id)


def test_a_tote_goes_from_zone_to_zone_and_then_to_packing(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    first, second, third = (Picker(site, number) for number in (1, 2, 3))
    assert statuses(site, legs) == ["open", "waiting", "waiting"]
    assert first.does_all(legs[0], "T-1", "S1") == "accepted"
    assert (statuses(site, legs), tote(site, "T-1")) == (["handed_over", "open", "waiting"], ("passed", "S1"))
    assert (head(site, legs[1])["totes"], head(site, legs[1])["tote_gone"]) == (["T-1"], True)
    assert second.does_one(take("T-1")) == "accepted"
    assert (head(site, legs[1])["tote_gone"], tote(site, "T-1")) == (False, ("picking", None))
    second.picks(legs[1])
    assert second.puts_down(legs[1], "S2") == "accepted"
    assert third.begins(legs[2], "T-1") == ["accepted", "accepted"]
    third.picks(legs[2])
    assert third.puts_down(legs[2], "PACK01") == "accepted"
    assert tote(site, "T-1") == ("to_pack", "PACK01")
    assert sorted(one["quantity"] for one in site.rows(t.tote_content, tote="T-1")) == [2, 3, 4]
    assert kinds_opened(site) == []


def test_each_zone_is_told_what_is_still_to_come_and_one_that_is_done_nothing(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    assert [one.to_come for one in told(site, legs)] == [("B", "C"), ("C",), ()]
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    assert [one.to_come for one in told(site, legs)] == [(), ("C",), ()]


def test_a_zone_is_given_its_own_lists_the_hurried_before_others(site: SmallSite) -> None:
    one, two = trip(site, "O-1", PASS, "AB"), trip(site, "O-2", PASS, "B")
    picker = Picker(site, 2)
    assert picker.does(in_zone("C"), claim(None)) == ["accepted", "refused:no-work"]
    Picker(site, 1).does_all(one[0], "T-1", "S1")
    site.change(t.pick_list, {"priority": 9}, list_id=one[1])
    assert picker.does(in_zone("B"), claim(None)) == ["accepted", "accepted"]
    assert (statuses(site, [one[1]]), statuses(site, two)) == (["held"], ["open"])


def test_who_works_in_no_zone_is_given_any_list(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "C")
    assert Picker(site, 1).does_one(claim(None)) == "accepted"
    assert statuses(site, legs) == ["held"]


def test_a_zone_that_nobody_knows_or_that_the_lead_decides_is_not_taken(site: SmallSite) -> None:
    picker = Picker(site, 1)
    assert picker.does_one(in_zone("Z")) == "quarantined:unknown-zone"
    site.change(t.site, {"rules": {"zone_choice": False}})
    assert picker.does_one(in_zone("B")) == "accepted:lead-decides"
    assert row(site, "worker", worker_id="W-1")["zone_id"] is None


def test_several_totes_go_along(site: SmallSite) -> None:
    first = Picker(site, 1)
    more = trip(site, "O-2", PASS, "AB")
    first.begins(more[0], "T-2")
    line = row(site, "pick_line", list_id=more[0])
    first.does(pick(1, line["line_id"], token=first.token(more[0])), bind("T-3", more[0], first.token(more[0])))
    first.picks(more[0])
    assert first.puts_down(more[0], "S1") == "accepted"
    assert head(site, more[1])["totes"] == ["T-2", "T-3"]
    second = Picker(site, 2)
    assert second.does_one(take("T-2")) == "accepted"
    assert [tote(site, code)[0] for code in ("T-2", "T-3")] == ["picking", "picking"]
    assert head(site, more[1])["totes"] == ["T-3", "T-2"]


def test_an_empty_tote_is_left_and_the_next_zone_begins_with_its_own(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    first = Picker(site, 1)
    first.begins(legs[0], "T-1")
    first.does(short(4, row(site, "pick_line", list_id=legs[0])["line_id"], ShortReason.CUT, first.token(legs[0])))
    assert first.puts_down(legs[0], "S1") == "accepted"
    assert (tote(site, "T-1")[0], head(site, legs[1])["totes"]) == ("empty", [])
    assert Picker(site, 2).does_all(legs[1], "T-2", "PACK01") == "accepted"
    assert tote(site, "T-2")[0] == "to_pack"


def test_a_zone_that_became_empty_is_passed_over(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    with site.write() as work:
        cancel_order(work, "O-1", by="Ruth", line_no=2)
    assert statuses(site, legs) == ["open", "cancelled", "waiting"]
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    assert statuses(site, legs) == ["handed_over", "cancelled", "open"]


def test_a_tote_that_waits_for_a_zone_that_became_empty_moves_on(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    with site.write() as work:
        cancel_order(work, "O-1", by="Ruth", line_no=2)
    assert statuses(site, legs) == ["handed_over", "cancelled", "open"]
    with site.write() as work:
        cancel_order(work, "O-1", by="Ruth", line_no=3)
    assert tote(site, "T-1") == ("to_pack", "S1")


def test_a_cancelled_orders_tote_goes_to_packing_to_be_put_back(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second = Picker(site, 2)
    second.does(take("T-1"))
    with site.write() as work:
        cancel_order(work, "O-1", by="Ruth")
    assert statuses(site, legs) == ["handed_over", "cancelled", "cancelled"]
    assert tote(site, "T-1")[0] == "to_pack"
    assert site.differences() == []


def test_a_held_orders_tote_stops_at_packing(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    with site.write() as work:
        hold_order(work, "O-1", reason="ask", by="Ruth")
    assert (statuses(site, legs)[1:], tote(site, "T-1")[0]) == (["cancelled", "cancelled"], "to_pack")


def test_a_short_is_picked_in_the_zone_that_still_comes(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    more_mugs_in_zone_b(site)
    first = Picker(site, 1)
    first.begins(legs[0], "T-1")
    line = row(site, "pick_line", list_id=legs[0])
    assert first.does_one(short(4, line["line_id"], token=first.token(legs[0]))) == "accepted"
    added = [one for one in site.rows(t.pick_line, list_id=legs[1]) if one["item_id"] == "MUG"]
    assert [(one["location"], one["asked"]) for one in added] == [("B2", 4)]
    assert head(site, legs[1])["piece_count"] == 7
    assert first.undoes() == "accepted"
    assert head(site, legs[1])["piece_count"] == 3


def test_a_short_makes_a_leg_of_its_own_where_no_zone_is_left(site: SmallSite) -> None:
    (only,) = trip(site, "O-1", PASS, "A")
    more_mugs_in_zone_b(site)
    first = Picker(site, 1)
    first.begins(only, "T-1")
    line = row(site, "pick_line", list_id=only)
    token = first.token(only)
    first.does(short(1, line["line_id"], token=token))
    (new,) = [one["list_id"] for one in site.rows(t.pick_list) if one["list_id"] != only]
    assert (head(site, new)["zone_id"], head(site, new)["leg"], statuses(site, [new])) == ("B", 1, ["waiting"])
    first.picks(only)
    assert first.puts_down(only, "S1") == "accepted"
    assert head(site, new)["totes"] == ["T-1"]
    assert Picker(site, 2).does_one(take("T-1")) == "accepted"


def test_a_leg_that_the_undo_of_a_short_has_emptied_is_passed_over(site: SmallSite) -> None:
    (only,) = trip(site, "O-1", PASS, "A")
    more_mugs_in_zone_b(site)
    first = Picker(site, 1)
    first.begins(only, "T-1")
    first.does(short(1, row(site, "pick_line", list_id=only)["line_id"], token=first.token(only)))
    assert first.undoes() == "accepted"
    first.picks(only)
    first.puts_down(only, "PACK01")
    assert tote(site, "T-1")[0] == "to_pack"


def test_a_list_that_was_given_back_goes_on_with_its_tote(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second, third = Picker(site, 2), Picker(site, 3)
    second.does(claim(legs[1]))
    assert second.does_one(let_go(legs[1], second.token(legs[1]))) == "accepted"
    assert (head(site, legs[1])["tote_gone"], tote(site, "T-1")[0]) == (True, "passed")
    assert third.does_one(take("T-1")) == "accepted"


def test_nobody_else_is_sent_for_a_tote_that_is_not_there_until_a_lead_has_found_it(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS)
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second = Picker(site, 2)
    second.does(claim(legs[1]))
    assert second.does_one(let_go(legs[1], second.token(legs[1]), missing="T-1")) == "accepted"
    assert (kinds_opened(site), row(site, "orders", order_ref="O-1")["status"]) == (["tote-missing"], "held")
    assert "T-1 of order O-1 is not at S1" in row(site, "discrepancy", kind="tote-missing")["text"]
    assert Picker(site, 3).does_one(claim(None)) == "refused:no-work"
    assert (statuses(site, legs)[1:], tote(site, "T-1")) == (["cancelled", "cancelled"], ("to_pack", "S1"))
    with site.write() as work:
        release_hold(work, "O-1", "from-floor", by="Ruth")
    assert row(site, "orders", order_ref="O-1")["status"] == "open"


def test_only_a_tote_of_the_list_can_be_missing_from_it(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second = Picker(site, 2)
    second.does(claim(legs[1]))
    assert second.does_one(let_go(legs[1], second.token(legs[1]), missing="T-9")) == "accepted"
    assert (kinds_opened(site), statuses(site, legs)) == ([], ["handed_over", "open"])


def test_a_leg_whose_tote_nobody_took_goes_on_when_the_lease_ends(site: SmallSite) -> None:
    clock = Clock(site)
    legs = trip(site, "O-1", PASS, "AB")
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second, third = Picker(site, 2), Picker(site, 3)
    second.does(claim(legs[1]))
    clock.passes(minutes=16)
    assert third.does_one(claim(None)) == "accepted"
    assert (head(site, legs[1])["terminal_id"], tote(site, "T-1")[0]) == ("HH-03", "passed")


def test_ones_own_walk_is_taken_to_another_terminal(site: SmallSite) -> None:
    (leg,) = trip(site, "O-1", PASS, "A")
    first = Picker(site, 1)
    first.begins(leg, "T-1")
    before = first.token(leg)
    again = Picker(site, 1, terminal_id="HH-09")
    assert again.does_one(take("T-1")) == "accepted"
    now = head(site, leg)
    assert (now["terminal_id"], now["totes"], now["tote_gone"]) == ("HH-09", ["T-1"], False)
    assert now["token"] == before + 1
    assert again.does_one(take("T-1")) == "accepted:already-held"
    again.picks(leg)
    assert again.puts_down(leg, "PACK01") == "accepted"


def test_whose_tote_it_is_or_what_zone_it_waits_for_is_said(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    first, second = Picker(site, 1), Picker(site, 2)
    first.begins(legs[0], "T-1")
    assert second.does(take("T-1"), take("T-9")) == ["refused:held-by:HH-01", "refused:unknown-tote"]
    first.picks(legs[0])
    first.puts_down(legs[0], "S1")
    assert second.does(in_zone("C"), take("T-1")) == ["accepted", "refused:other-zone:B"]
    assert second.does(in_zone("B"), take("T-1")) == ["accepted", "accepted"]
    second.picks(legs[1])
    second.puts_down(legs[1], "PACK01")
    assert first.does_one(take("T-1")) == "refused:not-work"


def test_a_lead_may_take_anybodys_walk(site: SmallSite) -> None:
    (leg,) = trip(site, "O-1", PASS, "A")
    Picker(site, 1).begins(leg, "T-1")
    lead = Picker(site, 2)
    site.worker("W-2", "lead")
    assert lead.does_one(take("T-1")) == "accepted"
    assert head(site, leg)["worker_id"] == "W-2"


def test_what_comes_late_after_the_tote_has_gone_on_is_surplus_and_nothing_is_lost(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    first = Picker(site, 1)
    first.begins(legs[0], "T-1")
    token = first.token(legs[0])
    first.picks(legs[0])
    first.puts_down(legs[0], "S1")
    assert first.does_one(hand_over_at("S2", legs[0], token)) == "accepted:handed-over-already"
    assert tote(site, "T-1") == ("passed", "S1")
