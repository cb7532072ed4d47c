"""Put walls are a file: what it has is made, what it leaves out is retired once nothing is in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.store import tables as t
from sync.store.site_files.files import SiteFile, SiteFileRefused
from sync.store.site_files.setting import set_file
from sync.store.site_files.walls import parse_walls
from tests.store.floor_ledger import Ledger
from tests.store.small_site import SmallSite, small_site
from tests.store.wall_floor import claim_sort, pick_in_bulk, plan_batch

ONE_WALL = '[[wall]]\nname = "1"\nlocation = "SORT1"\nrows = 2\ncolumns = 2\n'


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made.stock("A1", "MUG", 20, position=10)
        made.location("SORT1", 950, kind="staging")
        made.location("SORT2", 960, kind="staging")
        yield made


def write(site: SmallSite, text: str | None) -> None:
    with site.write() as work:
        set_file(work, SiteFile.WALLS, text, by="Lea")


def cubbies(site: SmallSite) -> dict[str, tuple[str, str]]:
    return {row["tote"]: (row["label"], row["stands_at"]) for row in site.rows(t.cubby)}


def test_the_shipped_file_has_no_wall(site: SmallSite) -> None:
    write(site, None)
    assert cubbies(site) == {}


def test_cubbies_are_made_row_by_row(site: SmallSite) -> None:
    write(site, ONE_WALL)
    assert cubbies(site) == {
        "W-1-A01": ("A1", "SORT1"),
        "W-1-A02": ("A2", "SORT1"),
        "W-1-B01": ("B1", "SORT1"),
        "W-1-B02": ("B2", "SORT1"),
    }
    assert {row["tote"]: row["status"] for row in site.rows(t.tote)} == dict.fromkeys(cubbies(site), "empty")
    assert set(site.audiences("cubby")) == set(site.audiences("tote")) == set(cubbies(site))
    assert [row["place"] for row in site.rows(t.cubby)] == [1, 2, 3, 4]


def test_a_wall_may_have_labels_of_its_own_and_stand_elsewhere(site: SmallSite) -> None:
    write(site, ONE_WALL)
    write(site, ONE_WALL.replace("SORT1", "SORT2").replace("rows = 2", 'rows = 1\nlabels = ["RED", "A01"]'))
    assert cubbies(site) == {"W-1-A01": ("A01", "SORT2"), "W-1-RED": ("RED", "SORT2")}
    assert [row["tote"] for row in site.rows(t.tote)] == ["W-1-A01", "W-1-RED"]


def test_a_cubby_in_use_is_not_retired(site: SmallSite) -> None:
    write(site, ONE_WALL)
    _, (list_id,) = plan_batch(site, [site.order("order 1", [("MUG", 1)])])
    pick_in_bulk(site, Ledger(site, "HH-01"), list_id, "T-1")
    assert Ledger(site).does_one(claim_sort("T-1")) == "accepted"
    with pytest.raises(SiteFileRefused, match="W-1-A01 is in use"):
        write(site, None)
    write(site, ONE_WALL.replace("rows = 2", "rows = 1"))
    assert sorted(cubbies(site)) == ["W-1-A01", "W-1-A02"]


def test_a_wall_that_a_batch_comes_to_is_not_retired(site: SmallSite) -> None:
    write(site, ONE_WALL)
    plan_batch(site, [site.order("order 1", [("MUG", 1)])])
    site.change(t.batch, {"wall": "1"}, batch_id=1)
    with pytest.raises(SiteFileRefused, match="batch 1 is to be sorted at wall 1"):
        write(site, None)
    assert len(cubbies(site)) == 4


def test_a_wall_stands_at_a_location_of_the_site(site: SmallSite) -> None:
    with pytest.raises(SiteFileRefused, match="no such location"):
        write(site, ONE_WALL.replace("SORT1", "NOWHERE"))
    assert cubbies(site) == {}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (ONE_WALL + ONE_WALL, "stands there 2 times"),
        (ONE_WALL.replace('"1"', '"put wall"'), "1 to 8 digits and capital letters"),
        (ONE_WALL.replace("rows = 2", "rows = 0"), "1 to 26 rows"),
        (ONE_WALL.replace("columns = 2", "columns = 100"), "1 to 99 columns"),
        (ONE_WALL + 'labels = ["A"]\n', "4 cubbies and 1 labels"),
        (ONE_WALL + 'labels = ["A", "B", "C", "C"]\n', "'C' stands there 2 times"),
        (ONE_WALL + 'labels = ["A", "B", "C", "ä"]\n', "label 'ä'"),
        (ONE_WALL + "depth = 3\n", "nothing is called 'depth'"),
        ("[[wall]]\n", "missing required field"),
        ("wall", "cannot be used"),
    ],
)
def test_what_means_nothing_is_refused_and_said(wrong: str, why: str) -> None:
    with pytest.raises(SiteFileRefused, match=why):
        parse_walls(wrong)
