"""Enrols a terminal through the database that its program owns: for demos, simulated days and benchmarks."""

from __future__ import annotations

from pathlib import Path

from sync.record.ids import SiteId, TerminalId
from sync.store.access.auditing import audit
from sync.store.access.enrolling import enrol_key
from sync.store.access.people import pin_pepper
from sync.store.database import Database
from sync.terminal.identity import Identity, save_identity
from sync.wire.signing import make_key

OWNER = "owner of the database"


def enrol_directly(
    database: Database, site_id: SiteId, terminal_id: TerminalId, folder: Path, scopes: tuple[str, ...] = ()
) -> Identity:
    """Make a key for the terminal whose own files are in ``folder``, and let it in. Raises `BadIdentity`."""
    private_key = make_key()
    with database.write(site_id) as work:
        identity = Identity(
            site_id=site_id,
            terminal_id=terminal_id,
            private_key=private_key,
            scopes=scopes,
            pin_pepper=pin_pepper(work),
        )
        enrol_key(work, terminal_id, identity.public_key, scopes, OWNER)
        audit(work, OWNER, "enrolled", terminal_id, scopes=list(scopes))
    save_identity(folder, identity)
    return identity
