"""The table of all checks: what each looks at, when it warns and when it fails. docs/doctor.md is printed from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from floor.config import Profile
from floor.doctor import devices, machine, store, terminal
from floor.doctor.findings import Probe, Told

_Look = Callable[[Profile], Told]


@dataclass(frozen=True, slots=True)
class Check:
    """``name`` begins its lines; ``warns`` and ``fails`` say of what, in words for an administrator (empty: never)."""

    name: str
    looks_at: str
    warns: str
    fails: str
    probes: Callable[[Profile], Iterable[Probe]]


def _one(name: str, looks_at: str, look: _Look, *, warns: str = "", fails: str = "") -> Check:
    return Check(name, looks_at, warns, fails, lambda profile: [Probe(name, partial(look, profile))])


CHECKS = (
    Check(
        "scanner NAME",
        "each of `[[scanners]]`: its line opens, its port takes the connection, or it calls within 2 s",
        "another program has it (the terminal that runs?); it has not called",
        "it is not there",
        devices.scanner_probes,
    ),
    Check(
        "printer NAME",
        "each of `[[printers]]`: labels, ribbon, head, pause, temperature, what waits in it, the odometer",
        "another program writes to it; something waits in it; it does not count its labels or cannot be asked",
        "it does not print, does not answer, or is not there",
        devices.printer_probes,
    ),
    Check(
        "station",
        "the print service of `station`: it answers, and all its printers are ready",
        "",
        "there is no service, or one of its printers is not ready",
        devices.station_probes,
    ),
    Check(
        "scale",
        "`[scale]`: what it sends is a whole frame of its protocol, in its unit",
        "another program has it (the terminal that runs?)",
        "it is not there, silent, off its zero, or speaks something else",
        devices.scale_probes,
    ),
    _one(
        "store",
        "`store` is reached, is an order store, and the one that this terminal's rows are of",
        store.look_at_store,
        warns="it is another store than before, or was restored",
        fails="nobody or something else answers, its certificate is not to be believed, or the releases do not fit",
    ),
    _one(
        "certificate",
        "the store's certificate is the one that was agreed at enrolment, and for how many days it holds",
        store.look_at_certificate,
        warns=f"fewer than {store.RENEW_DAYS} days are left, or the store is not encrypted",
        fails="it is foreign, expired, of another name, or there is none",
    ),
    _one(
        "enrolment",
        "this terminal has a key, and the store takes it",
        store.look_at_enrolment,
        warns="it was enrolled and has never worked",
        fails="there is no key, it is damaged or others may read it, or the store does not take it (any more)",
    ),
    _one(
        "store's clock",
        "this device's clock beside the store's",
        store.look_at_store_clock,
        warns=f"more than {store.SKEW_S:g} s apart, or the store was not reached",
        fails=f"more than {store.WRONG_CLOCK_S / 60:g} min apart",
    ),
    _one(
        "clock",
        "the year, and whether the clock was set since the last entry of the record",
        machine.look_at_clock,
        warns=f"it was set by more than {machine.STEP_S:g} s",
        fails="the year cannot be, or the last entry lies in the future",
    ),
    _one(
        "disk room",
        "what is free where the terminal's record is",
        machine.look_at_room,
        warns=f"less than {machine.LITTLE_BYTES // 1_000_000} MB",
        fails=f"less than {machine.NO_ROOM_BYTES // 1_000_000} MB, or no room for more files",
    ),
    _one(
        "disk writing",
        "a file is written there and forced to the disk, as each scan is",
        machine.look_at_writing,
        warns=f"it takes more than {machine.SLOW_MS:g} ms",
        fails=f"it cannot be written, or takes more than {machine.TOO_SLOW_MS:g} ms",
    ),
    _one(
        "ledger",
        "the record of what was done here: it opens, and is at the store",
        machine.look_at_ledger,
        warns="something is not delivered yet",
        fails="it does not open, or something waits for more than a day",
    ),
    _one(
        "screen",
        "the terminal's size",
        lambda _profile: terminal.look_at_size(),
        warns=f"smaller than {terminal.COLUMNS} x {terminal.ROWS}, or not started on a terminal",
        fails=f"smaller than {terminal.LEAST_COLUMNS} x {terminal.LEAST_ROWS}",
    ),
    _one(
        "colours",
        "`TERM`",
        lambda _profile: terminal.judged_colours(os.environ),
        warns="`NO_COLOR` is set",
        fails="it is not set, or `dumb`",
    ),
    _one("letters", "the locale", terminal.look_at_letters, warns="it is not UTF-8 and `ascii` is not set"),
    _one(
        "answers",
        "whether the terminal says that it brackets pastes and knows the kitty keyboard protocol",
        lambda _profile: terminal.look_at_answers(),
        warns="it answers nothing, or the doctor was not started on a terminal",
    ),
)

KEYS = Check(
    "key NAME",
    "with `--keys`: what comes when the key is pressed",
    "",
    "nothing comes within ten seconds, or the key does something else",
    lambda _profile: (),
)


def all_probes(profile: Profile) -> list[Probe]:
    return [probe for check in CHECKS for probe in check.probes(profile)]


def table() -> str:
    """All checks as a table in Markdown."""
    rows = [(f"`{c.name}`", c.looks_at, c.warns or "never", c.fails or "never") for c in (*CHECKS, KEYS)]
    head = [("line", "looks at", "`warn`", "`FAIL`"), ("---",) * 4]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [*head, *rows])
