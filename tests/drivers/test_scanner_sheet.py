"""The sheet of test barcodes, drawn as a printer would draw it and read back."""

import pytest
import zxingcpp

from drivers.scanners.check_codes import CHECK_CODES
from layouts.bars import gs1_128_modules, latin_1_modules
from layouts.sheets.barcode_sheet import sheet_pages
from layouts.sheets.card_page import Card
from tests.layouts.test_barcode_sheet import rasterised


def test_every_test_barcode_says_what_a_rightly_set_scanner_is_expected_to_send() -> None:
    (page,) = sheet_pages("Scanner check", [Card(c.barcode, c.name, c.tells, c.bars) for c in CHECK_CODES])
    found = zxingcpp.read_barcodes(rasterised(page))
    read = {(code.bytes.decode("latin-1"), code.symbology_identifier) for code in found}
    assert read == {(code.barcode, code.symbology) for code in CHECK_CODES}


@pytest.mark.parametrize("text", ["", "a\u20acb", "\n"])
def test_what_a_code_128_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        latin_1_modules(text)
    with pytest.raises(ValueError, match="Code 128"):
        gs1_128_modules(text)
