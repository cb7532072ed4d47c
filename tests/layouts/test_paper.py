"""Papers for office printers: read back from the PDF's own bytes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layouts.documents import packing_slip, pick_sheet
from layouts.documents.on_paper import document_pdf, document_shortfalls
from layouts.sheets.card_page import Card
from layouts.sheets.sheet_pdf import sheet_pdf
from tests.layouts.hostile import ATTACKS
from tests.layouts.label_samples import SHEET, SLIP
from tests.layouts.pdf_reading import pages_of
from tests.zpl_rendering import decode

GOLDEN = Path(__file__).parent / "golden"


def test_a_packing_slip_says_what_is_in_the_carton_and_its_code_is_read_back() -> None:
    slip = packing_slip.document(SLIP)
    (page,) = pages_of(document_pdf(slip))
    assert [code.text for code in decode(page.bars)] == ["SO-2024-000123"]
    assert {"Packing slip", "1 / 1", "MUG-RED", "12", "Milch 1 l (lot L77)", SLIP.note} <= set(page.texts)
    assert document_shortfalls(slip) == ()


def test_a_pick_sheet_goes_on_over_pages_with_its_code_on_each() -> None:
    pages = pages_of(document_pdf(pick_sheet.document(SHEET)))
    assert len(pages) == 2
    assert [[code.text for code in decode(page.bars)] for page in pages] == [["PL-000042"], ["PL-000042"]]
    said = [words for page in pages for words in page.texts]
    for line in SHEET.lines:
        assert said.count(line.location) == 1
    assert [page.texts[1] for page in pages] == ["1 / 2", "2 / 2"]


PAPERS = {"packing_slip": packing_slip.document(SLIP), "pick_sheet": pick_sheet.document(SHEET)}


@pytest.mark.parametrize("name", PAPERS)
def test_what_is_drawn_on_a_paper_is_the_agreed(name: str, tmp_path: Path) -> None:
    """The file itself also holds fonts packed by zlib, whose versions pack differently."""
    made = tmp_path / f"{name}_pdf_pages.txt"
    made.write_bytes(b"\n".join(page.content for page in pages_of(document_pdf(PAPERS[name]))))
    agreed = (GOLDEN / made.name).read_bytes()
    assert made.read_bytes() == agreed, f"if the change is meant, look at it and copy {made} to {GOLDEN}"


def test_the_same_paper_is_the_same_bytes() -> None:
    slip = packing_slip.document(SLIP)
    assert document_pdf(slip) == document_pdf(slip)


def test_what_the_papers_fonts_lack_is_a_picture_and_what_no_font_has_is_told() -> None:
    foreign = replace(SLIP, ship_to=("Łukasz Wiśniewski", "Москва", "שלום", "\ue000"))
    document = packing_slip.document(foreign)
    (page,) = pages_of(document_pdf(document))
    assert page.pictures == 1
    assert "[U+E000]" in page.texts
    assert [(short.field, short.is_undrawable) for short in document_shortfalls(document)] == [("address", True)]


def test_an_address_of_too_many_lines_is_told_and_not_cut_in_silence() -> None:
    document = packing_slip.document(replace(SLIP, ship_to=tuple(f"a long line with number {n}" for n in range(20))))
    assert [short.field for short in document_shortfalls(document)] == ["address"]


def test_a_code_too_long_for_the_head_is_refused() -> None:
    with pytest.raises(ValueError, match="would not scan"):
        document_pdf(packing_slip.document(replace(SLIP, code="X" * 60)))


def test_a_sheet_of_cards_is_read_back_from_its_pages() -> None:
    cards = [Card(f"T-{number:06d}-K", f"Tote {number}", "tote") for number in range(13)]
    cards.append(Card("5901234123457", "Mug (red) \\ <blue>", "SKU-1", "ean13"))
    pages = pages_of(sheet_pdf("Totes", cards))
    assert [len(decode(page.bars)) for page in pages] == [12, 2]
    read = {code.text for page in pages for code in decode(page.bars)}
    assert read == {card.code for card in cards}
    assert "Mug (red) / <blue>" in pages[1].texts
    assert "Totes 2 / 2" in pages[1].texts


def test_a_sheet_without_cards_is_refused() -> None:
    with pytest.raises(ValueError, match="no cards for 'Totes'"):
        sheet_pdf("Totes", [])


any_text = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from([*ATTACKS, "東京", "الرياض", "x" * 3000, ") Tj ET"]))
)


@settings(max_examples=25, deadline=None)
@given(any_text.map("".join))
def test_any_text_leaves_a_paper_one_paper_with_its_code(text: str) -> None:
    hostile: Any = replace(SLIP, sender=(text,), ship_to=(text, text), order_reference=text, note=text)
    pages = pages_of(document_pdf(packing_slip.document(hostile)))
    assert len(pages) == 1
    assert "Packing slip" in pages[0].texts
    assert "SO-2024-000123" in pages[0].texts
