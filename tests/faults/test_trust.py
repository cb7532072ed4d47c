"""A key ends while its terminal works, and a dead one's ledger comes by another hand: nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.faults.disasters import terminal_is_rescued_and_found, terminal_is_shut_out
from tests.faults.test_business import until_it_strikes
from tests.faults.world import assert_sound, world

SEED = 23
STRIKES = {
    terminal_is_shut_out: "a terminal that was shut out delivered into quarantine",
    terminal_is_rescued_and_found: "scans that only a dead terminal had",
}


def test_what_came_with_an_ended_key_or_by_another_hand_counts_once(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=("HH-1", "HH-2")) as made:
        made.everybody("work")
        made.until_tones(5)
        for disaster, name in STRIKES.items():
            until_it_strikes(made, disaster, name)
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())
        events = made.evidence().tables["events"]
        replayed = Counter(event["replayed"] for event in events if event["reason"] == "revoked")
        assert replayed
        assert None not in replayed, "what was looked at has a second verdict"
