"""PINs at a terminal: what is counted before it is answered, and what neither restart nor clock gives back."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from sync.record.ids import BadgeCode, SiteId, TerminalId, WorkerId
from sync.record.rows import Role, WorkerRow
from sync.record.signing_in import FREE_TRIES, FREE_TRIES_AT_TERMINAL, PinAnswer, PinOutcome, is_over, wait_after
from sync.terminal.contact import WRITTEN_EVERY_S, LastContact
from sync.terminal.ledger import Ledger
from sync.terminal.pins import PinGate
from sync.terminal.stamper import Stamper
from sync.wire.pins import hash_pin, pin_problem

PIN, PEPPER = "271828", "5a" * 32
WRONG, RIGHT = PinAnswer(PinOutcome.WRONG), PinAnswer(PinOutcome.RIGHT)


@cache
def hashed(pepper: str | None) -> str:
    return hash_pin(PIN, pepper)


def worker(name: str = "W-1", *, active: bool = True, pepper: str | None = None) -> WorkerRow:
    return WorkerRow(
        worker_id=WorkerId(name),
        badge=BadgeCode("B-1"),
        name=name,
        roles=(Role.PICKER,),
        language="en",
        pin_hash=hashed(pepper),
        active=active,
    )


@dataclass
class Device:
    """A terminal's file and clocks; `restarted` opens the file again, `rebooted` on a clock that begins anew."""

    path: Path
    boot: str = "boot-1"
    up_s: float = 1000.0
    wall: datetime = datetime(2026, 3, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.path)
        self.stamper = Stamper(
            site_id=SiteId("main"),
            terminal_id=TerminalId("HH-01"),
            boot_id=self.boot,
            now=lambda: self.wall,
            since_boot_ms=lambda: int(self.up_s * 1000),
        )
        self.gate = PinGate(self.ledger, self.stamper, threading.Condition())
        self.contact = LastContact(self.ledger, self.stamper)

    def restarted(self) -> Device:
        self.ledger.close()
        return replace(self)

    def rebooted(self, *, boot: str = "boot-2", up_s: float = 0.0) -> Device:
        self.ledger.close()
        return replace(self, boot=boot, up_s=up_s)

    def tries(self, pin: str, who: WorkerRow | None = None, name: str = "W-1") -> PinAnswer:
        return self.gate.check(WorkerId(name), worker() if who is None else who, pin, None)

    def is_wrong(self, times: int, name: str = "W-1") -> PinAnswer:
        answers = [self.tries("000000", name=name) for _ in range(times)]
        return answers[-1]


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(tmp_path / "ledger.sqlite")
    yield made
    made.ledger.close()


def test_five_wrong_ones_cost_nothing_but_the_fifth_says_how_long_to_wait(device: Device) -> None:
    assert device.is_wrong(FREE_TRIES - 1) == WRONG
    assert device.is_wrong(1) == PinAnswer(PinOutcome.WRONG, 30)
    assert device.tries(PIN) == PinAnswer(PinOutcome.WAIT, 30)


def test_a_try_while_waiting_is_not_looked_at_and_costs_nothing(device: Device) -> None:
    device.is_wrong(FREE_TRIES)
    device.up_s += 29
    assert device.tries(PIN) == PinAnswer(PinOutcome.WAIT, 1)
    device.up_s += 1
    assert device.tries(PIN) == RIGHT


def test_the_wait_doubles_up_to_an_hour(device: Device) -> None:
    waits = []
    for _ in range(FREE_TRIES + 9):
        waits.append(device.is_wrong(1).wait_s)
        device.up_s += waits[-1]
    assert waits[FREE_TRIES - 1 :] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_after_the_right_one_the_tries_count_anew(device: Device) -> None:
    device.is_wrong(FREE_TRIES - 1)
    assert device.tries(PIN) == RIGHT
    assert device.is_wrong(FREE_TRIES - 1) == WRONG


def test_a_restart_of_the_program_gives_no_try_back(device: Device) -> None:
    device.is_wrong(FREE_TRIES)
    again = device.restarted()
    assert again.tries(PIN) == PinAnswer(PinOutcome.WAIT, 30)
    again.ledger.close()


def test_after_a_reboot_the_whole_wait_begins_again(device: Device) -> None:
    device.is_wrong(FREE_TRIES)
    device.up_s += 20
    again = device.rebooted(up_s=7.0)
    assert again.tries(PIN) == PinAnswer(PinOutcome.WAIT, 23)
    again.ledger.close()


@pytest.mark.parametrize("change", [timedelta(days=3650), timedelta(days=-20000)])
def test_setting_the_clock_shortens_no_wait(device: Device, change: timedelta) -> None:
    device.is_wrong(FREE_TRIES)
    device.wall += change
    assert device.tries(PIN) == PinAnswer(PinOutcome.WAIT, 30)


