"""Scans on stable storage before anything else happens to them, until they are answered."""

from __future__ import annotations

from sync.terminal.durable_file import DurableFile


class Inbox:
    """Stands in the ledger's file. Not for several threads at once. Everything may raise `StorageFailed`."""

    def __init__(self, file: DurableFile) -> None:
        self._file = file
        self._open: set[int] = set()
        found = file.row("SELECT max(id) FROM inbox")
        self._left_over_id: int = (found and found[0]) or 0
        """Up to here the scans are those of an earlier run."""

    def take_in(self, text: str, symbology: str | None) -> int:
        with self._file.transaction() as db:
            number = db.execute("INSERT INTO inbox (text, symbology) VALUES (?, ?)", (text, symbology)).lastrowid
        assert number is not None  # noqa: S101 - SQLite gives every inserted row its number
        self._open.add(number)
        return number

    def answered(self, number: int) -> None:
        """A scan was answered with no entry in the ledger."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM inbox WHERE id = ?", (number,))
        self.taken_off(number)

    def taken_off(self, number: int) -> None:
        """The ledger has taken the scan off together with what came of it."""
        self._open.discard(number)

    def depth(self) -> int:
        """Scans of this run that wait for their answer."""
        return len(self._open)

    def left_over(self) -> tuple[str, ...]:
        """Scans of an earlier run that were never answered."""
        rows = self._file.rows("SELECT text FROM inbox WHERE id <= ? ORDER BY id", self._left_over_id)
        return tuple(text for (text,) in rows)

    def forget_left_over(self) -> None:
        with self._file.transaction() as db:
            db.execute("DELETE FROM inbox WHERE id <= ?", (self._left_over_id,))
