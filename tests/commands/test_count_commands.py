"""`floor store counts` and `floor store count ask` as a shift lead uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sync.record.ids import WorkerId
from sync.store import tables as t
from tests.commands.calling import Run, store_command
from tests.store.floor_ledger import Ledger, lay_out
from tests.store.small_site import SmallSite, small_site
from tests.store.test_judging_counts import ended, zero


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        made.worker("W2")
        yield made


@pytest.fixture
def run(any_database: str, site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FLOORHAND_DB", any_database)
    monkeypatch.setenv("FLOORHAND_SITE", "main")
    return store_command()


def test_a_lead_asks_for_a_count_and_sees_what_waits(site: SmallSite, run: Run) -> None:
    assert run("counts").stdout == "no counts\n"
    assert "count 1  A1: open" in run("count", "ask", "A1", "--by", "Lea").stdout
    assert "because of lead (lead:Lea)" in run("counts", "--open").stdout
    asked = json.loads(run("count", "ask", "A2", "--item", "MUG", "--by", "Lea", "--json").stdout)
    assert (asked["location"], asked["item_id"], asked["why"]) == ("A2", "MUG", "lead")
    Ledger(site).does_one(zero(0))
    assert [one["why"] for one in json.loads(run("counts", "--why", "zero", "--json").stdout)] == []
    assert [one["location"] for one in json.loads(run("counts", "--why", "lead", "--json").stdout)] == ["A1", "A2"]
    assert [one["what"] for one in site.rows(t.audit)] == ["ask-count", "ask-count"]


def test_what_is_not_there_is_not_counted(run: Run) -> None:
    assert "no location Z9" in run("count", "ask", "Z9", "--by", "Lea", exit_code=1).stderr
    assert "no item NOTHING" in run("count", "ask", "A1", "--item", "NOTHING", "--by", "Lea", exit_code=1).stderr


def test_first_finds_and_adjustments_are_shown_with_their_authors(site: SmallSite, run: Run) -> None:
    one, other = Ledger(site), Ledger(site, "HH-08")
    other.worker_id = WorkerId("W2")
    assert run("counts", "--adjusted").stdout == "no count has changed anything\n"
    one.does_one(ended({"MUG": 3}, "A2"))
    assert "W1 found 3 of MUG, the record said otherwise" in run("counts").stdout
    other.does_one(ended({"MUG": 3}, "A2"))
    assert run("counts", "--open").stdout == "no counts\n"
    assert "A2: done by W2" in run("counts").stdout
    assert "A2  MUG: -2  count by W2" in run("counts", "--adjusted").stdout
    (adjusted,) = json.loads(run("counts", "--adjusted", "--json").stdout)
    assert (adjusted["pieces"], adjusted["by"], adjusted["cause"]) == (-2, "W2", other.events[-1])


def test_a_discrepancy_that_was_settled_by_a_count_is_an_adjustment_too(site: SmallSite, run: Run) -> None:
    ledger = Ledger(site)
    ledger.does_one(zero(0))
    opened = site.rows(t.discrepancy)[0]["discrepancy_id"]
    run("settle", opened, "--how", "count", "--found", 5, "--by", "Lea", "--alone", "nobody else is here")
    (adjusted,) = json.loads(run("counts", "--adjusted", "--json").stdout)
    assert (adjusted["location"], adjusted["pieces"], adjusted["by"]) == ("A1", -1, "Lea")
