"""The doctor's looks at the device that a terminal runs on: its clock, its disk, and the record on it."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from floor.config import Profile
from floor.doctor.findings import Told, fail, ok, warn
from floor.wiring import terminal_folder
from sync.record.delivery import StorageFailed
from sync.record.facts import Stamp
from sync.terminal.health import read_health
from sync.terminal.stamper import boot_id, since_boot_ms, utc_now

FIRST_YEAR, LAST_YEAR = 2026, 2090
STEP_S = 5.0
LITTLE_BYTES, NO_ROOM_BYTES = 200_000_000, 20_000_000
FEW_FILES = 100
SLOW_MS, TOO_SLOW_MS = 50.0, 500.0
LATE = timedelta(days=1)
_WRITES = 7
_WRITE_BYTES = 4096
_SET_CLOCK = "Set this device's clock, best by the network: timedatectl set-ntp true."


def look_at_clock(profile: Profile) -> Told:
    try:
        health = read_health(terminal_folder(profile))
    except (StorageFailed, OSError):
        health = None  # the line of the ledger tells it
    return judged_clock(utc_now(), since_boot_ms(), boot_id(), None if health is None else health.newest)


def judged_clock(now: datetime, now_ms: int, boot: str, newest: Stamp | None) -> Told:
    """``newest`` is the stamp of the last entry: within one start of the device it shows whether the clock was set."""
    shown = f"It shows {now:%Y-%m-%d %H:%M:%S} UTC"
    if not FIRST_YEAR <= now.year <= LAST_YEAR:
        return fail(f"{shown}, which cannot be.", _SET_CLOCK)
    if newest is not None and now < newest.at - timedelta(seconds=STEP_S):
        return fail(f"{shown}, and the last entry was made at {newest.at:%Y-%m-%d %H:%M:%S}: it ran ahead.", _SET_CLOCK)
    if newest is not None and newest.boot_id == boot:
        step_s = (now - newest.at).total_seconds() - (now_ms - newest.since_boot_ms) / 1000
        if abs(step_s) > STEP_S:
            return warn(
                f"{shown}, and was set by {step_s:+.0f} s since the last entry.",
                "If it is right now, nothing; if it is set again and again, look what sets it.",
            )
    return ok(f"{shown}.")


def look_at_room(profile: Profile) -> Told:
    folder = _nearest(terminal_folder(profile))
    about = os.statvfs(folder)
    return judged_room(about.f_bavail * about.f_frsize, about.f_favail if about.f_files else None)


def judged_room(free_bytes: int, free_files: int | None) -> Told:
    """``free_files`` None: this file system does not count them."""
    if free_files is not None and free_files < FEW_FILES:
        return fail(f"No more than {free_files} files can be made on it.", "Delete files that nobody needs.")
    how = f"{free_bytes / 1_000_000:,.0f} MB are free."
    if free_bytes < NO_ROOM_BYTES:
        return fail(f"{how} Soon nothing can be recorded.", "Free space on the device.")
    return ok(how) if free_bytes >= LITTLE_BYTES else warn(how, "Free space on the device.")


def look_at_writing(profile: Profile) -> Told:
    folder = _nearest(terminal_folder(profile))
    try:
        return judged_writing(_writes_ms(folder))
    except OSError as error:
        return fail(
            f"{folder} cannot be written ({error.strerror}). Nothing can be recorded.",
            "Look whether the disk is full or read-only, and whose folder it is.",
        )


def judged_writing(writes_ms: list[float]) -> Told:
    median_ms = statistics.median(writes_ms)
    how = f"What is written is on stable storage after {median_ms:.1f} ms (median of {len(writes_ms)})."
    if median_ms < SLOW_MS:
        return ok(how)
    if median_ms < TOO_SLOW_MS:
        return warn(f"{how} A scan waits for it.", "Put `data` of the profile on a faster disk.")
    return fail(f"{how} Every scan waits for it.", "The disk may be failing: put `data` on another one.")


def look_at_ledger(profile: Profile) -> Told:
    try:
        health = read_health(terminal_folder(profile))
    except StorageFailed as error:
        return fail(str(error))
    if health is None:
        return ok("Nothing was recorded here yet.")
    return judged_ledger(health.entries, health.undelivered, health.oldest_undelivered_at, utc_now())


def judged_ledger(entries: int, undelivered: int, oldest_at: datetime | None, now: datetime) -> Told:
    if not undelivered:
        return ok(f"All {entries} entries are at the store.")
    since = "" if oldest_at is None else f", the oldest since {oldest_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    how = f"{undelivered} of {entries} entries are not delivered{since}."
    todo = "Keep the device, with the terminal running where it reaches the store."
    is_late = oldest_at is not None and now - oldest_at > LATE
    return fail(how, f"{todo} If it cannot, rescue them: floor terminal rescue.") if is_late else warn(how, todo)


def _nearest(folder: Path) -> Path:
    """The folder, or where it would be made."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _writes_ms(folder: Path) -> list[float]:
    taken_ms = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-", buffering=0) as file:
        for _ in range(_WRITES):
            begun_s = time.perf_counter()
            file.write(bytes(_WRITE_BYTES))
            os.fsync(file.fileno())
            taken_ms.append((time.perf_counter() - begun_s) * 1000)
    return taken_ms
