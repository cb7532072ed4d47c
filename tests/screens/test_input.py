"""What comes in reaches the conversation whole, once and in order; what must be told is on the screen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from textual import events
from textual.pilot import Pilot

from drivers.readings import BadRead, BadReason, LinkChange, ScanFrame
from drivers.scanners.states import ScannerState
from floor.app import FloorApp
from floor.keymap import Keymap
from floor.widgets.page import Role
from floor.widgets.page_view import PageView
from floor.work.prompt import Changed, Key, Notice, Pressed, Scan, Tone, Typed
from tests.screens.prompts import notice, prompt
from tests.screens.script import Script, stands

PATIENCE_S = 10.0
GAP_S = 0.004
WRONG = stands(prompt("go_to"), notice("wrong_kind", Tone.ERROR))


class Desk:
    """A running app, as somebody sits before it."""

    def __init__(self, app: FloorApp, pilot: Pilot[None], script: Script) -> None:
        self.app = app
        self.pilot = pilot
        self.script = script
        self._at_s = 1000.0

    def scan(self, text: str, suffix: str = "enter") -> None:
        """As a wedge sends it: one key event a character, read a few milliseconds apart."""
        for character in text:
            self.key(events.Key(character, character), GAP_S)
        self.key(events.Key(suffix, "\r" if suffix == "enter" else None), GAP_S)

    def type(self, *keys: str) -> None:
        """As a person presses them."""
        for key in keys:
            self.key(events.Key(key, key if len(key) == 1 else None), 0.4)

    def key(self, event: events.Key, after_s: float) -> None:
        self._at_s += after_s
        event.time = self._at_s
        self.app.post_message(event)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self.pilot.pause()

    def shown(self, *roles: Role) -> str:
        lines = self.app.screen.query_one(PageView).page.lines
        return " ".join(f"{line.left} {line.right}" for line in lines if not roles or line.role in roles)

    def scans(self) -> list[str]:
        return [given.text for given in self.script.given if isinstance(given, Scan)]


@asynccontextmanager
async def terminal(script: Script, demo: bool = False, keymap: Keymap | None = None) -> AsyncIterator[Desk]:
    app = FloorApp(
        script,
        terminal="HH-07",
        demo=demo,
        keymap=keymap,
        ascii_only=False,
        now=lambda: datetime(2026, 11, 22, 12, 34, tzinfo=UTC),
    )
    async with app.run_test(size=(20, 16)) as pilot:
        yield Desk(app, pilot, script)


async def test_a_wedge_scan_is_one_scan_and_durable_before_it_is_given() -> None:
    script = Script(stands(prompt("go_to")))
    async with terminal(script) as desk:
        script.before_answer = lambda: taken.append(list(script.taken_in))
        taken: list[list[tuple[str, str | None]]] = []
        desk.scan("]C1A03-12-2")
        await desk.until(lambda: bool(script.given))
        assert taken == [[("A03-12-2", "]C1")]]
        given = script.given[0]
        assert isinstance(given, Scan)
        assert (given.text, given.symbology, given.inbox_id) == ("A03-12-2", "]C1", 1)
        assert given.at_ms >= 1_000_000


async def test_a_paste_of_several_codes_keeps_their_group_separators() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script) as desk:
        desk.app.post_message(events.Paste("]d2010400638133393110L1\x1d21S1\r85123A\r"))
        await desk.until(lambda: len(script.given) == 2)
        assert desk.scans() == ["010400638133393110L1\x1d21S1", "85123A"]


async def test_typed_digits_are_typed_and_shown() -> None:
    answers = [stands(prompt("pick", entry="1")), stands(prompt("pick", entry="12"))]
    script = Script(stands(prompt("pick")), answers)
    async with terminal(script) as desk:
        desk.type("1", "2")
        await desk.until(lambda: len(script.given) == 2 and "12_" in desk.shown(Role.ENTRY))
        assert script.given == [Typed("1"), Typed("2")]
        assert script.taken_in == []


async def test_keys_have_their_functions_and_the_others_do_nothing() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script) as desk:
        desk.type("ctrl+c", "ctrl+q", "ctrl+p", "f7", "up", "f2", "f3", "escape", "f4", "f5", "backspace", "enter")
        await desk.until(lambda: len(script.given) == 7)
        keys = [Key.UNDO, Key.BACK, Key.BACK, Key.PROBLEM, Key.REPRINT, Key.ERASE, Key.ENTER]
        assert script.given == [Pressed(key) for key in keys]
        assert len(desk.app.screen_stack) == 1


async def test_remapped_keys_are_on_the_key_bar() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script, keymap=Keymap.from_table({"problem": ["f12"]})) as desk:
        desk.type("f4", "f12")
        await desk.until(lambda: bool(script.given))
        assert script.given == [Pressed(Key.PROBLEM)]
        assert "F12Prob" in desk.shown(Role.KEYS)


async def test_functions_are_digits_behind_zero_where_nothing_is_typed() -> None:
    script = Script(stands(prompt("put")))
    async with terminal(script) as desk:
        desk.type("0")
        await desk.until(lambda: "2 undo" in desk.shown(Role.QUIET))
        desk.type("2", "0", "4", "0", "9", "7")
        await desk.until(lambda: len(script.given) == 3)
        assert script.given == [Pressed(Key.UNDO), Pressed(Key.PROBLEM), Typed("7")]


async def test_zero_is_a_digit_where_numbers_are_typed() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script) as desk:
        desk.type("1", "0")
        await desk.until(lambda: len(script.given) == 2)
        assert script.given == [Typed("1"), Typed("0")]


async def test_scans_and_keys_stay_in_order_while_the_screen_stalls() -> None:
    script = Script(stands(prompt("pick")))
    codes = [f"CODE-{number:03}" for number in range(40)]
    async with terminal(script) as desk:
        seen_at_first: list[int] = []

        def stall() -> None:
            if not seen_at_first:
                seen_at_first.append(len(script.taken_in))

        script.before_answer = stall
        # Nothing is handled until this coroutine waits: all of it stands in the queue, as after a stall.
        for code in codes[:20]:
            desk.scan(code)
        desk.type("f2")
        for code in codes[20:]:
            desk.scan(code)
        await desk.until(lambda: len(script.given) == 41)
        assert desk.scans() == codes
        assert script.given[20] == Pressed(Key.UNDO)
        assert [text for text, _ in script.taken_in] == codes
        assert seen_at_first == [40]  # every scan was durable before the first was answered


async def test_an_error_fills_the_screen_until_it_is_acknowledged() -> None:
    script = Script(stands(prompt("go_to")), [WRONG, stands(prompt("pick"))])
    async with terminal(script) as desk:
        desk.scan("T-000193")
        await desk.until(lambda: "a tote" in desk.shown(Role.ERROR_TITLE))
        assert "T-000193" in desk.shown(Role.ERROR_TITLE)
        desk.type("5", "f4", "f1")
        desk.scan("A03-12-2")
        desk.scan("85123A")
        await desk.until(lambda: "2 scans not taken" in desk.shown(Role.ERROR))
        assert [scan.text for scan in script.turned_away] == ["A03-12-2", "85123A"]
        assert [scan.inbox_id for scan in script.turned_away] == [2, 3]
        assert desk.scans() == ["T-000193"]
        desk.type("enter")
        await desk.until(lambda: "2 scans were" in desk.shown(Role.WARNING))
        assert Pressed(Key.ENTER) not in script.given
        desk.scan("A03-12-2")
        await desk.until(lambda: "Scan the item" in desk.shown(Role.REQUEST))


async def test_an_error_is_acknowledged_without_function_keys() -> None:
    script = Script(stands(prompt("pick")), [WRONG])
    async with terminal(script) as desk:
        desk.scan("T-000193")
        await desk.until(lambda: "a tote" in desk.shown(Role.ERROR_TITLE))
        desk.type("0", "0")
        await desk.until(lambda: "A03 - 12 - 2" in desk.shown(Role.HEADLINE))


async def test_back_acknowledges_too() -> None:
    script = Script(stands(prompt("go_to")), [WRONG])
    async with terminal(script) as desk:
        desk.scan("T-000193")
        await desk.until(lambda: "a tote" in desk.shown(Role.ERROR_TITLE))
        desk.type("f3")
        await desk.until(lambda: "A03 - 12 - 2" in desk.shown(Role.HEADLINE))
        assert Pressed(Key.BACK) not in script.given


async def test_changes_wait_behind_an_error_and_more_news_is_asked_for() -> None:
    script = Script(stands(prompt("go_to")), [WRONG])
    async with terminal(script) as desk:
        desk.scan("T-000193")
        await desk.until(lambda: "a tote" in desk.shown(Role.ERROR_TITLE))
        assert script.changed is not None
        script.changed()
        desk.type("6", "enter")
        await desk.until(lambda: Changed() in script.given)
        assert len(script.given) == 2


async def test_a_bad_read_is_told_and_nothing_is_given() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script) as desk:
        desk.scan("851\ufffd23A")
        await desk.until(lambda: "Bad read" in desk.shown(Role.WARNING))
        assert (script.given, script.taken_in) == ([], [])


async def test_a_scan_without_its_end_is_told_when_its_time_is_over() -> None:
    script = Script(stands(prompt("pick")))
    async with terminal(script) as desk:
        for character in "85123A":
            desk.app.post_message(events.Key(character, character))
        await desk.until(lambda: "Bad read" in desk.shown(Role.WARNING))
        assert script.given == []


async def test_a_single_digit_is_handed_on_without_a_further_key() -> None:
    script = Script(stands(prompt("problem")))
    async with terminal(script) as desk:
        desk.app.post_message(events.Key("1", "1"))
        await desk.until(lambda: script.given == [Typed("1")])


async def test_a_scan_that_cannot_be_stored_is_an_error_and_not_applied() -> None:
    script = Script(stands(prompt("pick")), storage_fails=True)
    async with terminal(script) as desk:
        desk.scan("85123A")
        await desk.until(lambda: "Could not save" in desk.shown(Role.ERROR_TITLE))
        assert script.given == []


async def test_help_is_shown_and_a_scan_goes_through_it() -> None:
    script = Script(stands(prompt("go_to")), [stands(prompt("pick"))])
    async with terminal(script) as desk:
        desk.type("f1")
        await desk.until(lambda: "Help" in desk.shown(Role.TITLE))
        desk.type("enter")
        await desk.until(lambda: "Scan the location" in desk.shown(Role.REQUEST))
        assert script.given == []
        desk.type("f1")
        desk.scan("A03-12-2")
        await desk.until(lambda: "Scan the item" in desk.shown(Role.REQUEST))


async def test_a_command_card_may_ask_for_help() -> None:
    script = Script(stands(prompt("go_to")), [stands(prompt("go_to"), Notice("help"))])
    async with terminal(script) as desk:
        desk.scan("C-HELP")
        await desk.until(lambda: "Help" in desk.shown(Role.TITLE))


async def test_the_demo_scans_what_is_asked_for_and_something_wrong() -> None:
    script = Script(stands(prompt("go_to")))
    async with terminal(script, demo=True) as desk:
        assert "F10 wrong" in desk.shown(Role.DEMO)
        desk.type("f9", "f10")
        await desk.until(lambda: len(script.given) == 2)
        assert desk.scans() == ["L-A03-12-2-7", "T-000193"]
        assert [text for text, _ in script.taken_in] == ["L-A03-12-2-7", "T-000193"]


async def test_without_demo_its_keys_do_nothing() -> None:
    script = Script(stands(prompt("go_to")))
    async with terminal(script) as desk:
        desk.type("f9", "f10", "f2")
        await desk.until(lambda: bool(script.given))
        assert script.given == [Pressed(Key.UNDO)]
        assert desk.shown(Role.DEMO) == ""


async def test_two_backs_at_sign_in_end_the_program_and_one_does_not() -> None:
    script = Script(stands(prompt("sign_in")))
    async with terminal(script) as desk:
        desk.type("f3", "5", "f3")
        await desk.until(lambda: "quit" in desk.shown(Role.WARNING))
        assert script.given == [Typed("5")]
        desk.type("f3")
        await desk.until(lambda: not desk.app.is_running)


async def test_back_does_not_end_the_program_while_a_list_is_asked_for() -> None:
    script = Script(stands(prompt("waiting_store")))
    async with terminal(script) as desk:
        desk.type("f3", "f3")
        await desk.until(lambda: len(script.given) == 2)
        assert desk.app.is_running


async def test_a_change_from_another_thread_is_given_and_keeps_the_message() -> None:
    script = Script(stands(prompt("pick"), notice("line_done", Tone.DONE)))
    async with terminal(script) as desk:
        assert "Line done" in desk.shown(Role.DONE)
        assert script.changed is not None
        thread = threading.Thread(target=script.changed)
        thread.start()
        thread.join(PATIENCE_S)
        await desk.until(lambda: script.given == [Changed()])
        assert "Line done" in desk.shown(Role.DONE)


async def test_a_new_size_is_painted_anew() -> None:
    script = Script(stands(prompt("go_to")))
    async with terminal(script) as desk:
        await desk.pilot.resize_terminal(40, 24)
        await desk.until(lambda: "▀" in desk.shown(Role.HEADLINE))
        await desk.pilot.resize_terminal(16, 8)
        await desk.until(lambda: desk.shown(Role.REQUEST).split() == ["Scan", "location"])


async def test_the_clock_goes_on_by_the_minute() -> None:
    clock = [datetime(2026, 11, 22, 12, 34, 59, tzinfo=UTC)]
    script = Script(stands(prompt("go_to")))
    app = FloorApp(script, terminal="HH-07", ascii_only=False, now=lambda: clock[0])
    async with app.run_test(size=(20, 16)) as pilot:
        desk = Desk(app, pilot, script)
        assert "12:34" in desk.shown(Role.STATUS)
        clock[0] = datetime(2026, 11, 22, 12, 35, tzinfo=UTC)
        await desk.until(lambda: "12:35" in desk.shown(Role.STATUS))


async def test_a_pin_is_never_readable() -> None:
    script = Script(stands(prompt("pin", entry="4711")))
    async with terminal(script) as desk:
        assert "••••" in desk.shown(Role.ENTRY)
        assert "4711" not in desk.shown()


class Bench:
    """A scanner with a line of its own that has read a few things."""

    def __init__(self) -> None:
        self.back = asyncio.Event()
        self.state = ScannerState("serial", "opening")

    async def readings(self) -> AsyncIterator[ScanFrame | BadRead | LinkChange]:
        yield LinkChange("serial", True, "is connected", 0.5)
        yield ScanFrame("A03-12-2", "]C0", "serial", typed=False, read_at_s=1.0)
        yield ScanFrame("A03-12-2", "]C0", "serial", typed=False, read_at_s=1.5)
        yield BadRead(BadReason.CUT, "85", "serial", 2.0)
        yield LinkChange("serial", False, "gone", 3.0)
        await self.back.wait()
        yield LinkChange("serial", True, "is connected", 4.0)


async def test_a_serial_scanner_is_heard_as_well() -> None:
    script, bench = Script(stands(prompt("go_to"))), Bench()
    app = FloorApp(script, terminal="HH-07", scanners=[bench], ascii_only=False)
    async with app.run_test(size=(20, 16)) as pilot:
        desk = Desk(app, pilot, script)
        await desk.until(lambda: {"serial", "gone"} <= set(desk.shown(Role.WARNING).split()))
        bench.back.set()
        await desk.until(lambda: {"serial", "back"} <= set(desk.shown(Role.DONE).split()))
        assert [given.at_ms for given in script.given if isinstance(given, Scan)] == [1000, 1500]
