"""What was done without a network for long is delivered in order, by itself, and whole."""

from __future__ import annotations

from pathlib import Path

from tests.faults.backlog import long_off_line
from tests.faults.world import assert_sound, world

FACTS = 1_500
"""scripts/soak --backlog takes the 30,000 of two weeks."""


def test_a_long_time_off_line_is_delivered_whole(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", 23) as made:
        assert long_off_line(made, FACTS).facts == FACTS
        assert_sound(made.check(), made.sometimes.counts())
        kinds = [event["kind"] for event in made.evidence().tables["events"]]
        assert kinds[2:] == ["location_confirmed@1", "line_skipped@1"] * (FACTS // 2)
