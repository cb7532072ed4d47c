"""Labels through a station whose printer fails at random: none doubled, none called printed that was not."""

from pathlib import Path

from drivers.emulators.printer_trial import trial

LABELS = 40


def test_no_label_is_doubled_and_none_is_called_printed_that_was_not(tmp_path: Path) -> None:
    result = trial(tmp_path, LABELS, seed=5)
    assert (result.doubled, result.called_printed_and_were_not, result.called_lost_and_were_not) == (0, 0, 0)
    assert result.labels == sum(result.ended.values()) == LABELS
    assert result.told.get("lost", 0) + result.told.get("uncertain", 0) > 0, "nothing went wrong: it proves nothing"
    assert result.ended["printed"] > LABELS // 2
