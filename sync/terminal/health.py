"""How a terminal's record is, read beside the terminal that may be at work with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sync.record.facts import Stamp
from sync.record.ids import StreamId
from sync.terminal.client import Asker, Owing
from sync.terminal.durable_file import DurableFile
from sync.terminal.ledger import Ledger, readable
from sync.terminal.replica import SCHEMA, VERSION
from sync.terminal.stamper import utc_now
from sync.terminal.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class Health:
    """``newest``: when and where the last entry was made; None where there is none that this release can read.

    ``incarnation`` and ``cursor``: of which picture of the store the rows here are; None where none were fetched yet.
    """

    stream_id: StreamId
    entries: int
    undelivered: int
    oldest_undelivered_at: datetime | None
    newest: Stamp | None
    incarnation: str | None
    cursor: str | None
    reflected_seq: int

    def asker(self, scopes: tuple[str, ...]) -> Asker:
        """Who asks the store, as the terminal itself would say it."""
        since = self.oldest_undelivered_at
        age_s = 0 if since is None else max(0, int((utc_now() - since).total_seconds()))
        return Asker(stream_id=self.stream_id, scopes=scopes, owing=Owing(self.undelivered, age_s, self.cursor))


def read_health(folder: Path) -> Health | None:
    """None where no terminal has worked in this folder yet. Raises `StorageFailed`, also for a torn ledger."""
    file = folder / "ledger.sqlite"
    if not file.exists():
        return None
    ledger = Ledger(file)
    try:
        undelivered, oldest_at = Verdicts(ledger).undelivered()
        last = ledger.file.row("SELECT body FROM entry ORDER BY seq DESC LIMIT 1")
        entry = None if last is None else readable(last[0])
        incarnation, cursor, reflected_seq = _rows_of(folder / "replica.sqlite")
        return Health(
            stream_id=ledger.stream_id(),
            entries=ledger.head().seq,
            undelivered=undelivered,
            oldest_undelivered_at=oldest_at,
            newest=None if entry is None else entry.stamp,
            incarnation=incarnation,
            cursor=cursor,
            reflected_seq=reflected_seq,
        )
    finally:
        ledger.close()


def _rows_of(file: Path) -> tuple[str | None, str | None, int]:
    if not file.exists():
        return None, None, 0
    replica = DurableFile(file, SCHEMA, version=VERSION, synchronous="NORMAL")
    try:
        incarnation, cursor, reflected_seq = replica.rows("SELECT incarnation, cursor, reflected_seq FROM state")[0]
        return incarnation, cursor, int(reflected_seq)
    finally:
        replica.close()
