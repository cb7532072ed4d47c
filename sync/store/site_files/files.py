"""Files by which a site sets its own rules (TOML): the shipped text until the site writes its own."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, select

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.unit_of_work import UnitOfWork

_T = TypeVar("_T")


class SiteFile(StrEnum):
    RULES = "rules"
    """What is asked and allowed on the floor."""
    REASONS = "reasons"
    """What may be wrong while picking, and what follows from it."""
    WAVES = "waves"
    """Which way of picking an order gets."""
    CARTS = "carts"
    """The picking carts: positions, sizes, limits."""
    WALLS = "walls"
    """The put walls and their cubbies."""


class SiteFileRefused(Exception):
    """The file says something that means nothing; the text names the place and what would be right."""


@cache
def shipped(name: SiteFile) -> str:
    return files("sync.store.site_files").joinpath("defaults", f"{name}.toml").read_text("utf-8")


@cache
def example(name: SiteFile) -> str | None:
    """A file that shows more than the shipped one; None: there is none."""
    found = files("sync.store.site_files").joinpath("examples", f"{name}.toml")
    return found.read_text("utf-8") if found.is_file() else None


def text_of(conn: Connection, site_id: SiteId, name: SiteFile) -> str:
    """What the site has written or, where it has not, what is shipped."""
    f = t.site_file.c
    own = conn.scalar(select(f.text).where(f.site_id == site_id, f.name == str(name)))
    return shipped(name) if own is None else str(own)


def is_own(conn: Connection, site_id: SiteId, name: SiteFile) -> bool:
    """Whether the site has written its own."""
    f = t.site_file.c
    return conn.execute(select(f.name).where(f.site_id == site_id, f.name == str(name))).first() is not None


def write(work: UnitOfWork, name: SiteFile, text: str, by: str) -> None:
    """Put the site's own text in place; the caller has read it with its own schema before."""
    work.upsert(t.site_file, [{"name": str(name), "text": text, "changed_at": work.now, "changed_by": by}])


def read_toml(name: SiteFile, text: str, shape: type[_T]) -> _T:
    """The file as ``shape``. Raises `SiteFileRefused`."""
    try:
        return msgspec.toml.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SiteFileRefused(f"the file of {name} cannot be used: {error}. Nothing was changed.") from error
