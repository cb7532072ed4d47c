"""What a site has to pick with, by its files, and whether the rules of its waves name nothing else."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.record.ids import SiteId
from sync.store.planning.waves import Equipment
from sync.store.planning.way_rules import WayRules
from sync.store.site_files.carts import carts_of
from sync.store.site_files.files import SiteFile, SiteFileRefused
from sync.store.site_files.schema import refusal
from sync.store.site_files.walls import walls_of


def equipment_of(conn: Connection, site_id: SiteId) -> Equipment:
    cubbies = {wall.name: wall.rows * wall.columns for wall in walls_of(conn, site_id)}
    return Equipment(carts={cart.name: cart for cart in carts_of(conn, site_id)}, cubbies=cubbies)


def check_waves(rules: WayRules, equipment: Equipment) -> None:
    """Raises `SiteFileRefused` where a rule names a cart or a wall that the site does not have."""
    carts, walls = sorted(equipment.carts), sorted(equipment.cubbies)
    for rule in rules.rule:
        for what, name, there in (("cart", rule.cart, carts), ("wall", rule.wall, walls)):
            if name is not None and name not in there:
                why = f"rule {rule.name!r} names the {what} {name!r}; the site has: {', '.join(there) or 'none'}"
                raise SiteFileRefused(refusal(SiteFile.WAVES, why))
