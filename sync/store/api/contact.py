"""What a terminal says of itself with every question: its protocol, its release, what it owes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from sync.record.ids import SiteId, TerminalId
from sync.store.api.together import Together
from sync.store.contacts import NOTED_EVERY_S, Contact, note_pulls
from sync.store.database import Database
from sync.wire.messages import OLDEST_TERMINAL, PROTOCOL

MOST = 2**31 - 1

TheContact = NamedDependency[Contact]
"""A handler's parameter ``contact: TheContact``, provided by `said`."""


class Pulls:
    """The contacts of pulls. The store's table decides which are noted; most need not even ask it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes = Together(self._note)
        self._noted: dict[tuple[SiteId, TerminalId], tuple[datetime, bool]] = {}

    async def note(self, site_id: SiteId, terminal_id: TerminalId, contact: Contact) -> None:
        """Keep the contact of a pull where it is due."""
        now, owes = self._database.now(), contact.owed > 0
        at, owed = self._noted.get((site_id, terminal_id), (None, owes))
        if at is not None and owed == owes and timedelta(0) <= now - at < timedelta(seconds=NOTED_EVERY_S):
            return
        if await self._notes.ask((site_id, terminal_id, contact)):
            self._noted[site_id, terminal_id] = (now, owes)

    def has_pushed(self, site_id: SiteId, terminal_id: TerminalId) -> None:
        """The push has said what is owed: the next pull is to be looked at, whatever the last one said."""
        self._noted.pop((site_id, terminal_id), None)

    def _note(self, asked: Sequence[tuple[SiteId, TerminalId, Contact]]) -> list[bool]:
        """Of each, whether it stands in the store now."""
        by_site: defaultdict[SiteId, dict[TerminalId, Contact]] = defaultdict(dict)
        for site_id, terminal_id, contact in asked:
            by_site[site_id][terminal_id] = contact
        noted = {site_id: note_pulls(self._database, site_id, contacts) for site_id, contacts in by_site.items()}
        return [terminal_id in noted[site_id] for site_id, terminal_id, _ in asked]


class TooOld(HTTPException):
    """The terminal would misunderstand the answer; its ledger is taken in all the same."""

    status_code = 426
    error = "upgrade"

    def __init__(self, protocol: int) -> None:
        super().__init__(
            f"This terminal is older than the store (it speaks protocol {protocol}, the store {OLDEST_TERMINAL} at "
            "least). What it records is delivered all the same. Update this terminal.",
            status_code=426,
        )


def said(
    protocol: Annotated[int, Parameter(ge=1, le=9999)] = PROTOCOL,
    release: Annotated[str | None, Parameter(max_length=32, pattern=r"^[0-9A-Za-z.+-]*$")] = None,
    owed: Annotated[int, Parameter(ge=0, le=MOST)] = 0,
    owed_for_s: Annotated[int, Parameter(ge=0, le=MOST)] = 0,
) -> Contact:
    """For handlers of pulls. Raises `TooOld`."""
    if protocol < OLDEST_TERMINAL:
        raise TooOld(protocol)
    return Contact(release=release, owed=owed, owed_for_s=owed_for_s)
