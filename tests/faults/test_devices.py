"""Terminals die within a commit and around a tone, are copied, set back, and wake up in another year."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.disasters import device_is_copied, own_old_image
from tests.faults.world import World, assert_sound, world

SEED = 11
STEPS = (1, 2, 4, 5, 6, 8)
"""Of its files, counted from the first scan: a terminal dies before each. A commit takes three or four of them."""
AROUND_TONES = (-1, 1, -2)


def dies(made: World, **options: int) -> None:
    terminal = made.terminals["HH-1"]
    terminal.start(slips=False, **options)
    terminal.tell("work")
    assert terminal.ended_by() == -signal.SIGKILL


def test_a_terminal_killed_at_each_step_of_a_commit_and_around_the_tone_loses_nothing(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=("HH-1",)) as made:
        terminal = made.terminals["HH-1"]
        terminal.tell("work")
        made.until_tones(5)
        terminal.end()
        for step in STEPS:
            dies(made, die_at_step=step)
        for scan in AROUND_TONES:
            dies(made, die_around_tone=scan)
        terminal.start()
        terminal.tell("work")
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())


def test_copies_old_images_and_a_restore_beside_them_lose_and_double_nothing(tmp_path: Path) -> None:
    """By its number alone a copy's fact would be taken for delivered: the mark is the number and the hash."""
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=("HH-1",)) as made:
        made.everybody("work")
        made.until_tones(10)
        made.back_up("yesterday")
        device_is_copied(made)
        made.until_tones(10)
        made.put_back("yesterday", told=True)
        made.until_tones(5)
        own_old_image(made)
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())
        streams = {event["stream_id"] for event in made.evidence().tables["events"]}
        assert len(streams) > 1, "the copy took a stream of its own"
        made.sometimes.require(["a device was copied", "a device set back to its own old image"])


def test_a_wall_clock_in_another_year_decides_nothing(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED) as made:
        for name, days in (("HH-1", -20000), ("HH-2", 3650)):
            made.terminal(name).start(clock_days=days)
        made.everybody("work")
        made.until_tones(10)
        made.terminals["HH-1"].end()
        made.terminals["HH-1"].start()
        made.everybody("work")
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())
        years = {bytes(event["body"]).split(b'"at":"')[1][:4] for event in made.evidence().tables["events"]}
        assert len(years) == 3
