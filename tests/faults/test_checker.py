"""The checker sees each violation: a sound run passes, and the same run with one thing made wrong does not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checker import CHECKS, read_evidence, violations
from tests.faults.world import assert_sound, world
from tests.store.small_site import SITE

Line = dict[str, Any]
ONE_PICK = "(SELECT event_id FROM event WHERE kind = 'picked@1' AND verdict = 'accepted' ORDER BY seq LIMIT 1)"


@dataclass(frozen=True)
class Run:
    """What a run has left: the store's file, the histories of HH-1 and HH-2, and its course."""

    folder: Path

    def copy(self, folder: Path) -> Run:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Run(folder)

    def sql(self, *statements: str) -> None:
        with sqlite3.connect(self.folder / "store.db") as conn:
            for statement in statements:
                changed = conn.execute(statement).rowcount
                assert changed != 0, f"nothing was damaged by {statement}"
        conn.close()

    def retell(self, name: str, change: Callable[[list[Line]], None]) -> None:
        path = self.folder / name
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        change(lines)
        path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def wrong(self) -> set[str]:
        histories = {name: self.folder / f"{name}.history" for name in ("HH-1", "HH-2")}
        evidence = read_evidence(f"sqlite:///{self.folder / 'store.db'}", SITE, histories, self.folder / "course")
        return {violation.invariant for violation in violations(evidence)}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real run of two terminals on a good line, at whose end HH-1 is in the middle of a list."""
    folder = tmp_path_factory.mktemp("run")
    with world(folder, f"sqlite:///{folder / 'store.db'}", 7, terminals=("HH-1", "HH-2")) as made:
        more = 25
        while more == 25 or not _shown_last(folder / "HH-1.history")["lines"]:
            made.everybody("work")
            made.until_tones(more)
            assert_sound(made.settle(), made.sometimes.counts())
            more = 5  # it was between two lists, where it holds nothing
        made.store.stop()
    with sqlite3.connect(folder / "store.db") as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        conn.execute("PRAGMA journal_mode = DELETE")
    conn.close()
    return Run(folder)


def _shown_last(history: Path) -> Line:
    return last([json.loads(line) for line in history.read_bytes().splitlines()], "screen")


def last(lines: list[Line], what: str) -> Line:
    return [line for line in lines if line["what"] == what][-1]


def other_verdict(lines: list[Line]) -> None:
    first = next(line for line in lines if line["what"] == "verdict")
    lines.append({**first, "verdict": "refused:changed-my-mind"})


def told_another(lines: list[Line]) -> None:
    for line in lines:
        if line["what"] == "verdict":
            line["verdict"] = "accepted:something-else"
        if line["what"] == "screen":
            line["verdicts"] = {}


def shows_another_token(lines: list[Line]) -> None:
    last(lines, "screen")["lists"][0]["token"] += 1


def forgets_a_list(lines: list[Line]) -> None:
    screen = last(lines, "screen")
    screen["lists"] = [head for head in screen["lists"] if head["status"] == "handed_over"]


def shows_a_list_that_is_none(lines: list[Line]) -> None:
    heads = last(lines, "screen")["lists"]
    heads.append({**heads[0], "list_id": 999})


def shows_another_count(lines: list[Line]) -> None:
    screen = last(lines, "screen")
    assert screen["lines"], "the terminal holds a list"
    for line in screen["lines"]:
        line["picked"] += 1


def owes(lines: list[Line]) -> None:
    last(lines, "screen")["undelivered"] = 3


def took_long(lines: list[Line]) -> None:
    last(lines, "drained")["at"] += 61


def never_drained(lines: list[Line]) -> None:
    last(lines, "drained")["what"] = "not drained"


def claims_too_much(lines: list[Line]) -> None:
    place = next(n for n, line in enumerate(lines) if line["what"] == "tone")
    lines.insert(place + 1, {"what": "shown", "at": 0, "undelivered": 0, "online": True, "problem": None})


def another_worker(lines: list[Line]) -> None:
    next(line for line in lines if line["what"] == "tone")["worker"] = "F9"


def another_fact(lines: list[Line]) -> None:
    next(line for line in lines if line.get("kind") == "picked@1")["fact"]["quantity"] += 1


VIOLATIONS: dict[str, tuple[str, Callable[[Run], None]]] = {
    "an event is gone": ("I1", lambda run: run.sql(f"DELETE FROM event WHERE event_id = {ONE_PICK}")),
    "an event is judged twice": (
        "I2",
        lambda run: run.sql(
            f"CREATE TEMP TABLE again AS SELECT * FROM event WHERE event_id = {ONE_PICK}",
            "UPDATE again SET seq = seq + 100000",
            "INSERT INTO event SELECT * FROM again",
        ),
    ),
    "a piece is counted twice": (
        "I2",
        lambda run: run.sql("UPDATE pick_line SET picked = picked + 1, asked = asked + 1 WHERE picked > 0"),
    ),
    "a surplus piece is forgotten": (
        "I2",
        lambda run: run.sql("UPDATE pick_line SET surplus = surplus + 1 WHERE line_id = 1"),
    ),
    "more is counted than was ordered": (
        "I3",
        lambda run: run.sql("UPDATE order_line SET picked = ordered + 1 WHERE order_line_id = 1"),
    ),
    "more is counted than was asked": ("I3", lambda run: run.sql("UPDATE pick_line SET picked = asked + 1")),
    "a verdict is missing": (
        "I4",
        lambda run: run.sql(f"UPDATE event SET verdict = '' WHERE event_id = {ONE_PICK}"),
    ),
    "a verdict is changed at the store": (
        "I4",
        lambda run: run.sql(f"UPDATE event SET verdict = 'refused' WHERE event_id = {ONE_PICK}"),
    ),
    "a verdict is told twice, and differently": ("I4", lambda run: run.retell("HH-1.history", other_verdict)),
    "verdicts are told that the store does not keep": ("I4", lambda run: run.retell("HH-2.history", told_another)),
    "a list shows another token": ("I5", lambda run: run.retell("HH-1.history", shows_another_token)),
    "a terminal does not know of lists": ("I5", lambda run: run.retell("HH-2.history", forgets_a_list)),
    "a terminal shows a list that is none": (
        "I5",
        lambda run: run.retell("HH-1.history", shows_a_list_that_is_none),
    ),
    "a line shows another count": ("I5", lambda run: run.retell("HH-1.history", shows_another_count)),
    "a terminal still owes": ("I6", lambda run: run.retell("HH-1.history", owes)),
    "the draining took long": ("I6", lambda run: run.retell("course", took_long)),
    "nothing drained": ("I6", lambda run: run.retell("course", never_drained)),
    "delivered is said of what was not judged": ("I7", lambda run: run.retell("HH-1.history", claims_too_much)),
    "a verdict is told of an event that is nowhere": (
        "I7",
        lambda run: run.sql(f"DELETE FROM event WHERE event_id = {ONE_PICK}"),
    ),
    "somebody else did it": ("I8", lambda run: run.retell("HH-1.history", another_worker)),
    "something else was done": ("I8", lambda run: run.retell("HH-1.history", another_fact)),
    "a piece of stock appears": ("I9", lambda run: run.sql("UPDATE stock SET on_hand = on_hand + 1")),
    "a piece leaves a tote": ("I9", lambda run: run.sql("UPDATE tote_content SET quantity = quantity - 1")),
    "a surplus is written nowhere": (
        "I9",
        lambda run: run.sql("UPDATE pick_line SET surplus = surplus + 1 WHERE line_id = 1"),
    ),
    "a body is changed": (
        "I10",
        lambda run: run.sql(f"UPDATE event SET body = CAST(body || ' ' AS BLOB) WHERE event_id = {ONE_PICK}"),
    ),
    "an entry is cut out of a chain": ("I10", lambda run: run.sql(f"DELETE FROM event WHERE event_id = {ONE_PICK}")),
    "a stream says that it is shorter": ("I10", lambda run: run.sql("UPDATE stream SET hwm = hwm - 1")),
}


def test_a_sound_run_is_found_sound(sound: Run) -> None:
    assert sound.wrong() == set()


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_seen(name: str, sound: Run, tmp_path: Path) -> None:
    invariant, damage = VIOLATIONS[name]
    run = sound.copy(tmp_path / "run")
    damage(run)
    assert invariant in run.wrong()


def test_every_invariant_has_a_violation_that_is_seen() -> None:
    assert {invariant for invariant, _ in VIOLATIONS.values()} == set(CHECKS)
