"""Counts over the network: who may ask for them and read them, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.ids import WorkerId
from sync.record.rows import Role
from sync.store import tables as t
from tests.store.floor_ledger import Ledger, lay_out
from tests.store.serving import served
from tests.store.small_site import SmallSite, small_site
from tests.store.test_api_office import Office
from tests.store.test_judging_counts import ended


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        with made.write() as work:
            work.conn.execute(t.store.insert(), {"one": 1, "incarnation": "test", "created_at": work.now})
        lay_out(made)
        made.worker("W2")
        yield made


def test_stock_people_ask_for_counts_and_read_what_they_changed(site: SmallSite) -> None:
    one, other = Ledger(site), Ledger(site, "HH-08")
    other.worker_id = WorkerId("W2")
    with served(site) as url, Office(site, url).of(Role.STOCK, name="Eve") as eve:
        status, asked = eve.post("/counts", location="A2")
        assert (status, asked["location"], asked["status"]) == (200, "A2", "open")
        assert asked["cause"].startswith("lead:Eve")
        one.does_one(ended({"MUG": 4}, "A2"))
        (waiting,) = eve.get("/counts", only_open=True)[1]
        assert (waiting["not_by"], waiting["first_finds"][0]["pieces"]) == ("W1", 4)
        other.does_one(ended({"MUG": 4}, "A2"))
        assert eve.get("/counts", only_open=True)[1] == []
        assert [count["status"] for count in eve.get("/counts")[1]] == ["done"]
        (adjusted,) = eve.get("/adjustments")[1]
        assert (adjusted["location"], adjusted["pieces"], adjusted["by"]) == ("A2", -1, "W2")
        status, problem = eve.post("/counts", location="Z9")
        assert status == 409
        assert "no location Z9" in problem["text"]
        assert eve.post("/counts", location="")[0] == 400


def test_pickers_keys_see_no_counts(site: SmallSite) -> None:
    with served(site) as url, Office(site, url).of(Role.INTEGRATOR) as shop:
        assert shop.get("/counts")[0] == 403
        assert shop.get("/adjustments")[0] == 403
        assert shop.post("/counts", location="A1")[0] == 403
