"""A terminal of the small site: the real session, conversation and printer driver, and hands that scan and type."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from drivers.emulators.printer import EmulatedPrinter
from drivers.emulators.scale import EmulatedScale
from drivers.printers.station import PrintStation
from floor.config import PrinterProfile, ScaleProfile
from floor.conversation import Conversation
from floor.labelling import label_maker
from floor.ports import Turn
from floor.printing import StationLabelPrinter, setups
from floor.weighing import StationScale, scale_of
from floor.work import desk as conversation
from floor.work.prompt import Changed, Input, Key, Pressed, Prompt, Scan, Typed
from sync.record.ids import TerminalId
from sync.terminal.enrolment import enrol
from sync.terminal.identity import load_identity
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.stamper import Stamper, boot_id, since_boot_ms
from sync.terminal.sync_loop import Pace
from tests.store.small_site import NOW, SITE

PATIENCE_S = 20.0
"""A bound for what must come; nothing waits that long."""
A_WHILE_MS = 1000
SOON_S = 0.15
"""How soon a scale that has no weight is heard to say why."""
QUICK = Pace(first_s=0.02, longest_s=0.1, idle_s=0.5, poll_s=20)


class Terminal:
    """Everything that a worker can do to it; each act ends with the turn that came of it."""

    def __init__(
        self,
        folder: Path,
        store_url: str,
        printer: EmulatedPrinter | None,
        *,
        terminal_id: str = "HH-07",
        scopes: tuple[str, ...] = ("pack",),
    ) -> None:
        self._folder = folder / terminal_id
        self.labels = folder / "labels"
        self._store_url = store_url
        self._printer = printer
        self._terminal_id = TerminalId(terminal_id)
        self._scopes = scopes
        self._news = threading.Event()
        self._now_ms = 0
        self._passed_ms = 0
        self.scale: EmulatedScale | None = None
        self.said: list[Turn] = []
        self._start()

    def _start(self) -> None:
        if load_identity(self._folder) is None:
            enrol(self._folder, self._store_url, SITE, self._terminal_id, scopes=self._scopes)
        self.session: TerminalSession = open_session(
            self._folder,
            site_id=SITE,
            terminal_id=self._terminal_id,
            store_url=self._store_url,
            scopes=self._scopes,
            stamper=Stamper(
                site_id=SITE,
                terminal_id=self._terminal_id,
                boot_id=boot_id(),
                now=self._clock,
                since_boot_ms=self._since_boot_ms,
            ),
            pace=QUICK,
        )
        printer = self._printer
        self._station: PrintStation | None = None
        self._station_scale = None if self.scale is None else _station_scale(self.scale)
        if printer is not None:
            profiles = setups([PrinterProfile(printer.host, printer.port)])
            self._station = PrintStation(self._folder / "printing.db", self._folder / "printers", profiles)
        label_printer = None if self._station is None else StationLabelPrinter(self._station)
        make_label = label_maker(self.session.site)
        self.conversation = Conversation(self.session, label_printer, make_label, None, self._station_scale)
        self.conversation.on_change(self._news.set)
        self.session.start()
        self.turn: Turn = self._say(self.conversation.turn())

    def _clock(self) -> datetime:
        """The day of the site's goods, which expire."""
        return NOW + timedelta(milliseconds=self._passed_ms)

    def _since_boot_ms(self) -> int:
        return since_boot_ms() + self._passed_ms

    def minutes_pass(self, minutes: int) -> None:
        """On the clock that nobody can set."""
        self._passed_ms += minutes * 60_000

    def close(self) -> None:
        self.session.close()
        if self._station is not None:
            self._station.close()
        if self._station_scale is not None:
            self._station_scale.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self.scale is not None:
            self.scale.close()

    def _say(self, turn: Turn) -> Turn:
        self.said.append(turn)
        self.turn = turn
        return turn

    def give(self, given: Input) -> Turn:
        return self._say(self.conversation.give(given))

    def scan(self, text: str, symbology: str | None = None, *, after_ms: int = A_WHILE_MS) -> Turn:
        self._now_ms += after_ms
        inbox_id = self.conversation.take_in(text, symbology)
        return self.give(Scan(text, symbology, inbox_id, self._now_ms))

    def type(self, text: str) -> Turn:
        for character in text:
            self.give(Typed(character))
        return self.turn

    def press(self, key: str) -> Turn:
        return self.give(Pressed(Key(key)))

    def wait_for(self, step: str) -> Turn:
        return self.wait_until(lambda turn: turn.prompt.step == step)

    def wait_for_notice(self, key: str) -> Turn:
        return self.wait_until(lambda turn: turn.notice is not None and turn.notice.key == key)

    def until_printer_is_seen_not_ready(self) -> None:
        """The station asks an idle printer now and then; what it heard a moment ago it believes for a moment."""
        assert self._station is not None
        deadline = time.monotonic() + PATIENCE_S
        while any(condition.word == "ready" for condition in self._station.conditions()):
            assert time.monotonic() < deadline, "the station never saw that the printer is not ready"
            time.sleep(0.05)

    def wait_until(self, is_there: Callable[[Turn], bool]) -> Turn:
        """Take in news, as the screen does, until the turn is as wanted."""
        while not is_there(self.turn):
            if not self._news.wait(PATIENCE_S):
                raise TimeoutError(f"nothing more came; {self.turn} stands, {self.session.link()}")
            self._news.clear()
            self.give(Changed())
        return self.turn

    def drain(self) -> Turn:
        """Everything is delivered and its rows are here, and what was said to it has been taken in."""
        assert self.session.drain(PATIENCE_S), self.session.link()
        return self.give(Changed())

    def catch_up(self, position: int) -> Turn:
        """The store's rows up to this number are here."""

        def is_here() -> bool:
            cursor = self.session._record.replica.picture().cursor
            return cursor is not None and int(cursor.rpartition(":")[2]) >= position

        assert self.session.wait_for(is_here, PATIENCE_S), self.session.link()
        return self.give(Changed())

    def gets_scale(self) -> None:
        """Off and on again, with an emulated scale beside it."""
        self.scale = EmulatedScale("mt-sics").start()
        self.restart()

    def restart(self) -> Turn:
        """Off and on again: nothing but the record is left."""
        self.close()
        self._start()
        return self.turn

    def prompt_after_a_restart(self) -> Prompt:
        """What would stand now if the terminal had just been started on its record."""
        return conversation.prompt(conversation.resume(self.session), self.session)


def _station_scale(scale: EmulatedScale) -> StationScale:
    profile = ScaleProfile("mt-sics", host=scale.host, port=scale.port, unit="kg")
    return StationScale(scale_of(profile), listen_s=SOON_S, pause_s=SOON_S / 5)
