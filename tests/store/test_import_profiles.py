"""Mapping profiles: what ships, what a site writes itself, and how a wrong one is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from sync.store.importers.importing import import_files
from sync.store.importers.profile import ProfileRefused, load_profile, parse_profile
from sync.store.importers.report import ImportReport
from sync.store.tables import order_line, orders
from tests.store.order_files import SITE, open_store, query

SHOP = """
name = "shop"
encoding = "windows-1252"
delimiter = ";"
addresses = true

[columns]
ref = "Bestellung"
item = "Artikel"
quantity = "Menge"
ordered_at = "Zeit"
ship_name = "Name"
ship_lines = ["Firma", "Strasse"]
ship_postcode = "PLZ"
ship_city = "Ort"
service = "Versand"
priority = "Dringend"

[ordered_at]
format = "%d.%m.%Y %H:%M"
time_zone = "Europe/Berlin"

[items]
upper_case = false

[defaults]
ship_country = "Germany"
priority = 4

[service]
default = "WORLD"

[service.countries]
Germany = "EUROPE"
"""
FILE = """Bestellung;Artikel;Menge;Zeit;Name;Firma;Strasse;PLZ;Ort;Versand;Dringend
B-1;ab-7;3;08.12.2010 10:30;Jörg Groß;;Hauptstraße 5;10115;Berlin;;
B-2;AB-7;1;08.07.2010 10:30;Ina Vogt;Vogt & Söhne;Kai 1;20457;Hamburg;EXPRESS;0
"""


def test_a_site_maps_its_own_columns(any_database: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SHOP, encoding="utf-8")
    store = open_store(any_database)
    [report] = import_files(store, SITE, load_profile(str(path)), [("shop.csv", FILE.encode("cp1252"))])
    assert isinstance(report, ImportReport)
    found = query(
        store,
        select(
            orders.c.source,
            orders.c.order_ref,
            orders.c.ordered_at,
            orders.c.ship_name,
            orders.c.ship_lines,
            orders.c.ship_city,
            orders.c.ship_country,
            orders.c.service,
            orders.c.priority,
            order_line.c.item_id,
            order_line.c.declared_value,
        )
        .join(order_line, order_line.c.order_id == orders.c.order_id)
        .order_by(orders.c.order_id),
    )
    winter, summer = datetime(2010, 12, 8, 9, 30, tzinfo=UTC), datetime(2010, 7, 8, 8, 30, tzinfo=UTC)
    inas = ["Vogt & Söhne", "Kai 1"]
    assert found == [
        ("shop", "B-1", winter, "Jörg Groß", ["Hauptstraße 5"], "Berlin", "Germany", "EUROPE", 4, "ab-7", None),
        ("shop", "B-2", summer, "Ina Vogt", inas, "Hamburg", "Germany", "EXPRESS", 0, "AB-7", None),
    ]
    store.close()


def test_the_shipped_profile_is_named_as_its_file() -> None:
    assert load_profile("online-retail").name == "online-retail"


@pytest.mark.parametrize("code", ["POST", "post", "Dot", "bank charges", "gift_0001_20", "ADJUST2"])
def test_what_is_no_goods_is_known_in_any_letters(code: str) -> None:
    assert load_profile("online-retail").non_goods.meaning(code)


@pytest.mark.parametrize("code", ["POSTER", "22720", "DOTCOM", "M1", "20D", "AGIFT_1"])
def test_goods_that_only_look_like_fees_are_goods(code: str) -> None:
    assert load_profile("online-retail").non_goods.meaning(code) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('delimiter = ";"', 'delimeter = ";"', "the top of the file has the key 'delimeter', which means nothing"),
        ('quantity = "Menge"', 'qty = "Menge"', "[columns] needs the key 'quantity'"),
        ('ref = "Bestellung"', 'ref = "Bestellung"\ncolour = "Farbe"', "[columns] has the key 'colour'"),
        ('default = "WORLD"', "", "[service] needs the key 'default'"),
        ("[items]", "[item]", "'item'"),
        ('encoding = "windows-1252"', 'encoding = "rot13"', "'encoding' in the top of the file is 'rot13'"),
        ("upper_case = false", 'upper_case = "no"', "'upper_case' in [items] must be true or false"),
        ("priority = 4", "priority = 12", "'priority' in [defaults] is 12"),
        ("Europe/Berlin", "Europe/Bielefeld", "no time zone"),
        ("Europe/Berlin", "../../etc/passwd", "no time zone"),
        ('"%d.%m.%Y %H:%M"', '"%Q"', "no form of a time"),
        ('"%d.%m.%Y %H:%M"', '"%H:%M"', "tells no day"),
        ('["Firma", "Strasse"]', "[1]", "'ship_lines' in [columns] must be a list of column names"),
        ('ship_city = "Ort"\n', "", "no 'ship_city'"),
        ("[items]", '[cut_suffix]\nKunde = ".0"\n[items]', "'Kunde'"),
        ("[items]", "[stock_adjustments]\nnegative_without_price = true\n[items]", "needs the column 'unit_price'"),
        ('name = "shop"', 'name = ""', "'name' must have 1 to 64 characters"),
        ('name = "shop"', "name = ", "is no TOML"),
    ],
)
def test_a_wrong_profile_is_refused_and_the_key_is_named(old: str, new: str, said: str) -> None:
    assert old in SHOP
    with pytest.raises(ProfileRefused) as caught:
        parse_profile(SHOP.replace(old, new), "shop.toml")
    assert said in str(caught.value)
    assert "shop.toml" in str(caught.value)


def test_a_profile_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ProfileRefused, match=r"'shopify'.*online-retail"):
        load_profile("shopify")
    with pytest.raises(ProfileRefused, match=r"nowhere\.toml cannot be read"):
        load_profile("nowhere.toml")
