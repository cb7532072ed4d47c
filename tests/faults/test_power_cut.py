"""The power goes at each step that a terminal's ledger takes on its disk: what was confirmed is there (P1)."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.terminal.ledger import Ledger
from tests.faults.file_layer import Step
from tests.faults.power import KEPT, Disk, Kept, Moment, write_image
from tests.faults.sometimes import Sometimes
from tests.house.tree import REPOSITORY

SCANS = 30
SEED = 20101202


def recorded(folder: Path, scans: int, seed: int) -> tuple[list[Moment], list[str]]:
    """What a terminal did to its files, by a process of its own: the layer stays in a process for good."""
    output = folder / "moments"
    program = [sys.executable, "-m", "tests.faults.recording_program", str(folder / "recorded"), str(output)]
    subprocess.run([*program, str(scans), str(seed)], cwd=REPOSITORY, check=True, timeout=120)
    said = json.loads(output.read_text())
    moments = [
        Moment(Step(what, file, at, bytes.fromhex(data)), promised)
        for promised, what, file, at, data in said["moments"]
    ]
    return moments, said["promised"]


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder where a sync costs nothing: the disk that matters here is the one that is made up."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        yield Path(name)


def lost_after_a_cut(image: dict[str, bytes], folder: Path, promised: list[str]) -> str | None:
    """What is wrong with a ledger that is opened on these files; None where all that was promised is there."""
    write_image(image, folder)
    ledger = Ledger(folder / "ledger.sqlite")
    try:
        ledger.verify()
        found = [event_id for (event_id,) in ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")]
    finally:
        ledger.close()
    return None if found[: len(promised)] == promised else f"{len(promised)} were promised, {len(found)} are there"


def replay(
    moments: list[Moment], promised: list[str], folder: Path, seed: int, sometimes: Sometimes, kinds: tuple[Kept, ...]
) -> list[str]:
    """Cut the power before each step, in each way; returns what was lost."""
    disk, chance, wrong = Disk(), random.Random(seed), []
    for number, moment in enumerate(moments):
        for kept in kinds:
            # Where nothing has been written since the last sync, there is one thing only that a cut can leave.
            if kept == kinds[0] or disk.unsafe:
                image = disk.after_a_cut(kept, chance)
                lost = lost_after_a_cut(image, folder, promised[: moment.promised])
                sometimes.strike(f"power cut, {kept} kept of what was not synced")
                wrong += [f"before step {number} ({moment.step.what}), {kept}: {lost}"] if lost else []
        disk.take(moment.step)
    return wrong


def test_a_power_cut_before_any_step_costs_nothing_that_was_confirmed(in_memory: Path) -> None:
    moments, promised = recorded(in_memory, SCANS, SEED)
    sometimes = Sometimes()
    assert replay(moments, promised, in_memory / "image", SEED, sometimes, KEPT) == []
    sometimes.require(f"power cut, {kept} kept of what was not synced" for kept in KEPT)
    assert any(moment.step.file == "ledger.sqlite" and moment.promised for moment in moments), "no checkpoint was among"


def test_a_terminal_that_does_not_sync_its_commits_is_found_out(in_memory: Path) -> None:
    moments, promised = recorded(in_memory, SCANS // 3, SEED)
    unsynced = [moment for moment in moments if moment.step.what != "sync" or not moment.promised]
    assert replay(unsynced, promised, in_memory / "image", SEED, Sometimes(), ("nothing",)) != []
