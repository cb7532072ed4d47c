"""What ZPL printers answer, by exact transcripts and by noise."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.faults import BadFrame
from drivers.printers.answers import Answer, AnswerReader, Count
from drivers.readings import PrinterFault, PrinterState

READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
PRINTING = b"\x02014,0,0,0623,003,0,0,1,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,4,0,00000012,1,002\x03\r\n\x020000,0\x03\r\n"
ALL_WRONG = (
    b"\x02030,1,1,1245,000,1,0,0,000,1,1,1\x03\r\n\x02000,0,1,1,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
)
ERRORS = (
    b"\x02\r\n\r\n  PRINTER STATUS                             \r\n   ERRORS:         1 00000000 00010005 \r\n"
    b"   WARNINGS:       1 00000000 00000002 \r\n\x03"
)
NO_ERRORS = ERRORS.replace(b"1 00000000 00010005", b"0 00000000 00000000")


def answers(sent: bytes) -> list[Answer]:
    return AnswerReader("pack 3").feed(sent)


def test_a_ready_printer_is_ready_and_empty() -> None:
    assert answers(READY) == [PrinterState(frozenset(), False, 0, 0)]
    (state,) = answers(READY)
    assert isinstance(state, PrinterState)
    assert state.ready
    assert state.empty
    assert state.sentence == "The printer is ready."


def test_what_waits_in_a_printer_is_counted() -> None:
    (state,) = answers(PRINTING)
    assert state == PrinterState(frozenset(), True, 3, 12)
    assert isinstance(state, PrinterState)
    assert not state.empty


def test_every_fault_of_the_host_status_is_named() -> None:
    (state,) = answers(ALL_WRONG)
    assert isinstance(state, PrinterState)
    assert state.faults == frozenset(PrinterFault) - {PrinterFault.CUTTER, PrinterFault.OTHER}
    assert not state.ready
    assert "out of labels" in state.sentence
    assert "head is open" in state.sentence


def test_the_error_status_names_faults_and_never_says_empty() -> None:
    (state,) = answers(ERRORS)
    assert isinstance(state, PrinterState)
    assert state.faults == {PrinterFault.PAPER_OUT, PrinterFault.HEAD_OPEN, PrinterFault.PAUSED}
    assert not state.empty
    assert answers(NO_ERRORS) == [PrinterState(frozenset(), False, None, None)]


@pytest.mark.parametrize("errors", [b"1 00000000 00400000", b"1 00000001 00000000", b"1 00000000 00000000"])
def test_an_error_bit_that_is_not_known_is_still_a_fault(errors: bytes) -> None:
    (state,) = answers(ERRORS.replace(b"1 00000000 00010005", errors))
    assert isinstance(state, PrinterState)
    assert state.faults == {PrinterFault.OTHER}


@pytest.mark.parametrize(
    ("sent", "labels"),
    [(b'"1234"', 1234), (b'"0"\r\n', 0), (b'\r\n"77"', 77), (b'"?"', None)],
)
def test_the_odometer_is_read_with_and_without_line_ends(sent: bytes, labels: int | None) -> None:
    assert answers(sent) == [Count(labels)]


@pytest.mark.parametrize(
    "sent",
    [
        READY.replace(b"030,0,0", b"030,0"),
        READY.replace(b"030,0,0", b"030,x,0"),
        READY.replace(b"1245,000", b"1245,abc"),
        READY.replace(b"00000000,1", b",1"),
        READY.replace(b"1234,0", b"1234"),
        READY.replace(b"030,0,0,1245,000", "030,0,0,1245,²".encode()),
        ERRORS.replace(b"ERRORS:", b"TROUBLE:"),
        b'"many"',
        b"\x02" + b"0" * 5000,
    ],
)
def test_an_answer_of_another_shape_is_a_bad_frame_and_no_state(sent: bytes) -> None:
    with pytest.raises(BadFrame, match=r"pack 3 sent an answer that cannot be read .* Check the device's settings\."):
        answers(sent)


@settings(max_examples=200, deadline=None)
@given(cuts=st.lists(st.integers(0, 700), max_size=10))
def test_any_split_of_the_same_bytes_yields_the_same_answers(cuts: list[int]) -> None:
    sent = ERRORS + PRINTING + b'"41"\r\n' + READY + b'"?"' + ALL_WRONG
    reader = AnswerReader("pack 3")
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    found = [answer for start, end in pairwise(edges) for answer in reader.feed(sent[start:end])]
    assert found == answers(sent)
    assert len(found) == 6


@settings(max_examples=300, deadline=None)
@given(
    sent=st.lists(
        st.sampled_from([b"\x02", b"\x03", b",", b"0", b"1", b'"', b"\r\n", b"?", b"\xff", b"PRINTER STATUS"])
    )
)
def test_noise_is_a_bad_frame_or_nothing_and_never_ready(sent: list[bytes]) -> None:
    try:
        found = answers(b"".join(sent))
    except BadFrame:
        return
    assert not any(isinstance(answer, PrinterState) for answer in found)
