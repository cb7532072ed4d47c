"""The put walls of a site and their cubbies (`defaults/walls.toml`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, or_, select, update

from sync.record.ids import LocationCode, SiteId, ToteCode, WallId
from sync.record.rows import ToteStatus
from sync.store import tables as t
from sync.store.site_files.files import SiteFile, SiteFileRefused, text_of
from sync.store.site_files.schema import once, read_as, refusal
from sync.store.unit_of_work import UnitOfWork

MOST_ROWS = 26
MOST_COLUMNS = 99
_NAME = re.compile(r"[0-9A-Z]{1,8}")
_LABEL = re.compile(r"[0-9A-Z]{1,6}")


@dataclass(frozen=True, slots=True)
class Wall:
    name: WallId
    location: LocationCode
    rows: int
    columns: int
    labels: tuple[str, ...] = ()
    """Row by row; none: ``A1``, ``A2`` ... ``B1`` ..."""

    def cubbies(self) -> dict[ToteCode, str]:
        """What stands on each cubby, by its code, in their order."""
        if self.labels:
            return {ToteCode(f"W-{self.name}-{label}"): label for label in self.labels}
        return {
            ToteCode(f"W-{self.name}-{chr(ord('A') + row)}{column:02}"): f"{chr(ord('A') + row)}{column}"
            for row in range(self.rows)
            for column in range(1, self.columns + 1)
        }


@dataclass(frozen=True, slots=True)
class _File:
    wall: tuple[Wall, ...] = ()


@lru_cache(maxsize=64)
def parse_walls(text: str) -> tuple[Wall, ...]:
    """The walls of a file. Raises `SiteFileRefused`."""
    walls = read_as(SiteFile.WALLS, text, _File).wall
    once(SiteFile.WALLS, "wall", [wall.name for wall in walls])
    for wall in walls:
        if not _NAME.fullmatch(wall.name):
            _refuse(f"the wall {wall.name!r} needs a name of 1 to 8 digits and capital letters")
        if not (1 <= wall.rows <= MOST_ROWS and 1 <= wall.columns <= MOST_COLUMNS):
            _refuse(f"wall {wall.name!r} needs 1 to {MOST_ROWS} rows and 1 to {MOST_COLUMNS} columns")
        if wall.labels and len(wall.labels) != wall.rows * wall.columns:
            _refuse(f"wall {wall.name!r} has {wall.rows * wall.columns} cubbies and {len(wall.labels)} labels")
        once(SiteFile.WALLS, f"label of wall {wall.name}", list(wall.labels))
        wrong = next((label for label in wall.labels if not _LABEL.fullmatch(label)), None)
        if wrong is not None:
            _refuse(f"wall {wall.name!r} has the label {wrong!r}: give 1 to 6 digits and capital letters")
    return walls


def walls_of(conn: Connection, site_id: SiteId) -> tuple[Wall, ...]:
    return parse_walls(text_of(conn, site_id, SiteFile.WALLS))


def build_walls(work: UnitOfWork) -> None:
    """Make the cubbies that the site's file has, and retire those that it has no more.

    Raises:
        SiteFileRefused: a wall stands at no location, or something is in a cubby, or comes to a wall, that goes.
    """
    walls = walls_of(work.conn, work.site_id)
    _check_locations(work, walls)
    c = t.cubby.c
    standing = {row.tote: row for row in work.conn.execute(select(t.cubby).where(c.site_id == work.site_id))}
    wanted: list[dict[str, Any]] = [
        {"tote": code, "wall": wall.name, "label": label, "place": place, "stands_at": wall.location}
        for wall in walls
        for place, (code, label) in enumerate(wall.cubbies().items(), start=1)
    ]
    _retire(work, sorted(standing.keys() - {row["tote"] for row in wanted}), {wall.name for wall in walls})
    for row in wanted:
        if row["tote"] not in standing:
            _make(work, row)
        elif any(getattr(standing[row["tote"]], name) != value for name, value in row.items()):
            work.conn.execute(update(t.cubby).where(c.site_id == work.site_id, c.tote == row["tote"]).values(**row))
            work.touch("cubby", row["tote"])


def _make(work: UnitOfWork, row: dict[str, Any]) -> None:
    work.insert(t.cubby, [row])
    empty = {"status": str(ToteStatus.EMPTY), "labels_sent": 0, "label_proven": False}
    work.upsert(t.tote, [{"tote": row["tote"], **empty}], update_columns=())
    for kind in ("tote", "cubby"):
        work.touch(kind, row["tote"])


def _retire(work: UnitOfWork, codes: list[str], kept: set[WallId]) -> None:
    cubby, content, b = t.cubby.c, t.tote_content.c, t.batch.c
    mine = and_(cubby.site_id == work.site_id, cubby.tote.in_(codes))
    filled = exists().where(content.site_id == cubby.site_id, content.tote == cubby.tote, content.quantity > 0)
    in_use = work.conn.scalar(
        select(cubby.tote).where(mine, or_(cubby.order_id.is_not(None), filled)).order_by(cubby.tote).limit(1)
    )
    if in_use is not None:
        _refuse(f"the cubby {in_use} is in use: leave it in the file until it was packed")
    open_here = select(b.batch_id, b.wall).where(b.site_id == work.site_id, b.status != "closed", b.wall.is_not(None))
    waiting = next((row for row in work.conn.execute(open_here) if row.wall not in kept), None)
    if waiting is not None:
        _refuse(f"batch {waiting.batch_id} is to be sorted at wall {waiting.wall}: leave the wall until it is closed")
    work.conn.execute(delete(t.cubby).where(mine))
    work.conn.execute(delete(t.tote).where(t.tote.c.site_id == work.site_id, t.tote.c.tote.in_(codes)))
    for code in codes:
        for kind in ("tote", "cubby"):
            work.touch(kind, code, deleted=True)


def _check_locations(work: UnitOfWork, walls: tuple[Wall, ...]) -> None:
    code = t.location.c.code
    named = [wall.location for wall in walls]
    there = set(work.conn.scalars(select(code).where(t.location.c.site_id == work.site_id, code.in_(named))))
    for wall in walls:
        if wall.location not in there:
            _refuse(f"wall {wall.name!r} stands at {wall.location!r}, and there is no such location at this site")


def _refuse(why: str) -> None:
    raise SiteFileRefused(refusal(SiteFile.WALLS, why))
