"""Check digits and characters against independent implementations, and what they catch."""

from __future__ import annotations

import barcode
import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from sync.record.codes.check_digits import ALPHABET, CHECK_CHARACTERS, gs1_check_digit, has_gs1_check_digit, mod_37_2
from sync.record.codes.gtin import as_gtin, with_check_digit
from sync.record.codes.own import Misread, OwnCode, OwnKind, barcode_of, location_barcode, parse_own
from sync.record.codes.sscc import is_sscc, sscc

DIGITS = "0123456789"
BODIES = st.text(ALPHABET, min_size=1, max_size=14)
OWN_CODES = st.builds(OwnCode, st.sampled_from(OwnKind), BODIES)


@given(st.text(DIGITS, min_size=1, max_size=17))
def test_the_gs1_check_digit_is_biips(digits: str) -> None:
    assert gs1_check_digit(digits) == str(gs1_standard_check_digit(digits))
    assert has_gs1_check_digit(digits + gs1_check_digit(digits))


@given(st.text(DIGITS, min_size=12, max_size=12))
def test_the_check_digit_of_an_ean_is_python_barcodes(digits: str) -> None:
    assert with_check_digit(digits) == barcode.get("ean13", digits).get_fullcode()


@given(st.text(DIGITS, min_size=1, max_size=17), st.data())
def test_a_wrong_digit_is_never_right(digits: str, data: st.DataObject) -> None:
    whole = with_check_digit(digits)
    place = data.draw(st.integers(0, len(digits)))
    other = data.draw(st.sampled_from([digit for digit in DIGITS if digit != whole[place]]))
    assert not has_gs1_check_digit(whole[:place] + other + whole[place + 1 :])


@pytest.mark.parametrize("text", ["", "7", "12a4", "١٢٣٤", "4006381333930", " 4006381333931", "²"])
def test_what_is_no_number_with_a_check_digit_is_none(text: str) -> None:
    assert not has_gs1_check_digit(text)


@pytest.mark.parametrize("text", ["12a", "", "١٢٣"])
def test_only_digits_have_a_check_digit(text: str) -> None:
    with pytest.raises(ValueError, match="only digits"):
        gs1_check_digit(text)


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("10012345678902", "10012345678902"),
        ("4006381333930", None),
        ("400638133393", None),
        ("40063813339310000", None),
        ("4006381333931 ", None),
    ],
)
def test_item_numbers_are_compared_with_fourteen_digits(text: str, gtin: str | None) -> None:
    assert as_gtin(text) == gtin


@given(st.integers(0, 9), st.text(DIGITS, min_size=7, max_size=10), st.data())
def test_an_sscc_has_eighteen_digits_and_a_right_check_digit(extension: int, prefix: str, data: st.DataObject) -> None:
    serial_ref = data.draw(st.integers(0, 10 ** (16 - len(prefix)) - 1))
    made = sscc(extension, prefix, serial_ref)
    assert len(made) == 18
    assert is_sscc(made)
    assert made.startswith(f"{extension}{prefix}")
    assert int(made[1 + len(prefix) : -1]) == serial_ref
    assert str(gs1_standard_check_digit(made[:-1])) == made[-1]


@pytest.mark.parametrize(("extension", "prefix", "serial"), [(10, "9521234", 1), (0, "952", 1), (0, "95212A4", 1)])
def test_what_does_not_fit_an_sscc_is_refused(extension: int, prefix: str, serial: int) -> None:
    with pytest.raises(ValueError, match="digit"):
        sscc(extension, prefix, serial)


def test_a_serial_reference_that_does_not_fit_behind_its_prefix_is_refused() -> None:
    assert sscc(0, "9521234", 10**9 - 1)
    for serial in (10**9, -1):
        with pytest.raises(ValueError, match="does not fit"):
            sscc(0, "9521234", serial)


def test_the_check_character_is_that_of_the_standards_example() -> None:
    assert mod_37_2("G123489654321") == "Y"  # a donation number of ISBT 128, which uses ISO 7064 MOD 37-2


@given(OWN_CODES)
def test_our_own_codes_are_read_as_they_were_made(code: OwnCode) -> None:
    assert parse_own(code.barcode) == code
    if code.kind is OwnKind.LOCATION:
        assert code.barcode == location_barcode(code.code)
    else:
        assert code.barcode == barcode_of(code.code)


@given(OWN_CODES)
def test_every_wrong_character_and_every_swap_of_neighbours_is_caught(code: OwnCode) -> None:
    whole = code.barcode
    for place, right in enumerate(whole):
        for other in CHECK_CHARACTERS + "-":
            if other != right:
                wrong = whole[:place] + other + whole[place + 1 :]
                assert not isinstance(parse_own(wrong), OwnCode), (whole, wrong)
        swapped = whole[:place] + whole[place + 1 : place + 2] + right + whole[place + 2 :]
        if swapped != whole:
            assert not isinstance(parse_own(swapped), OwnCode), (whole, swapped)


def test_a_hyphen_at_another_place_is_caught() -> None:
    assert isinstance(parse_own(location_barcode("A01-1-11")[:-1] + location_barcode("A01-11-1")[-1]), Misread)


@given(st.text(max_size=20))
def test_any_text_is_ours_or_misread_or_neither(text: str) -> None:
    found = parse_own(text)
    assert found is None or isinstance(found, Misread) or found.barcode == text


@pytest.mark.parametrize("code", ["A03-12-2", "T000193", "T-", "", "X-1"])
def test_only_our_codes_have_our_barcodes(code: str) -> None:
    with pytest.raises(ValueError, match="none of our codes"):
        barcode_of(code)


def test_lower_case_has_no_check_character() -> None:
    with pytest.raises(ValueError, match="cannot stand in one of our codes"):
        mod_37_2("abc")
