"""`floor station`: the print service of a station."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from floor.config import BadProfile, Profile, load_profile

if TYPE_CHECKING:
    from drivers.printers.print_jobs import Condition

EXIT_NOT_READY = 1
EXIT_UNUSABLE = 3


@click.group("station")
def station() -> None:
    """The printers of a station, owned by one process and shared by its terminals."""


@station.command("serve")
@click.option("--profile", "profile_path", required=True, type=click.Path(path_type=Path), help="With [[printers]].")
@click.option("--socket", help="Where terminals find it; default: in the data directory.")
def serve(profile_path: Path, socket: str | None) -> None:
    """Print for this station's terminals until SIGTERM or Ctrl+C. What is under way is finished first."""
    profile = _profile(profile_path)
    if not profile.all_printers():
        _fail(f"{profile_path} names no printer. Nothing was started. Add a [[printers]] table with its host.")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _serve(profile, socket, stop)


def _serve(profile: Profile, socket: str | None, stop: threading.Event) -> None:
    from drivers.printers.ledger import LedgerFailed
    from drivers.printers.service import AlreadyServed, StationService
    from drivers.printers.station import PrintStation
    from floor.printing import locks_folder, setups, station_socket

    path = Path(socket) if socket else station_socket()
    folder = Path(profile.data) if profile.data else station_socket().parent
    printers = setups(profile.all_printers())
    try:
        with (
            PrintStation(folder / "printing.db", locks_folder(), printers) as own,
            StationService(own, path),
        ):
            names = ", ".join(printer.name for printer in printers)
            click.echo(f'Printing for terminals with `station = "{path}"` at {names}. Ctrl+C ends it.')
            stop.wait()
    except (LedgerFailed, AlreadyServed) as failure:
        _fail(str(failure))
    except OSError as failure:
        why = failure.strerror or failure
        _fail(f"The print service cannot listen at {path} ({why}). Nothing was started. Give a short path of your own.")


@station.command("status")
@click.option("--socket", help="Where the service listens; default: in the data directory.")
def status(socket: str | None) -> None:
    """How the station's printers are. Exit codes: 0 all are ready, 1 one is not, 3 there is no service."""
    from drivers.faults import DeviceGone
    from drivers.printers.station_client import StationClient
    from floor.printing import station_socket

    try:
        conditions = StationClient(Path(socket) if socket else station_socket()).conditions()
    except DeviceGone as gone:
        _fail(f"{gone} Start it with `floor station serve`.")
    for condition in conditions:
        click.echo(_line(condition))
    if any(condition.word != "ready" for condition in conditions):
        raise SystemExit(EXIT_NOT_READY)


def _line(condition: Condition) -> str:
    return f"{condition.name}: {condition.word}, {condition.age_s:.0f} s ago. {condition.sentence}"


def _profile(path: Path) -> Profile:
    try:
        return load_profile(path, {})
    except BadProfile as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    click.echo(f"floor station: {text}", err=True)
    raise SystemExit(EXIT_UNUSABLE)
