"""What is said to a printer and what it answers, word for word; a pair that is not used fails."""

import pytest

from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrinterFault, PrinterState, PrintOutcome, PrintReason, PrintStatus
from tests.drivers.scales.transcript import Pair, playing

JOB = b"^XA^PQ1^FO30,30^FDcarton 1^FS^XZ"
ASK = b'! U1 getvar "odometer.total_label_count"\r\n'
ASK_ALL = b"~HQES~HS" + ASK
NO_ERRORS = (
    b"\x02\r\n\r\n  PRINTER STATUS                             \r\n   ERRORS:         0 00000000 00000000 \r\n"
    b"   WARNINGS:       0 00000000 00000000 \r\n\x03"
)
PAPER_OUT = NO_ERRORS.replace(b"0 00000000 00000000 \r\n   W", b"1 00000000 00000001 \r\n   W")
EMPTY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
ONE_WAITS = EMPTY.replace(b"1245,000", b"1245,001")
HALF = EMPTY.replace(b"1245,000,0,0,0", b"1245,000,0,0,1")


def answers(state: bytes, count: bytes, errors: bytes = NO_ERRORS) -> bytes:
    return errors + state + count


PRINTED: dict[str, list[Pair]] = {
    "asked first": [
        (b"~JX" + ASK_ALL, answers(EMPTY, b'"41"')),
        (JOB, b""),
        (ASK_ALL, answers(ONE_WAITS, b'"41"')),
        (ASK_ALL, answers(EMPTY, b'"42"\r\n')),
    ],
    "it waits for what is before it": [
        (b"~JX" + ASK_ALL, answers(ONE_WAITS, b'"40"')),
        (ASK_ALL, answers(EMPTY, b'"41"')),
        (JOB, b""),
        (ASK_ALL, answers(EMPTY, b'"42"')),
    ],
    "a printer that sends a line end before each count": [
        (b"~JX" + ASK_ALL, answers(EMPTY, b'\r\n"41"\r\n')),
        (JOB, b""),
        (ASK_ALL, answers(EMPTY, b'\r\n"42"\r\n')),
    ],
}
KEPT_BACK: dict[str, tuple[PrintReason, list[Pair]]] = {
    "out of labels, and silent to ~HS": (
        PrintReason.NOT_READY,
        [(b"~JX" + ASK_ALL, answers(b"", b'"41"', PAPER_OUT))],
    ),
    "nothing is answered": (PrintReason.SILENT_BEFORE, [(b"~JX" + ASK_ALL, b"")]),
    "the state stops in the middle": (PrintReason.SILENT_BEFORE, [(b"~JX" + ASK_ALL, EMPTY[:50])]),
}
UNCERTAIN: dict[str, tuple[PrintReason, list[Pair]]] = {
    "the paper runs out": (
        PrintReason.WAITS_IN_PRINTER,
        [
            (b"~JX" + ASK_ALL, answers(EMPTY, b'"41"')),
            (JOB, b""),
            (ASK_ALL, answers(b"", b'"41"', PAPER_OUT)),
        ],
    ),
    "somebody else's label was counted too": (
        PrintReason.COUNT_DIFFERS,
        [(b"~JX" + ASK_ALL, answers(EMPTY, b'"41"')), (JOB, b""), (ASK_ALL, answers(EMPTY, b'"43"'))],
    ),
    "no odometer": (PrintReason.NO_COUNTER, [(b"~JX" + ASK_ALL, answers(EMPTY, b'"?"')), (JOB, b"")]),
}


def outcome_of(pairs: list[Pair]) -> PrintOutcome:
    with playing(pairs) as place:
        return ZplPrinter(place, timeout_s=1.0).print_label(JOB)


@pytest.mark.parametrize("name", PRINTED)
def test_a_label_that_was_counted_is_printed(name: str) -> None:
    assert outcome_of(PRINTED[name]).status is PrintStatus.PRINTED


@pytest.mark.parametrize("name", KEPT_BACK)
def test_a_printer_that_is_not_ready_gets_nothing(name: str) -> None:
    reason, pairs = KEPT_BACK[name]
    outcome = outcome_of(pairs)
    assert (outcome.status, outcome.reason) == (PrintStatus.LOST, reason)


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_nobody_can_tell_is_uncertain(name: str) -> None:
    reason, pairs = UNCERTAIN[name]
    outcome = outcome_of(pairs)
    assert (outcome.status, outcome.reason) == (PrintStatus.UNCERTAIN, reason)


def test_a_piece_of_a_label_in_the_printer_is_cancelled_and_waited_for() -> None:
    pairs = [
        (b"~JX" + ASK_ALL, answers(HALF, b'"41"')),
        (ASK_ALL, answers(EMPTY, b'"41"')),
        (JOB, b""),
        (ASK_ALL, answers(EMPTY, b'"42"')),
    ]
    assert outcome_of(pairs).status is PrintStatus.PRINTED


def test_a_printer_is_asked_how_it_is_without_touching_what_is_in_it() -> None:
    with playing([(ASK_ALL, answers(EMPTY, b'"41"'))]) as place:
        state = ZplPrinter(place, timeout_s=1.0).state()
    assert isinstance(state, PrinterState)
    assert state.ready
    assert state.empty


def test_the_state_names_the_fault_of_a_printer_that_answers_only_for_its_errors() -> None:
    with playing([(ASK_ALL, answers(b"", b"", PAPER_OUT))]) as place:
        state = ZplPrinter(place, timeout_s=1.0).state()
    assert isinstance(state, PrinterState)
    assert state.faults == {PrinterFault.PAPER_OUT}
