"""A terminal without a screen: the real session, and a worker. What it tells the worker stands in its history.

Usage: FOLDER ID STORE_URL HISTORY OPTIONS (a JSON object, see `Options`). It works while it is told to on standard
input, one word a line: `work`, `rest`, `show` and `end`; it ends, too, when nobody holds the other end any more.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from sync.record.delivery import StorageFailed
from sync.record.facts import FACT_KINDS, Fact
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId
from sync.record.rows import Row
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.stamper import Stamper, boot_id
from sync.terminal.sync_loop import Pace
from sync.wire import codec
from tests.faults.file_layer import FileLayer, Step
from tests.faults.picker import NO_SLIPS, Picker, Slips

LOOK_S = 0.05
NEWER_KIND = 0.2
"""How often a terminal of a later release writes what only it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """A fact of a release that is still to come."""

    kind: ClassVar[str] = "looked_up@1"
    shelf: str


def know_a_newer_kind() -> None:
    kinds: dict[str, Any] = FACT_KINDS
    kinds[LookedUp.kind] = LookedUp
    codec._fact_decoders[LookedUp.kind] = msgspec.json.Decoder(LookedUp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a terminal is started with."""

    site: str
    worker: str
    seed: int = 0
    scan_s: float = 0.01
    """Time from one scan to the next."""
    most_scans: int = 1_000_000
    slips: bool = True
    clock_days: int = 0
    """How many days the wall clock goes wrong."""
    newer: bool = False
    """Of a later release, which writes a kind of fact that the store does not know."""
    die_at_step: int = 0
    """Die by SIGKILL before this step of the file layer, counted from the first scan; 0: live."""
    die_around_tone: int = 0
    """Die at this scan, by its sign: +n after its tone, -n when it is recorded and nothing was said."""
    pace: dict[str, float] = field(default_factory=lambda: {"first_s": 0.02, "longest_s": 0.3})
    """Fields of `Pace`; none: the product's own."""

    def as_argument(self) -> str:
        return json.dumps(asdict(self))


def open_here(folder: Path, terminal_id: str, store_url: str, options: Options) -> TerminalSession:
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(days=options.clock_days)

    site, terminal = SiteId(options.site), TerminalId(terminal_id)
    pace: dict[str, Any] = options.pace
    return open_session(
        folder,
        site_id=site,
        terminal_id=terminal,
        store_url=store_url,
        stamper=Stamper(site_id=site, terminal_id=terminal, boot_id=boot_id(), now=now),
        pace=Pace(**pace),
    )


class Program:
    def __init__(self, session: TerminalSession, history: Path, options: Options) -> None:
        self.session = session
        self.options = options
        self.picker = Picker(session, random.Random(options.seed), Slips() if options.slips else NO_SLIPS)
        self.working = False
        self.scans = 0
        self._chance = random.Random(options.seed + 1)
        self._unjudged = _told_and_unjudged(history)
        self._history = os.open(history, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._shown: object = None

    def say(self, what: str, **more: object) -> None:
        """One line in one write: it is whole or not there, also when the next thing is the end of the process."""
        os.write(self._history, json.dumps({"what": what, "at": time.time(), **more}, default=str).encode() + b"\n")

    def scan(self) -> None:
        facts: Sequence[Any] = self.picker.next_facts()
        if self.options.newer and self._chance.random() < NEWER_KIND:
            facts = [LookedUp(shelf="A1")]
        if not facts:
            return
        self.scans += 1
        try:
            taken_in = self.session.take_in("code", None)
            event_ids = self.session.record(facts, worker_id=WorkerId(self.options.worker), answers=taken_in)
        except StorageFailed as failed:
            self.say("error", text=str(failed))
            self.working = False
            return
        if self.options.die_around_tone == -self.scans:
            os.kill(os.getpid(), signal.SIGKILL)
        for event_id, fact in zip(event_ids, facts, strict=True):
            self.say("tone", event_id=event_id, kind=fact.kind, worker=self.options.worker, fact=_plain(fact))
        if self.options.die_around_tone == self.scans:
            os.kill(os.getpid(), signal.SIGKILL)
        self._unjudged += event_ids

    def tell(self) -> None:
        """What the worker can see of the delivery, when it has changed."""
        link = self.session.link()
        verdicts = self.session._record.verdicts
        with self.session._record.changed:
            judged = {event_id: said for event_id in self._unjudged if (said := verdicts.verdict(event_id)) is not None}
        for event_id, said in judged.items():
            self.say("verdict", event_id=event_id, verdict=said)
        self._unjudged = [event_id for event_id in self._unjudged if event_id not in judged]
        shown = (link.online, link.undelivered, link.problem)
        if shown != self._shown:
            self._shown = shown
            self.say("shown", online=link.online, undelivered=link.undelivered, problem=link.problem)

    def show(self) -> None:
        """All that is on the screens, and every verdict that stands in the record."""
        session = self.session
        with session._record.changed:
            verdicts = dict(session._record.ledger.file.rows("SELECT event_id, verdict FROM verdict"))
        walk = session.held_walk()
        self.say(
            "screen",
            undelivered=session.link().undelivered,
            verdicts=verdicts,
            lists=[_plain(row) for row in session.rows("pick_list")],
            lines=[_plain(row) for row in session.rows("pick_line")],
            walk=None if walk is None else [_plain(line) for line in walk.lines],
        )

    def run(self) -> None:
        with self.session._record.changed:  # whoever touches the ledger holds it: others have begun already
            stream = self.session._record.ledger.stream_id()
        self.say("started", terminal=self.session.terminal_id(), stream=stream)
        commands = sys.stdin.fileno()
        while True:
            may_scan = self.working and self.scans < self.options.most_scans
            if select.select([commands], [], [], self.options.scan_s if may_scan else LOOK_S)[0]:
                words = os.read(commands, 4096).decode().split()
                if not words or "end" in words:
                    break
                self._obey(words)
            if may_scan:
                self.scan()
            self.tell()
        self.session.close()
        self.say("ended")

    def _obey(self, words: list[str]) -> None:
        for word in words:
            if word == "show":
                self.show()
            else:
                self.working = word == "work"


def _told_and_unjudged(history: Path) -> list[EventId]:
    """What earlier runs confirmed and never told a verdict of."""
    if not history.exists():
        return []
    lines = [json.loads(line) for line in history.read_bytes().splitlines()]
    judged = {line["event_id"] for line in lines if line["what"] == "verdict"}
    return [line["event_id"] for line in lines if line["what"] == "tone" and line["event_id"] not in judged]


def _plain(value: Fact | Row) -> dict[str, object]:
    return asdict(value)


def watch_files(options: Options) -> Callable[[], None]:
    """Count the steps of the file layer from the first scan on, and die at the one that was named."""
    counted = {"steps": 0, "on": False}

    def before(step: Step) -> int:
        if counted["on"] and step.file.startswith("ledger"):
            counted["steps"] += 1
            if counted["steps"] == options.die_at_step:
                os.kill(os.getpid(), signal.SIGKILL)
        return 0

    FileLayer(before)
    return lambda: counted.update(on=True)


def without_names(folder: Path) -> None:
    """While a file `no-names` stands beside the terminal's folder, no name is found by this process (DNS is away)."""
    find = socket.getaddrinfo

    def find_or_fail(*args: Any, **more: Any) -> Any:
        if folder.with_name(f"{folder.name}.no-names").exists():
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return find(*args, **more)

    socket.getaddrinfo = find_or_fail


def main(folder: Path, terminal_id: str, store_url: str, history: Path, options: Options) -> None:
    without_names(folder)
    if options.newer:
        know_a_newer_kind()
    first_scan = watch_files(options) if options.die_at_step else lambda: None
    session = open_here(folder, terminal_id, store_url, options)
    program = Program(session, history, options)
    session.start()
    first_scan()
    program.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), Options(**json.loads(sys.argv[5])))
