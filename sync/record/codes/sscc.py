"""GS1 serial shipping container codes: 18 digits that name one carton in the world."""

from sync.record.codes.check_digits import gs1_check_digit, has_gs1_check_digit
from sync.record.ids import Sscc


def sscc(extension: int, company_prefix: str, serial_ref: int) -> Sscc:
    """Extension digit, company prefix, serial reference padded to 16 digits in all, check digit.

    Raises ValueError where the numbers do not fit.
    """
    room = 16 - len(company_prefix)
    if not 0 <= extension <= 9:
        raise ValueError(f"the extension digit is one digit, not {extension}")
    if not (company_prefix.isascii() and company_prefix.isdigit() and 4 <= len(company_prefix) <= 12):
        raise ValueError(f"a GS1 company prefix has 4 to 12 digits, not {company_prefix!r}")
    if not 0 <= serial_ref < 10**room:
        raise ValueError(f"serial reference {serial_ref} does not fit {room} digits behind prefix {company_prefix}")
    body = f"{extension}{company_prefix}{serial_ref:0{room}d}"
    return Sscc(body + gs1_check_digit(body))


def is_sscc(text: str) -> bool:
    return len(text) == 18 and has_gs1_check_digit(text)
