"""GS1 element strings: check digits, FNC1 and the line for people to read.

Source: GS1 General Specifications, sections 3.2 (application identifiers), 7.8.5 (predefined length), 7.9 (check
digit), 7.11 (character set 82).
"""

from collections.abc import Sequence
from dataclasses import dataclass

CHARACTER_SET_82 = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
LONGEST_SYMBOL = 48
"""Characters in one GS1-128 symbol, separators counted (section 5.4)."""

_PREDEFINED_LENGTH = (
    {"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16}
    | {str(ai): 8 for ai in range(11, 20)}
    | {str(ai): 10 for ai in range(31, 37)}
)
_WITH_CHECK_DIGIT = ("00", "01", "02")


def check_digit(digits: str) -> int:
    """The GS1 check digit (modulo 10, weights 3 and 1 from the right) that belongs after `digits`.

    Raises ValueError when `digits` holds anything but the digits 0 to 9, or nothing.
    """
    if not digits.isascii() or not digits.isdigit():
        raise ValueError(f"{digits!r} is not a row of digits, so it has no GS1 check digit")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def require_check_digit(code: str, length: int, kind: str) -> None:
    """Raise ValueError, naming wrong and right digit, unless `code` is `length` digits and the last one checks."""
    if len(code) != length or not code.isascii() or not code.isdigit():
        raise ValueError(f"{kind} {code!r} has to be {length} digits; print nothing and correct the number")
    expected = check_digit(code[:-1])
    if int(code[-1]) != expected:
        raise ValueError(
            f"{kind} {code} ends in check digit {code[-1]}, but its other digits call for {expected}; "
            "one of its digits is wrong, so print nothing and correct the number"
        )


@dataclass(frozen=True)
class Element:
    """One application identifier and its value, as in `(10)LOT1` -> `Element("10", "LOT1")`.

    Raises ValueError for an AI that is not 2 to 4 digits, a character outside GS1 character set 82, a wrong length
    of an AI of predefined length and a wrong check digit in AI 00, 01 and 02.
    """

    ai: str
    value: str

    def __post_init__(self) -> None:
        if not (self.ai.isascii() and self.ai.isdigit() and 2 <= len(self.ai) <= 4):
            raise ValueError(f"{self.ai!r} is no GS1 application identifier: it has to be 2 to 4 digits")
        strangers = sorted(set(self.value) - CHARACTER_SET_82)
        if strangers or not self.value:
            raise ValueError(f"({self.ai}) cannot carry {self.value!r}: empty, or outside GS1 character set 82")
        length = _PREDEFINED_LENGTH.get(self.ai[:2])
        if length is not None and len(self.ai + self.value) != length:
            wanted = length - len(self.ai)
            raise ValueError(f"({self.ai}) needs {wanted} characters, {self.value!r} has {len(self.value)}")
        if self.ai in _WITH_CHECK_DIGIT:
            require_check_digit(self.value, len(self.value), f"({self.ai})")

    @property
    def predefined_length(self) -> bool:
        """True when a reader knows the length from the AI alone, so that no FNC1 follows."""
        return self.ai[:2] in _PREDEFINED_LENGTH


def element_string(elements: Sequence[Element], fnc1: str) -> str:
    """AIs and values in a row, `fnc1` after each element that needs one and is not the last.

    The FNC1 that opens a symbol is not included. Raises ValueError for no elements.
    """
    if not elements:
        raise ValueError("a GS1 symbol needs at least one element")
    parts = [element.ai + element.value + ("" if element.predefined_length else fnc1) for element in elements[:-1]]
    return "".join(parts) + elements[-1].ai + elements[-1].value


def readable(elements: Sequence[Element]) -> str:
    """The human readable interpretation, `(10)LOT1(21)SER1`."""
    return "".join(f"({element.ai}){element.value}" for element in elements)


def readable_sscc(sscc: str) -> str:
    """`(00) 3 4012345 123456789 7`: groups of 1, 7, 9 and 1 digits.

    The spaces help the eye and the telephone only; they do not tell where the company prefix ends.
    """
    return f"(00) {sscc[0]} {sscc[1:8]} {sscc[8:17]} {sscc[17:]}"
