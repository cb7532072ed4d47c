"""Check digits and characters: GS1's modulo 10 and ISO 7064 MOD 37,36 for our own codes."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def gs1_check_digit(digits: str) -> str:
    """The check digit behind ``digits`` (GS1 General Specifications, 7.9): weights 3, 1, 3 ... from the right."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"only digits have a GS1 check digit: {digits!r}")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def has_gs1_check_digit(digits: str) -> bool:
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and gs1_check_digit(digits[:-1]) == digits[-1]


def mod_37_36(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character behind ``text`` (digits and upper-case letters; hyphens do not count).

    It finds every single wrong character and every swap of two neighbours.
    """
    product = 36
    for character in text:
        if character == "-":
            continue
        value = ALPHABET.find(character)
        if value < 0:
            raise ValueError(f"{character!r} cannot stand in one of our codes: {text!r}")
        total = (product + value) % 36 or 36
        product = total * 2 % 37
    return ALPHABET[(37 - product) % 36]
