"""`floor store move`, `terminals`, `discrepancies` and `settle` as a shift lead uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sync.store import tables as t
from sync.store.database import utc_now
from tests.commands.calling import Run, store_command
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, pick, row
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


@pytest.fixture
def run(any_database: str, site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FLOORHAND_DB", any_database)
    monkeypatch.setenv("FLOORHAND_SITE", "main")
    return store_command()


def test_a_list_is_moved_with_its_effect_said(site: SmallSite, run: Run) -> None:
    site.database.now = utc_now  # as the command's own
    Ledger(site).does(claim(), bind(), pick(2))
    Ledger(site, "HH-08").does(claim(2))
    soft = json.loads(run("move", 1, "--to", "HH-08", "--by", "Lea", "--json").stdout)
    assert (soft["effect"], soft["held_by"], soft["pieces_picked"]) == ("at-contact", "HH-07", 2)
    refused = json.loads(run("move", 1, "--hard", "--by", "Lea", "--json", exit_code=1).stdout)
    assert "may be walked twice" in refused["text"]
    alone = run("move", 1, "--hard", "--yes", "--by", "Lea", "--alone", "Sunday: nobody else is here")
    assert "went to the common pool" in alone.stdout
    assert row(site, "pick_list", list_id=1)["status"] == "open"
    assert [one["what"] for one in site.rows(t.audit)] == ["move-list", "alone", "move-list"]
    assert "no pick list 99" in run("move", 99, "--by", "Lea", exit_code=1).stderr


def test_terminals_are_shown_with_their_work(site: SmallSite, run: Run) -> None:
    assert "No terminal has been heard of" in run("terminals").stdout
    Ledger(site).does(claim(), bind(), pick(2))
    site.change(t.terminal, {"owed": 7, "owed_since": site.database.now(), "release": "1.2"}, terminal_id="HH-07")
    shown = run("terminals").stdout
    for said in (
        "HH-07  last contact 2010-12-01 09:30 UTC, nobody is signed in",
        "7 facts not delivered, the oldest since 2010-12-01 09:30 UTC",
        "lease ended 2010-12-01 09:45 UTC",
        "list 1 of order first: 2 pieces picked, 2 lines open",
        "release 1.2",
    ):
        assert said in shown
    (one,) = json.loads(run("terminals", "--json").stdout)
    assert (one["lease"], one["lists"][0]["list_id"], one["owed"]) == ("ended", 1, 7)


def test_a_discrepancy_is_listed_with_both_sides_and_settled(site: SmallSite, run: Run) -> None:
    Ledger(site).does(claim(), bind(), pick(6))
    shown = run("discrepancies").stdout
    for said in ("overpick: 2 of MUG from A1", "W1 HH-07", "order first", "the other side: ", "asked 4: 4 picked"):
        assert said in shown
    assert "settle with --how put-back or write-off" in shown
    assert "Nothing of that is open" in run("discrepancies", "--kind", "short-short").stdout
    (found,) = json.loads(run("discrepancies", "--json").stdout)
    assert found["ways"] == ["put-back", "write-off"]
    name = found["discrepancy_id"]
    assert "does not settle it" in run("settle", name, "--by", "Lea", "--how", "accept", exit_code=1).stderr
    run("settle", name, "--by", "Lea", "--how", "lost", exit_code=2)
    done = json.loads(
        run("settle", name, "--by", "Lea", "--how", "put-back", "--at", "A2", "--note", "seen", "--json").stdout
    )
    assert done["settlement"] == "put-back 2 at A2: seen"
    assert json.loads(run("discrepancies", "--json").stdout) == []
    assert json.loads(run("reconcile", "--json").stdout)["ok"] is True
