"""The doctor's looks at scanners, printers and the scale of a terminal. Nothing is printed, zeroed or weighed."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from drivers.faults import DeviceFault, DeviceGone
from drivers.printers.conversation import Conversation, Look, untold
from drivers.printers.one_writer import OneWriter
from drivers.printers.station_client import StationClient
from drivers.printers.station_printer import PrinterSetup
from drivers.readings import NoWeight, Weight
from drivers.scales.scale import Scale
from drivers.scales.states import state_after
from drivers.scanners.places import Place
from floor.config import Profile, ScannerProfile
from floor.doctor.findings import Probe, Told, fail, ok, warn
from floor.printing import locks_folder, setups
from floor.weighing import scale_of
from floor.wiring import scanner_place

ANSWER_S = 2.0
"""A device that takes longer counts as silent here: connecting and asking have to end within the doctor's limit."""
_IN_USE = ("another program uses it", os.strerror(errno.EADDRINUSE))
_TERMINAL_HAS_IT = "If that is the terminal, its status row says how it is; otherwise end that program."


def scanner_probes(profile: Profile) -> Iterator[Probe]:
    for scanner in profile.scanners:
        yield Probe(f"scanner {scanner.name}", partial(look_at_scanner, scanner))


def look_at_scanner(scanner: ScannerProfile) -> Told:
    place = scanner_place(scanner)
    try:
        asyncio.run(_opened(place))
    except TimeoutError:
        if scanner.listen:
            return warn(f"It has not connected within {ANSWER_S:g} s.", f"Switch it on and scan; it calls {place}.")
        return fail(f"{place} does not answer.", "Look whether it is switched on and in the network.")
    except DeviceGone as gone:
        if gone.cause.startswith(_IN_USE):
            return warn(f"{place} is in use by another program.", _TERMINAL_HAS_IT)
        return fail(str(gone))
    return ok(f"{place} opens.")


async def _opened(place: Place) -> None:
    try:
        async with asyncio.timeout(ANSWER_S):
            (await place.open()).close()
    finally:
        place.close()


def station_probes(profile: Profile) -> Iterator[Probe]:
    if profile.station:
        yield Probe("station", partial(look_at_station, Path(profile.station)))


def printer_probes(profile: Profile) -> Iterator[Probe]:
    for setup in setups(profile.all_printers()):
        yield Probe(f"printer {setup.name}", partial(look_at_printer, setup))


def look_at_printer(setup: PrinterSetup) -> Told:
    if not setup.answers:
        return warn("It cannot be asked: only its display and lamps tell how it is.", "Scan each label that it prints.")
    writer = OneWriter(locks_folder(), setup.place, "")
    if not writer.take():
        return warn("Another program here writes to it and was not disturbed.", _TERMINAL_HAS_IT)
    try:
        with Conversation(setup.place, min(setup.timeout_s, ANSWER_S)) as conversation:
            return judged_printer(setup, conversation.look())
    except DeviceFault as fault:
        return fail(str(fault))
    finally:
        writer.give_back()


def judged_printer(setup: PrinterSetup, look: Look) -> Told:
    if look.state is None:
        return fail(untold(setup.place).sentence)
    if not look.state.ready:
        return fail(look.state.sentence)
    media = f", {setup.media} in it" if setup.media else ""
    how = f"It is ready: labels, ribbon and head are right; {setup.dpi} dpi{media}"
    if look.count is None:
        return warn(f"{how}; it does not count its labels.", "Scan each label that it prints: nothing else proves it.")
    if not look.state.empty:
        return warn(f"{how}; something waits in it.", "Wait until it has come out, or switch the printer off and on.")
    return ok(f"{how}; {look.count} labels printed so far.")


def look_at_station(path: Path) -> Told:
    client = StationClient(path, patience_s=ANSWER_S)
    try:
        conditions, infos = client.conditions(), {info.name: info for info in client.printers()}
    except DeviceGone as gone:
        return fail(str(gone), "Start it with `floor station serve`.")
    bad = [each for each in conditions if each.word != "ready" and infos[each.name].answers]
    if bad:
        return fail(" ".join(f"{each.name}: {each.sentence}" for each in bad))
    named = (f"{info.name} ({info.dpi} dpi{', ' if info.media else ''}{info.media})" for info in infos.values())
    return ok(f"All its printers are ready: {', '.join(named)}.")


def scale_probes(profile: Profile) -> Iterator[Probe]:
    if profile.scale is not None:
        yield Probe("scale", partial(look_at_scale, scale_of(profile.scale)))


def look_at_scale(scale: Scale) -> Told:
    with scale:
        told = scale.look(ANSWER_S)
    state = state_after(told)
    if state.is_ok:
        return ok(f"It shows {told.shown}." if isinstance(told, Weight) else f"It answers: {told.reason.value}.")
    if isinstance(told, NoWeight) and told.detail.startswith(_IN_USE):
        return warn("It is in use by another program.", _TERMINAL_HAS_IT)
    return fail(state.detail)
