"""Whatever the line does to what is sent over it: nothing is lost, nothing counted twice, and it goes on by itself."""

from __future__ import annotations

from pathlib import Path

from tests.faults.disasters import names_are_not_found, stands_wrong
from tests.faults.proxy import BY_CHANCE, Fault
from tests.faults.world import PATIENCE_S, assert_sound, world

SEED = 3
OF_LOSSES = 10
"""One request alone may come through whole."""
STANDING = (Fault.AWAY, Fault.BLACK_HOLE, Fault.ONE_WAY, Fault.FLAPPING, Fault.STATUS_503, Fault.PORTAL_200)


def test_every_fault_of_the_line_strikes_a_push_and_a_pull_and_does_no_harm(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with world(tmp_path, url, SEED, terminals=("HH-1", "HH-2")) as made:
        made.proxy.bits_per_s, made.proxy.latency_s = 200_000, 0.2
        made.everybody("work")
        made.until_tones(5)  # there is something old to be sent again, and an answer to be kept
        for fault in BY_CHANCE:
            times = OF_LOSSES if fault is Fault.LOSSY else 1
            made.proxy.plan(fault, times, "POST")
            made.proxy.plan(fault, times, "GET")
            assert made.sometimes.wait_for(fault, 1, PATIENCE_S), fault
        assert_sound(made.settle(), made.sometimes.counts())
        made.sometimes.require(BY_CHANCE)


def test_a_line_that_stays_wrong_stops_no_work_and_drains_by_itself_when_it_heals(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with world(tmp_path, url, SEED, terminals=("HH-1", "HH-2")) as made:
        made.everybody("work")
        made.until_tones(5)
        for fault in STANDING:
            stands_wrong(made, fault)
        names_are_not_found(made)
        assert_sound(made.settle(), made.sometimes.counts())
        made.sometimes.require([*STANDING, "DNS failure"])


def test_a_terminal_goes_on_scanning_while_there_is_no_way_and_owes_what_it_says(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with world(tmp_path, url, SEED, terminals=("HH-1",)) as made:
        made.everybody("work")
        made.until_tones(8)
        made.proxy.stand(Fault.AWAY)
        made.until_tones(20)
        owed = [line["undelivered"] for line in made.terminals["HH-1"].lines() if line["what"] == "shown"]
        assert owed[-1] >= 15
        assert_sound(made.settle(), made.sometimes.counts())
