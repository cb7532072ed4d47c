"""Scans through a real line into the real app, with a screen that stalls: none is lost, doubled or cut."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.drivers.wedge_run import has_tmux, play_command, run, taken_in
from tests.house.tree import REPOSITORY
from tests.terminal_process.screen import OnScreen


@pytest.mark.parametrize("tmux", [False, True])
def test_scans_back_to_back_through_a_real_line_are_all_taken_in_once_and_whole(tmux: bool) -> None:
    if tmux and not has_tmux():
        pytest.skip("there is no tmux here")
    outcome = run(70, seed=7, tmux=tmux, paces_s=(0.0, 0.0, 0.001))
    assert (outcome.lost, outcome.doubled, outcome.strange) == ([], [], [])
    assert outcome.is_in_order


def test_control_characters_of_the_kitty_protocol_come_through_a_real_line(tmp_path: Path) -> None:
    log = tmp_path / "given.log"
    with closing(OnScreen(play_command(log, tmp_path, tmux=False, prefix="\x1e"), cwd=REPOSITORY)) as screen:
        screen.until(lambda: b"A03" in screen.printed, "the first prompt")
        for piece in ("\x1b[94;5u", "10LOT7\x1b[9", "3;5u21S9", "\r"):
            screen.type(piece)
        screen.until(lambda: len(taken_in(log)) == 1, "the scan")
    assert taken_in(log) == ["10LOT7\x1d21S9"]
