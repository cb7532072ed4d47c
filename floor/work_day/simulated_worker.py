"""A worker made of a seed: answers every prompt as a person would, wrong scans and shorts included."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from floor.conversation import WRONG_SCAN, Conversation
from floor.ports import Turn
from floor.work.expected import Surroundings, expected_scan
from floor.work.prompt import Changed, Key, Notice, Pressed, Scan, Tone, Typed
from floor.work_day.warehouse_floor import FullTote, WarehouseFloor, pack_place
from sync.record.ids import LocationCode, ToteCode
from sync.record.rows import ListStatus
from sync.terminal.session import TerminalSession

PATIENCE_S = 60.0
"""How long a worker waits for the store before the day is given up: a stall is a fault and must be seen."""
SCAN_EACH_UP_TO = 3
"""More pieces than that are scanned once and then typed as a number."""


class DayStalled(Exception):
    """Nothing moved for a minute: the text says who waited for what."""


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
    pack_missing: float = 0.002
    reprint: float = 0.02


@dataclass
class SimulatedWorker:
    """One terminal with one worker. ``run`` returns when there is nothing left to do for this kind of worker."""

    name: str
    badge: str
    activity: str
    """``1``: pick, ``2``: pack: the digit of the menu."""
    session: TerminalSession
    conversation: Conversation
    floor: WarehouseFloor
    mishaps: Mishaps
    rng: random.Random
    news: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    progress: Callable[[], None] = lambda: None
    now_ms: int = 0
    tote: ToteCode | None = None
    """At the pack station."""
    empty: ToteCode | None = None
    """In the hand, for the next order."""
    place: LocationCode | None = None

    def __post_init__(self) -> None:
        self.session.on_change(self.news.set)
        self.conversation.on_change(self.news.set)

    def run(self) -> None:
        turn = self._say(self.conversation.turn())
        self.session.wait_for(lambda: self.session.site() is not None, PATIENCE_S)
        self.floor.lay_out(self.session)
        while True:
            before = turn.prompt
            next_turn = self._answer(turn)
            if next_turn is None:
                break
            turn = next_turn
            if turn.prompt != before:
                self.progress()
        self._sign_off()

    # One prompt.

    def _answer(self, turn: Turn) -> Turn | None:
        """The turn after this prompt was answered; None when the work is done."""
        match turn.prompt.step:
            case "menu":
                return self._type(self.activity)
            case "no_work":
                return None
            case "pack_tote":
                return self._at_pack_tote()
            case "waiting_store" | "printing" as busy:
                return self._wait(busy)
            case "go_to":
                return self._at_go_to()
            case "pick":
                return self._at_pick(turn)
            case "pack_piece":
                return self._at_pack_piece(turn)
            case step:
                return self._at_other(step)

    def _at_other(self, step: str) -> Turn:
        match step:
            case "handed_over":
                self.counts["lists"] += 1
                return self._press(Key.ENTER)
            case "hand_over":
                return self._at_hand_over()
            case "bind_tote" | "new_tote":
                return self._at_new_tote(step)
            case "print_failed":
                return self._type("1")
            case "pack_stop":
                self.tote = None  # it stays beside the bench until a person has decided
                return self._press(Key.ENTER)
            case "pack_which":
                return self._type("1")
            case "pack_how_many":
                self._type(self.conversation.turn().prompt.values["left"])
                return self._press(Key.ENTER)
            case "scan_label" if self._happens("reprint"):
                self._press(Key.REPRINT)
                return self._type("2")
            case "no_ssccs":
                self._wait(step)
                return self._press(Key.ENTER)
            case _:
                pass
        return self._scan_expected(self.conversation.turn().prompt.step)

    def _at_new_tote(self, step: str) -> Turn:
        """An empty tote from the stack. A terminal that has not heard yet that it is empty refuses it for a while."""
        self.empty = self.empty or self.floor.take_empty()
        if self.empty is None:
            return self._wait(step)
        turn = self._scan_expected(step)
        walk = self.session.held_walk()
        if walk is not None and self.empty in walk.head.totes:
            self.empty = None
            return turn
        return self._wait(step)

    def _at_hand_over(self) -> Turn:
        """The walk to the bench takes longer than what the store adds to the walk after a short."""
        self.session.drain(PATIENCE_S)
        turn = self._say(self.conversation.give(Changed()))
        walk = self.session.held_walk()
        if turn.prompt.step != "hand_over" or walk is None:
            return turn
        turn = self._scan_expected("hand_over")
        if turn.prompt.step == "handed_over":
            self.floor.put_on_bench(FullTote(tote, walk.head.order_ref, walk.head.list_id) for tote in walk.head.totes)
        return turn

    def _at_go_to(self) -> Turn:
        if self._happens("skip"):
            self._press(Key.PROBLEM)
            return self._type("1")
        if self._happens("undo"):
            return self._undo()
        return self._scan_expected("go_to")

    def _at_pick(self, turn: Turn) -> Turn:
        """Scan the first piece, then the others or their number; now and then there are not enough."""
        if self._happens("new_tote"):
            self._press(Key.PROBLEM)
            return self._type("7")
        done, asked = turn.prompt.count or (0, 0)
        for mishap, digit in (("short", "2"), ("cut", "3"), ("damaged", "4")):
            if self._happens(mishap):
                return self._fewer(done, asked, digit)
        if self._happens("undo"):
            return self._undo()
        if done and asked > SCAN_EACH_UP_TO:
            self._type(str(asked))
            return self._press(Key.ENTER)
        return self._scan_expected("pick")

    def _fewer(self, done: int, asked: int, digit: str) -> Turn:
        found = self.rng.randint(done, asked - 1) if done else 0
        self._type(str(found))
        turn = self._press(Key.ENTER)
        return self._type(digit) if turn.prompt.step == "short_reason" else turn

    def _at_pack_tote(self) -> Turn | None:
        if self.tote is not None:
            self.floor.put_empty(self.tote)
            self.counts["totes"] += 1
            self.tote = None
        full = self.floor.take_from_bench()
        if full is not None:
            return self._open_tote(full)
        if self.floor.is_everything_packed():
            return None
        self.news.wait(0.2)
        self.news.clear()
        return self._say(self.conversation.give(Changed()))

    def _open_tote(self, full: FullTote) -> Turn:
        """Scan it once the terminal has heard of it; one in which nothing was put goes back to the stack."""

        def is_known() -> bool:
            head = None if full.list_id is None else self.session.pick_list(full.list_id)
            return self._is_to_pack(full) or (head is not None and head.status is ListStatus.HANDED_OVER)

        if not self.session.wait_for(is_known, PATIENCE_S):
            raise DayStalled(f"{self.name} never heard of tote {full.tote}: {self.session.link()}")
        if not self._is_to_pack(full):
            self.floor.put_empty(full.tote)
            return self._say(self.conversation.give(Changed()))
        self.tote = full.tote
        return self._scan_expected("pack_tote")

    def _is_to_pack(self, full: FullTote) -> bool:
        packing = self.session.packing(full.tote)
        return packing is not None and packing.order_ref == full.order_ref and bool(packing.lines)

    def _at_pack_piece(self, turn: Turn) -> Turn:
        done, asked = turn.prompt.count or (0, 0)
        if self._happens("pack_missing"):
            self._press(Key.PROBLEM)
            return self._type("1")
        if done and asked > SCAN_EACH_UP_TO:
            self._type(str(asked))
            return self._press(Key.ENTER)
        return self._scan_expected("pack_piece")

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
        expected = self._expected()
        if expected is None:
            return self._wait(step)
        return self._scan(expected)

    def _expected(self) -> str | None:
        self.place = self.place or pack_place(self.session)
        around = Surroundings(badge=self.badge, empty_tote=self.empty, tote_to_pack=self.tote, place=self.place)
        return expected_scan(self.conversation.desk, self.session, around)

    def _scan(self, text: str) -> Turn:
        self.now_ms += self.rng.randint(700, 1500)
        self.counts["scans"] += 1
        inbox_id = self.conversation.take_in(text, None)
        return self._say(self.conversation.give(Scan(text, None, inbox_id, self.now_ms)))

    def _type(self, text: str) -> Turn:
        for character in text[:-1]:
            self.conversation.give(Typed(character))
        return self._say(self.conversation.give(Typed(text[-1])))

    def _press(self, key: Key) -> Turn:
        return self._say(self.conversation.give(Pressed(key)))

    def _wait(self, what: str) -> Turn:
        """Until something changes; no change for a minute ends the day with a reason."""
        if not self.news.wait(PATIENCE_S):
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
        if notice.key == "label_refused":
            self.tote = None  # put aside, with its pieces in it

    def _undo(self) -> Turn:
        """What was done last; a tote that is bound no more goes back to the stack."""
        before = self._totes()
        turn = self._press(Key.UNDO)
        for tote in before - self._totes():
            self.floor.put_empty(tote)
        return turn

    def _totes(self) -> set[ToteCode]:
        walk = self.session.held_walk()
        return set() if walk is None else set(walk.head.totes)

    def _sign_off(self) -> None:
        while self.conversation.turn().prompt.step != "menu":
            self._press(Key.BACK)
        self._type("9")
