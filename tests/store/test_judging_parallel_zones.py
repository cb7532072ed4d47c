"""Zones in parallel: each picks into its own tote, the first to arrive pins the place, the last completes the order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import ShortReason
from sync.store import tables as t
from sync.store.leading.discrepancies import discrepancies
from sync.store.leading.reconciling import reconcile
from sync.store.orders.cancelling import cancel_order
from tests.store.floor_ledger import bind, claim, kinds_opened, row, short
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_judging_races import at_once, pushes
from tests.store.trips import (
    PARALLEL,
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


def test_the_first_tote_pins_the_place_and_the_last_completes_the_order(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL)
    pickers = [Picker(site, number) for number in (1, 2, 3)]
    assert statuses(site, lists) == ["open"] * 3
    assert pickers[0].does_all(lists[0], "T-1", "S2") == "accepted"
    sisters = told(site, lists[1:])
    assert [(one.consolidation, one.to_come, one.hurried) for one in sisters] == [
        ("S2", ("C",), True),
        ("S2", ("B",), True),
    ]
    assert tote(site, "T-1") == ("consolidating", "S2")
    assert pickers[1].does_all(lists[1], "T-2", "S2") == "accepted"
    assert tote(site, "T-2") == ("consolidating", "S2")
    assert pickers[2].does_all(lists[2], "T-3", "S2") == "accepted"
    assert [tote(site, code) for code in ("T-1", "T-2", "T-3")] == [("to_pack", "S2")] * 3
    assert {one["key"] for one in site.rows(t.feed, kind="packing") if not one["deleted"]} == {"T-1", "T-2", "T-3"}
    assert kinds_opened(site) == []


def test_two_places_are_both_kept_and_said(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    Picker(site, 1).does_all(lists[0], "T-1", "S1")
    assert Picker(site, 2).does_all(lists[1], "T-2", "S2") == "discrepancy:consolidation-split"
    assert [tote(site, code) for code in ("T-1", "T-2")] == [("to_pack", "S1"), ("to_pack", "S2")]
    with site.database.read() as conn:
        (opened,) = discrepancies(conn, SITE)
    assert (opened.kind, opened.place, opened.order_ref) == ("consolidation-split", "location:S2", "O-1")
    assert "S1" in opened.text
    assert opened.other is not None
    assert "S1" in opened.other["says"]
    assert opened.ways == ("accept",)


def test_a_sister_that_has_nothing_left_to_pick_is_not_waited_for(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    Picker(site, 1).does_all(lists[0], "T-1", "S1")
    with site.write() as work:
        cancel_order(work, "O-1", by="Ruth", line_no=2)
    assert (statuses(site, lists), tote(site, "T-1")) == (["handed_over", "cancelled"], ("to_pack", "S1"))


def test_who_found_nothing_pins_no_place(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    first = Picker(site, 1)
    first.begins(lists[0], "T-1")
    first.does(short(4, row(site, "pick_line", list_id=lists[0])["line_id"], ShortReason.CUT, first.token(lists[0])))
    assert first.puts_down(lists[0], "S1") == "accepted"
    assert row(site, "trip", trip_id=1)["place"] is None
    assert Picker(site, 2).does_all(lists[1], "T-2", "S2") == "accepted"
    assert tote(site, "T-2") == ("to_pack", "S2")


def test_a_short_goes_to_the_sister_in_whose_zone_the_pieces_stand(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    more_mugs_in_zone_b(site)
    first, second = Picker(site, 1), Picker(site, 2)
    second.begins(lists[1], "T-2")
    first.begins(lists[0], "T-1")
    first.does(short(4, row(site, "pick_line", list_id=lists[0])["line_id"], token=first.token(lists[0])))
    (added,) = [one for one in site.rows(t.pick_line, list_id=lists[1]) if one["item_id"] == "MUG"]
    assert site.audiences("pick_line")[str(added["line_id"])] == "t:HH-02"


def test_a_short_makes_a_new_sister_where_the_one_has_handed_over(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    Picker(site, 2).does_all(lists[1], "T-2", "S1")
    more_mugs_in_zone_b(site)
    first = Picker(site, 1)
    first.begins(lists[0], "T-1")
    first.does(short(4, row(site, "pick_line", list_id=lists[0])["line_id"], token=first.token(lists[0])))
    (new,) = [one for one in site.rows(t.pick_list) if one["list_id"] not in lists]
    assert (new["zone_id"], new["status"], new["hurried"]) == ("B", "open", True)
    assert first.puts_down(lists[0], "S1") == "accepted"
    assert tote(site, "T-2")[0] == "consolidating"
    assert Picker(site, 3).does_all(new["list_id"], "T-3", "S1") == "accepted"
    assert tote(site, "T-2")[0] == "to_pack"


def test_two_first_arrivals_at_once_pin_one_place(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL, "AB")
    pickers = [Picker(site, number) for number in (1, 2)]
    for picker, list_id, code, place in zip(pickers, lists, ("T-1", "T-2"), ("S1", "S2"), strict=True):
        picker.begins(list_id, code)
        picker.picks(list_id)
        picker.write(hand_over_at(place, list_id, picker.token(list_id)))
    answers = at_once([pushes(picker, len(picker.bodies)) for picker in pickers])
    assert sorted(answers) == [["accepted"], ["discrepancy:consolidation-split"]]
    assert [tote(site, code) for code in ("T-1", "T-2")] == [("to_pack", "S1"), ("to_pack", "S2")]
    assert site.differences() == []


def test_a_tote_scanned_by_two_at_once_is_given_to_one(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    pickers = [Picker(site, number) for number in range(2, 6)]
    for picker in pickers:
        picker.write(take("T-1"))
    answers = [verdict for (verdict,) in at_once([pushes(picker) for picker in pickers])]
    holder = row(site, "pick_list", list_id=legs[1])["terminal_id"]
    assert sorted(answers) == sorted(["accepted", *[f"refused:held-by:{holder}"] * 3])


def test_zones_that_ask_at_once_each_get_their_own(site: SmallSite) -> None:
    lists = trip(site, "O-1", PARALLEL)
    pickers = [Picker(site, number) for number in (1, 2, 3)]
    for picker, zone_id in zip(pickers, "ABC", strict=True):
        picker.write(in_zone(zone_id), claim(None))
    assert at_once([pushes(picker) for picker in pickers]) == [["accepted", "accepted"]] * 3
    assert [row(site, "pick_list", list_id=one)["terminal_id"] for one in lists] == ["HH-01", "HH-02", "HH-03"]


def test_the_reconciliation_names_totes_that_wait_for_nobody(site: SmallSite) -> None:
    apart, legs = trip(site, "O-1", PARALLEL, "AB"), trip(site, "O-2", PASS, "AB")
    picker = Picker(site, 1)
    picker.does_all(apart[0], "T-1", "S1")
    picker.does_all(legs[0], "T-2", "S1")
    assert site.differences() == []
    site.change(t.pick_list, {"status": "handed_over"}, list_id=apart[1])
    site.change(t.pick_list, {"status": "waiting"}, list_id=legs[1])
    with site.database.read() as conn:
        found = [one for one in reconcile(conn, SITE).differences if "T-" in one or "leg" in one]
    assert found == [
        "tote T-1 waits at S1 for other zones, and nobody picks for its order any more",
        f"tote T-2 waits at S1 for list {legs[1]}, which is waiting",
        f"list {legs[1]} waits for the tote of a zone before, and no such zone picks (trip 2, leg 1)",
    ]


def test_a_tote_bound_late_to_a_sister_does_not_hide_the_one_that_is_on_its_way(site: SmallSite) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    Picker(site, 1).does_all(legs[0], "T-1", "S1")
    second = Picker(site, 2)
    second.does(claim(legs[1]), bind("T-2", legs[1], second.token(legs[1]) + 1))
    second.picks(legs[1])
    assert second.puts_down(legs[1], "PACK01") == "accepted"
    assert [tote(site, code)[0] for code in ("T-1", "T-2")] == ["to_pack", "to_pack"]
