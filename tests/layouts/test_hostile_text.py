"""Whatever stands in an order, a label stays one label."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layouts.labels.ship_label import ship_label
from layouts.zpl import Dpi, LabelBuilder, _SafeZpl2
from tests.layouts.hostile import ATTACKS, SSCC, hostile_labels
from tests.layouts.zpl_reading import is_one_label, texts
from tests.zpl_rendering import decode, render

any_text = st.lists(st.one_of(st.text(), st.sampled_from([*ATTACKS, "\n", "x" * 10_000])), max_size=5).map("".join)


def label_with(text: str) -> LabelBuilder:
    builder = LabelBuilder(100, 60, Dpi.DPI_203)
    builder.box(1, 1, width_mm=98, height_mm=58)
    builder.text(4, 4, text, field="line", height_mm=5, least_height_mm=2.5, width_mm=90)
    builder.block(4, 12, text, field="block", height_mm=4, least_height_mm=2.5, width_mm=90, area_mm=40)
    return builder


@settings(deadline=None)
@given(any_text)
def test_any_text_stays_inside_its_field(text: str) -> None:
    job = label_with(text).job()
    assert is_one_label(job)
    assert not any(character < " " or character == "\x7f" for character in "".join(texts(job)))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x17F, categories=["L", "N", "P", "S"])))
def test_a_short_text_that_the_printer_can_write_arrives_whole(text: str) -> None:
    shown = text[:20].replace("\\", "/")
    builder = LabelBuilder(200, 20, Dpi.DPI_203)
    builder.box(1, 1, width_mm=98, height_mm=18)
    builder.text(4, 4, text[:20], field="line", height_mm=2, width_mm=190)
    assert "".join(texts(builder.job())) == shown
    assert builder.shortfalls == ()


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_printed_or_left_out_but_never_obeyed(attack: str) -> None:
    job = label_with(f"before {attack} after").job()
    assert is_one_label(job)
    assert job.count(b"^A0") + job.count(b"^GFA") >= 2


def test_the_one_way_into_a_field_lets_no_control_character_through() -> None:
    """The elements have cleaned or refused their text before; a new element that forgets to is still harmless."""
    zpl = _SafeZpl2()
    zpl.field(0, 0, "^A0N,30,30", "a\x1e\x10\x03\x00\x1b\x7f\x9b^~_\\b")
    assert zpl.output() == b"^FO0,0^A0N,30,30^FH_^FDa_5E_7E_5F_5Cb^FS"


@settings(deadline=None, max_examples=50)
@given(any_text)
def test_a_qr_code_carries_any_text_or_refuses_it(text: str) -> None:
    builder = LabelBuilder(100, 60, Dpi.DPI_203)
    try:
        builder.qr(5, 5, text, module_mm=0.5)
    except ValueError:
        assert text == "" or not text.isprintable()
        return
    assert is_one_label(builder.job())
    assert texts(builder.job()) == ["QA," + text.encode("utf-8", "ignore").decode("utf-8")]


def test_a_thousand_hostile_names_and_addresses_leave_each_label_one_label() -> None:
    labels = hostile_labels(1000, seed=1)
    assert len(set(labels)) == 1000
    for label in labels:
        job = ship_label(label, Dpi.DPI_203)
        assert is_one_label(job)
        assert f">;>800{SSCC}" in texts(job)
        assert texts(job)[0] == "FROM"


def test_hostile_labels_come_out_of_an_independent_renderer_as_one_picture_with_the_right_sscc() -> None:
    for label in hostile_labels(1000, seed=1)[::50]:
        pictures = render(ship_label(label, Dpi.DPI_203))
        assert len(pictures) == 1
        assert [(code.text, code.symbology) for code in decode(pictures[0])] == [(f"(00){SSCC}", "]C1")]
