"""`floor terminal`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from floor.commands.rescue import rescue
from floor.config import BadProfile, Profile, load_profile

EXIT_UNUSABLE = 3


@click.group("terminal", invoke_without_command=True)
@click.option("--profile", "profile_path", type=click.Path(path_type=Path), help="The terminal's profile (TOML).")
@click.option("--store", help="URL of the central order store.")
@click.option("--site", help="The site this terminal works at.")
@click.option("--id", "terminal_id", help="The label of this terminal, e.g. HH-07.")
@click.option("--data", help="The terminal's own file; default: in the data directory.")
@click.option("--printer", help="Label printer as HOST[:PORT].")
@click.option("--pack", is_flag=True, default=None, help="This terminal is a pack station.")
@click.option("--serial", multiple=True, help="A serial scanner, best by /dev/serial/by-id/...")
@click.option("--enrol", "code", help="Enrol this terminal with a code that `floor store enrol` has shown.")
@click.option("--demo-badge", help="Demo keys on (F9 scans what is asked for, F10 something wrong), with this badge.")
@click.option("--ascii", "ascii_only", is_flag=True, default=None, help="ASCII only.")
@click.option("--light", is_flag=True, default=None, help="Light theme, for sunlight.")
def terminal(
    profile_path: Path | None,
    store: str | None,
    site: str | None,
    terminal_id: str | None,
    data: str | None,
    printer: str | None,
    pack: bool | None,
    serial: tuple[str, ...],
    code: str | None,
    demo_badge: str | None,
    ascii_only: bool | None,
    light: bool | None,
) -> None:
    """Work at this terminal. Leave it from the sign-in screen with F3 twice."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("the terminal needs a terminal to paint on and keys to read: start it in one")
    overrides: dict[str, object] = {
        "store": store,
        "site": site,
        "terminal": terminal_id,
        "data": data,
        "printer": None if printer is None else printer_table(printer),
        "scopes": ["pack"] if pack else None,
        "scanners": [{"name": f"scanner {n}", "serial": port} for n, port in enumerate(serial, 1)] or None,
        "ascii": ascii_only,
        "light": light,
    }
    try:
        profile = load_profile(profile_path, overrides)
    except BadProfile as error:
        click.echo(f"floor terminal: {error}", err=True)
        raise SystemExit(EXIT_UNUSABLE) from error
    _enrol(profile, code)
    run_terminal(profile, demo_badge)


terminal.add_command(rescue)


def _enrol(profile: Profile, code: str | None) -> None:
    from floor.admission import be_enrolled
    from floor.wiring import terminal_folder
    from sync.terminal.enrolment import NotEnrolled
    from sync.terminal.identity import BadIdentity

    try:
        be_enrolled(profile, terminal_folder(profile), code, ask=lambda: _ask(profile), tell=_tell)
    except (NotEnrolled, BadIdentity) as error:
        _tell(str(error))
        raise SystemExit(EXIT_UNUSABLE) from error


def _ask(profile: Profile) -> str:
    click.echo(
        f"Terminal {profile.terminal} is not known to the store at {profile.store} yet. Ask the administrator for a "
        f"code (floor store enrol {profile.terminal}), and type or scan it."
    )
    typed: str = click.prompt("Code")
    return typed


def _tell(text: str) -> None:
    click.echo(f"floor terminal: {text}", err=True)


def printer_table(given: str) -> dict[str, object]:
    host, _, port = given.partition(":")
    return {"host": host, **({"port": int(port)} if port.isdigit() else {})}


def run_terminal(profile: Profile, demo_badge: str | None = None) -> None:
    """Open the record, paint, and talk to the store beside it. Ends when the worker leaves the terminal."""
    from drivers.printers.ledger import LedgerFailed
    from floor.wiring import open_terminal, terminal_app
    from sync.record.delivery import StorageFailed
    from sync.terminal.identity import BadIdentity

    try:
        session = open_terminal(profile)
    except (StorageFailed, BadIdentity, OSError) as error:
        click.echo(f"floor terminal: the terminal's record does not open: {error}", err=True)
        raise SystemExit(EXIT_UNUSABLE) from error
    try:
        terminal_app(session, profile, demo_badge=demo_badge).run()
    except LedgerFailed as error:
        click.echo(f"floor terminal: {error}", err=True)
        raise SystemExit(EXIT_UNUSABLE) from error
    finally:
        session.close()
