"""Sums over the rows that a terminal is told: equal on both sides, or something is wrong with one of them."""

from __future__ import annotations

import hashlib

import msgspec

from sync.wire.codec import UNREADABLE

_ALL_BITS = (1 << 256) - 1


class _Zoned(msgspec.Struct, frozen=True):
    zone_id: str = ""


_zone_decoder = msgspec.json.Decoder(_Zoned)


class RowSums:
    """A sum for each part: a kind, of locations also the zone. Rows may come in any order, each once."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, int]] = {}

    def add(self, kind: str, key: str, data: bytes) -> None:
        """``data``: the row as encoded by the store, byte for byte."""
        part = part_of(kind, data)
        count, total = self._sums.get(part, (0, 0))
        named = f"{kind}\0{key}\0".encode()
        digest = int.from_bytes(hashlib.sha256(named + data).digest(), "big")
        self._sums[part] = (count + 1, (total + digest) & _ALL_BITS)

    def by_part(self) -> dict[str, str]:
        """``<number of rows>:<sum of their SHA-256 modulo 2^256, hex>``."""
        return {part: f"{count}:{total:064x}" for part, (count, total) in sorted(self._sums.items())}


def part_of(kind: str, data: bytes) -> str:
    """What a row is summed up under: ``item``, ``location/A``."""
    if kind != "location":
        return kind
    try:
        return f"{kind}/{_zone_decoder.decode(data).zone_id}"
    except UNREADABLE:
        return f"{kind}/?"
