"""The rules of a site's waves: which way of picking an order gets (`defaults/waves.toml`)."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection

from sync.record.ids import SiteId
from sync.record.rows import ListKind
from sync.store.planning.way_rules import Rule, WayRules
from sync.store.site_files.files import SiteFile, SiteFileRefused, text_of
from sync.store.site_files.schema import once, read_as, refusal


@lru_cache(maxsize=64)
def parse_waves(text: str) -> WayRules:
    """The rules of a file, in their order. Raises `SiteFileRefused`."""
    rules = read_as(SiteFile.WAVES, text, WayRules)
    once(SiteFile.WAVES, "rule", [rule.name for rule in rules.rule])
    for rule in rules.rule:
        for why in _wrong_with(rule):
            raise SiteFileRefused(refusal(SiteFile.WAVES, f"rule {rule.name!r} {why}"))
    for zone, most in rules.open_lines_max.items():
        if most < 1:
            raise SiteFileRefused(refusal(SiteFile.WAVES, f"zone {zone} may have {most} open lines: give 1 or more"))
    return rules


def _wrong_with(rule: Rule) -> list[str]:
    found = []
    if not rule.name.strip():
        found.append("needs a name: the release says it")
    if (rule.way is ListKind.BATCH) != (rule.cart is not None):
        found.append("needs a cart where its way is batch, and nowhere else")
    if rule.wall is not None and rule.way is not ListKind.BULK:
        found.append("has a wall: only what is picked in bulk is sorted at one")
    found += [
        f"has {name} = {most}: give 1 or more"
        for name, most in (("max_orders", rule.max_orders), ("max_lines", rule.max_lines))
        if most is not None and most < 1
    ]
    return found


def waves_of(conn: Connection, site_id: SiteId) -> WayRules:
    return parse_waves(text_of(conn, site_id, SiteFile.WAVES))
