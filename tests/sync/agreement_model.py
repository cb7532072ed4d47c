"""The agreement between terminals and store in a few pages: no disk, no network, no SQL. To be read, and to be run.

`Safeguard` names what it stands on; a world can be made without one of them, and the tests see it break.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto

from tests.sync.agreement_kinds import ASKED, Kind

BEGINNING = "0"


class Safeguard(StrEnum):
    INCARNATION = auto()
    """A restored store says that it is another one: cursors of before mean nothing to it."""
    STORED_VERDICTS = auto()
    """What the store has is answered from its ledger and not judged again."""
    FORK = auto()
    """Another entry at a number that is taken is told, not swallowed."""
    GAP = auto()
    """Entries behind a gap are not taken."""
    CHAIN = auto()
    """An entry counts with all before it: same number and same hash, or another ledger."""
    EVENT_IDS = auto()
    """A fact keeps its id in whatever stream it comes, and counts once."""
    KEPT_WHEN_ACKED = auto()
    """What is acknowledged stays in the ledger, for a store that loses it."""
    MARK_IS_OURS = auto()
    """An answer acknowledges what it speaks of, not all that was written meanwhile."""
    GOING_BACK = auto()
    """A store that has less than it acknowledged gets it again."""
    VERDICT_BEFORE_ACK = auto()
    """Nothing is acknowledged whose verdict is not known here."""


class Fork(Exception):
    pass


class Gap(Exception):
    def __init__(self, hwm: int) -> None:
        super().__init__(hwm)
        self.hwm = hwm


@dataclass
class Entry:
    seq: int
    event_id: str
    h: str
    kind: Kind
    line: int
    token: int
    writer: str
    verdict: str | None = None


@dataclass
class Line:
    counted: int = 0
    extra: int = 0
    """Beyond what was ordered, or of what was cancelled: to be put back."""
    token: int = 0

    @property
    def shown(self) -> int:
        return self.counted + self.extra


@dataclass(frozen=True)
class Answer:
    hwm: int
    head: str
    verdicts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Page:
    incarnation: str
    reset: bool
    cursor: int
    lines: dict[int, Line]
    mark: Answer


@dataclass
class Kept:
    """All that a backup holds."""

    lines: dict[int, Line] = field(default_factory=lambda: {line: Line() for line in ASKED})
    cancelled: set[int] = field(default_factory=set)
    streams: dict[str, dict[int, Entry]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    changes: list[int] = field(default_factory=list)

    def copy(self) -> Kept:
        """Entries that are kept never change: they are shared."""
        return Kept(
            {number: copy.copy(line) for number, line in self.lines.items()},
            set(self.cancelled),
            {stream: dict(held) for stream, held in self.streams.items()},
            dict(self.known),
            list(self.changes),
        )


_names = itertools.count()


def fresh(prefix: str) -> str:
    return f"{prefix}{next(_names)}"


def link(h: str, event_id: str) -> str:
    return hashlib.sha256(f"{h}{event_id}".encode()).hexdigest()


class Store:
    def __init__(self, without: Safeguard | None) -> None:
        self.without = without
        self.kept = Kept()
        self.incarnation = fresh("store")

    def has(self, *safeguards: Safeguard) -> bool:
        return self.without not in safeguards

    def restore(self, backup: Kept) -> None:
        self.kept = backup.copy()
        if self.has(Safeguard.INCARNATION):
            self.incarnation = fresh("store")

    def mark(self, stream: str) -> Answer:
        entries = self.kept.streams.get(stream, {})
        hwm = max(entries, default=0)
        return Answer(hwm, entries[hwm].h if hwm else BEGINNING)

    def push(self, stream: str, entries: Sequence[Entry]) -> Answer:
        """One transaction: all of it or, with `Fork` or `Gap`, nothing."""
        before = self.kept.copy()
        try:
            verdicts = tuple((entry.seq, self._take(stream, entry)) for entry in entries)
        except (Fork, Gap):
            self.kept = before
            raise
        mark = self.mark(stream)
        return Answer(mark.hwm, mark.head, verdicts)

    def _take(self, stream: str, entry: Entry) -> str:
        held = self.kept.streams.setdefault(stream, {})
        mark = self.mark(stream)
        if entry.seq <= mark.hwm and self.has(Safeguard.STORED_VERDICTS):
            known = held[entry.seq]
            same = known.h == entry.h if self.has(Safeguard.CHAIN) else known.event_id == entry.event_id
            if not same and self.has(Safeguard.FORK):
                raise Fork
            return known.verdict or ""
        if entry.seq > mark.hwm + 1 and self.has(Safeguard.GAP, Safeguard.STORED_VERDICTS):
            raise Gap(mark.hwm)
        follows = link(mark.head, entry.event_id) == entry.h
        if not follows and self.has(Safeguard.CHAIN, Safeguard.FORK, Safeguard.GAP, Safeguard.STORED_VERDICTS):
            raise Fork
        if entry.event_id in self.kept.known and self.has(Safeguard.EVENT_IDS, Safeguard.STORED_VERDICTS):
            verdict = f"duplicate:{self.kept.known[entry.event_id]}"
        else:
            verdict = self._judge(entry)
        held[entry.seq] = copy.copy(entry)
        held[entry.seq].verdict = verdict
        self.kept.known.setdefault(entry.event_id, verdict)
        return verdict

    def _judge(self, entry: Entry) -> str:
        if entry.kind.is_poison:
            return "quarantined"
        if not entry.kind.pieces:
            return "accepted"
        line = self.kept.lines[entry.line]
        self.kept.changes.append(entry.line)
        if entry.line in self.kept.cancelled or line.counted >= ASKED[entry.line]:
            line.extra += 1
            return "discrepancy"
        line.counted += 1
        return "accepted" if entry.token >= line.token else "accepted:stale-lease"

    def move(self, line: int) -> None:
        self.kept.lines[line].token += 1
        self.kept.changes.append(line)

    def pull(self, incarnation: str, cursor: int, stream: str) -> Page:
        head = len(self.kept.changes)
        lost = incarnation != self.incarnation or cursor > head
        reset = lost and self.has(Safeguard.INCARNATION)
        told = set(self.kept.lines) if reset else set(self.kept.changes[cursor:])
        lines = {line: copy.copy(self.kept.lines[line]) for line in told}
        return Page(self.incarnation, reset, head, lines, self.mark(stream))


class Terminal:
    def __init__(self, name: str, without: Safeguard | None) -> None:
        self.name = name
        self.without = without
        self.stream = fresh("stream")
        self.ledger: list[Entry] = []
        self.purged = (0, BEGINNING)
        self.acked = self.reflected = self.cursor = 0
        self.incarnation = ""
        self.rows = {line: Line() for line in ASKED}

    def has(self, *safeguards: Safeguard) -> bool:
        return self.without not in safeguards

    def record(self, kind: Kind, line: int) -> str:
        seq, h = (self.ledger[-1].seq, self.ledger[-1].h) if self.ledger else self.purged
        event_id = fresh("event")
        entry = Entry(seq + 1, event_id, link(h, event_id), kind, line, self.rows[line].token, self.name)
        self.ledger.append(entry)
        return event_id

    def shown(self, line: int) -> int:
        """The store's row and, on top, the own facts that it does not hold yet."""
        return self.rows[line].shown + sum(
            entry.kind.pieces for entry in self.ledger if entry.line == line and entry.seq > self.reflected
        )

    def batch(self, at_most: int) -> list[Entry]:
        return [copy.copy(entry) for entry in self.ledger if entry.seq > self.acked][:at_most]

    def answered(self, answer: Answer) -> None:
        verdicts = dict(answer.verdicts)
        for entry in self.ledger:
            if entry.verdict is None and entry.seq in verdicts:
                entry.verdict = verdicts[entry.seq]
        self.heed(answer)
        if not self.has(Safeguard.KEPT_WHEN_ACKED):
            gone = [entry for entry in self.ledger if entry.seq <= self.acked]
            self.purged = (gone[-1].seq, gone[-1].h) if gone else self.purged
            self.ledger = self.ledger[len(gone) :]

    def heed(self, mark: Answer) -> None:
        """Take over how far the store is, if that lies on this chain."""
        if not self.has(Safeguard.MARK_IS_OURS):
            self.acked = self.ledger[-1].seq if self.ledger else self.acked
            return
        if mark.hwm < self.acked and self.has(Safeguard.GOING_BACK):
            self.acked = mark.hwm
        if mark.hwm and self.has(Safeguard.CHAIN, Safeguard.FORK):
            ours = next((entry.h for entry in self.ledger if entry.seq == mark.hwm), None)
            if ours != mark.head and (mark.hwm, mark.head) != self.purged:
                self.forked()
                return
        for entry in self.ledger:
            judged = entry.verdict is not None or not self.has(Safeguard.VERDICT_BEFORE_ACK)
            if entry.seq == self.acked + 1 <= mark.hwm and judged:
                self.acked += 1

    def gap(self, hwm: int) -> None:
        if self.has(Safeguard.GOING_BACK):
            self.acked = min(self.acked, hwm)

    def forked(self) -> None:
        """Somebody else writes under this stream: all goes on under a new one, with the same event ids."""
        self.stream, self.acked, self.reflected, self.purged = fresh("stream"), 0, 0, (0, BEGINNING)
        h = BEGINNING
        for seq, entry in enumerate(self.ledger, start=1):
            h = link(h, entry.event_id)
            entry.seq, entry.h = seq, h

    def take(self, page: Page) -> None:
        """Rows, cursor and what they hold of the own ledger, in one step."""
        self.rows = ({line: Line() for line in ASKED} if page.reset else self.rows) | page.lines
        self.incarnation, self.cursor, self.reflected = page.incarnation, page.cursor, page.mark.hwm
        self.heed(page.mark)
