"""Keyboard-wedge scans out of key presses, by example."""

import pytest

from drivers.readings import BadRead, BadReason, ScanFrame, TypedKey
from drivers.scanners.wedge import Output, WedgeCollector, WedgeSettings

NAMES = {
    "\r": "enter",
    "\t": "tab",
    "\n": "ctrl+j",
    "\x03": "ctrl+c",
    "\x1d": "ctrl+right_square_bracket",
    "\x1e": "ctrl+circumflex_accent",
}


def press(collector: WedgeCollector, text: str, start_s: float, gap_s: float = 0.003) -> list[Output]:
    output: list[Output] = []
    for place, char in enumerate(text):
        output += collector.feed_key(NAMES.get(char, char), char, start_s + place * gap_s)
    return output


def texts(output: list[Output]) -> list[str]:
    return [reading.text for reading in output if isinstance(reading, ScanFrame)]


def reasons(output: list[Output]) -> list[BadReason]:
    return [reading.reason for reading in output if isinstance(reading, BadRead)]


def keys(output: list[Output]) -> list[str]:
    return [reading.key for reading in output if isinstance(reading, TypedKey)]


def test_a_fast_burst_with_its_suffix_is_one_frame() -> None:
    output = press(WedgeCollector("gun"), "4006381333931\r", 10.0, gap_s=0.012)
    assert output == [ScanFrame("4006381333931", None, "gun", False, 10.0 + 13 * 0.012)]


@pytest.mark.parametrize("suffix", ["\r", "\t", "\x03", "\n", "\r\n"])
def test_every_usual_suffix_ends_a_scan_and_confirms_nothing_else(suffix: str) -> None:
    output = press(WedgeCollector("gun"), f"L-01-02{suffix}T-000193{suffix}", 1.0)
    assert texts(output) == ["L-01-02", "T-000193"]
    assert len(output) == 2


def test_a_symbology_identifier_is_split_off_and_gs_is_kept() -> None:
    output = press(WedgeCollector("gun"), "]C110LOT1\x1d21SER\r", 1.0)
    assert output == [ScanFrame("10LOT1\x1d21SER", "]C1", "gun", False, 1.0 + 15 * 0.003)]


def test_control_characters_of_the_kitty_protocol_are_known_by_the_name_of_the_key() -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix="\x1e"))
    output = collector.feed_key("ctrl+circumflex_accent", None, 1.0)
    for place, (key, character) in enumerate(
        [("1", "1"), ("0", "0"), ("A", "A"), ("ctrl+right_square_bracket", None), ("shift+b", None), ("minus", None)]
    ):
        output += collector.feed_key(key, character, 1.001 + place * 0.001)
    output += collector.feed_key("enter", None, 1.01)
    assert texts(output) == ["10A\x1dB-"]
    assert len(output) == 1


def test_digits_typed_by_hand_come_out_as_keys_in_order_and_soon() -> None:
    collector = WedgeCollector("gun")
    output = collector.feed_key("1", "1", 1.0)
    assert output == []
    assert collector.next_due_s() == pytest.approx(1.035)
    output += collector.due(1.034)
    assert output == []
    output += collector.due(1.035)
    assert keys(output) == ["1"]
    assert collector.next_due_s() is None
    output += press(collector, "2\r", 1.2, gap_s=0.1)
    assert keys(output) == ["1", "2", "enter"]


def test_two_keys_rolled_over_each_other_are_still_typed() -> None:
    output = press(WedgeCollector("gun"), "12\r", 1.0, gap_s=0.020)
    assert keys(output) == ["1", "2", "enter"]


@pytest.mark.parametrize("key", ["f1", "f12", "up", "escape", "backspace", "ctrl+x", "delete", "home"])
def test_keys_without_a_character_are_handed_on_at_once_and_in_order(key: str) -> None:
    collector = WedgeCollector("gun")
    assert keys(press(collector, "1", 1.0) + collector.feed_key(key, None, 1.01)) == ["1", key]
    output = press(collector, "L-01", 3.0) + collector.feed_key(key, None, 3.011) + press(collector, "-02\r", 3.013)
    assert keys(output) == [key]
    assert texts(output) == ["L-01-02"]


def test_a_scan_without_suffix_is_a_bad_read_after_the_silence() -> None:
    collector = WedgeCollector("gun")
    assert press(collector, "400638", 1.0) == []
    assert collector.due(1.3) == []
    output = collector.due(1.3151)
    assert output == [BadRead(BadReason.NO_SUFFIX, "400638", "gun", 1.0 + 5 * 0.003)]


@pytest.mark.parametrize("prefix", [None, "\x1e"])
def test_the_late_rest_of_a_broken_scan_is_no_code_of_its_own(prefix: str | None) -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix=prefix))
    output = press(collector, f"{prefix or ''}4006381", 1.0)
    output += press(collector, "333931\r", 1.45)
    assert texts(output) == []
    assert keys(output) == []
    assert reasons(output) == [BadReason.NO_SUFFIX, BadReason.CUT]


