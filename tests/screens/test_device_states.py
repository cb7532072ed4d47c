"""A device with a fault stands in the status row until it is well again, and F1 says in words what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.station import PrintStation
from drivers.printers.station_client import StationClient
from drivers.scales.states import ScaleState
from drivers.scanners.states import ScannerState
from floor.app import FloorApp
from floor.attention import Attention
from floor.config import PrinterProfile
from floor.device_watch import DeviceWatch, lost_scanners, scale_trouble
from floor.keymap import Keymap
from floor.ports import DeviceKind, DeviceTrouble, Link
from floor.printing import StationLabelPrinter, setups
from floor.scene import Scene
from floor.widgets.page import Page, Role
from floor.widgets.page_view import PageView, lay_out
from floor.widgets.signs import ASCII, UNICODE
from floor.wording import languages
from floor.work.prompt import Key, Pressed
from tests.screens.prompts import LONG, STEPS, prompt
from tests.screens.script import OK, Script, stands

PATIENCE_S = 20.0
NO_PAPER = DeviceTrouble(
    DeviceKind.PRINTER,
    "pack-1",
    "The printer does not print: it is out of labels. Put that right; what waits in it comes out by itself.",
)
LOST = DeviceTrouble(DeviceKind.SCANNER, "left", "left is not connected (unplugged). Check its plug and power.")
DRIFTED = DeviceTrouble(DeviceKind.SCALE, "", "scale: it has lost its zero. Take everything off and set it to zero.")
FAR_OFF = Link(online=False, undelivered=1234, oldest_undelivered_at=None)
SIZES = ((16, 8), (20, 16), (40, 8), (40, 24), (80, 24))


def page(
    *troubles: DeviceTrouble,
    size: tuple[int, int] = (20, 16),
    link: Link = OK,
    step: str = "pick",
    depth: int = 0,
    language: str = "en",
    with_help: bool = False,
) -> Page:
    dialogue = Script(stands(prompt(step, LONG)), spoken=language, state=link, depth=depth)
    scene = Scene(
        dialogue, Keymap(), "HH-07", lambda: datetime(2026, 11, 22, 12, 34, tzinfo=UTC), False, lambda: troubles
    )
    attention = Attention(dialogue)
    if with_help:
        attention.take(Pressed(Key.HELP))
    return lay_out(scene.face(attention), *size, UNICODE if language == "en" else ASCII)


def row(shown: Page) -> str:
    return shown.lines[-1].painted(80).strip()


def words(shown: Page) -> str:
    return " ".join(line.left for line in shown.lines if line.role is Role.REQUEST)


def test_nothing_stands_there_when_all_is_well() -> None:
    assert "!" not in row(page())


def test_a_mark_and_a_name_where_they_fit_and_a_mark_alone_where_not() -> None:
    assert row(page(NO_PAPER)).split() == ["OK", "PRN!", "pack-1", "12:34"]
    assert row(page(NO_PAPER, LOST, DRIFTED)) == "OK PRN! SCN! SCA!"
    assert row(page(NO_PAPER, LOST, link=FAR_OFF)) == "OFF 1234 PRN! SCN!"
    wide = row(page(NO_PAPER, LOST, DRIFTED, size=(80, 24)))
    assert wide.startswith("OK PRN! pack-1 SCN! left SCA! ")
    assert wide.endswith("HH-07 12:34")


@pytest.mark.parametrize("language", languages())
def test_link_inbox_and_a_mark_fit_every_screen_and_step(language: str) -> None:
    for size in SIZES:
        for step in STEPS:
            shown = page(NO_PAPER, LOST, DRIFTED, size=size, link=FAR_OFF, step=step, depth=12, language=language)
            lowest = "".join(line.left + line.right for line in shown.lines if line.role in (Role.STATUS, Role.KEYS))
            assert shown.cut == (), (size, step)
            assert "1234" in lowest
            assert "+12" in lowest
            assert "!" in lowest


@pytest.mark.parametrize("language", languages())
def test_help_says_what_is_wrong_and_what_to_do(language: str) -> None:
    shown = page(NO_PAPER, with_help=True, language=language)
    assert words(shown).startswith("pack-1: The printer does not print: it is out of labels. Put that right;")
    assert shown.cut == ()
    refused = Link(online=True, undelivered=3, oldest_undelivered_at=None, problem="Shut out. Call the lead.")
    both = words(page(NO_PAPER, with_help=True, link=refused, size=(40, 24)))
    assert both.startswith("Shut out. Call the lead. pack-1: The printer")
    for size in SIZES:
        tight = page(NO_PAPER, LOST, DRIFTED, size=size, with_help=True, language=language)
        assert tight.cut == ()
        assert any(said in words(tight) for said in ("!", "The printer does", "left is not", "scale: it")), size


def test_help_of_the_step_comes_behind_it_where_there_is_room() -> None:
    alone = words(page(with_help=True, size=(80, 24)))
    assert words(page(NO_PAPER, with_help=True, size=(80, 24))).endswith(alone)


def test_what_scanners_and_scale_say_of_themselves_is_a_trouble_or_none() -> None:
    states = [ScannerState("a", "ready"), ScannerState("b", "opening"), ScannerState("left", "lost", LOST.sentence)]
    assert lost_scanners(states) == [LOST]
    assert scale_trouble(ScaleState("ok", "")) == []
    assert scale_trouble(ScaleState("zero", DRIFTED.sentence)) == [DRIFTED]


def test_a_service_that_is_not_there_is_a_trouble_and_a_mute_printer_is_none(tmp_path: Path) -> None:
    (gone,) = StationLabelPrinter(StationClient(tmp_path / "none.sock")).troubles()
    assert "the print service at" in gone.said
    mute = setups([PrinterProfile(name="old", device=str(tmp_path / "lp0"), answers=False)])
    with PrintStation(tmp_path / "printing.db", tmp_path / "locks", mute) as station:
        assert StationLabelPrinter(station).troubles() == ()


async def test_the_mark_comes_with_the_fault_and_goes_by_itself(tmp_path: Path) -> None:
    with EmulatedPrinter(tmp_path / "labels") as emulated:
        at = setups([PrinterProfile(name="pack-1", host="127.0.0.1", port=emulated.port, timeout_s=1.0)])
        with PrintStation(tmp_path / "printing.db", tmp_path / "locks", at) as station:
            watch = DeviceWatch([StationLabelPrinter(station).troubles], pause_s=0.02)
            app = FloorApp(Script(stands(prompt("pick"))), terminal="HH-07", ascii_only=False, devices=watch)
            async with app.run_test(size=(20, 16)) as pilot:

                async def until(holds: Callable[[str], bool]) -> None:
                    async with asyncio.timeout(PATIENCE_S):
                        while not holds(row(app.screen.query_one(PageView).page)):
                            await pilot.pause(0.02)

                await until(lambda shown: "OK" in shown and "!" not in shown)
                emulated.run_out_of_paper()
                await until(lambda shown: "PRN! pack-1" in shown)
                emulated.load_paper()
                await until(lambda shown: "!" not in shown)
