"""Sorters at the same moment: a tote has one, a cubby one order, and no piece is lost between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from sync.store import tables as t
from sync.store.leading.batches import batch_accounts
from sync.store.leading.verifying import differences
from tests.store.floor_ledger import Ledger
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_judging_races import at_once, pushes
from tests.store.wall_floor import build_wall, claim_sort, pick_in_bulk, plan_batch, release_sort, sort

ORDERS = 6


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    """Two bulk lists of one batch: of six orders two MUG each are in T-1, two TEA each in T-2."""
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 100, position=10)
        made.stock("B1", "TEA", 100, position=20)
        build_wall(made, ORDERS)
        orders = [made.order(f"order {number}", [("MUG", 2), ("TEA", 2)]) for number in range(ORDERS)]
        _, (list_id,) = plan_batch(made, orders)
        pick_in_bulk(made, Ledger(made, "HH-01"), list_id, "T-1", "T-2")
        yield made
        assert made.differences() == []
        with made.database.read() as conn:
            assert list(differences(conn, SITE)) == []


def test_one_tote_asked_for_by_all_is_given_to_one(site: SmallSite) -> None:
    sorters = [Ledger(site, f"HH-{number:02}") for number in range(10, 16)]
    for sorter in sorters:
        sorter.write(claim_sort("T-1"))
    verdicts = Counter(verdict for (verdict,) in at_once([pushes(sorter) for sorter in sorters]))
    (tote,) = site.rows(t.tote, tote="T-1")
    assert verdicts == {"accepted": 1, f"refused:held-by:{tote['terminal_id']}": 5}


def test_two_sorters_with_two_totes_of_a_batch_fill_the_same_cubbies_and_close_it(site: SmallSite) -> None:
    """Each puts piece by piece, in pushes of its own, into cubbies that the other fills too."""
    sorters = {"T-1": Ledger(site, "HH-11"), "T-2": Ledger(site, "HH-12")}
    answers = at_once([_sorts(site, sorter, tote) for tote, sorter in sorters.items()])
    assert [verdict for of_one in answers for verdict in of_one if verdict != "accepted"] == []
    with site.database.read() as conn:
        (done,) = batch_accounts(conn, SITE)
    assert (done.status, done.put, done.in_totes, done.difference) == ("closed", 4 * ORDERS, 0, 0)
    cubbies = {row["tote"]: row["status"] for row in site.rows(t.tote) if row["tote"].startswith("W-")}
    assert cubbies == {f"W-1-A{number:02}": "to_pack" for number in range(1, ORDERS + 1)}
    held = Counter[str]()
    for content in site.rows(t.tote_content):
        held[content["tote"]] += content["quantity"]
    assert +held == dict.fromkeys(cubbies, 4)


def _sorts(site: SmallSite, sorter: Ledger, tote: str) -> Callable[[], list[str]]:
    def job() -> list[str]:
        sorter.write(claim_sort(tote))
        said = pushes(sorter, 1)()
        place_of = {row["order_id"]: row["tote"] for row in site.rows(t.cubby)}
        order_of = {row["order_line_id"]: row["order_id"] for row in site.rows(t.order_line)}
        for content in site.rows(t.tote_content, tote=tote):
            line = content["order_line_id"]
            for _ in range(content["quantity"]):
                sorter.write(sort(1, line, place_of[order_of[line]], tote, content["item_id"]))
                said += pushes(sorter, len(sorter.bodies))()
        sorter.write(release_sort(tote))
        return said + pushes(sorter, len(sorter.bodies))()

    return job


def test_two_batches_that_take_cubbies_of_one_wall_at_once_never_share_one(site: SmallSite) -> None:
    """The wall has room for one of them: the other is told how many cubbies are missing."""
    _, (list_id,) = plan_batch(site, [site.order(f"late {number}", [("MUG", 1)]) for number in range(4)])
    pick_in_bulk(site, Ledger(site, "HH-02"), list_id, "T-3")
    one, other = Ledger(site, "HH-11"), Ledger(site, "HH-12")
    one.write(claim_sort("T-1"))
    other.write(claim_sort("T-3"))
    verdicts = [verdict for (verdict,) in at_once([pushes(one), pushes(other)])]
    assert verdicts in (["accepted", "refused:cubbies:4"], ["refused:cubbies:4", "accepted"])
    taken = [row["order_id"] for row in site.rows(t.cubby) if row["order_id"] is not None]
    assert len(taken) == len(set(taken)) == (6 if verdicts[0] == "accepted" else 4)
    assert len({row["batch_id"] for row in site.rows(t.cubby) if row["order_id"] is not None}) == 1


def test_two_batches_take_all_the_cubbies_of_a_wall_between_them(site: SmallSite) -> None:
    build_wall(site, 10, "2")
    _, (list_id,) = plan_batch(site, [site.order(f"late {number}", [("MUG", 1)]) for number in range(4)])
    pick_in_bulk(site, Ledger(site, "HH-02"), list_id, "T-3")
    one, other = Ledger(site, "HH-11"), Ledger(site, "HH-12")
    one.write(claim_sort("T-1", "2"))
    other.write(claim_sort("T-3", "2"))
    assert at_once([pushes(one), pushes(other)]) == [["accepted"], ["accepted"]]
    orders = [row["order_id"] for row in site.rows(t.cubby, wall="2")]
    assert sorted(orders) == list(range(1, 11))
