"""The terminal's app: collects scans and keys in one order, hands them on one by one and paints what stands now."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen

from drivers.readings import BadRead, LinkChange, ScanFrame, TypedKey
from drivers.scanners.wedge import Output, WedgeCollector, WedgeSettings
from floor.attention import Attention
from floor.device_watch import DevicesChanged, DeviceWatch
from floor.driver import FloorDriver
from floor.feeds import Read, RecordChanged, Scanner, ScannerTroubles, WedgeDue, pass_on
from floor.keymap import Keymap
from floor.ports import Dialogue, StorageFailed
from floor.scene import Scene
from floor.screens.work import WorkScreen
from floor.sound import Sound
from floor.theme import DARK, LIGHT
from floor.widgets.signs import ASCII, UNICODE
from floor.work.prompt import Changed, Input, Notice, Pressed, Scan, Tone, Typed

_log = logging.getLogger("floorhand.scanners")
_KEYBOARD = "keyboard"
_DEMO_RIGHT, _DEMO_WRONG = "f9", "f10"

_Item = Input | Notice | LinkChange
"""A notice tells of a bad read, in its turn."""


def speaks_utf8() -> bool:
    """Whether the terminal can be sent UTF-8. Python itself takes the locale C for UTF-8; here C means plain ASCII."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    encoding = (sys.__stderr__.encoding if sys.__stderr__ else "") or ""
    return named not in {"C", "POSIX"} and encoding.lower().replace("-", "") == "utf8"


class _WorkOff(Message):
    """The next of what came in is to be handed on.

    It queues behind the keys read by now, so that every scan among them is in the durable inbox before one is answered.
    """


