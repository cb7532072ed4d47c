"""A serial scanner over a real pty."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from drivers.emulators.scanner import EmulatedScanner
from drivers.readings import BadRead, BadReason, LinkChange, ScanFrame
from drivers.scanners.framing import Framing
from drivers.scanners.serial_scanner import Reading, SerialScanner
from drivers.transport.serial_line import SerialSettings

LIMIT_S = 20.0


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[EmulatedScanner]:
    scanner = EmulatedScanner(tmp_path / "usb-scanner-if00")
    yield scanner
    scanner.close()


def reader(gun: EmulatedScanner, **line: object) -> SerialScanner:
    return SerialScanner("bench left", SerialSettings(str(gun.path), **line), reopen_pauses_s=(0.01,))  # type: ignore[arg-type]


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def following(readings: AsyncIterator[Reading]) -> Reading:
    return await asyncio.wait_for(anext(readings), LIMIT_S)


async def text_of_following(readings: AsyncIterator[Reading]) -> str:
    reading = await following(readings)
    assert isinstance(reading, ScanFrame)
    return reading.text


async def link_of_following(readings: AsyncIterator[Reading]) -> LinkChange:
    reading = await following(readings)
    assert isinstance(reading, LinkChange)
    return reading


async def test_scans_arrive_in_order_with_their_symbology_and_source(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as readings:
        assert (await link_of_following(readings)).up
        gun.send("00340123450000000018", symbology="]C1")
        gun.send("10LOT1\x1d21SER", symbology="]d2", suffix="\r\n", prefix="\x02")
        first, second = await following(readings), await following(readings)
    assert isinstance(first, ScanFrame)
    assert isinstance(second, ScanFrame)
    assert (first.text, first.symbology, first.source) == ("00340123450000000018", "]C1", "bench left")
    assert (second.text, second.symbology, second.typed) == ("10LOT1\x1d21SER", "]d2", False)
    assert first.read_at_s <= second.read_at_s


async def test_a_slow_trickle_is_one_code(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as readings:
        await link_of_following(readings)
        sending = asyncio.create_task(asyncio.to_thread(gun.send, "T-000193", delay_per_char_s=0.002))
        assert await text_of_following(readings) == "T-000193"
        await sending


async def test_a_hundred_scans_at_once_are_all_read(gun: EmulatedScanner) -> None:
    codes = [f"L-{number:04d}-{number % 7}" for number in range(100)]
    async with aclosing(reader(gun).readings()) as readings:
        await link_of_following(readings)
        for code in codes:
            gun.send(code)
        assert [await text_of_following(readings) for _ in codes] == codes


async def test_a_code_without_its_end_is_a_bad_read_without_further_bytes(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as readings:
        await link_of_following(readings)
        gun.send_raw(b"400638")
        reading = await following(readings)
    assert isinstance(reading, BadRead)
    assert (reading.reason, reading.raw) == (BadReason.NO_SUFFIX, "400638")


async def test_unplugged_and_back_it_reads_again_and_says_both(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as readings:
        await link_of_following(readings)
        for code in ("L-01", "L-02", "L-03"):
            gun.send(code)
            assert await text_of_following(readings) == code
            gun.unplug()
            gone = await link_of_following(readings)
            assert not gone.up
            assert str(gun.path) in gone.sentence
            assert gone.sentence.endswith("Check its plug and power.")
            gun.replug()
            assert (await link_of_following(readings)).up


async def test_half_a_code_before_the_plug_is_pulled_is_a_bad_read(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as readings:
        await link_of_following(readings)
        gun.send("L-01")
        gun.send_raw(b"4006")
        assert await text_of_following(readings) == "L-01"
        gun.unplug()
        reading = await following(readings)
        assert isinstance(reading, BadRead)
        assert not (await link_of_following(readings)).up
        gun.replug()
        assert (await link_of_following(readings)).up
        gun.send("4006381333931")
        assert await text_of_following(readings) == "4006381333931"


async def test_a_scanner_that_is_not_there_from_the_start_is_said_once_and_found_later(gun: EmulatedScanner) -> None:
    gun.unplug()
    async with aclosing(reader(gun).readings()) as readings:
        first = await link_of_following(readings)
        assert not first.up
        assert "No such file or directory" in first.sentence
        later = asyncio.ensure_future(following(readings))
        gun.replug()
        reading = await later
        assert isinstance(reading, LinkChange)
        assert reading.up


async def test_a_line_that_another_program_has_open_is_said_so(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun).readings()) as owner, aclosing(reader(gun).readings()) as other:
        assert (await link_of_following(owner)).up
        refused = await link_of_following(other)
        assert not refused.up
        assert "another program uses it" in refused.sentence


async def test_a_path_that_is_no_serial_line_is_said_and_raises_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("no scanner")
    scanner = SerialScanner("gun", SerialSettings(str(path)), reopen_pauses_s=(0.01,))
    async with aclosing(scanner.readings()) as readings:
        assert not (await link_of_following(readings)).up


async def test_seven_bits_and_even_parity_on_a_line_that_cannot_do_it_raise_nothing(gun: EmulatedScanner) -> None:
    async with aclosing(reader(gun, data_bits=7, parity="E").readings()) as readings:
        assert isinstance(await following(readings), LinkChange)


async def test_closing_the_iterator_releases_the_line(gun: EmulatedScanner) -> None:
    before = open_descriptors()
    for _ in range(3):
        async with aclosing(reader(gun).readings()) as readings:
            assert (await link_of_following(readings)).up
    assert open_descriptors() == before


async def test_a_framing_of_its_own_is_obeyed(gun: EmulatedScanner) -> None:
    scanner = SerialScanner("gun", SerialSettings(str(gun.path)), Framing(prefix=b"\x02", suffixes=b"\x03"))
    async with aclosing(scanner.readings()) as readings:
        await link_of_following(readings)
        gun.send("T-000193", prefix="\x02", suffix="\x03")
        assert await text_of_following(readings) == "T-000193"
