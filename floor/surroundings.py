"""What a demo's keys find around the worker, from this terminal's own record."""

from __future__ import annotations

from collections.abc import Callable

from floor.work.expected import Surroundings
from sync.record.rows import LocationKind, LocationRow, ToteRow, ToteStatus
from sync.terminal.session import TerminalSession


def surroundings(session: TerminalSession, *, badge: str | None) -> Callable[[], Surroundings]:
    """``badge`` is the one that lies at hand at sign-in."""

    def look() -> Surroundings:
        totes = [row for row in session.rows("tote") if isinstance(row, ToteRow)]
        places = [row for row in session.rows("location") if isinstance(row, LocationRow)]
        return Surroundings(
            badge=badge,
            empty_tote=next((row.tote for row in totes if row.status is ToteStatus.EMPTY and not row.is_cubby), None),
            tote_to_pack=next((row.tote for row in totes if row.status is ToteStatus.TO_PACK), None),
            tote_to_sort=next((row.tote for row in totes if row.status is ToteStatus.TO_SORT), None),
            place=next((row.code for row in places if row.kind is LocationKind.PACK), None),
            staging=next((row.code for row in places if row.kind is LocationKind.STAGING), None),
        )

    return look
