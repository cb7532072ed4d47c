"""Zones on the command line and over the network: who picks where, and a zone's end of shift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result

from sync.record.ids import ZoneId
from sync.store import tables as t
from sync.store.leading.zones import end
from tests.commands.calling import Run, store_command
from tests.store.floor_ledger import claim, let_go, row
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.trips import PASS, Picker, lay_out_zones, take, trip


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out_zones(made)
        yield made


@pytest.fixture
def run(site: SmallSite, any_database: str) -> Run:
    return store_command("--db", any_database, "--site", SITE, "zone")


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_each_zone_is_shown_with_its_people_lists_and_waiting_totes(site: SmallSite, run: Run) -> None:
    legs = trip(site, "O-1", PASS)
    trip(site, "O-2", PASS, "AB")
    first = Picker(site, 1)
    first.does_all(legs[0], "T-1", "S1")
    run("assign", "W-1", "B", "--by", "Ruth")
    a, b, c = answer(run("list", "--json"))
    assert (a["open_lists"], a["lines"], a["pieces"]) == (1, 1, 4)
    assert (b["open_lists"], b["waiting_lists"], b["lines"], b["pieces"]) == (1, 1, 2, 6)
    assert (c["held_lists"], c["waiting_lists"]) == (0, 1)
    assert [who["worker_id"] for who in b["people"]] == ["W-1"]
    assert b["totes"] == [{"tote": "T-1", "list_id": legs[1], "place": "S1"}]
    said = run("list").stdout
    assert f"T-1 of list {legs[1]} waits at S1" in said
    assert "Worker W-1" in said


def test_an_assignment_counts_from_the_next_list_on(site: SmallSite, run: Run) -> None:
    legs = trip(site, "O-1", PASS, "AB")
    trip(site, "O-2", PASS, "C")
    first = Picker(site, 1)
    assert first.begins(legs[0], "T-1") == ["accepted", "accepted"]
    assert "from the next list on" in run("assign", "W-1", "C", "--by", "Ruth").stdout
    assert first.head(legs[0])["terminal_id"] == "HH-01"
    first.picks(legs[0])
    assert first.puts_down(legs[0], "S1") == "accepted"
    assert first.does_one(claim(None)) == "accepted"
    assert [one["zone_id"] for one in site.rows(t.pick_list, terminal_id="HH-01", status="held")] == ["C"]
    run("clear", "W-1", "--by", "Ruth")
    assert row(site, "worker", worker_id="W-1")["zone_id"] is None
    assert [one["what"] for one in site.rows(t.audit)] == ["zone-assign", "zone-assign"]


def test_who_and_which_zone_must_be_known(site: SmallSite, run: Run) -> None:
    Picker(site, 1)
    assert "Its zones: A, B, C." in run("assign", "W-1", "Z", "--by", "Ruth", exit_code=1).stderr
    assert "no worker W-9" in run("assign", "W-9", "A", "--by", "Ruth", exit_code=1).stderr
    assert "no zone Z" in run("end", "Z", "--by", "Ruth", exit_code=1).stderr
    assert "neither a terminal nor a worker" in run("end", "A", "--to", "W-9", "--by", "Ruth", exit_code=1).stderr


def test_a_zones_end_of_shift_hands_its_work_over(site: SmallSite, run: Run) -> None:
    legs, more = trip(site, "O-1", PASS, "AB"), trip(site, "O-2", PASS, "B")
    first, second, late = (Picker(site, number) for number in (1, 2, 3))
    first.does_all(legs[0], "T-1", "S1")
    second.begins(more[0], "T-2")
    second.picks(more[0])
    late.does_one(claim(99))
    done = answer(run("end", "B", "--to", "HH-03", "--by", "Ruth", "--json"))
    # At once: by the clock of the command its holder was last heard of years ago.
    assert [(one["list_id"], one["effect"], one["pieces_picked"]) for one in done["moved"]] == [(more[0], "now", 3)]
    assert [one["tote"] for one in done["totes"]] == ["T-1"]
    assert second.head(more[0])["terminal_id"] == "HH-03"
    assert late.puts_down(more[0], "PACK01") == "accepted"
    assert "T-1 of list" in run("end", "B", "--by", "Ruth").stdout
    assert late.does_one(take("T-1")) == "accepted"


def test_a_holder_who_is_in_contact_leaves_at_the_next_stop(site: SmallSite) -> None:
    (only,) = trip(site, "O-1", PASS, "A")
    first = Picker(site, 1)
    first.begins(only, "T-1")
    with site.write() as work:
        done = end(work, ZoneId("A"), to=None, by="Ruth")
    assert [str(one.effect) for one in done.moved] == ["at-contact"]
    assert first.head(only)["terminal_id"] == "HH-01"
    assert first.does_one(let_go(only, first.token(only))) == "accepted"
    assert first.head(only)["status"] == "open"


def test_nothing_held_is_nothing_to_hand_over(run: Run) -> None:
    assert "Nobody holds anything in zone A." in run("end", "A", "--by", "Ruth").stdout
