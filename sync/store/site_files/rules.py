"""The rules that a site sets for its floor (`defaults/rules.toml`): what `SiteRow` adds to its name and numbers."""

from __future__ import annotations

import re
from dataclasses import MISSING, asdict, fields, make_dataclass
from functools import lru_cache
from typing import Any, get_type_hints

from sqlalchemy import update

from sync.record.rows import SiteRow
from sync.store import tables as t
from sync.store.site_files.files import SiteFile, SiteFileRefused, text_of
from sync.store.site_files.schema import read_as, refusal
from sync.store.unit_of_work import UnitOfWork

BOUNDS = {
    "max_typed_quantity": (1, 99_999),
    "lists_ahead": (0, 20),
    "lease_min": (1, 1_440),
    "offline_sign_in_h": (0, 168),
    "ssccs_ahead": (1, 10_000),
    "count_tolerance_pct": (0, 100),
    "carton_tare_g": (0, 50_000),
    "weight_tolerance_g": (0, 50_000),
    "weight_tolerance_pct": (0, 100),
}
"""The smallest and the largest number that each rule may be."""
_NAMES = {
    "ship_format": r"[A-Za-z0-9._-]{0,60}",
    "carton_paper": "|carton-content|packing-slip",
    "carrier_label": "instead|beside",
}

_hints = get_type_hints(SiteRow)
_Rules = make_dataclass(
    "_Rules",
    [(one.name, _hints[one.name], one.default) for one in fields(SiteRow) if one.default is not MISSING],
    frozen=True,
    namespace={"__module__": __name__},
)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    rules: Any = read_as(SiteFile.RULES, text, _Rules)
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(rules, name) <= most:
            why = f"{name} is {getattr(rules, name)}; it may be {least} to {most}"
            raise SiteFileRefused(refusal(SiteFile.RULES, why))
    for name, pattern in _NAMES.items():
        if re.fullmatch(pattern, getattr(rules, name)) is None:
            why = f"{name} is {getattr(rules, name)!r}; it may be what matches {pattern}"
            raise SiteFileRefused(refusal(SiteFile.RULES, why))
    return rules


def parse_rules(text: str) -> dict[str, bool | int | str]:
    """All rules by name; one that the file leaves out is as it is shipped. Raises `SiteFileRefused`."""
    return asdict(_parsed(text))


def apply_rules(work: UnitOfWork) -> None:
    """The site's file counts, at the terminals too."""
    rules = parse_rules(text_of(work.conn, work.site_id, SiteFile.RULES))
    work.conn.execute(update(t.site).where(t.site.c.site_id == work.site_id).values(rules=rules))
    work.touch("site", work.site_id)
