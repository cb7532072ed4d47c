"""After a backup was put back, or a standby was promoted: nothing that the lost time gave out is given out again.

What was told and leased after the backup is not in it. So the store takes a new incarnation (terminals send their
ledgers again and fetch everything), and every number jumps ahead of what can have been given out meanwhile.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.changes import feed_span, incarnation, knows_more
from sync.store.database import Database
from sync.store.unit_of_work import UnitOfWork
from sync.wire.messages import Changes

log = logging.getLogger("floorhand.store")

GAP: Final = 1_000_000
"""Far more tokens and numbers than any site gives out between two backups."""
SSCC_PART: Final = 100
"""Carton numbers are scarce: at most this part of all that the company prefix has is passed over."""
_GIVEN_OUT: Final = (
    "batch",
    "count_task",
    "order",
    "order_line",
    "pick_line",
    "pick_list",
    "sscc_range",
    "trip",
    "wave",
)
"""Counters whose numbers terminals or papers may know; they may be missing in an old backup, and jump all the same."""
_STAY: Final = frozenset({"audit", "item_number", "sscc"})
"""The audit trail has no gaps, item numbers go to no terminal, and carton numbers have their own step."""


@dataclass(frozen=True, slots=True)
class Restored:
    incarnation: str
    sites: tuple[str, ...]


def restored(database: Database, *, by: str, why: str = "a backup was put back") -> Restored:
    """Give the store a new incarnation and let its numbers jump, at every site, in one transaction."""
    with database.engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
        return _restored(conn, database, by=by, why=why)


def is_ahead(cursor: str, page: Changes) -> bool:
    """Whether a cursor that the store had to reset is of this incarnation, and of a change that it does not have."""
    return knows_more(cursor, page.incarnation, int(page.cursor.partition(":")[2]) + page.behind)


def notice(database: Database, site_id: SiteId, cursor: str) -> bool:
    """A terminal has come with a cursor that is ahead of the feed: only a store that has lost something sees that.

    Then an administrator has forgotten to say so, and it is done for them. Returns whether it was.
    """
    with database.engine.connect().execution_options(floorhand_write=True) as conn, conn.begin():
        if not knows_more(cursor, incarnation(conn), feed_span(conn, site_id).head):
            return False
        log.warning("the store has lost what terminals were told: a backup was put back, or a standby promoted")
        _restored(conn, database, by="store", why=f"a terminal of {site_id} knows change {cursor.partition(':')[2]}")
        return True


def _restored(conn: Connection, database: Database, *, by: str, why: str) -> Restored:
    new = secrets.token_hex(16)
    before = conn.execute(select(t.store.c.incarnation).with_for_update()).scalar_one()
    conn.execute(update(t.store).values(incarnation=new))
    sites = [SiteId(site_id) for site_id in conn.execute(select(t.site.c.site_id).order_by(t.site.c.site_id)).scalars()]
    for site_id in sites:
        work = UnitOfWork(conn, site_id, database.now())
        _jump(work)
        audit(work, by, "restored", new, before=before, why=why)
    return Restored(new, tuple(sites))


def _jump(work: UnitOfWork) -> None:
    p, c = t.pick_list.c, t.counter.c
    work.conn.execute(update(t.pick_list).where(p.site_id == work.site_id).values(token=p.token + GAP))
    missing = [{"name": name, "value": 0} for name in (*_GIVEN_OUT, "sscc")]
    work.upsert(t.counter, missing, update_columns=())
    here = c.site_id == work.site_id
    work.conn.execute(update(t.counter).where(here, c.name.not_in(_STAY)).values(value=c.value + GAP))
    work.conn.execute(update(t.counter).where(here, c.name == "sscc").values(value=c.value + _sscc_step(work)))


def _sscc_step(work: UnitOfWork) -> int:
    prefix = work.conn.execute(select(t.site.c.company_prefix).where(t.site.c.site_id == work.site_id)).scalar_one()
    return min(GAP, int(10 ** (16 - len(prefix))) // SSCC_PART)
