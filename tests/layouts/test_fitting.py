"""Fitting by a measure that is easy to check: every character is one dot wide."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from layouts.fitting import ELLIPSIS, LONGEST_LINE, fit_line, wrap

words = st.text("abcdefghij", min_size=1, max_size=9)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)


@given(st.lists(sentences, min_size=1, max_size=4), st.integers(9, 40))
def test_words_that_fit_a_line_are_never_broken(lines: list[str], width: int) -> None:
    fitted = wrap(lines, width, 1000, len)
    assert fitted.whole
    assert " ".join(fitted.lines) == " ".join(lines)
    assert all(len(line) <= width for line in fitted.lines)


@given(st.lists(sentences, min_size=1, max_size=4), st.integers(9, 40))
def test_no_word_is_put_on_the_next_line_that_would_have_fitted(lines: list[str], width: int) -> None:
    for line in lines:
        wrapped = wrap([line], width, 1000, len).lines
        for here, following in pairwise(wrapped):
            assert len(here) + 1 + len(following.split()[0]) > width


@given(st.lists(sentences, min_size=1, max_size=4), st.integers(4, 40), st.integers(1, 6))
def test_what_does_not_fit_ends_in_dots_within_the_lines_allowed(lines: list[str], width: int, most: int) -> None:
    fitted = wrap(lines, width, most, len)
    assert len(fitted.lines) <= most
    assert all(len(line) <= width for line in fitted.lines)
    assert fitted.whole == (len(wrap(lines, width, 1000, len).lines) <= most)
    assert fitted.whole or fitted.lines[-1].endswith(ELLIPSIS)


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert wrap(["ab abcdefghijkl"], 5, 9, len).lines == ("ab", "abcde", "fghij", "kl")


def test_a_line_that_fits_is_left_alone_and_one_that_does_not_keeps_its_beginning() -> None:
    assert fit_line("abcdef", 6, len).lines == ("abcdef",)
    assert fit_line("abcdefg", 6, len).lines == ("abc...",)
    assert fit_line("ab defg", 6, len).lines == ("ab...",)
    assert not fit_line("abcdefg", 6, len).whole


def test_a_mark_is_not_cut_from_its_letter() -> None:
    assert fit_line("ae\u0301\u0302bcdef", 6, len).lines == ("a...",)


def test_more_than_any_label_holds_is_not_measured() -> None:
    longest = 0

    def measure(text: str) -> float:
        nonlocal longest
        longest = max(longest, len(text))
        return 0.0

    assert not fit_line("x" * 10_000, 100, measure).whole
    assert longest == LONGEST_LINE
