"""GS1 item numbers: GTIN-8, UPC-A, EAN-13 and GTIN-14, compared with 14 digits."""

from sync.record.codes.check_digits import gs1_check_digit, has_gs1_check_digit
from sync.record.ids import Gtin

LENGTHS = (8, 12, 13, 14)


def as_gtin(text: str) -> Gtin | None:
    """The 14-digit form of a GTIN with a right check digit; None for everything else."""
    if len(text) not in LENGTHS or not has_gs1_check_digit(text):
        return None
    return Gtin(text.zfill(14))


def with_check_digit(digits: str) -> str:
    return digits + gs1_check_digit(digits)