def test_a_killed_program_has_counted_what_it_did_not_answer(tmp_path: Path) -> None:
    """It is killed in the moment between counting and looking."""
    program = (
        "import os, signal, sys, pathlib\n"
        "import sync.terminal.pins as pins\n"
        "from tests.sync.test_pins import Device\n"
        "device = Device(pathlib.Path(sys.argv[1]))\n"
        "device.is_wrong(4)\n"
        "pins.pin_fits = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "device.tries('271828')\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "ledger.sqlite")], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    device = Device(tmp_path / "ledger.sqlite")
    assert device.tries(PIN).outcome is PinOutcome.WAIT
    device.ledger.close()


def test_whoever_tries_many_badges_waits_for_all_of_them(device: Device) -> None:
    for number in range(FREE_TRIES_AT_TERMINAL - 1):
        assert device.is_wrong(1, name=f"W-{number}") == WRONG
    assert device.is_wrong(1, name="W-last") == PinAnswer(PinOutcome.WRONG, 30)
    assert device.tries(PIN, name="W-another") == PinAnswer(PinOutcome.WAIT, 30)


def test_a_right_one_takes_off_only_its_own_errors(device: Device) -> None:
    device.is_wrong(4, name="W-guessed")
    for _ in range(4):
        device.is_wrong(3, name="W-clumsy")
        assert device.tries(PIN, name="W-clumsy") == RIGHT
    assert device.is_wrong(1, name="W-guessed") == PinAnswer(PinOutcome.WRONG, 30)


def test_a_day_without_a_wrong_one_is_a_new_beginning(device: Device) -> None:
    device.is_wrong(FREE_TRIES)
    device.up_s += 24 * 3600 + 1
    assert device.is_wrong(FREE_TRIES - 1) == WRONG


def test_nobodys_badge_and_one_that_has_left_are_answered_like_a_wrong_pin(device: Device) -> None:
    gone = worker("W-gone", active=False)
    for name, row in (("W-1", worker()), ("nobody:B-9", None), ("W-gone", gone)):
        pin = "000000" if row is not None and row.active else PIN
        said = [device.gate.check(WorkerId(name), row, pin, None) for _ in range(FREE_TRIES + 1)]
        assert said == [WRONG] * (FREE_TRIES - 1) + [PinAnswer(PinOutcome.WRONG, 30), PinAnswer(PinOutcome.WAIT, 30)]


def test_a_peppered_pin_fits_only_with_the_sites_pepper(device: Device) -> None:
    row = worker(pepper=PEPPER)
    name = WorkerId("W-1")
    assert device.gate.check(name, row, PIN, PEPPER) == RIGHT
    assert device.gate.check(name, row, PIN, "00" * 32) == WRONG
    assert device.gate.check(name, row, PIN, None) == PinAnswer(PinOutcome.UNREADY)


@pytest.mark.parametrize("pin", ["12345", "1" * 13, "12a456", "", "111111", "123456", "987654", "٣٢١٤٥٦"])
def test_a_pin_that_is_too_easy_or_none_is_refused(pin: str) -> None:
    assert pin_problem(pin)


def test_six_digits_are_a_pin() -> None:
    assert pin_problem("271828") is None


def test_the_wait_is_none_below_the_free_tries_and_never_above_an_hour() -> None:
    assert [wait_after(wrong, 5) for wrong in (0, 4, 5, 6, 1000)] == [0, 0, 30, 60, 3600]


def test_the_last_contact_is_known_after_a_restart(device: Device) -> None:
    assert device.contact.since_s() is None
    device.contact.heard()
    device.up_s += 90
    assert device.contact.since_s() == 90
    again = device.restarted()
    again.up_s += 10
    assert again.contact.since_s() == 100
    again.ledger.close()


def test_contacts_are_not_all_written_but_one_a_minute_is(device: Device) -> None:
    device.contact.heard()
    device.up_s += WRITTEN_EVERY_S - 1
    device.contact.heard()
    assert device.contact.since_s() == 0
    device = device.restarted()
    assert device.contact.since_s() == WRITTEN_EVERY_S - 1
    device.contact.heard()
    device = device.restarted()
    assert device.contact.since_s() == 0
    device.ledger.close()


@pytest.mark.parametrize(
    ("off", "up_s", "since_s"),
    [
        (timedelta(hours=2), 60.0, 7200.0),
        (timedelta(seconds=5), 900.0, 900.0),  # the clock was set back: the time since the start is longer
        (timedelta(hours=-1), 60.0, None),  # it says that the contact is to come: it says nothing
    ],
)
def test_after_a_reboot_the_stricter_clock_counts(
    device: Device, off: timedelta, up_s: float, since_s: float | None
) -> None:
    device.contact.heard()
    device.wall += off
    again = device.rebooted(up_s=up_s)
    assert again.contact.since_s() == since_s
    again.ledger.close()


def test_signing_in_ends_after_the_sites_hours_or_when_no_clock_can_say() -> None:
    assert not is_over(since_contact_s=14 * 3600, hours=14)
    assert is_over(since_contact_s=14 * 3600 + 1, hours=14)
    assert is_over(since_contact_s=None, hours=14)
