"""`scripts/demo` as a newcomer uses it: one key scans what is asked for, until a carton is closed."""

from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.days.rendered import codes_on
from tests.house.tree import REPOSITORY
from tests.terminal_process.by_hand import BACK, FLOOR
from tests.terminal_process.screen import OnScreen

DAY = "scripts/days/2010-12-02.csv"
F9, ENTER = "\x1b[20~", "\r"
MOST_KEYS = 400
PICKING = {
    "Scan an empty tote": F9,
    "Scan the location": F9,
    "Scan location": F9,
    "Scan the item": F9,
    "Scan item": F9,
    "Put it in": F9,
    "Put the totes down": F9,
}
PACKING = {
    "Scan a tote to pack": F9,
    "Scan a piece": F9,
    "Stick the label on": F9,
}


def test_the_demo_is_picked_packed_labelled_and_left_with_nothing_outside_its_folder(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "demo", {name: tmp_path / name for name in ("home", "tmp", "here")}
    for path in elsewhere.values():
        path.mkdir()
    command: list[str | Path] = [FLOOR, "demo", "--dir", folder, REPOSITORY / DAY]
    environment = {"HOME": str(elsewhere["home"]), "TMPDIR": str(elsewhere["tmp"])}
    with closing(OnScreen(command, cwd=elsewhere["here"], environment=environment)) as screen:
        screen.until(lambda: b"Press any key" in screen.printed, "the introduction")
        assert b"F9" in screen.printed
        screen.until(screen.takes_single_keys, "the question for a key")
        screen.type(" ")
        screen.until_shown("Scan your badge")
        screen.type(F9)
        screen.until_shown("1 Pick")
        screen.type("1")
        work_through(screen, PICKING, until="Handed over")
        screen.type(BACK)
        screen.until_shown("2 Pack")
        screen.type("2")
        screen.until_shown("Scan a tote to pack")
        work_through(screen, PACKING, until="Scan a tote to pack", at_least=3)
        screen.type(BACK)
        screen.until_shown("9 Sign off")
        screen.type("9")
        screen.until_shown("Scan your badge")
        screen.type(BACK)
        screen.until_shown("Back again: quit")
        screen.type(BACK)
        assert screen.until_ended() == 0, screen.printed[-2000:]
        assert b"The demo has ended. 1 labels" in screen.printed
        assert processes_of(screen.program.pid) == []
    assert {name: list(path.iterdir()) for name, path in elsewhere.items()} == {name: [] for name in elsewhere}
    assert sorted(path.name for path in (folder / "labels").iterdir()) == ["0001.png", "0001.zpl"]
    the_carton_is_closed_and_its_label_reads(folder)


def work_through(screen: OnScreen, answers: dict[str, str], *, until: str, at_least: int = 1) -> None:
    """Answer what is asked with its key, each time after the screen has changed, until ``until`` is shown again."""
    for number in range(MOST_KEYS):
        asked = screen.until_shown(until, *answers) if number < at_least else next_step(screen, until, answers)
        if asked == until and number >= at_least:
            return
        before = screen.grid.rows()[:-1]
        screen.type(answers[asked])
        screen.until(lambda before=before: screen.grid.rows()[:-1] != before, f"an answer at {asked!r}")  # type: ignore[misc]
    raise AssertionError(f"{until!r} did not come in {MOST_KEYS} keys:\n{screen.text()}")


def next_step(screen: OnScreen, until: str, answers: dict[str, str]) -> str:
    return screen.until_shown(until, *answers)


def processes_of(session: int) -> list[str]:
    """What still runs of the session that a process began: ``stat`` names it fourth behind the command's name."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, _parent, _group, belongs_to = stat.rpartition(")")[2].split()[:4]
            if int(belongs_to) == session and state != "Z":
                found.append(stat)
    return found


def the_carton_is_closed_and_its_label_reads(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'store.db'}")
    with engine.connect() as conn:
        [(sscc, proven_at)] = conn.execute(
            text("SELECT c.sscc, l.proven_at FROM carton c JOIN label l ON l.sscc = c.sscc")
        ).all()
    engine.dispose()
    assert proven_at is not None
    assert codes_on((folder / "labels" / "0001.zpl").read_bytes()) == [f"(00){sscc}"]


def test_the_script_starts_exactly_this_demo() -> None:
    lines = (REPOSITORY / "scripts" / "demo").read_text("utf-8").splitlines()
    commands = [line for line in lines if line[:1] not in ("#", "")]
    assert commands[:-1] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "scripts/setup"]
    assert re.fullmatch(rf'exec \.venv/bin/floor demo --dir \S+ "\$@" {re.escape(DAY)}', commands[-1])
