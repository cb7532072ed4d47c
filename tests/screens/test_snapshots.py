"""How the main steps look at the sizes that there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from floor.app import FloorApp
from floor.ports import Link, Turn
from floor.work.prompt import Notice, Tone
from tests.screens.prompts import LONG, ORDINARY, notice, prompt
from tests.screens.script import Script, stands

Compare = Callable[..., bool]
OFF = Link(online=False, undelivered=7, oldest_undelivered_at=datetime(2026, 11, 22, 11, 30, tzinfo=UTC))
UNPLUGGED = ORDINARY | {"reason": "scale-gone"}
LOT = ORDINARY | {"lot": "L2026-0815", "expiry": "2026-11-30"}

SMALL, HAND_HELD, FLAT, MOUNT, STATION = (16, 8), (20, 16), (40, 8), (40, 24), (80, 24)
TURNS: dict[str, Turn] = {
    "sign-in": stands(prompt("sign_in")),
    "menu": stands(prompt("menu"), Notice("back_online")),
    "go-to": stands(prompt("go_to", entry="4", count=(0, 6))),
    "pick": stands(prompt("pick", LOT), notice("bounce", Tone.BOUNCE)),
    "pick-long": stands(prompt("pick", LONG, entry="12")),
    "put": stands(prompt("put", count=(6, 6))),
    "problem": stands(prompt("problem")),
    "hand-over": stands(prompt("hand_over"), notice("line_done", Tone.DONE)),
    "pack": stands(prompt("pack_piece"), notice("nothing_to_undo", Tone.WARNING)),
    "label": stands(prompt("scan_label")),
    "weigh": stands(prompt("pack_weigh", UNPLUGGED), notice("scale_fault", Tone.WARNING, UNPLUGGED)),
    "heavy": stands(prompt("pack_heavy")),
    "wrong": stands(prompt("pick"), notice("not_this_item", Tone.ERROR, ORDINARY | {"expected": "85123A"})),
}
PICTURES = [
    *((name, HAND_HELD) for name in TURNS),
    *((name, SMALL) for name in ("go-to", "pick", "problem", "wrong")),
    ("problem", FLAT),
    *((name, MOUNT) for name in ("go-to", "wrong")),
    *((name, STATION) for name in ("go-to", "pack", "label", "weigh", "heavy")),
]


def app(
    turn: Turn, *, language: str = "en", ascii_only: bool = False, light: bool = False, demo: bool = False
) -> FloorApp:
    script = Script(turn, spoken=language, state=OFF, depth=2)
    clock = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
    return FloorApp(script, terminal="HH-07", ascii_only=ascii_only, light=light, demo=demo, now=lambda: clock)


@pytest.mark.parametrize(
    ("name", "size"), PICTURES, ids=lambda value: value if isinstance(value, str) else "x".join(map(str, value))
)
def test_a_step_looks_as_it_did(snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
    assert snap_compare(app(TURNS[name]), terminal_size=size)


def test_german_in_the_light_theme_looks_as_it_did(snap_compare: Compare) -> None:
    assert snap_compare(app(TURNS["go-to"], language="de", light=True), terminal_size=HAND_HELD)


@pytest.mark.parametrize("size", [HAND_HELD, STATION], ids=("20x16", "80x24"))
def test_weighing_in_german_looks_as_it_did(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(TURNS["weigh"], language="de"), terminal_size=size)


def test_ascii_in_demo_mode_looks_as_it_did(snap_compare: Compare) -> None:
    assert snap_compare(app(TURNS["pick-long"], language="de", ascii_only=True, demo=True), terminal_size=HAND_HELD)
