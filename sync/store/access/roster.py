"""Which workers may write what, as the store knows it now: read once for a batch of facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from sync.record.ids import WorkerId
from sync.record.permissions import may_write
from sync.record.rows import Role
from sync.store.tables import worker
from sync.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Worker:
    name: str
    roles: frozenset[Role]
    active: bool


class Roster:
    """Rows are read without a lock: a worker who is deactivated meanwhile was active when the batch was judged."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._known: dict[WorkerId, _Worker | None] = {}

    def fetch(self, worker_ids: Iterable[WorkerId | None]) -> None:
        """Read those who are not here yet, in one statement."""
        missing = {worker_id for worker_id in worker_ids if worker_id is not None and worker_id not in self._known}
        if not missing:
            return
        self._known.update(dict.fromkeys(missing))
        rows = self._work.conn.execute(
            select(worker.c.worker_id, worker.c.name, worker.c.roles, worker.c.active).where(
                worker.c.site_id == self._work.site_id, worker.c.worker_id.in_(sorted(missing))
            )
        )
        for row in rows:
            self._known[WorkerId(row.worker_id)] = _Worker(row.name, frozenset(map(Role, row.roles)), row.active)

    def why_not(self, worker_id: WorkerId | None, kind: str) -> str | None:
        """Why this worker may not write an entry of this kind, as the end of a sentence; None: the worker may."""
        if may_write((), kind):
            return None
        if worker_id is None:
            return "nobody was signed in"
        self.fetch([worker_id])
        known = self._known[worker_id]
        if known is None:
            return f"the site knows no worker {worker_id}"
        if not known.active:
            return f"{known.name} ({worker_id}) was deactivated"
        return None if may_write(known.roles, kind) else f"{known.name} ({worker_id}) has no role for it"
