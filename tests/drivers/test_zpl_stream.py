"""What the emulated printer makes of its bytes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emulators.zpl_stream import Format, GetVariable, Immediate, Received, Unknown, ZplStream

GETVAR = b'! U1 getvar "odometer.total_label_count"\r\n'


def received(sent: bytes) -> list[Received]:
    return ZplStream().feed(sent)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"^XA^FDx^FS^XZ", [Format(b"^XA^FDx^FS^XZ")]),
        (b"^XA^FDx^FS^xz\r\n^XA^FDy^FS^XZ", [Format(b"^XA^FDx^FS^XZ"), Format(b"^XA^FDy^FS^XZ")]),
        (
            b"~JX~HQES~HS" + GETVAR,
            [Immediate("~JX"), Immediate("~HQES"), Immediate("~HS"), GetVariable("odometer.total_label_count")],
        ),
        (b"^XA^FD!! U1 getvar^FS^XZ", [Format(b"^XA^FD!! U1 getvar^FS^XZ")]),
        (b"^XA^FDa~HSb^FS^XZ", [Immediate("~HS"), Format(b"^XA^FDab^FS^XZ")]),
        (b"^XA^FDstump~JX^XA^FDwhole^FS^XZ", [Immediate("~JX"), Format(b"^XA^FDwhole^FS^XZ")]),
        (b"^XA^FDstump^XA^FDnext^FS^XZ", [Format(b"^XA^FDstump^XA^FDnext^FS^XZ")]),
        (b"~JR", [Unknown(b"~JR"), Unknown(b"JR")]),
        (b"GET / HTTP/1.1\r\n", [Unknown(b"GET / HTTP/1.1\r\n")]),
        (b'! U1 do "x"\r\n', [Unknown(b'! U1 do "x"\r\n')]),
    ],
)
def test_formats_and_commands_are_told_apart(sent: bytes, expected: list[Received]) -> None:
    assert received(sent) == expected


def test_what_a_broken_connection_left_behind_merges_with_the_next_label_unless_it_is_cancelled() -> None:
    first = ZplStream()
    first.feed(b"^XA^FDst")
    assert ZplStream(first.stump).feed(b"^XA^FDx^FS^XZ") == [Format(b"^XA^FDst^XA^FDx^FS^XZ")]
    assert ZplStream(first.stump).feed(b"~JX^XA^FDx^FS^XZ")[1:] == [Format(b"^XA^FDx^FS^XZ")]


@settings(max_examples=300, deadline=None)
@given(
    sent=st.lists(
        st.sampled_from([b"^XA", b"^XZ", b"^FDx", b"^", b"~", b"~HS", b"~JX", b"~HQES", b"!", b"X", b"\r\n", GETVAR]),
        max_size=30,
    ).map(b"".join),
    cuts=st.lists(st.integers(0, 300), max_size=8),
)
def test_any_split_of_the_same_bytes_yields_the_same_formats_and_commands(sent: bytes, cuts: list[int]) -> None:
    def known(found: list[Received]) -> list[Received]:
        return [one for one in found if not isinstance(one, Unknown)]

    stream = ZplStream()
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [one for start, end in pairwise(edges) for one in stream.feed(sent[start:end])]
    assert known(pieces) == known(received(sent))
