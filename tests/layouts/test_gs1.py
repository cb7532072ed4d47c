"""GS1 element strings, check digits and SSCCs as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts.gs1 import Element, check_digit, element_string, readable, readable_sscc


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("10614141234567890", 8), ("629104150021", 3), ("400638133393", 1), ("0952123454321", 3), ("0", 0)],
)
def test_the_check_digit_is_the_one_of_published_examples(digits: str, expected: int) -> None:
    assert check_digit(digits) == expected


@given(st.text("0123456789", min_size=1, max_size=20), st.data())
def test_one_wrong_digit_always_changes_the_check_digit(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert check_digit(digits[:place] + wrong + digits[place + 1 :]) != check_digit(digits)


@pytest.mark.parametrize("digits", ["", "12a", "١٢٣", "²"])
def test_only_the_digits_0_to_9_have_a_check_digit(digits: str) -> None:
    with pytest.raises(ValueError, match="not a row of digits"):
        check_digit(digits)


def test_a_separator_stands_after_each_element_that_is_not_of_predefined_length() -> None:
    elements = [Element("10", "LOT1"), Element("01", "09521234543213"), Element("21", "SER1"), Element("17", "260131")]
    assert element_string(elements, "|") == "10LOT1|010952123454321321SER1|17260131"


def test_fixed_length_alone_does_not_spare_the_separator() -> None:
    elements = [Element("402", "12345678901234567"), Element("422", "276"), Element("10", "A")]
    assert element_string(elements, "|") == "40212345678901234567|422276|10A"


def test_the_last_element_has_no_separator() -> None:
    assert element_string([Element("10", "LOT1")], "|") == "10LOT1"


@pytest.mark.parametrize(
    ("ai", "value", "said"),
    [
        ("0", "1", "2 to 4 digits"),
        ("1O", "1", "2 to 4 digits"),
        ("10", "", "empty"),
        ("10", "LOT 1", "character set 82"),
        ("10", "LOT\x1d1", "character set 82"),
        ("10", "^XZ", "character set 82"),
        ("17", "2601", "needs 6 characters"),
        ("3103", "12345", "needs 6 characters"),
        ("01", "09521234543214", "check digit 4, but its other digits call for 3"),
        ("00", "106141412345678907", "check digit 7, but its other digits call for 8"),
    ],
)
def test_an_element_that_gs1_forbids_is_refused_with_the_reason(ai: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Element(ai, value)


def test_elements_and_sscc_are_written_for_people() -> None:
    assert readable([Element("01", "09521234543213"), Element("10", "A")]) == "(01)09521234543213(10)A"
    assert readable_sscc("340123451234567895") == "(00) 3 4012345 123456789 5"
