"""The kinds of picking carts of a site (`defaults/carts.toml`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from sync.record.ids import SiteId
from sync.store.planning.batching import Cart
from sync.store.site_files.files import SiteFile, SiteFileRefused, text_of
from sync.store.site_files.schema import once, read_as, refusal

MOST_POSITIONS = 99


@dataclass(frozen=True, slots=True)
class _File:
    cart: tuple[Cart, ...] = ()


@lru_cache(maxsize=64)
def parse_carts(text: str) -> tuple[Cart, ...]:
    """The carts of a file. Raises `SiteFileRefused`."""
    carts = read_as(SiteFile.CARTS, text, _File).cart
    once(SiteFile.CARTS, "cart", [cart.name for cart in carts])
    once(SiteFile.CARTS, "cart number", [number for cart in carts for number in cart.numbers])
    for cart in carts:
        if not cart.name.strip() or not 1 <= cart.positions <= MOST_POSITIONS:
            why = f"cart {cart.name!r} needs a name and 1 to {MOST_POSITIONS} positions, it has {cart.positions}"
            raise SiteFileRefused(refusal(SiteFile.CARTS, why))
        for number in cart.numbers:
            if not re.fullmatch(r"[0-9A-Z]{1,8}", number):
                why = f"cart {cart.name!r} has the number {number!r}: give 1 to 8 digits and capital letters"
                raise SiteFileRefused(refusal(SiteFile.CARTS, why))
        for name in ("tote_volume_ml", "tote_weight_max_g", "weight_max_g", "lines_max"):
            most = getattr(cart, name)
            if most is not None and most < 1:
                raise SiteFileRefused(refusal(SiteFile.CARTS, f"cart {cart.name!r} has {name} = {most}"))
    return carts


def carts_of(conn: Connection, site_id: SiteId) -> tuple[Cart, ...]:
    return parse_carts(text_of(conn, site_id, SiteFile.CARTS))
