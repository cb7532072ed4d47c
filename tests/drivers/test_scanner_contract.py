"""What holds for every scanner with a line of its own: serial, TCP, and one that connects to us. Real ptys, sockets."""

import asyncio
from pathlib import Path

import pytest

from drivers.readings import BadReason, ScanFrame
from drivers.scanners.framing import Framing
from tests.drivers.scanner_places import KINDS, bench

every_kind = pytest.mark.parametrize("kind", KINDS)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@every_kind
async def test_scans_arrive_in_order_with_their_symbology_and_source(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        at.gun.send("00340123450000000018", symbology="]C1")
        at.gun.send("10LOT1\x1d21SER", symbology="]d2", suffix="\r\n", prefix="\x02")
        first, second = await at.following(), await at.following()
    assert isinstance(first, ScanFrame)
    assert isinstance(second, ScanFrame)
    assert (first.text, first.symbology, first.source) == ("00340123450000000018", "]C1", "bench left")
    assert (second.text, second.symbology, second.typed) == ("10LOT1\x1d21SER", "]d2", False)
    assert first.read_at_s <= second.read_at_s


@every_kind
async def test_its_state_follows_the_plug(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        assert at.link.up
        assert (at.scanner.state.name, at.scanner.state.word) == ("bench left", "ready")
        at.gun.unplug()
        gone = await at.change()
        assert (gone.up, gone.source) == (False, "bench left")
        assert gone.sentence.endswith("Check its plug and power.")
        assert (at.scanner.state.word, at.scanner.state.detail) == ("lost", gone.sentence)
        at.gun.replug()
        assert (await at.change()).up
        assert at.scanner.state.word == "ready"


@every_kind
async def test_unplugged_again_and_again_it_reads_again_and_says_both(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        for code in ("L-01", "L-02", "L-03"):
            at.gun.send(code)
            assert await at.text() == code
            at.gun.unplug()
            assert not (await at.change()).up
            at.gun.replug()
            assert (await at.change()).up


@every_kind
async def test_a_slow_trickle_is_one_code(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        sending = asyncio.create_task(asyncio.to_thread(at.gun.send, "T-000193", delay_per_char_s=0.002))
        assert await at.text() == "T-000193"
        await sending


@every_kind
async def test_a_hundred_scans_at_once_are_all_read(kind: str, tmp_path: Path) -> None:
    codes = [f"L-{number:04d}-{number % 7}" for number in range(100)]
    async with bench(kind, tmp_path) as at:
        for code in codes:
            at.gun.send(code)
        assert [await at.text() for _ in codes] == codes


@every_kind
async def test_a_code_without_its_end_is_a_bad_read_without_further_bytes(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        at.gun.send_raw(b"400638")
        bad = await at.bad()
    assert (bad.reason, bad.raw, bad.source) == (BadReason.NO_SUFFIX, "400638", "bench left")


@every_kind
async def test_garbage_and_no_reads_are_bad_reads_and_the_next_code_counts(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        at.gun.send_raw(b"\xff\xfe\x00\xf8\r")
        at.gun.send("NOREAD")
        at.gun.send("L-01")
        assert (await at.bad()).reason is BadReason.NOT_TEXT
        assert (await at.bad()).reason is BadReason.NO_READ
        assert await at.text() == "L-01"


@every_kind
async def test_half_a_code_before_the_plug_is_pulled_is_a_bad_read(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as at:
        at.gun.send("L-01")
        at.gun.send_raw(b"4006")
        assert await at.text() == "L-01"
        at.gun.unplug()
        await at.bad()
        assert not (await at.change()).up
        at.gun.replug()
        assert (await at.change()).up
        at.gun.send("4006381333931")
        assert await at.text() == "4006381333931"


@every_kind
async def test_a_framing_of_its_own_is_obeyed(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path, Framing(prefix=b"\x02", suffixes=b"\x03")) as at:
        at.gun.send("T-000193", prefix="\x02", suffix="\x03")
        assert await at.text() == "T-000193"


@every_kind
async def test_closing_the_iterator_releases_everything(kind: str, tmp_path: Path) -> None:
    async with bench(kind, tmp_path):
        pass  # the event loop's own descriptors are there now
    before = open_descriptors()
    for _ in range(3):
        async with bench(kind, tmp_path) as at:
            assert at.link.up
    assert open_descriptors() == before
