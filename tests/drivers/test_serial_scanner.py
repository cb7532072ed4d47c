"""What only a serial line can do to a scanner, over a real pty."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from drivers.emulators.scanner import SerialEmulator
from drivers.readings import LinkChange
from drivers.scanners.line_scanner import LineScanner
from drivers.scanners.places import SerialPlace
from drivers.transport.serial_line import SerialSettings
from tests.drivers.scanner_places import LIMIT_S


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[SerialEmulator]:
    scanner = SerialEmulator(tmp_path / "usb-scanner-if00")
    yield scanner
    scanner.close()


def scanner_on(path: Path, **line: object) -> LineScanner:
    return LineScanner("gun", SerialPlace(SerialSettings(str(path), **line)), reopen_pauses_s=(0.01,))  # type: ignore[arg-type]


async def first_link(scanner: LineScanner) -> LinkChange:
    async with aclosing(scanner.readings()) as readings:
        reading = await asyncio.wait_for(anext(readings), LIMIT_S)
        assert isinstance(reading, LinkChange)
        return reading


async def test_a_scanner_that_is_not_there_from_the_start_is_said_once_and_found_later(gun: SerialEmulator) -> None:
    gun.unplug()
    async with aclosing(scanner_on(gun.path).readings()) as readings:
        first = await asyncio.wait_for(anext(readings), LIMIT_S)
        assert isinstance(first, LinkChange)
        assert not first.up
        assert "No such file or directory" in first.sentence
        later = asyncio.ensure_future(anext(readings))
        gun.replug()
        reading = await asyncio.wait_for(later, LIMIT_S)
        assert isinstance(reading, LinkChange)
        assert reading.up


async def test_a_line_that_another_program_has_open_is_said_so(gun: SerialEmulator) -> None:
    async with aclosing(scanner_on(gun.path).readings()) as owner:
        reading = await asyncio.wait_for(anext(owner), LIMIT_S)
        assert isinstance(reading, LinkChange)
        assert reading.up
        refused = await first_link(scanner_on(gun.path))
        assert not refused.up
        assert "another program uses it" in refused.sentence


async def test_a_path_that_is_no_serial_line_is_said_and_raises_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("no scanner")
    assert not (await first_link(scanner_on(path))).up


async def test_seven_bits_and_even_parity_on_a_line_that_cannot_do_it_raise_nothing(gun: SerialEmulator) -> None:
    await first_link(scanner_on(gun.path, data_bits=7, parity="E"))
