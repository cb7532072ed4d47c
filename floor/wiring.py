"""The composition root of a terminal: from its profile to session, devices, conversation and app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from floor.config import Profile, ScannerProfile
from floor.conversation import Conversation
from floor.labelling import label_maker
from floor.surroundings import surroundings
from sync.paths import data_dir
from sync.record.ids import SiteId, TerminalId
from sync.terminal.session import TerminalSession, open_session

if TYPE_CHECKING:
    from drivers.scanners.places import Place
    from floor.app import FloorApp
    from floor.device_watch import DeviceWatch
    from floor.feeds import Scanner
    from floor.printing import StationLabelPrinter
    from floor.weighing import StationScale


def terminal_folder(profile: Profile) -> Path:
    return Path(profile.data) if profile.data else data_dir() / "terminals" / profile.terminal


def open_terminal(profile: Profile, *, online: bool = True) -> TerminalSession:
    """The terminal's side of the record; not started yet."""
    folder = terminal_folder(profile)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return open_session(
        folder,
        site_id=SiteId(profile.site),
        terminal_id=TerminalId(profile.terminal),
        store_url=profile.store if online else None,
        scopes=profile.scopes,
    )


def label_printer(profile: Profile, *, is_demo: bool = False) -> StationLabelPrinter | None:
    """Of the station's service, or of this process alone; a demo keeps even its locks in its own folder."""
    own = profile.all_printers()
    if not own and not profile.station:
        return None
    from floor.printing import StationLabelPrinter, locks_folder, setups

    if profile.station:
        from drivers.printers.station_client import StationClient

        return StationLabelPrinter(StationClient(Path(profile.station)))
    from drivers.printers.station import PrintStation

    folder = terminal_folder(profile)
    locks = folder / "printers" if is_demo else locks_folder()
    return StationLabelPrinter(PrintStation(folder / "printing.db", locks, setups(own)))


def station_scale(profile: Profile) -> StationScale | None:
    """It is listened to from now on, by a thread that ends with the program or `StationScale.close`."""
    if profile.scale is None:
        return None
    from floor.weighing import StationScale, scale_of

    return StationScale(scale_of(profile.scale))


def formats_folder(profile: Profile) -> Path:
    return Path(profile.formats) if profile.formats else data_dir() / "formats"


def scanners(profile: Profile) -> Sequence[Scanner]:
    if not profile.scanners:
        return ()
    from drivers.scanners.line_scanner import LineScanner

    return [LineScanner(one.name, scanner_place(one), one.framing) for one in profile.scanners]


def scanner_place(profile: ScannerProfile, call_s: float | None = None) -> Place:
    """Where the scanner is; nothing is opened yet. ``call_s``: how long one that connects to us may take at first."""
    from drivers.scanners.places import CALL_S, ListeningPlace, SerialPlace, TcpPlace
    from drivers.transport.serial_line import SerialSettings
    from drivers.transport.tcp import TcpAddress

    if profile.serial:
        line = (profile.baud, profile.data_bits, profile.parity, profile.stop_bits)
        return SerialPlace(SerialSettings(profile.serial, *line))
    if profile.listen:
        return ListeningPlace(profile.host, profile.listen, call_s or CALL_S)
    return TcpPlace(TcpAddress(profile.host, profile.port))


def terminal_app(session: TerminalSession, profile: Profile, *, demo_badge: str | None = None) -> FloorApp:
    """The app over a session, which starts once the first prompt is painted: it would hold the painting up.

    ``demo_badge``: demo mode, with the badge that its key scans at sign-in.
    """
    from floor.app import FloorApp
    from floor.keymap import Keymap

    printer, scale = label_printer(profile, is_demo=demo_badge is not None), station_scale(profile)
    around = surroundings(session, badge=demo_badge)
    lines = scanners(profile)
    return FloorApp(
        Conversation(session, printer, label_maker(session.site, formats_folder(profile), session.item), around, scale),
        terminal=profile.terminal,
        demo=demo_badge is not None,
        ascii_only=profile.ascii or None,
        light=profile.light,
        keymap=Keymap.from_table(profile.keys),
        wedge=profile.wedge.settings,
        scanners=lines,
        devices=device_watch(printer, scale, lines),
        when_painted=session.start,
    )


def device_watch(
    printer: StationLabelPrinter | None, scale: StationScale | None, lines: Sequence[Scanner]
) -> DeviceWatch:
    """Over what the terminal has: what it has not is not looked at."""
    from floor.device_watch import DeviceWatch, Look, lost_scanners, scale_trouble

    looks: list[Look] = [lambda: lost_scanners(line.state for line in lines)] if lines else []
    if scale is not None:
        looks.append(lambda: scale_trouble(scale.state()))
    if printer is not None:
        looks.append(printer.troubles)
    return DeviceWatch(looks)
