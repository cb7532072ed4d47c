"""A worker made of a seed: what all of them do, whatever their work."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from floor.conversation import WRONG_SCAN, Conversation
from floor.ports import Turn
from floor.work.expected import Surroundings, expected_scan
from floor.work.prompt import Changed, Key, Notice, Pressed, Scan, Tone, Typed
from floor.work_day.warehouse_floor import WarehouseFloor, places
from sync.record.ids import LocationCode, ToteCode
from sync.record.rows import LocationKind
from sync.terminal.session import TerminalSession

PATIENCE_S = 120.0
"""How long a worker waits for the store before the day is given up: a stall is a fault and must be seen."""
SCAN_EACH_UP_TO = 3
"""More pieces than that are scanned once and then typed as a number."""


class DayStalled(Exception):
    """Nothing moved for two minutes: the text says who waited for what."""


@dataclass(frozen=True, slots=True)
class Mishaps:
    """How often things go wrong, each a probability for one prompt."""

    wrong_scan: float = 0.02
    short: float = 0.01
    cut: float = 0.002
    damaged: float = 0.002
    skip: float = 0.01
    undo: float = 0.005
    new_tote: float = 0.003
    swap_terminal: float = 0.002
    """The battery is empty in mid-cart: the work goes on at another terminal."""
    other_lot: float = 0.2
    sort_missing: float = 0.002
    pack_missing: float = 0.002
    reprint: float = 0.02


@dataclass(frozen=True, slots=True)
class Terminal:
    session: TerminalSession
    conversation: Conversation


@dataclass
class SimulatedWorker(ABC):
    """One worker at one terminal. ``run`` returns when there is nothing left to do for this kind of worker."""

    name: str
    badge: str
    terminal: Terminal
    floor: WarehouseFloor
    mishaps: Mishaps
    rng: random.Random
    another_terminal: Callable[[], Terminal]
    """Takes one from the charger; may be called once."""
    zone: str | None = None
    """Which zone they choose where they are asked; None: all."""
    news: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    now_ms: int = 0
    empty: ToteCode | None = None
    """In the hand, for the next order."""

    activity = ""
    """The digit of the menu."""

    def __post_init__(self) -> None:
        self._places: dict[LocationKind, Sequence[LocationCode]] = {}
        """As the terminal has named them once: they stay where they are."""
        self._listen()

    @property
    def session(self) -> TerminalSession:
        return self.terminal.session

    @property
    def conversation(self) -> Conversation:
        return self.terminal.conversation

    def _listen(self) -> None:
        self.session.on_change(self.news.set)
        self.conversation.on_change(self.news.set)

    def run(self) -> None:
        turn = self._say(self.conversation.turn())
        self.session.wait_for(lambda: self.session.site() is not None, PATIENCE_S)
        self.floor.lay_out(self.session)
        while (next_turn := self._answer(turn)) is not None:
            turn = next_turn
        self._sign_off()

    @abstractmethod
    def done(self) -> None:
        """Told when the shift is over, however it ended."""

    # One prompt.

    def _answer(self, turn: Turn) -> Turn | None:
        """The turn after this prompt was answered; None when the work is done."""
        match turn.prompt.step:
            case "menu":
                return self._at_menu()
            case "choose_zone":
                return self._at_choose_zone(turn)
            case "waiting_store" | "printing" as busy:
                return self._wait(busy)
            case step:
                return self._at(step, turn)

    @abstractmethod
    def _at(self, step: str, turn: Turn) -> Turn | None:
        """The same for what only this kind of worker is asked."""

    def _at_menu(self) -> Turn:
        return self._type(self.activity)

    def _at_choose_zone(self, turn: Turn) -> Turn:
        choice = next((one for one in turn.prompt.choices if one.values.get("zone") == self.zone), None)
        return self._type("9" if choice is None else choice.digit)

    # Hands.

    def _happens(self, mishap: str) -> bool:
        happened: bool = self.rng.random() < getattr(self.mishaps, mishap)
        if happened:
            self.counts[mishap] += 1
        return happened

    def _scan_expected(self, step: str) -> Turn:
        if self._happens("wrong_scan"):
            turn = self._scan(WRONG_SCAN)
            if turn.notice is None or turn.notice.tone is not Tone.ERROR:
                raise AssertionError(f"{self.name}: a wrong scan at {step} was let through")
        expected = expected_scan(self.conversation.desk, self.session, self._around())
        return self._wait(step) if expected is None else self._scan(expected)

    def _around(self) -> Surroundings:
        return Surroundings(
            badge=self.badge,
            empty_tote=self.empty,
            tote_to_pack=None,
            place=self._place(LocationKind.PACK),
            staging=self._place(LocationKind.STAGING),
        )

    def _place(self, kind: LocationKind) -> LocationCode | None:
        there = self._places.get(kind, ())
        if not there:
            there = self._places[kind] = places(self.session, kind)
        return there[self.rng.randrange(len(there))] if there else None

    def _scan(self, text: str) -> Turn:
        self.now_ms += self.rng.randint(700, 1500)
        self.counts["scans"] += 1
        inbox_id = self.conversation.take_in(text, None)
        return self._say(self.conversation.give(Scan(text, None, inbox_id, self.now_ms)))

    def _type(self, text: str) -> Turn:
        for character in text[:-1]:
            self.conversation.give(Typed(character))
        return self._say(self.conversation.give(Typed(text[-1])))

    def _type_number(self, number: int) -> Turn:
        self._type(str(number))
        return self._press(Key.ENTER)

    def _press(self, key: Key) -> Turn:
        return self._say(self.conversation.give(Pressed(key)))

    def _wait(self, what: str, most_s: float = PATIENCE_S) -> Turn:
        """Until something changes. Where that takes longer than anybody has patience the day ends with a reason."""
        if not self.news.wait(most_s) and most_s >= PATIENCE_S:
            link = self.session.link()
            raise DayStalled(f"{self.name} waited {PATIENCE_S:.0f} s at {what}: link {link}")
        self.news.clear()
        return self._say(self.conversation.give(Changed()))

    def _say(self, turn: Turn) -> Turn:
        if turn.notice is not None:
            self._hear(turn.notice)
        return turn

    def _hear(self, notice: Notice) -> None:
        self.counts[f"heard {notice.key}"] += 1

    def _sign_off(self) -> None:
        while self.conversation.turn().prompt.step != "menu":
            self._press(Key.BACK)
        self._type("9")
