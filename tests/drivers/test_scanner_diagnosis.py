"""From what a scanner sends for the test barcodes to how it is set, for every setting that goes wrong in the field."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emulators.scanner_settings import EmulatedSettings
from drivers.scanners.check_codes import CHECK_CODES, LENGTH, LETTERS
from drivers.scanners.diagnosis import Diagnosis, Heard, diagnose

GOOD = EmulatedSettings(prefix="\x1e")


def diagnosis(scanner: EmulatedSettings, *, is_wedge: bool = True, per_char_s: float = 0.004) -> Diagnosis:
    heard = {}
    for code in CHECK_CODES:
        raw = scanner.sends(code)
        heard[code.name] = Heard(raw, per_char_s * (len(raw) - 1), per_char_s)
    return diagnose(heard, is_wedge=is_wedge)


def wrong(found: Diagnosis) -> dict[str, str]:
    """Subject to what was found, of what needs to be changed."""
    return {finding.subject: finding.found for finding in found.findings if finding.advice}


def test_a_rightly_set_scanner_needs_nothing() -> None:
    found = diagnosis(GOOD)
    assert wrong(found) == {}
    assert (found.prefix, found.suffix) == ("\x1e", "")
    assert {(one.subject, one.found) for one in found.findings} == {
        ("prefix", "<RS>"),
        ("end mark", "<CR>"),
        ("symbology identifier", "sent"),
        ("letters", "as printed"),
        ("keyboard", "the same as this computer's"),
        ("EAN check digit", "sent"),
        ("UPC-A", "12 digits"),
        ("GS", "kept"),
        ("code page", "UTF-8"),
        ("speed", "4.0 ms a character, longest pause 4 ms"),
    }


@pytest.mark.parametrize(
    ("change", "subject", "found"),
    [
        ({"prefix": ""}, "prefix", "none"),
        ({"prefix": "\x02"}, "prefix", "<STX>"),
        ({"prefix": "AB"}, "prefix", "AB"),
        ({"prefix": "$"}, "prefix", "$"),
        ({"suffix": ""}, "end mark", "none"),
        ({"suffix": "$\r"}, "end mark", "$<CR>"),
        ({"suffix": "#"}, "end mark", "#"),
        ({"identifiers": False}, "symbology identifier", "not sent"),
        ({"case": "upper"}, "letters", "all capitals"),
        ({"case": "lower"}, "letters", "all small"),
        ({"case": "swapped"}, "letters", "swapped"),
        (
            {"keyboard": "us on de"},
            "keyboard",
            "the scanner types on a US keyboard, while this computer is set to a German one",
        ),
        (
            {"keyboard": "de on us"},
            "keyboard",
            "the scanner types on a German keyboard, while this computer is set to a US one",
        ),
        ({"ean_check_digit": False}, "EAN check digit", "not sent"),
        ({"upc": "no check digit"}, "UPC-A", "03600029145 only"),
        ({"upc": "11 without system"}, "UPC-A", "36000291452 only"),
        ({"gs": ""}, "GS", "lost"),
        ({"gs": "|"}, "GS", "replaced by |"),
        ({"gs": "{GS}"}, "GS", "replaced by {GS}"),
        ({"gs": "\x1e"}, "GS", "replaced by <RS>"),
        ({"code_page": "cp1252"}, "code page", "Windows-1252 (Latin-1)"),
        ({"code_page": "cp850"}, "code page", "code page 850"),
    ],
)
@pytest.mark.parametrize("identifiers", [True, False])
def test_one_wrong_setting_is_the_one_that_is_named(
    change: dict[str, object], subject: str, found: str, identifiers: bool
) -> None:
    scanner = replace(GOOD, **({"identifiers": identifiers} | change))  # type: ignore[arg-type]
    named = wrong(diagnosis(scanner))
    assert named.pop(subject) == found
    assert named == ({} if scanner.identifiers or subject == "symbology identifier" else {
        "symbology identifier": "not sent"
    })  # fmt: skip


def test_letters_beyond_ascii_that_do_not_come_at_all_are_shown_as_they_came() -> None:
    assert wrong(diagnosis(replace(GOOD, code_page="ascii"))) == {
        "code page": "letters beyond ASCII come as <RS>]C0Gr??e-2<CR>"
    }


def test_a_upc_with_thirteen_digits_is_told_and_is_as_good() -> None:
    found = diagnosis(replace(GOOD, upc="13"))
    assert wrong(found) == {}
    assert "13 digits, as EAN-13" in {finding.found for finding in found.findings}


@pytest.mark.parametrize(
    ("suffix", "profile"), [("\r", ""), ("\n", ""), ("\r\n", ""), ("\t", ""), ("\x03", ""), ("\x1c", "\x1c")]
)
def test_an_end_mark_that_can_be_used_stands_in_the_profile_unless_it_is_usual(suffix: str, profile: str) -> None:
    found = diagnosis(replace(GOOD, suffix=suffix))
    assert wrong(found) == {}
    assert found.suffix == profile


@pytest.mark.parametrize(
    "change",
    [{"suffix": ""}, {"suffix": "$\r"}, {"suffix": "\x85"}, {"prefix": "AB"}, {"prefix": "§"}, {"prefix": "\r"}],
)
def test_marks_that_cannot_be_used_give_no_profile(change: dict[str, str]) -> None:
    assert diagnosis(replace(GOOD, **change)).suffix is None  # type: ignore[arg-type]


def test_several_wrong_settings_are_all_named() -> None:
    worst = EmulatedSettings(
        suffix="", identifiers=False, gs="", code_page="cp1252", keyboard="us on de", ean_check_digit=False
    )
    assert set(wrong(diagnosis(worst))) == {
        "prefix", "end mark", "symbology identifier", "keyboard", "EAN check digit", "GS"
    }  # fmt: skip


def test_a_slow_wedge_without_a_prefix_is_told_and_with_one_it_may_be_slow() -> None:
    bare = replace(GOOD, prefix="")
    assert "speed" in wrong(diagnosis(bare, per_char_s=0.030))
    assert wrong(diagnosis(GOOD, per_char_s=0.030)) == {}
    assert wrong(diagnosis(bare, is_wedge=False, per_char_s=0.030)) == {}


def test_a_pause_inside_a_code_is_told_for_any_scanner() -> None:
    raw = {code.name: Heard(GOOD.sends(code), 0.3, 0.25) for code in CHECK_CODES}
    for is_wedge in (True, False):
        assert wrong(diagnose(raw, is_wedge=is_wedge)) == {"speed": f"{0.3 / 34 * 1000:.1f} ms a character, longest "
                                                                    "pause 250 ms"}  # fmt: skip


def test_a_wrong_baud_rate_is_said_to_be_one() -> None:
    found = diagnose({LETTERS.name: Heard(b"\x00\xf8\x80\xf8", 0.0, 0.0)}, is_wedge=False)
    assert (found.suffix, found.findings[0].subject) == (None, "reading")
    assert "speed, data bits, parity" in found.findings[0].advice


def test_without_the_first_code_nothing_is_guessed() -> None:
    found = diagnose({LENGTH.name: Heard(b"0123\r", 0.0, 0.0)}, is_wedge=True)
    assert found.suffix is None
    assert len(found.findings) == 1


@settings(max_examples=50, deadline=None)
@given(
    scanner=st.builds(
        EmulatedSettings,
        prefix=st.sampled_from(["", "\x1e", "\x02"]),
        suffix=st.sampled_from(["", "\r", "\t", "#"]),
        identifiers=st.booleans(),
        gs=st.sampled_from(["\x1d", "", "|", "{GS}"]),
        case=st.sampled_from(["kept", "upper", "lower", "swapped"]),
        keyboard=st.sampled_from(["right", "us on de", "de on us"]),
        ean_check_digit=st.booleans(),
        upc=st.sampled_from(["12", "13", "no check digit", "11 without system"]),
    )
)
def test_whatever_is_set_wrong_together_is_named_and_nothing_else(scanner: EmulatedSettings) -> None:
    is_wrong = {
        "prefix": scanner.prefix != "\x1e",
        "end mark": scanner.suffix in ("", "#"),
        "symbology identifier": not scanner.identifiers,
        "letters": scanner.case != "kept",
        "keyboard": scanner.keyboard != "right",
        "EAN check digit": not scanner.ean_check_digit,
        "UPC-A": scanner.upc not in ("12", "13"),
        "GS": scanner.gs != "\x1d",
    }
    assert set(wrong(diagnosis(scanner))) == {subject for subject, wrong in is_wrong.items() if wrong}


@settings(max_examples=50, deadline=None)
@given(
    raws=st.lists(st.binary(max_size=60), min_size=len(CHECK_CODES), max_size=len(CHECK_CODES)),
    real=st.sets(st.sampled_from(CHECK_CODES)),
    is_wedge=st.booleans(),
)
def test_noise_never_ends_a_diagnosis_and_never_makes_a_profile(
    raws: list[bytes], real: set[object], is_wedge: bool
) -> None:
    heard = {
        code.name: Heard(GOOD.sends(code) if code in real else raw, 0.1, 0.1)
        for code, raw in zip(CHECK_CODES, raws, strict=True)
    }
    found = diagnose(heard, is_wedge=is_wedge)
    assert (found.suffix is not None) == (LETTERS in real)
    assert all(finding.found for finding in found.findings)