class FloorApp(App[None]):
    """One terminal. ``terminal`` is its label; ``now`` gives the wall clock for the status row."""

    CSS_PATH = "screens/work.tcss"  # Textual 8.2.8 does not load a default screen's own
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []  # noqa: RUF012 - Textual declares it so; keys never reach bindings
    TITLE = "Floorhand"

    def __init__(
        self,
        dialogue: Dialogue,
        *,
        terminal: str,
        demo: bool = False,
        ascii_only: bool | None = None,
        light: bool = False,
        keymap: Keymap | None = None,
        wedge: WedgeSettings | None = None,
        scanners: Sequence[Scanner] = (),
        devices: DeviceWatch | None = None,
        now: Callable[[], datetime] = datetime.now,
        when_painted: Callable[[], None] = lambda: None,
    ) -> None:
        """``ascii_only`` None: as the locale says. ``scanners`` are those with a line of their own.

        ``when_painted`` is called once the first prompt is on the screen.
        """
        super().__init__(driver_class=FloorDriver)
        self.animation_level = "none"
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = (LIGHT if light else DARK).name
        self._signs = ASCII if ascii_only or (ascii_only is None and not speaks_utf8()) else UNICODE
        self._dialogue = dialogue
        self._functions = keymap or Keymap()
        self._is_demo = demo
        self._scanners = scanners
        self._troubles = ScannerTroubles(_KEYBOARD)
        self._now = now
        self._when_painted = when_painted
        self._wedge = WedgeCollector(_KEYBOARD, wedge)
        self._due: asyncio.TimerHandle | None = None
        self._pending: deque[_Item] = deque()
        self._attention = Attention(dialogue)
        self._devices = devices or DeviceWatch(())
        self._scene = Scene(dialogue, self._functions, terminal, now, demo, lambda: self._devices.troubles)
        self._sound = Sound(self.bell, self.set_timer)
        self._work = WorkScreen(self._scene.face(self._attention), self._signs)

    def get_default_screen(self) -> Screen[None]:
        return self._work

    def on_mount(self) -> None:
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self._dialogue.on_change(self._record_changed)
        self.call_after_refresh(self._when_painted)
        for scanner in self._scanners:
            self.run_worker(pass_on(scanner, self.post_message), group="scanners")
        self._devices.start(lambda: self.post_message(DevicesChanged()))
        self._await_minute()
        if self._attention.opening_tone is not None:
            self._sound.play(self._attention.opening_tone)

    def on_unmount(self) -> None:
        self._devices.stop()

    async def on_event(self, event: events.Event) -> None:
        """Catch keys and pastes before any widget and any binding, with the time at which they were read."""
        match event:
            case events.Key():
                self._collected(self._wedge.feed_key(event.key, event.character, event.time))
            case events.Paste():
                self._collected(self._wedge.feed_paste(event.text, event.time))
            case events.InputEvent():
                pass
            case _:
                await super().on_event(event)

    def on_wedge_due(self, message: WedgeDue) -> None:
        self._collected(self._wedge.due(message.at_s))

    def on_read(self, message: Read) -> None:
        self._received(message.reading)

    def on_devices_changed(self) -> None:
        self._paint()

    def on_record_changed(self) -> None:
        if Changed() not in self._pending:
            self._put(Changed())

    def on__work_off(self) -> None:
        item = self._pending.popleft()
        tone = self._handled(item)
        if tone is not None:
            self._sound.play(tone)
        if self._attention.is_over:
            self.exit()
        elif not self._pending:
            self._paint()

    def _handled(self, item: _Item) -> Tone | None:
        match item:
            case Notice():
                return self._attention.bad_read(item)
            case LinkChange():
                notice = self._troubles.link(item)
                return None if notice is None else self._attention.tell(notice)
            case _:
                return self._attention.take(item)

    def _collected(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, TypedKey):
                self._key(output)
            else:
                self._received(output)
        self._await_due()

    def _received(self, reading: ScanFrame | BadRead | LinkChange) -> None:
        match reading:
            case ScanFrame():
                self._troubles.heard(reading)
                self._scanned(reading.text, reading.symbology, reading.read_at_s)
            case BadRead():
                _log.info("bad read by %s, %s: %a", reading.source, reading.reason.value, reading.raw)
                self._put(self._troubles.bad_read(reading))
            case _:
                self._put(reading)

    def _key(self, typed: TypedKey) -> None:
        function = self._functions.function(typed.key)
        if function is not None:
            self._put(Pressed(function))
        elif self._is_demo and typed.key in (_DEMO_RIGHT, _DEMO_WRONG):
            text = self._dialogue.expected_scan() if typed.key == _DEMO_RIGHT else self._dialogue.wrong_scan()
            if text is not None:
                self._scanned(text, None, typed.read_at_s)
        elif typed.character is not None and typed.character.isprintable():
            self._put(Typed(typed.character))

    def _scanned(self, text: str, symbology: str | None, read_at_s: float) -> None:
        try:
            inbox_id = self._dialogue.take_in(text, symbology)
        except StorageFailed:
            self._sound.play(self._attention.tell(Notice("storage_failed", tone=Tone.ERROR)))
            self._paint()
            return
        self._put(Scan(text, symbology, inbox_id, int(read_at_s * 1000)))

    def _record_changed(self) -> None:
        self.post_message(RecordChanged())

    def _put(self, item: _Item) -> None:
        self._pending.append(item)
        self.post_message(_WorkOff())

    def _paint(self) -> None:
        self._work.show(self._scene.face(self._attention))

    def _await_due(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        due_s = self._wedge.next_due_s()
        if due_s is not None:
            in_s = max(due_s - self._read_time_s(), 0)
            self._due = asyncio.get_running_loop().call_later(in_s, self._fall_due)

    def _fall_due(self) -> None:
        if isinstance(self._driver, FloorDriver):
            self._driver.ask_due()
        else:
            self.post_message(WedgeDue(self._read_time_s()))

    def _read_time_s(self) -> float:
        return self._driver.read_time_s() if isinstance(self._driver, FloorDriver) else time.monotonic()

    def _await_minute(self) -> None:
        self.set_timer(60 - self._now().second, self._minute_passed)

    def _minute_passed(self) -> None:
        self._paint()
        self._await_minute()
