"""What the tables of the first migration are made of. Frozen: a later shape is a later migration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

first = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MOMENT = sa.DateTime(timezone=True)


def table(name: str, *parts: sa.Column[Any] | sa.Index) -> sa.Table:
    """A table of a site; every primary key begins with it."""
    return sa.Table(name, first, key("site_id", 32), *parts)


def key(name: str, length: int = 64) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), primary_key=True)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False)


def must(name: str, kind: Any, *parts: sa.CheckConstraint) -> sa.Column[Any]:
    return sa.Column(name, kind, *parts, nullable=False)


def may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)
