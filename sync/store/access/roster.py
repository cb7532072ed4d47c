"""Which workers may write what, as the store knows it now: read once for a batch of facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.record.ids import WorkerId
from sync.record.permissions import may_write
from sync.record.rows import Role
from sync.store.round_trip import RoundTrip
from sync.store.statements import workers_named
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

    def ask(self, trip: RoundTrip, worker_ids: Iterable[WorkerId | None]) -> None:
        """Read those who are not here yet."""
        missing = {worker_id for worker_id in worker_ids if worker_id is not None and worker_id not in self._known}
        if missing:
            self._known.update(dict.fromkeys(missing))
            about = {"site": self._work.site_id, "worker_id": sorted(missing)}
            trip.ask(workers_named(self._work.conn.dialect.name), about, self._keep)

    def _keep(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._known[row["worker_id"]] = _Worker(row["name"], frozenset(map(Role, row["roles"])), row["active"])

    def has_role(self, worker_id: WorkerId | None, role: Role) -> bool:
        if worker_id is None:
            return False
        known = self._of(worker_id)
        return known is not None and role in known.roles

    def why_not(self, worker_id: WorkerId | None, kind: str) -> str | None:
        """Why this worker may not write an entry of this kind, as the end of a sentence; None: the worker may."""
        if may_write((), kind):
            return None
        if worker_id is None:
            return "nobody was signed in"
        known = self._of(worker_id)
        if known is None:
            return f"the site knows no worker {worker_id}"
        if not known.active:
            return f"{known.name} ({worker_id}) was deactivated"
        return None if may_write(known.roles, kind) else f"{known.name} ({worker_id}) has no role for it"

    def _of(self, worker_id: WorkerId) -> _Worker | None:
        if worker_id not in self._known:
            with self._work.round_trip() as trip:
                self.ask(trip, [worker_id])
        return self._known[worker_id]
