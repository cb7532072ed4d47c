"""The scale of the terminal in a dialogue: what lies on it, and what goes wrong with it.

scale stands                      an emulated one; the terminal is started again with it
scale put 0.300                   kilograms lie on it; 0: nothing
scale shakes | is unplugged | is plugged in | weighs in lb
scale says empty                  wait until the prompt says so: empty, moving, not_cleared, gone ...
scale is seen empty               wait until it was, while no weight is wanted
carton weighs 300                 grams, by the store's record; ``nothing``: it was not weighed
carton was passed by W-1005       the lead in the fact; ``nobody``
label says 0.300 kg               the newest that was printed
"""

from __future__ import annotations

from collections.abc import Sequence

from drivers.emulators.scale import EmulatedScale
from sync.record.facts import CartonClosed
from sync.store import tables as t
from sync.wire.codec import decode_entry
from tests.drivers.waiting import eventually
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import Terminal


class Scales:
    def __init__(self, shop: Shop, terminal: Terminal) -> None:
        self._shop = shop
        self._terminal = terminal

    def do(self, words: Sequence[str]) -> None:
        match list(words):
            case ["scale", "stands"]:
                self._terminal.gets_scale()
            case ["scale", "says", reason]:
                said = f"scale-{reason}"
                self._terminal.wait_until(lambda turn: turn.prompt.values.get("reason") == said)
            case ["scale", *rest]:
                assert self._terminal.scale is not None
                self._happens(self._terminal.scale, rest)
            case ["carton", "weighs", grams]:
                assert self._carton()["weight_g"] == (None if grams == "nothing" else int(grams))
            case ["carton", "was", "passed", "by", worker_id]:
                assert self._closed().weight_accepted_by == (None if worker_id == "nobody" else worker_id)
            case ["label", "says", *weight]:
                newest = max(self._terminal.labels.glob("*.zpl"))
                assert f"^FD{' '.join(weight)}^FS".encode() in newest.read_bytes()
            case _:
                raise ValueError(f"nobody knows what the scale does with {words}")

    def _happens(self, scale: EmulatedScale, words: Sequence[str]) -> None:
        match list(words):
            case ["put", load]:
                scale.put(load)
            case ["shakes"]:
                scale.shake()
            case ["is", "unplugged"]:
                scale.unplug()
            case ["is", "plugged", "in"]:
                scale.replug()
            case ["weighs", "in", unit]:
                scale.press_unit(unit)
            case ["is", "seen", "empty"]:
                asked = scale.sent_frames
                eventually(lambda: scale.sent_frames > asked + 3)
            case _:
                raise ValueError(f"nobody knows what the scale does with {words}")

    def _carton(self) -> dict[str, object]:
        (carton,) = self._shop.site.rows(t.carton, sscc=self._closed().sscc)
        return carton

    def _closed(self) -> CartonClosed:
        self._terminal.drain()
        entries = [decode_entry(row["body"]) for row in self._shop.site.rows(t.event)]
        return [entry.fact for entry in entries if isinstance(entry.fact, CartonClosed)][-1]