def test_the_late_suffix_of_a_broken_scan_confirms_nothing() -> None:
    collector = WedgeCollector("gun")
    output = press(collector, "4006381", 1.0) + press(collector, "\r", 1.5)
    assert reasons(output) == [BadReason.NO_SUFFIX]
    assert len(output) == 1


def test_a_first_character_that_was_taken_for_typing_makes_the_rest_a_bad_read() -> None:
    collector = WedgeCollector("gun")
    output = press(collector, "4", 1.0) + press(collector, "006381333931\r", 1.08)
    assert texts(output) == []
    assert keys(output) == ["4"]
    assert reasons(output) == [BadReason.CUT]


def test_a_scan_right_after_a_typed_and_confirmed_entry_counts() -> None:
    collector = WedgeCollector("gun")
    output = press(collector, "12\r", 1.0, gap_s=0.1) + press(collector, "L-01-02\r", 1.28)
    assert keys(output) == ["1", "2", "enter"]
    assert texts(output) == ["L-01-02"]


def test_a_scan_after_a_bad_read_and_a_pause_counts() -> None:
    collector = WedgeCollector("gun")
    output = press(collector, "400638", 1.0) + collector.due(1.4) + press(collector, "L-01-02\r", 2.5)
    assert texts(output) == ["L-01-02"]


def test_with_a_prefix_typing_is_handed_on_at_once_and_slow_scanners_are_read() -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix="\x1e"))
    assert keys(press(collector, "123", 1.0)) == ["1", "2", "3"]
    assert texts(press(collector, "\x1eAB\r", 2.0, gap_s=0.2)) == ["AB"]


def test_a_scan_that_lost_its_prefix_confirms_nothing_and_is_told() -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix="\x1e"))
    output = press(collector, "4006381333931\r\n", 1.0)
    assert (texts(output), reasons(output)) == ([], [BadReason.CUT])
    assert keys(output) == list("4006381333931")
    assert keys(press(collector, "12\r", 2.0)) == ["1", "2", "enter"]
    assert keys(press(collector, "120000\r", 3.0, gap_s=0.1)) == [*"120000", "enter"]
    assert texts(press(collector, "\x1eL-01\r", 4.0)) == ["L-01"]


def test_a_prefix_inside_a_scan_means_that_its_end_is_missing() -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix="\x1e"))
    output = press(collector, "\x1eL-01\x1eT-000193\r", 1.0)
    assert reasons(output) == [BadReason.CUT]
    assert texts(output) == ["T-000193"]


def test_a_paste_may_hold_several_codes_with_gs_inside() -> None:
    output = WedgeCollector("gun").feed_paste("]d20104006381333931\x1d10A\nT-000193\r\n", 1.0)
    assert [(frame.symbology, frame.text) for frame in output if isinstance(frame, ScanFrame)] == [
        ("]d2", "0104006381333931\x1d10A"),
        (None, "T-000193"),
    ]
    assert len(output) == 2


def test_the_last_piece_of_a_paste_waits_for_its_suffix() -> None:
    collector = WedgeCollector("gun")
    output = collector.feed_paste("L-01-02\nT-00", 1.0)
    assert texts(output) == ["L-01-02"]
    assert texts(press(collector, "\r", 1.01)) == ["T-00"]
    assert collector.feed_paste("L-01", 5.0) == []
    assert reasons(collector.due(5.3)) == [BadReason.NO_SUFFIX]


def test_a_paste_after_a_prefix_belongs_to_the_scan_that_the_prefix_began() -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix="\x1e"))
    output = press(collector, "\x1e", 1.0) + collector.feed_paste("L-01-02", 1.005) + press(collector, "\r", 1.01)
    assert texts(output) == ["L-01-02"]
    assert len(output) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("L-01\ufffd02", BadReason.NOT_TEXT),
        ("A" * 4097, BadReason.TOO_LONG),
        ("]C1", BadReason.EMPTY),
        ("NOREAD", BadReason.NO_READ),
    ],
)
def test_what_cannot_be_a_code_is_a_bad_read(content: str, reason: BadReason) -> None:
    collector = WedgeCollector("gun")
    output = press(collector, f"{content}\rL-01-02\r", 1.0)
    assert reasons(output) == [reason]
    assert texts(output) == ["L-01-02"]


def test_a_bad_read_says_what_happened_and_what_to_do() -> None:
    output = press(WedgeCollector("gun"), "]C1\r", 1.0)
    assert isinstance(output[0], BadRead)
    assert output[0].sentence == (
        "Bad read: the scanner sent a code without content. Nothing was taken over. Scan again."
    )


@pytest.mark.parametrize(
    "wrong",
    [{"prefix": "\r"}, {"prefix": "ab"}, {"gap_s": 0.5}, {"gap_s": 0.0}],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"prefix|gap_s"):
        WedgeSettings(**wrong)  # type: ignore[arg-type]
