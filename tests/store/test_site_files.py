"""A site's own files: what is shipped can be used, what is wrong is named, and what is set counts at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace

import pytest

from sync.record.rows import ListKind, SiteRow
from sync.store import tables as t
from sync.store.planning.way_rules import Rule, When
from sync.store.site_files.carts import parse_carts
from sync.store.site_files.files import SiteFile, SiteFileRefused, example, shipped, text_of
from sync.store.site_files.reasons import Then, parse_reasons
from sync.store.site_files.rules import BOUNDS, parse_rules
from sync.store.site_files.setting import set_file
from sync.store.site_files.waves import parse_waves
from sync.store.views import rows_of
from tests.store.small_site import SITE, SmallSite, small_site

RULE = '[[rule]]\nname = "one"\n'
CART = '[[cart]]\nname = "c"\n'
REASON = '[[reason]]\ncode = "wet"\ndigit = "9"\nwords = { en = "Wet" }\n'


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


def put(site: SmallSite, name: SiteFile, text: str | None) -> None:
    with site.write() as work:
        set_file(work, name, text, by="Ruth")


@pytest.mark.parametrize("name", SiteFile)
def test_what_is_shipped_can_be_set_as_it_stands(site: SmallSite, name: SiteFile) -> None:
    put(site, name, shipped(name))
    with site.database.read() as conn:
        assert text_of(conn, SITE, name) == shipped(name)


def test_the_shipped_rules_are_those_of_a_site_that_has_set_none() -> None:
    plain = SiteRow(site_id=SITE, name="", company_prefix="", sender=())
    named = {one.name: getattr(plain, one.name) for one in fields(SiteRow) if one.default is not MISSING}
    assert parse_rules(shipped(SiteFile.RULES)) == parse_rules("") == named == tomllib.loads(shipped(SiteFile.RULES))
    assert {name for name, value in named.items() if type(value) is int} == BOUNDS.keys()


def test_rules_that_are_set_count_at_the_terminals_until_they_are_set_back(site: SmallSite) -> None:
    put(site, SiteFile.RULES, 'lease_min = 30\ncarton_paper = "packing-slip"\n')
    with site.database.read() as conn:
        told = rows_of(conn, SITE, "site", [SITE])[SITE]
    assert isinstance(told, SiteRow)
    assert (told.lease_min, told.carton_paper, told.confirm_tote) == (30, "packing-slip", True)
    put(site, SiteFile.RULES, None)
    with site.database.read() as conn:
        assert rows_of(conn, SITE, "site", [SITE])[SITE] == replace(told, lease_min=15, carton_paper="")
    assert [row["kind"] for row in site.rows(t.feed) if row["kind"] == "site"] == ["site"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lease_mins = 3", "nothing is called 'lease_mins'"),
        ("lease_min = 0", "lease_min is 0; it may be 1 to 1440"),
        ('lease_min = "soon"', "Expected `int`"),
        ('carton_paper = "gold"', "carton_paper is 'gold'"),
    ],
)
def test_a_rule_that_cannot_be_is_named_and_nothing_is_set(site: SmallSite, text: str, said: str) -> None:
    with pytest.raises(SiteFileRefused, match=re.escape(said)):
        put(site, SiteFile.RULES, text)
    assert site.rows(t.site_file) == []


def test_the_examples_show_every_way_and_can_be_set_as_they_stand(site: SmallSite) -> None:
    text = example(SiteFile.WAVES)
    assert text is not None
    put(site, SiteFile.WAVES, text)
    assert {rule.way for rule in parse_waves(text).rule} == set(ListKind)
    site.location("SORT01", 90, kind="staging")
    put(site, SiteFile.WALLS, example(SiteFile.WALLS))
    assert len(site.rows(t.cubby)) == 24


def test_the_shipped_files_explain_every_word_that_they_understand() -> None:
    waves = shipped(SiteFile.WAVES)
    for word in [one.name for one in (*fields(When), *fields(Rule))] + [str(kind) for kind in ListKind]:
        assert word in waves, word
    for word in Then:
        assert str(word) in shipped(SiteFile.REASONS), word
    assert {one["name"] for one in tomllib.loads(shipped(SiteFile.CARTS))["cart"]} == {"cart-12"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule]", "cannot be used"),
        (RULE + 'way = "pice"\n', "Invalid enum value 'pice' - at `$.rule[0].way`"),
        (RULE, "missing required field `way` - at `$.rule[0]`"),
        (RULE + 'way = "piece"\nwhen = { line_max = 1 }\n', "nothing is called 'line_max' at $.rule[0].when"),
        (RULE + 'way = "piece"\nwhen = { lines_max = "1" }\n', "`$.rule[0].when.lines_max`"),
        (RULE + 'way = "batch"\n', "rule 'one' needs a cart"),
        (
            RULE + 'way = "piece"\ncart = "cart-12"\n',
            "rule 'one' needs a cart where its way is batch, and nowhere else",
        ),
        (RULE + 'way = "piece"\nwall = "1"\n', "rule 'one' has a wall"),
        (RULE + 'way = "bulk"\nmax_orders = 0\n', "rule 'one' has max_orders = 0"),
        (RULE + 'way = "piece"\n' + RULE + 'way = "piece"\n', "the rule 'one' stands there 2 times"),
        ('[[rule]]\nname = " "\nway = "piece"\n', "needs a name"),
        ("[open_lines_max]\nA = 0\n", "zone A may have 0 open lines"),
        ("limit = 3\n", "nothing is called 'limit' at $; known there: rule, open_lines_max"),
        (RULE + 'way = "batch"\ncart = "cart-99"\n', "names the cart 'cart-99'; the site has: cart-12"),
        (RULE + 'way = "bulk"\nwall = "no-such"\n', "names the wall 'no-such'"),
    ],
)
def test_a_file_of_waves_that_means_nothing_is_refused_with_the_place(site: SmallSite, text: str, says: str) -> None:
    with pytest.raises(SiteFileRefused) as refused:
        put(site, SiteFile.WAVES, text)
    assert says in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert site.rows(t.site_file) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CART + "positions = 0\n", "cart 'c' needs a name and 1 to 99 positions, it has 0"),
        (CART + "positions = 4\nlines_max = 0\n", "cart 'c' has lines_max = 0"),
        (CART + "positions = 4\n" + CART + "positions = 4\n", "the cart 'c' stands there 2 times"),
        (CART + "positions = 4\ncolour = 'red'\n", "nothing is called 'colour' at $.cart[0]"),
        (CART, "missing required field `positions`"),
    ],
)
def test_a_file_of_carts_that_means_nothing_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(SiteFileRefused) as refused:
        parse_carts(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (REASON + REASON, "the code 'wet' twice"),
        (REASON + REASON.replace("wet", "dry"), "the digit '9' twice"),
        (REASON.replace('"9"', '"0"'), "'wet' needs a digit"),
        (REASON.replace('"9"', '"90"'), "'wet' needs a digit"),
        (REASON + REASON.replace("wet", "dry").replace('"9"', '"91"'), "9 leads to these"),
        (REASON.replace("en", "de"), "words in English"),
        (REASON.replace("wet", "frozen"), "needs another code"),
        (REASON.replace("wet", "Wet-2"), "needs another code"),
        (REASON + 'keeps_open = true\nthen = ["count"]\n', "nothing can follow of it"),
        (REASON + 'then = ["cut", "look_elsewhere"]\n', "one of them"),
        (REASON + 'about = "location"\nthen = ["cut"]\n', "cut means nothing"),
        (REASON + 'then = ["pray"]\n', "Invalid enum value 'pray'"),
    ],
)
def test_a_file_of_reasons_that_means_nothing_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(SiteFileRefused) as refused:
        parse_reasons(text)
    assert says in str(refused.value)


def test_a_cart_that_a_rule_needs_cannot_be_taken_away(site: SmallSite) -> None:
    put(site, SiteFile.WAVES, RULE + 'way = "batch"\ncart = "cart-12"\n')
    with pytest.raises(SiteFileRefused, match="names the cart 'cart-12'; the site has: c"):
        put(site, SiteFile.CARTS, CART + "positions = 4\n")
    put(site, SiteFile.WAVES, None)
    put(site, SiteFile.CARTS, CART + "positions = 4\n")


def test_terminals_are_told_of_reasons_that_are_new_changed_or_gone(site: SmallSite) -> None:
    put(site, SiteFile.REASONS, REASON)
    gone = {row["key"] for row in site.rows(t.feed, kind="reason") if row["deleted"]}
    assert {row["key"] for row in site.rows(t.feed, kind="reason")} - gone == {"wet"}
    assert gone == {reason.code for reason in parse_reasons(shipped(SiteFile.REASONS))}
    with site.database.read() as conn:
        assert rows_of(conn, SITE, "reason", ["wet", "short"]).keys() == {"wet"}
    put(site, SiteFile.REASONS, None)
    told = {row["key"] for row in site.rows(t.feed, kind="reason") if not row["deleted"]}
    assert told == gone


def test_who_set_a_file_stands_in_the_trail_and_the_shipped_one_counts_again_after_a_reset(site: SmallSite) -> None:
    put(site, SiteFile.CARTS, CART + "positions = 4\n")
    (kept,) = site.rows(t.site_file)
    assert (kept["name"], kept["changed_by"]) == ("carts", "Ruth")
    put(site, SiteFile.CARTS, None)
    assert site.rows(t.site_file) == []
    trail = [(row["who"], row["what"], row["about"], row["detail"]["set"]) for row in site.rows(t.audit)]
    assert trail == [("Ruth", "file", "carts", "own"), ("Ruth", "file", "carts", "shipped")]
