"""The parts of a terminal's record under their one lock, and the news of what has changed in them."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

from sync.record.delivery import Link, StorageFailed
from sync.record.ids import TerminalId
from sync.terminal.client import Owing
from sync.terminal.contact import LastContact
from sync.terminal.inbox import Inbox
from sync.terminal.ledger import Ledger, readable
from sync.terminal.overlay import Overlay
from sync.terminal.replica import Replica
from sync.terminal.stamper import Stamper
from sync.terminal.verdicts import Verdicts


class LocalRecord:
    """Whoever touches a part holds ``changed`` (a condition over a re-entrant lock) and looks at ``closed`` first.

    Raises `StorageFailed` when the folder cannot be used or another process uses it.
    """

    def __init__(self, folder: Path, stamper: Stamper) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.closed = False
        self.resending = False
        """The ledger goes on under a new stream and not all of it has been offered under it yet."""
        self.stamper = stamper
        self._claim = _claim(folder)
        try:
            self.ledger = Ledger(folder / "ledger.sqlite")
            self.replica = Replica(folder / "replica.sqlite")
        except StorageFailed:
            os.close(self._claim)
            raise
        self.inbox = Inbox(self.ledger.file)
        self.verdicts = Verdicts(self.ledger)
        self.overlay = Overlay(self.ledger, self.verdicts, self.replica, TerminalId(stamper.terminal_id))
        self.contact = LastContact(self.ledger, stamper)
        self._callbacks: list[Callable[[], None]] = []
        self._online = False
        self._problems: dict[str, tuple[str | None, bool | None]] = {}
        """By way: what went wrong the last time, and whether the store had answered."""

    def close(self) -> None:
        with self.changed:
            if not self.closed:
                self.closed = True
                self.ledger.close()
                self.replica.close()
                os.close(self._claim)
            self.changed.notify_all()

    def start_new_stream(self) -> None:
        """Go on under a new stream id: somebody else writes under the old one, or the store has lost what is purged."""
        picture = self.replica.picture()
        self.ledger.start_new_stream(reflected_seq=self.overlay.reflected_seq(), incarnation=picture.incarnation or "")
        self.overlay.forget()
        self.resending = self.ledger.batch(at_most=1) is not None

    def on_change(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    def tell_change(self) -> None:
        """Called without the lock, from any thread."""
        with self.changed:
            self.changed.notify_all()
        for callback in tuple(self._callbacks):
            callback()

    def note_exchange(self, way: str, *, answered: bool | None, problem: str | None) -> bool:
        """Keep how the last exchange went, up or down; returns whether that is news.

        ``answered`` None: something broke here, and nothing is known of the store.
        """
        with self.changed:
            before = (self._online, dict(self._problems))
            self._online = answered is True
            self._problems[way] = (problem, answered)
            if answered:
                for other, (_, reached) in self._problems.items():
                    if reached is False:
                        self._problems[other] = (None, None)  # whom one way reaches, the other cannot call out of reach
            if answered and problem is None:
                self.contact.heard()
            return before != (self._online, self._problems)

    def owing(self) -> Owing:
        """What is not known to be at the store, for the store's own eyes."""
        with self.changed:
            acked = self.ledger.acked()
            count = self.ledger.head().seq - acked
            oldest = self.ledger.batch(at_most=1) if count else None
            entry = None if oldest is None else readable(oldest.bodies[0])
            age_s = 0 if entry is None else self.stamper.age_s(entry.stamp)
            return Owing(count, age_s, self.replica.picture().cursor)

    def link(self) -> Link:
        with self.changed:
            undelivered, oldest = self.verdicts.undelivered()
            problem = next((problem for problem, _ in self._problems.values() if problem is not None), None)
            return Link(self._online, undelivered, oldest, problem)


def _claim(folder: Path) -> int:
    """A lock that ends with the process: two writers of one ledger would fork it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        claim = os.open(folder / "in-use", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageFailed(
            f"The folder {folder} cannot be used ({error.strerror}). The terminal cannot record anything. "
            "Free space there, or give another folder."
        ) from error
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(claim)
        raise StorageFailed(
            f"Another terminal program uses {folder}. Two of them would write over each other. "
            "Close the other one, or give this one its own folder."
        ) from error
    return claim
