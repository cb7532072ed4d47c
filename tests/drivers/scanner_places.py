"""A scanner of each kind at its place, with the emulator that stands for the device."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.emulators.scanner import CallingEmulator, EmulatedScanner, ListeningEmulator, SerialEmulator
from drivers.readings import BadRead, LinkChange, ScanFrame
from drivers.scanners.framing import Framing
from drivers.scanners.line_scanner import LineScanner, Reading
from drivers.scanners.places import ListeningPlace, Place, SerialPlace, TcpPlace
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress

LIMIT_S = 20.0
KINDS = ("serial", "tcp", "calling")


@dataclass
class Bench:
    """A scanner that is plugged in and read: `link` says what was told when it came."""

    scanner: LineScanner
    gun: EmulatedScanner
    readings: AsyncIterator[Reading]
    link: LinkChange

    async def following(self) -> Reading:
        return await asyncio.wait_for(anext(self.readings), LIMIT_S)

    async def text(self) -> str:
        reading = await self.following()
        assert isinstance(reading, ScanFrame), reading
        return reading.text

    async def bad(self) -> BadRead:
        reading = await self.following()
        assert isinstance(reading, BadRead), reading
        return reading

    async def change(self) -> LinkChange:
        reading = await self.following()
        assert isinstance(reading, LinkChange), reading
        return reading


@asynccontextmanager
async def bench(kind: str, folder: Path, framing: Framing | None = None) -> AsyncIterator[Bench]:
    """A scanner of one of `KINDS`, plugged in; line and device are closed at the end."""
    place: Place
    gun: EmulatedScanner
    match kind:
        case "serial":
            gun = SerialEmulator(folder / "usb-scanner-if00")
            place = SerialPlace(SerialSettings(str(folder / "usb-scanner-if00")))
        case "tcp":
            gun = ListeningEmulator()
            place = TcpPlace(TcpAddress("127.0.0.1", gun.port))
        case _:
            place = ListeningPlace("127.0.0.1", 0)
    scanner = LineScanner("bench left", place, framing, reopen_pauses_s=(0.01,))
    readings = scanner.readings()
    assert scanner.state.word == "opening"
    first = asyncio.ensure_future(anext(readings))
    if isinstance(place, ListeningPlace):
        gun = CallingEmulator(await port_of(place))
        gun.replug()
    try:
        link = await asyncio.wait_for(first, LIMIT_S)
        assert isinstance(link, LinkChange)
        yield Bench(scanner, gun, readings, link)
    finally:
        gun.close()
        await readings.aclose()


async def port_of(place: ListeningPlace) -> int:
    """The port that the system chose; what opens the place was started just before."""
    await asyncio.sleep(0)
    assert place.port
    return place.port
