"""Who, where and when: the stamp of every fact. The one place at a terminal that reads clocks and draws ids."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sync.record.facts import Stamp
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def utc_now() -> datetime:
    return datetime.now(UTC)


def since_boot_ms() -> int:
    """Milliseconds since the device was started, time asleep included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()


def uuid7(at: datetime, random_bits: int) -> EventId:
    """A UUIDv7 (RFC 9562) as 32 hex digits: 48 bits of milliseconds, then 74 random bits."""
    at_ms = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    high = random_bits >> 62 & 0xFFF
    low = random_bits & ((1 << 62) - 1)
    return EventId(f"{at_ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low:032x}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamper:
    """Makes stamps; what it reads can be replaced in tests."""

    site_id: SiteId
    terminal_id: TerminalId
    boot_id: str
    now: Callable[[], datetime] = utc_now
    since_boot_ms: Callable[[], int] = since_boot_ms
    random_bits: Callable[[int], int] = secrets.randbits

    def stamp(self, worker_id: WorkerId | None) -> Stamp:
        (stamp,) = self.stamps(worker_id, 1)
        return stamp

    def stamps(self, worker_id: WorkerId | None, count: int) -> list[Stamp]:
        """Stamps for facts of one step: of one moment, by which they are known to belong together."""
        at, since_boot_ms = self.now(), self.since_boot_ms()
        return [
            Stamp(
                event_id=uuid7(at, self.random_bits(74)),
                site_id=self.site_id,
                terminal_id=self.terminal_id,
                worker_id=worker_id,
                at=at,
                boot_id=self.boot_id,
                since_boot_ms=since_boot_ms,
            )
            for _ in range(count)
        ]

    def age_s(self, stamp: Stamp) -> int:
        """How old a fact is, in seconds: exact within this start of the device, else by its clock; never negative."""
        if stamp.boot_id == self.boot_id:
            return max(0, (self.since_boot_ms() - stamp.since_boot_ms) // 1000)
        return max(0, int((self.now() - stamp.at).total_seconds()))
