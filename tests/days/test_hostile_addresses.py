"""Names and addresses bent on mischief, on their whole way from an order file to the label on the carton."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

from floor.work_day.day import DayPlan, work_day
from floor.work_day.simulated_worker import Mishaps
from layouts.labels.ship_label import ShipTo, ship_label_shortfalls
from layouts.zpl import Dpi
from sync.store.importers.profile import load_profile
from tests.days.counted import Rows
from tests.days.released import SITE, release_orders, store_with_orders
from tests.days.rendered import codes_on_each
from tests.layouts.hostile import hostile_labels
from tests.layouts.zpl_reading import is_one_label, texts
from tests.store.order_files import csv_bytes

ORDERS = 20
HEADER = ("Order", "Item", "Pieces", "Name", "Street", "Street2", "Postcode", "City", "Country")
PROFILE = """
name = "hostile"
[columns]
ref = "Order"
item = "Item"
quantity = "Pieces"
ship_name = "Name"
ship_lines = ["Street", "Street2"]
ship_postcode = "Postcode"
ship_city = "City"
ship_country = "Country"
[service]
default = "WORLD"
"""
NO_MISHAPS = Mishaps(
    wrong_scan=0, short=0, cut=0, damaged=0, skip=0, undo=0, new_tote=0, pack_missing=0, reprint=0
)  # fmt: skip


def fits_into_a_file(to: ShipTo) -> bool:
    """What no order file can hold, and what the importer says is too long, does not come this far."""
    parts = (to.name, to.postcode, to.city, to.country, *to.lines)
    whole = "".join(parts)
    return len(to.lines) >= 2 and "\0" not in whole and max(map(len, parts)) <= 200 and _is_utf8(whole)


def undrawable_fields(to: ShipTo) -> list[str]:
    """What no font here can draw is not printed at all."""
    label = replace(
        hostile_labels(1, seed=1)[0],
        sender=(),
        ship_to=to,
        carrier_service="WORLD",
        order_reference="H1",
        reprint_reason=None,
    )
    return [short.field for short in ship_label_shortfalls(label, Dpi.DPI_203) if short.is_undrawable]


def _is_utf8(text: str) -> bool:
    return text == text.encode("utf-8", "ignore").decode("utf-8")


def test_twenty_hostile_addresses_are_picked_packed_and_each_leaves_its_label_one_label(tmp_path: Path) -> None:
    some = (label.ship_to for label in hostile_labels(1000, seed=4))
    addresses = list(islice((to for to in some if fits_into_a_file(to) and not undrawable_fields(to)), ORDERS))
    assert len(addresses) == ORDERS
    rows = [
        (f"H{number:03}", "22720", "1", to.name, *to.lines[:2], to.postcode, to.city, to.country)
        for number, to in enumerate(addresses, start=1)
    ]
    url = f"sqlite:///{tmp_path / 'store.db'}"
    profile_file = tmp_path / "hostile.toml"
    profile_file.write_text(PROFILE, "utf-8")
    report = store_with_orders(url, ("hostile.csv", csv_bytes(rows, HEADER)), load_profile(str(profile_file)))
    assert (len(report.orders_new), report.orders_held) == (ORDERS, ())
    release_orders(url)
    plan = DayPlan(
        db_url=url,
        site_id=SITE,
        pickers=1,
        packers=1,
        seed=1,
        labels=tmp_path / "labels",
        terminals=tmp_path / "terminals",
        mishaps=NO_MISHAPS,
    )
    result = work_day(plan, lambda _progress: None)
    assert result.reconciliation.ok
    labels = [path.read_bytes() for path in sorted((tmp_path / "labels").glob("*.zpl"))]
    the_labels_are_one_for_each_order(url, labels)


def the_labels_are_one_for_each_order(url: str, labels: list[bytes]) -> None:
    rows = Rows(url)
    ref_of = dict(rows.all("SELECT c.sscc, o.order_ref FROM carton c JOIN orders o ON o.order_id = c.order_id"))
    rows.close()
    assert len(labels) == len(ref_of) == ORDERS
    assert [is_one_label(label) for label in labels] == [True] * ORDERS
    read = codes_on_each(labels)
    assert sorted(read) == sorted([f"(00){sscc}"] for sscc in ref_of)
    for label, [code] in zip(labels, read, strict=True):
        assert ref_of[code.removeprefix("(00)")] in texts(label)
