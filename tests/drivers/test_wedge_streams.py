"""Keyboard-wedge scans in long and in arbitrary streams of keys."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import ScanFrame, TypedKey
from drivers.scanners.wedge import Output, WedgeCollector, WedgeSettings

ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-./+$%\x1d"


@pytest.mark.parametrize("prefix", [None, "\x02"])
def test_ten_thousand_scans_back_to_back_are_neither_lost_nor_doubled_nor_cut(prefix: str | None) -> None:
    dice = random.Random(prefix or "by timing")
    collector = WedgeCollector("gun", WedgeSettings(prefix=prefix))
    expected: list[str] = []
    output: list[Output] = []
    now_s = 0.0
    for _ in range(10_000):
        code = "".join(dice.choices(ALPHABET, k=dice.randint(20, 60)))
        expected.append(code)
        pace_s = dice.choice([0.0, 0.001, 0.005, 0.012])
        for char in f"{prefix or ''}{code}\r":
            now_s += dice.uniform(0.0, pace_s)
            output += collector.feed_key(char, char, now_s)
            if dice.random() < 0.05:
                output += collector.due(now_s + dice.uniform(0.0, 0.02))
    assert [frame.text for frame in output if isinstance(frame, ScanFrame)] == expected
    assert len(output) == len(expected)


pauses_s = st.sampled_from([0.0, 0.012, 0.034, 0.035, 0.05, 0.2, 0.299, 0.3, 0.5, 0.699, 0.7, 2.0])
phrases = st.builds(
    lambda pause_s, chars, gap_s, end: [(char, gap_s if place else pause_s) for place, char in enumerate(chars + end)],
    pauses_s,
    st.lists(st.sampled_from(["1", "2", "A", "]", "\x1d", "\x1e", "\ufffd", "f4"]), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.004, 0.012, 0.034, 0.1]),
    st.sampled_from([["\r"], ["\t"], ["\n"], []]),
)
strokes = st.lists(phrases, max_size=8).map(lambda spoken: [stroke for phrase in spoken for stroke in phrase])


@settings(max_examples=300, deadline=None)
@given(strokes=strokes, prefix=st.sampled_from([None, "\x1e"]), polled=st.booleans())
def test_no_frame_is_ever_a_piece_of_what_was_sent(
    strokes: list[tuple[str, float]], prefix: str | None, polled: bool
) -> None:
    collector = WedgeCollector("gun", WedgeSettings(prefix=prefix))
    now_s = 0.0
    segment = ""
    last_s = float("-inf")
    begun_after_s = float("inf")
    for key, gap_s in strokes:
        now_s += gap_s
        output = collector.due(now_s) if polled else []
        output += collector.feed_key(key, key if len(key) == 1 else None, now_s)
        frames = [reading for reading in output if isinstance(reading, ScanFrame)]
        if frames:
            # One suffix ends one code, and the code is everything since the last mark or since a long pause.
            assert len(frames) == 1
            assert (frames[0].symbology or "") + frames[0].text == segment
            assert begun_after_s >= 0.3
        if key in ("\r", "\t", "\n") or (key == prefix):
            segment, begun_after_s, last_s = "", float("inf"), float("-inf")
        elif len(key) == 1:
            if now_s - last_s >= 0.3 and (prefix is None or not segment):
                segment, begun_after_s = "", now_s - last_s
            segment += key
            last_s = now_s


@settings(max_examples=300, deadline=None)
@given(strokes=strokes, prefix=st.sampled_from([None, "\x1e"]))
def test_asking_what_is_due_changes_nothing_that_time_would_not_change(
    strokes: list[tuple[str, float]], prefix: str | None
) -> None:
    asked, not_asked = (WedgeCollector("gun", WedgeSettings(prefix=prefix)) for _ in range(2))
    asked_output: list[Output] = []
    not_asked_output: list[Output] = []
    now_s = 0.0
    for key, gap_s in [*strokes, ("up", 5.0)]:
        now_s += gap_s
        character = key if len(key) == 1 else None
        due_s = asked.next_due_s()
        if due_s is not None and due_s <= now_s:
            asked_output += asked.due(due_s)
        asked_output += asked.feed_key(key, character, now_s)
        not_asked_output += not_asked.feed_key(key, character, now_s)
    assert asked_output == not_asked_output
    assert asked.next_due_s() is None


@settings(max_examples=300, deadline=None)
@given(digits=st.lists(st.sampled_from("0123456789"), min_size=1, max_size=20), gap_s=st.floats(0.036, 3.0))
def test_slow_digits_always_come_out_as_keys_in_order(digits: list[str], gap_s: float) -> None:
    collector = WedgeCollector("gun")
    output: list[Output] = []
    now_s = 0.0
    for digit in digits:
        now_s += gap_s
        output += collector.feed_key(digit, digit, now_s)
    output += collector.due(now_s + 0.0351)
    assert [reading.key for reading in output if isinstance(reading, TypedKey)] == digits
    assert len(output) == len(digits)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200), later=st.text(max_size=50))
def test_a_paste_of_anything_ends_nothing(text: str, later: str) -> None:
    collector = WedgeCollector("gun")
    collector.feed_paste(text, 1.0)
    collector.feed_paste(later, 1.001)
    collector.due(10.0)
    assert collector.next_due_s() is None
    frames = collector.feed_paste("L-01-02\r", 20.0)
    assert [frame.text for frame in frames if isinstance(frame, ScanFrame)] == ["L-01-02"]
