"""What a worker is told when a scanner reads badly, goes away or comes back; scanners in the profile."""

from pathlib import Path

import pytest

from drivers.readings import BadRead, BadReason, LinkChange, ScanFrame
from drivers.scanners.line_scanner import LineScanner
from drivers.scanners.places import ListeningPlace, SerialPlace, TcpPlace
from floor.config import BadProfile, Profile, ScannerProfile, load_profile
from floor.feeds import ScannerTroubles
from floor.wiring import scanners
from floor.work.prompt import Notice, Tone

KEYBOARD = "keyboard"


def bad(reason: BadReason, source: str = "left") -> BadRead:
    return BadRead(reason, "4006", source, 1.0)


def good(source: str = "left") -> ScanFrame:
    return ScanFrame("L-01", None, source, typed=False, read_at_s=1.0)


def test_a_bad_read_names_its_scanner_but_for_the_one_that_types() -> None:
    troubles = ScannerTroubles(KEYBOARD)
    assert troubles.bad_read(bad(BadReason.CUT)) == Notice("bad_read_at", {"source": "left"}, Tone.WARNING)
    assert troubles.bad_read(bad(BadReason.CUT, KEYBOARD)) == Notice("bad_read", tone=Tone.WARNING)
    assert troubles.bad_read(bad(BadReason.NO_READ)).key == "no_read_at"
    assert troubles.bad_read(bad(BadReason.NO_READ, KEYBOARD)).key == "no_read"


def test_a_scanner_without_an_end_mark_is_explained_once_and_for_each_scanner() -> None:
    troubles = ScannerTroubles(KEYBOARD)
    unended = bad(BadReason.NO_SUFFIX)
    assert [troubles.bad_read(unended).key for _ in range(4)] == [
        "bad_read_at", "no_end_mark", "bad_read_at", "bad_read_at"
    ]  # fmt: skip
    assert [troubles.bad_read(bad(BadReason.NO_SUFFIX, "right")).key for _ in range(2)] == [
        "bad_read_at", "no_end_mark"
    ]  # fmt: skip


def test_single_codes_without_their_end_among_whole_ones_are_no_setting() -> None:
    troubles = ScannerTroubles(KEYBOARD)
    for _ in range(3):
        assert troubles.bad_read(bad(BadReason.NO_SUFFIX)).key == "bad_read_at"
        troubles.heard(good("right"))
        troubles.heard(good())


def test_a_scanner_that_comes_and_goes_is_told_and_one_that_was_always_there_is_not() -> None:
    troubles = ScannerTroubles(KEYBOARD)
    here, gone = LinkChange("left", True, "here", 1.0), LinkChange("left", False, "gone", 2.0)
    assert troubles.link(here) is None
    assert troubles.link(gone) == Notice("scanner_gone", {"source": "left"}, Tone.WARNING)
    assert troubles.link(here) == Notice("scanner_back", {"source": "left"}, Tone.DONE)
    assert troubles.link(here) is None


PROFILE = """
[[scanners]]
name = "left"
serial = "/dev/serial/by-id/usb-scanner"
baud = 115200
suffix = "\\u0003"
[[scanners]]
name = "tunnel"
host = "10.0.0.31"
port = 9004
[[scanners]]
name = "ring"
host = "10.0.0.32"
listen = 9200
"""


def test_the_scanners_of_a_profile_are_told_apart_and_have_a_state_before_they_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_text(PROFILE)
    found = scanners(load_profile(path, {}))
    assert all(isinstance(scanner, LineScanner) for scanner in found)
    states = [scanner.state for scanner in found]
    assert [(state.name, state.word) for state in states] == [
        ("left", "opening"), ("tunnel", "opening"), ("ring", "opening")
    ]  # fmt: skip
    assert "/dev/serial/by-id/usb-scanner" in states[0].detail
    assert "port 9200" in states[2].detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[scanners]]\nname = "a"\n', "give one"),
        ('[[scanners]]\nname = "a"\nserial = "x"\nhost = "y"\nport = 1\n', "give one"),
        ('[[scanners]]\nname = "a"\nhost = "y"\n', "give one"),
        ('[[scanners]]\nname = "a"\nhost = "y"\nport = 1\nlisten = 2\n', "give one"),
        ('[[scanners]]\nname = "a"\nserial = "x"\nhost = "y"\n', "give one"),
        ('[[scanners]]\nserial = "x"\n', "name"),
        ('[[scanners]]\nname = "a"\nserial = "x"\n[[scanners]]\nname = "a"\nserial = "y"\n', "the same `name`"),
        ('[[scanners]]\nname = "a"\nserial = "x"\nprefix = "ab"\n', "prefix"),
        ('[[scanners]]\nname = "a"\nserial = "x"\nsuffix = "\\u20ac"\n', "single bytes"),
        ('[wedge]\nprefix = "\\r"\n', "prefix"),
        ('serial = ["/dev/ttyACM0"]\n', "serial"),
    ],
)
def test_a_scanner_that_cannot_be_is_refused_with_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(BadProfile, match=said):
        load_profile(path, {})


def test_each_way_to_a_scanner_has_its_place() -> None:
    from floor.wiring import scanner_place

    assert isinstance(scanner_place(ScannerProfile("a", serial="/dev/ttyACM0")), SerialPlace)
    assert isinstance(scanner_place(ScannerProfile("a", host="10.0.0.1", port=9004)), TcpPlace)
    assert isinstance(scanner_place(ScannerProfile("a", host="10.0.0.1", listen=9004)), ListeningPlace)
    assert scanners(Profile()) == ()
