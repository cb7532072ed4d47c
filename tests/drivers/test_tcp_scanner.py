"""What only the network can do to a scanner, over real sockets."""

import asyncio
import socket
from contextlib import aclosing, closing
from pathlib import Path

from drivers.emulators.scanner import CallingEmulator
from drivers.readings import LinkChange
from drivers.scanners.line_scanner import LineScanner
from drivers.scanners.places import ListeningPlace, TcpPlace
from drivers.transport.tcp import TcpAddress
from tests.drivers.scanner_places import LIMIT_S, bench, port_of


async def test_a_scanner_that_lost_its_radio_calls_again_and_the_new_connection_counts(tmp_path: Path) -> None:
    async with bench("calling", tmp_path) as at:
        assert isinstance(at.gun, CallingEmulator)
        at.gun.send("L-01")
        at.gun.lose_radio()
        at.gun.replug()
        assert await at.text() == "L-01"
        assert not (await at.change()).up
        assert (await at.change()).up
        at.gun.send("L-02")
        assert await at.text() == "L-02"


async def test_whoever_calls_from_another_address_is_turned_away_and_the_scanner_stays() -> None:
    place = ListeningPlace("127.0.0.2", 0)
    async with aclosing(LineScanner("ring", place).readings()) as readings:
        first = asyncio.ensure_future(anext(readings))
        port = await port_of(place)
        reader, stranger = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), LIMIT_S) == b""
        stranger.close()
        assert not first.done()
        _, own = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        change = await asyncio.wait_for(first, LIMIT_S)
        assert isinstance(change, LinkChange)
        assert change.up
        own.close()


async def test_a_scanner_that_has_not_called_is_said_once_and_heard_whenever_it_calls() -> None:
    place = ListeningPlace("127.0.0.1", 0, call_s=0.01)
    scanner = LineScanner("ring", place, reopen_pauses_s=(0.01,))
    async with aclosing(scanner.readings()) as readings:
        change = await asyncio.wait_for(anext(readings), LIMIT_S)
        assert isinstance(change, LinkChange)
        assert not change.up
        assert "it has not called yet" in change.sentence
        assert scanner.state.word == "lost"
        with closing(CallingEmulator(place.port)) as gun:
            gun.replug()
            change = await asyncio.wait_for(anext(readings), LIMIT_S)
            assert isinstance(change, LinkChange)
            assert change.up


async def test_a_port_that_is_taken_is_said_with_its_reason() -> None:
    with socket.create_server(("", 0)) as taken:
        place = ListeningPlace("127.0.0.1", taken.getsockname()[1])
        async with aclosing(LineScanner("ring", place).readings()) as readings:
            change = await asyncio.wait_for(anext(readings), LIMIT_S)
    assert isinstance(change, LinkChange)
    assert not change.up
    assert "Address already in use" in change.sentence


async def test_a_scanner_that_refuses_or_has_no_address_is_said_with_its_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host, why in (("127.0.0.1", "Connect"), ("no-such-scanner.invalid", "is not connected")):
        async with aclosing(LineScanner("tunnel", TcpPlace(TcpAddress(host, port))).readings()) as readings:
            change = await asyncio.wait_for(anext(readings), LIMIT_S)
        assert isinstance(change, LinkChange)
        assert not change.up
        assert why in change.sentence


async def test_two_scanners_at_one_bench_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    async with bench("serial", tmp_path / "a") as left, bench("tcp", tmp_path / "b") as right:
        left.gun.unplug()
        right.gun.send("L-01")
        assert not (await left.change()).up
        assert await right.text() == "L-01"
        assert (left.scanner.state.word, right.scanner.state.word) == ("lost", "ready")
