"""What two people do at once, what was decided meanwhile, and what the store cannot understand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.record.facts import SignedIn
from tests.faults.disasters import (
    Disaster,
    list_is_moved_while_its_holder_is_off_line,
    order_is_cancelled_while_its_picker_is_off_line,
    terminal_is_newer,
)
from tests.faults.world import World, assert_sound, world
from tests.store.floor_ledger import Ledger, push_bytes
from tests.store.small_site import SmallSite, small_site

SEED = 17
TRIES = 8
DISASTERS = {
    list_is_moved_while_its_holder_is_off_line: "hard move while the holder was off-line",
    order_is_cancelled_while_its_picker_is_off_line: "order cancelled while its picker was off-line",
    terminal_is_newer: "poison: a kind that the store does not know",
}


def until_it_strikes(made: World, disaster: Disaster, name: str) -> None:
    """A list may be handed over before its holder is cut off: then there is nothing to move or to cancel."""
    for _ in range(TRIES):
        if not made.sometimes.struck(name):
            disaster(made)
    made.sometimes.require([name])


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        yield made


def test_what_cannot_be_read_is_known_again_under_another_stream(site: SmallSite) -> None:
    """A copied device renumbers its ledger: what waits for a newer store must not wait there twice."""
    (known,) = Ledger(site).write(SignedIn())
    newer = known.replace(b"signed_in@1", b"looked_up@1")
    assert push_bytes(site, newer, stream="first") == ["quarantined:unknown-kind"]
    assert push_bytes(site, b"17", newer, stream="second") == [
        "quarantined:malformed",
        "duplicate:quarantined:unknown-kind",
    ]


def test_moves_cancels_and_kinds_that_nobody_knows_cost_nothing_that_was_confirmed(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=("HH-1", "HH-2")) as made:
        made.everybody("work")
        made.until_tones(10)
        for disaster, name in DISASTERS.items():
            until_it_strikes(made, disaster, name)
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())
        reasons = Counter(event["reason"] for event in made.evidence().tables["events"])
        assert reasons["unknown-kind"]
