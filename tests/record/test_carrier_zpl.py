"""Carriers' labels go through as they came, and nothing else goes through."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layouts.labels.ship_label import ship_label
from layouts.zpl import Dpi
from sync.record.codes.carrier_zpl import UnsafeZpl, checked_carrier_zpl
from tests.layouts.hostile import ATTACKS
from tests.layouts.test_labels import PARCEL

# The heads and ends that two carriers put around their labels.
WITH_MAXICODE = (
    b"^XA^LRN^MNY^MFN,N^LH15,12^MCY^POI^PW840^CI27\n^FT20,630^CVY^BD3^FH_^FD00184000000[)>_1E01_1D961Z0_1E_04^FS\n"
    b"^FT15,23^A0N,20,24^FVNAME^FS\n^FT105,982^BY3^BCN,202,N,N,,A^FV1Z^FS\n\n^XZ^XZ"
)
WITH_PDF417 = (
    b"^XA^CF,0,0,0^PR12^MD30^PW800^POI^CI13^LH0,20\r\n^FO32,3^AdN,0,0^FWN^FH^FDFROM:^FS\r\n"
    b"^FO21,412^BY2,2^B7N,10,5,14^FH^FWN^FH^FD[)>_1E01_1D02^FS\r\n^FO788,28^AbN,11,7^FWB^FH^FD58KJ4^FS\r\n^PQ1\r\n^XZ\r\n"
)


def refusal(zpl: bytes) -> str:
    with pytest.raises(UnsafeZpl) as refused:
        checked_carrier_zpl(zpl)
    return str(refused.value)


@pytest.mark.parametrize(
    ("zpl", "labels"),
    [
        (WITH_MAXICODE, 1),
        (WITH_PDF417, 1),
        (ship_label(PARCEL, Dpi.DPI_203), 1),
        (b"^XA^FO1,1^FDone^FS^XZ\n^XA^FO1,1^FDtwo^FS^PQ3,0,1,Y^XZ", 4),
        (b"^xa^fo1,1^gfa,1,1,1,FF^fs^xz", 1),
        ("^XA^CI28^FO1,1^A0N,20,20^FDZoë 東京^FS^XZ".encode(), 1),
    ],
)
def test_a_label_goes_through_byte_for_byte(zpl: bytes, labels: int) -> None:
    checked = checked_carrier_zpl(zpl)
    assert checked.zpl is zpl
    assert checked.labels == labels


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (b"^CC!", "changes the sign that begins commands"),
        (b"~CT!", "changes the sign that begins control commands"),
        (b"^JUS", "saves or resets the printer's settings"),
        (b"^juf", "saves or resets the printer's settings"),
        (b"^J\r\nUS", "saves or resets the printer's settings"),
        (b"^\nJUS", "saves or resets the printer's settings"),
        (b"~JA", "empties the printer's queue"),
        (b"~JR", "restarts the printer"),
        (b"~JX", "breaks off a label"),
        (b"~SD30", "darkness"),
        (b"^IDR:*.*", "deletes files"),
        (b"^DFR:A.ZPL", "stores a format"),
        (b"~DGR:A.GRF,1,1,FF", "stores a picture"),
        (b"^XGR:A.GRF,1,1", "stored in the printer and not in the file"),
        (b"~HS", "asks the printer for its state"),
        (b"^MTD", "kind of media"),
        (b"^MNN", "would stay in force"),
        (b"^PMY", "would stay in force"),
        (b"^LRY", "would stay in force"),
        (b"^MCN", "would stay in force"),
        (b"^JMB", "would stay in force"),
        (b"^LT50", "would stay in force"),
        (b"^GFB,4,4,1,\x80\x81\x82\x83", "not only printing"),
        (b"^PQ500", "not only printing"),
        (b"^PQ1,1", "not only printing"),
        (b"^PQ", "not only printing"),
        (b"^QQ", "no printing command that is known"),
        (b"^", "no printing command that is known"),
        (b"~", "no printing command that is known"),
        (b"^ JUS", "no printing command that is known"),
        (b"~FD", "no printing command that is known"),
    ],
)
def test_what_does_more_than_print_is_refused_with_its_line_and_what_to_do(command: bytes, said: str) -> None:
    text = refusal(b"^XA\n^FO1,1^FDa^FS\n" + command + b"^FO1,1^FDb^FS^XZ")
    assert said in text
    assert "line 3" in text
    assert "nothing was printed; ask the carrier" in text


@pytest.mark.parametrize("control", [0x00, 0x02, 0x03, 0x05, 0x10, 0x1B, 0x1E, 0x7F])
def test_control_characters_are_refused_because_printers_obey_them(control: int) -> None:
    assert f"{control:#04x}" in refusal(b"^XA^FD" + bytes([control]) + b"JA^FS^XZ")


@pytest.mark.parametrize(
    ("zpl", "said"),
    [
        (b"", "no whole label"),
        (b"\n", "no whole label"),
        (b"^XA^FDx^FS", "no whole label"),
        (b"^XZ", "no whole label"),
        (b"^XA^XZ", "no whole label"),
        (b"^XA^FDx^FS^XA^FDy^FS^XZ", "begins a label before the last one has ended"),
        (b"^XA^FDx^FS^XZ^PON", "stands outside a label"),
        (b'^XA^FDx^FS^XZ\n! U1 setvar "device.languages" "epl"\n', "stands outside a label"),
        (b'! U1 do "device.reset" ""\n^XA^FDx^FS^XZ', "stands before the first label"),
        (b'{}{"device.reset":""}^XA^FDx^FS^XZ', "stands before the first label"),
        (b"%PDF-1.7", "stands before the first label"),
        (b"^XA^FX" + b"x" * 2_000_000 + b"^XZ", "one by one"),
    ],
)
def test_only_whole_labels_go_through(zpl: bytes, said: str) -> None:
    assert said in refusal(zpl)


pieces = st.sampled_from(
    [
        b"^XA",
        b"^XZ",
        b"^FD",
        b"^FS",
        b"^PQ",
        b"2",
        b"~",
        b"^",
        b"^J",
        b"US",
        b"\n",
        b"A",
        b"^GFA,",
        b" ",
        b"! U1",
        b"^^",
    ]
    + [attack.encode("utf-8", "ignore") for attack in ATTACKS]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(pieces, st.binary(max_size=8)), max_size=40).map(b"".join))
@example(b"^" * 100_000)
@example(b"^XA" + b"^FD" * 30_000 + b"^XZ")
@example(b"^XA^PQ" + b"9" * 5_000 + b"^XZ")
@example(b"\n" * 100_000 + b"^XA^FDx^FS^XZ")
def test_any_bytes_are_either_refused_or_left_as_they_are(zpl: bytes) -> None:
    try:
        checked = checked_carrier_zpl(zpl)
    except UnsafeZpl:
        return
    assert checked.zpl is zpl
    assert checked.labels >= 1
    assert b"~" not in zpl


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([WITH_MAXICODE, WITH_PDF417]), st.integers(0, 400), st.sampled_from([b"~JA", b"^JUS", b"^CC!"]))
def test_a_control_command_is_found_wherever_it_stands(zpl: bytes, place: int, command: bytes) -> None:
    with pytest.raises(UnsafeZpl):
        checked_carrier_zpl(zpl[:place] + command + zpl[place:])
