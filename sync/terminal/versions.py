"""Which protocol a terminal and a store speak, and plain words where they have none together."""

from __future__ import annotations

from dataclasses import dataclass

from sync.wire.messages import OLDEST_STORE, PROTOCOL, Hello

WITH_SNAPSHOTS = 2
"""The first protocol with snapshots and checksums."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """``protocol`` stands in every request; ``trouble``: why rows cannot be followed, and what to do."""

    protocol: int
    trouble: str | None = None


def agree(hello: Hello) -> Agreed:
    """The newest protocol that both speak. Ledgers go up in any case: a store takes in those of every protocol."""
    newest = min(PROTOCOL, hello.protocol_max)
    if newest < OLDEST_STORE:
        return Agreed(
            PROTOCOL,
            f"The store is older than this terminal (it speaks protocol {hello.protocol_max} at most, this terminal "
            f"{OLDEST_STORE} at least). Nothing recorded here is lost. Update the store, or put the store's own "
            "release on this terminal.",
        )
    if newest < hello.protocol_min:
        return Agreed(
            PROTOCOL,
            f"This terminal is older than the store (it speaks protocol {PROTOCOL} at most, the store "
            f"{hello.protocol_min} at least). What it records is delivered all the same. Update this terminal.",
        )
    return Agreed(newest)
