"""Check digits and characters: GS1's modulo 10 and ISO 7064 MOD 37-2 for our own codes."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
"""What our own codes are written in; a character's place is its value."""
CHECK_CHARACTERS = ALPHABET.replace("-", "*")
"""ISO 7064 writes the check value 36 as an asterisk."""


def gs1_check_digit(digits: str) -> str:
    """The check digit behind ``digits`` (GS1 General Specifications, 7.9): weights 3, 1, 3 ... from the right."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"only digits have a GS1 check digit: {digits!r}")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def has_gs1_check_digit(digits: str) -> bool:
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and gs1_check_digit(digits[:-1]) == digits[-1]


def mod_37_2(text: str) -> str:
    """The ISO 7064 MOD 37-2 check character behind ``text`` (digits, upper-case letters and hyphens).

    It finds every single wrong character and every swap of two neighbours, hyphens included: 37 is a prime, and two
    neighbours weigh differently. Raises ValueError for other characters.
    """
    value = 0
    for character in text:
        place = ALPHABET.find(character)
        if place < 0:
            raise ValueError(f"{character!r} cannot stand in one of our codes: {text!r}")
        value = (value + place) * 2 % 37
    return CHECK_CHARACTERS[(1 - value) % 37]
