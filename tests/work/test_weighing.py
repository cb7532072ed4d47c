"""The scale beside the conversation, over real lines: which weights it hears of, and what it is told besides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from queue import Queue
from typing import get_args, get_type_hints

import msgspec
import pytest

from drivers.emulators.scale import EmulatedScale
from drivers.readings import WeightFault
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.states import ScaleState
from floor.config import BadProfile, ScaleProfile, load_profile
from floor.weighing import StationScale, scale_of
from floor.wording import catalogue, languages
from floor.work.prompt import ScaleSaid, ScaleSet
from tests.drivers.waiting import LIMIT_S, eventually

LISTEN_S, PAUSE_S = 0.2, 0.02
every_way = pytest.mark.parametrize("way", ["tcp", "pty"])


class Bench:
    """An emulated scale, and what a conversation hears of it."""

    def __init__(self, emulated: EmulatedScale, station: StationScale) -> None:
        self.emulated = emulated
        self.station = station
        self._heard: Queue[ScaleSaid | ScaleSet] = Queue()
        station.listen(self._heard.put)

    def hears(self, wanted: ScaleSaid | ScaleSet) -> list[ScaleSaid | ScaleSet]:
        """Wait until this is heard; returns what came before it."""
        before: list[ScaleSaid | ScaleSet] = []
        while (said := self._heard.get(timeout=LIMIT_S)) != wanted:
            before.append(said)
        return before

    def is_seen_empty(self) -> None:
        self.emulated.put("0")
        seen = self.emulated.sent_frames
        eventually(lambda: self.emulated.sent_frames > seen + 3)

    def rest(self) -> list[ScaleSaid | ScaleSet]:
        """What else was heard by now."""
        return [self._heard.get_nowait() for _ in range(self._heard.qsize())]


@contextmanager
def bench(folder: Path, way: str = "tcp", protocol: str = "mt-sics") -> Iterator[Bench]:
    with EmulatedScale(protocol, path=folder / "scale-if00" if way == "pty" else None) as emulated:
        table = {"serial": str(emulated.path)} if way == "pty" else {"host": emulated.host, "port": emulated.port}
        profile = msgspec.convert({"protocol": protocol, "unit": "kg", **table}, ScaleProfile)
        station = StationScale(scale_of(profile), LISTEN_S, PAUSE_S)
        try:
            yield Bench(emulated, station)
        finally:
            station.close()


@every_way
def test_a_weight_is_heard_once_when_the_scale_was_empty_before(tmp_path: Path, way: str) -> None:
    with bench(tmp_path, way) as at:
        at.is_seen_empty()
        at.station.weigh(True)
        at.emulated.put("12.345")
        at.hears(ScaleSaid(12345))
        at.station.weigh(False)
        at.station.weigh(True)
        at.hears(ScaleSaid(fault="not_cleared"))
        at.emulated.put("0")
        at.hears(ScaleSaid(fault="empty"))
        at.emulated.put("0.500")
        at.hears(ScaleSaid(500))


@every_way
def test_a_scale_that_goes_is_told_and_one_that_comes_back_weighs(tmp_path: Path, way: str) -> None:
    with bench(tmp_path, way) as at:
        at.is_seen_empty()
        assert at.station.state() == ScaleState("ok", "")
        at.emulated.unplug()
        at.station.weigh(True)
        at.hears(ScaleSaid(fault="gone"))
        assert at.station.state().word == "gone"
        assert "Check its plug" in at.station.state().detail
        at.emulated.replug()
        at.hears(ScaleSaid(fault="empty"))
        assert at.station.state().is_ok
        at.emulated.put("1")
        at.hears(ScaleSaid(1000))


def test_why_there_is_no_weight_is_told_with_each_change_and_not_again_and_again(tmp_path: Path) -> None:
    with bench(tmp_path) as at:
        at.is_seen_empty()
        at.station.weigh(True)
        at.hears(ScaleSaid(fault="empty"))
        asked = at.emulated.sent_frames
        eventually(lambda: at.emulated.sent_frames > asked + 10)
        told = [ScaleSaid(fault="empty"), *at.rest()]
        assert all(one != other for one, other in pairwise(told))
        at.emulated.shake()
        at.hears(ScaleSaid(fault="moving"))
        at.emulated.put("1")
        at.emulated.press_unit("lb")
        at.hears(ScaleSaid(fault="wrong_unit"))
        assert at.station.state().word == "unit"
        at.emulated.fall_silent()
        at.hears(ScaleSaid(fault="silent"))


def test_nobody_hears_of_a_weight_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    with bench(tmp_path) as at:
        at.is_seen_empty()
        at.station.weigh(True)
        at.hears(ScaleSaid(fault="empty"))
        at.station.weigh(False)
        at.emulated.put("1")
        seen = at.emulated.sent_frames
        eventually(lambda: at.emulated.sent_frames > seen + 3)
        assert [said for said in at.rest() if isinstance(said, ScaleSaid) and said.weight_g is not None] == []


def test_less_than_half_a_gram_is_an_empty_scale(tmp_path: Path) -> None:
    with EmulatedScale("mt-sics", unit="g", decimals=2) as emulated:
        station = StationScale(
            scale_of(ScaleProfile("mt-sics", host=emulated.host, port=emulated.port)), LISTEN_S, PAUSE_S
        )
        at = Bench(emulated, station)
        at.is_seen_empty()
        emulated.put("0.40")
        station.weigh(True)
        assert ScaleSaid(0) not in at.hears(ScaleSaid(fault="empty"))
        station.close()


def test_zero_and_tare_are_set_and_what_became_of_it_is_told(tmp_path: Path) -> None:
    with bench(tmp_path) as at:
        at.emulated.put("0.200")
        at.station.set(is_tare=True)
        at.hears(ScaleSet())
        at.station.weigh(True)
        at.emulated.put("0.700")
        at.hears(ScaleSaid(500))


def test_a_scale_that_cannot_be_set_from_here_says_so(tmp_path: Path) -> None:
    with bench(tmp_path, protocol="nci") as at:
        at.station.set(is_tare=True)
        at.hears(ScaleSet("not_offered"))


def test_a_profile_can_name_every_protocol() -> None:
    assert set(get_args(get_type_hints(ScaleProfile)["protocol"])) == set(PROTOCOLS)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"protocol": "mt-sics"}, "give one"),
        ({"protocol": "mt-sics", "host": "10.0.0.9"}, "give one"),
        ({"protocol": "mt-sics", "serial": "/dev/ttyS0", "hid": "/dev/hidraw0"}, "give one"),
        ({"protocol": "hid", "serial": "/dev/ttyS0"}, "belong together"),
        ({"protocol": "toledo-8217", "serial": "/dev/ttyS0"}, "say in `unit`"),
        ({"protocol": "morse", "serial": "/dev/ttyS0"}, "morse"),
    ],
)
def test_a_profile_that_names_no_usable_scale_is_refused(table: dict[str, str], why: str) -> None:
    with pytest.raises(BadProfile, match=why):
        load_profile(None, {"scale": table})


@pytest.mark.parametrize("protocol", sorted(set(PROTOCOLS) - {"hid"}))
def test_a_scale_of_every_protocol_is_made_of_its_profile(protocol: str, tmp_path: Path) -> None:
    """With the line settings that it leaves the factory with: nothing is opened yet."""
    for place in ({"serial": str(tmp_path / "scale")}, {"host": "127.0.0.1", "port": 4305}):
        profile = load_profile(None, {"scale": {"protocol": protocol, "unit": "kg", **place}}).scale
        assert profile is not None
        scale_of(profile).close()


@pytest.mark.parametrize("language", languages())
def test_every_reason_for_no_weight_has_a_word(language: str) -> None:
    words = catalogue(language).names("word")
    assert {f"scale-{fault.name.lower()}" for fault in WeightFault} - words == set()
