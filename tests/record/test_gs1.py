"""GS1 element strings against biip, an independent reader; and texts that must never be read at all."""

from __future__ import annotations

from datetime import date

import pytest
from biip.gs1_messages import GS1Message
from hypothesis import given
from hypothesis import strategies as st

from sync.record.codes.gs1 import FNC1, PREDEFINED_LENGTHS, BadGs1, gs1_date, parse_elements
from sync.record.codes.gtin import with_check_digit

CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
TODAY = date(2026, 11, 21)


def numbers(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


def checked(length: int) -> st.SearchStrategy[str]:
    return numbers(length - 1).map(with_check_digit)


def words(longest: int) -> st.SearchStrategy[str]:
    return st.text(CSET_82, min_size=1, max_size=longest)


DATES = st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}")
VALUES: dict[str, st.SearchStrategy[str]] = {
    "00": checked(18),
    "01": checked(14),
    "02": checked(14),
    "10": words(20),
    "11": DATES,
    "13": DATES,
    "15": DATES,
    "17": DATES,
    "20": numbers(2),
    "21": words(20),
    "240": words(30),
    "30": st.integers(1, 99_999_999).map(str),
    "3103": numbers(6),
    "37": st.integers(1, 99_999_999).map(str),
    "400": words(30),
    "410": checked(13),
    "414": checked(13),
    "420": words(20),
    "91": words(90),
    "99": words(90),
}
MESSAGES = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5, unique=True).flatmap(
    lambda ais: st.fixed_dictionaries({ai: VALUES[ai] for ai in ais})
)


def element_string(elements: dict[str, str]) -> str:
    """As a scanner sends it: a separator behind everything whose length is not predefined, but not at the end."""
    text = "".join(ai + value + ("" if ai[:2] in PREDEFINED_LENGTHS else FNC1) for ai, value in elements.items())
    return text.removesuffix(FNC1)


@given(MESSAGES)
def test_valid_element_strings_are_read_as_biip_reads_them(elements: dict[str, str]) -> None:
    text = element_string(elements)
    independent = {element.ai.ai: element.value for element in GS1Message.parse(text).element_strings}
    assert parse_elements(text) == independent == elements


@given(MESSAGES)
def test_separators_where_none_is_needed_do_no_harm(elements: dict[str, str]) -> None:
    text = FNC1 + "".join(ai + value + FNC1 for ai, value in elements.items())
    assert parse_elements(text) == elements


@given(st.text(DIGITS + "ABab" + FNC1 + "()", max_size=40) | st.text(max_size=20))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        elements = parse_elements(text)
    except BadGs1:
        return
    joined = "".join(ai + value for ai, value in elements.items())
    assert len(joined) <= len(text)
    assert elements


@given(MESSAGES)
def test_a_lost_separator_is_never_read_where_the_lengths_give_it_away(elements: dict[str, str]) -> None:
    """A value that runs into the next element can only be known to be wrong when it is too long or of a wrong form."""
    text = element_string(elements)
    stripped = text.replace(FNC1, "")
    try:
        found = parse_elements(stripped)
    except BadGs1:
        return
    assert "".join(ai + value for ai, value in found.items()) == stripped
    fixed = {ai: value for ai, value in elements.items() if ai[:2] in PREDEFINED_LENGTHS}
    before_the_loss = list(elements)[: next((n for n, ai in enumerate(elements) if ai not in fixed), len(elements))]
    assert all(found[ai] == elements[ai] for ai in before_the_loss)


@pytest.mark.parametrize(
    "text",
    [
        "",
        FNC1,
        "0104006381333930",  # a wrong check digit
        "010400638133393",  # cut off
        "01040063813339311",  # one digit too many
        "10LOT1" + FNC1 + FNC1 + "21S",  # an empty element
        "10" + "A" * 21,  # a lot that is too long: a separator was lost
        "17991",
        "10LÖT",
        "10LOT 1",
        "10LOT#1",
        "10LOT\x1d\x1e",
        "99",
        "0809999999",  # no such identifier
        "01" + "0" * 13 + FNC1,
        "17" + "11" + FNC1 + "0131",
        "10A" + FNC1 + "10B",  # two lots
        "1700a131",
        "17٢٦١١٣٠",  # digits of another script
    ],
)
def test_what_breaks_the_rules_is_refused(text: str) -> None:
    with pytest.raises(BadGs1):
        parse_elements(text)


def test_the_same_element_twice_is_one() -> None:
    assert parse_elements("10A" + FNC1 + "10A") == {"10": "A"}


@given(st.dates(date(1976, 11, 21), date(2075, 12, 31)))
def test_dates_are_read_within_fifty_years(day: date) -> None:
    year = TODAY.year
    expected = day if -49 <= day.year - year <= 50 else day.replace(year=day.year + (100 if day.year < year else -100))
    assert gs1_date(f"{day:%y%m%d}", today=TODAY) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("260200", date(2026, 2, 28)),
        ("240200", date(2024, 2, 29)),
        ("261200", date(2026, 12, 31)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
    ],
)
def test_day_nought_is_the_last_of_the_month_and_centuries_turn_after_fifty_years(text: str, day: date) -> None:
    assert gs1_date(text, today=TODAY) == day


@pytest.mark.parametrize("text", ["260230", "261301", "260001", "260000"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadGs1, match="is no date"):
        gs1_date(text, today=TODAY)
