"""The composition root of a terminal: from its profile to session, devices, conversation and app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from floor.config import Profile
from floor.conversation import Conversation
from floor.labelling import label_maker
from floor.ports import LabelPrinter, Scanner
from floor.surroundings import surroundings
from sync.paths import data_dir
from sync.record.ids import SiteId, TerminalId
from sync.terminal.session import TerminalSession, open_session

if TYPE_CHECKING:
    from floor.app import FloorApp


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


def label_printer(profile: Profile, *, is_demo: bool = False) -> LabelPrinter | None:
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


def conversation(session: TerminalSession, profile: Profile, *, badge: str | None = None) -> Conversation:
    printer = label_printer(profile, is_demo=badge is not None)
    return Conversation(session, printer, label_maker(session.site), surroundings(session, badge=badge))


def scanners(profile: Profile) -> Sequence[Scanner]:
    if not profile.serial:
        return ()
    from drivers.scanners.serial_scanner import SerialScanner
    from drivers.transport.serial_line import SerialSettings

    return [SerialScanner(port, SerialSettings(port, profile.baud)) for port in profile.serial]


def terminal_app(session: TerminalSession, profile: Profile, *, demo_badge: str | None = None) -> FloorApp:
    """The app over a session. ``demo_badge``: demo mode, with the badge that its key scans at sign-in."""
    from drivers.scanners.wedge import WedgeSettings
    from floor.app import FloorApp
    from floor.keymap import Keymap

    return FloorApp(
        conversation(session, profile, badge=demo_badge),
        terminal=profile.terminal,
        demo=demo_badge is not None,
        ascii_only=profile.ascii or None,
        light=profile.light,
        keymap=Keymap.from_table(profile.keys),
        wedge=WedgeSettings(prefix=profile.wedge.prefix) if profile.wedge.prefix else None,
        scanners=scanners(profile),
    )
