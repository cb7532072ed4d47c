"""`floor devices`: commissioning of what hangs on a terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
import msgspec

from drivers.faults import DeviceGone
from drivers.scanners.check_codes import CHECK_CODES, CheckCode
from drivers.scanners.diagnosis import Diagnosis, Heard, diagnose, shown
from floor.config import BadProfile, ScannerProfile, load_profile
from floor.profile_part import part_text, write_part

CALL_S = 300.0
"""An administrator may have to set the scanner up first."""

INTRO = """\
Scan the test barcodes one after the other (floor devices scanner-check --sheet FILE.pdf prints them).
Enter leaves one out, q ends.
"""


@click.group("devices")
def devices() -> None:
    """Scanners of this terminal: how they are set."""


@devices.command("scanner-check")
@click.option("--port", help="PATH of a serial line, HOST:PORT, or listen:HOST:PORT when the scanner connects to PORT.")
@click.option("--baud", type=int, default=9600, show_default=True, help="Of a serial line.")
@click.option("--name", default="scanner", show_default=True, help="What the scanner is called in the profile.")
@click.option("--profile", "profile_path", type=click.Path(path_type=Path), help="Write the scanner's part into it.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Write the test barcodes (.pdf or .svg), and end.")
def scanner_check(port: str | None, baud: int, name: str, profile_path: Path | None, sheet: Path | None) -> None:
    """Say how a scanner is set and what to change, and write its part of the profile.

    Without --port: the scanner of this name in the profile, else the one that types as a keyboard.
    """
    if sheet is not None:
        write_sheet(sheet)
        return
    if not sys.stdin.isatty():
        raise click.UsageError("the check asks for scans: start it in a terminal")
    try:
        scanner = _scanner(port, baud, name, profile_path)
    except BadProfile as error:
        raise click.ClickException(str(error)) from error
    click.echo(INTRO)
    try:
        heard = asyncio.run(_walk(scanner))
    except DeviceGone as gone:
        raise click.ClickException(str(gone)) from gone
    found = diagnose(heard, is_wedge=scanner is None)
    _tell(found)
    if found.suffix is None:
        raise click.ClickException("Nothing was written: change the settings above and check again.")
    _write(scanner, found, profile_path)


def write_sheet(path: Path) -> None:
    from layouts.sheets.barcode_sheet import sheet_pages
    from layouts.sheets.card_page import Card
    from layouts.sheets.sheet_pdf import sheet_pdf

    cards = [Card(code.barcode, _title(n, code), code.tells, code.bars) for n, code in enumerate(CHECK_CODES, 1)]
    title = "Scanner check"
    try:
        if path.suffix == ".svg":
            path.write_text(sheet_pages(title, cards)[0], "utf-8")
        else:
            path.write_bytes(sheet_pdf(title, cards))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}. Give another place.") from error
    click.echo(f"{len(cards)} test barcodes in {path}: print them without scaling.")


def _title(number: int, code: CheckCode) -> str:
    return f"{number} {code.name}"


def _scanner(port: str | None, baud: int, name: str, profile_path: Path | None) -> ScannerProfile | None:
    """Where to listen; None: at the keyboard. Raises `BadProfile`."""
    if port is None:
        profile = load_profile(profile_path if profile_path is not None and profile_path.exists() else None, {})
        return next((one for one in profile.scanners if one.name == name), None)
    host, _, number = port.removeprefix("listen:").rpartition(":")
    if port.startswith("/") or not number.isdecimal():
        return ScannerProfile(name, serial=port, baud=baud)
    if port.startswith("listen:"):
        return ScannerProfile(name, host=host, listen=int(number))
    return ScannerProfile(name, host=host, port=int(number))


async def _walk(scanner: ScannerProfile | None) -> dict[str, Heard]:
    from floor.commissioning import listening
    from floor.wiring import scanner_place

    heard: dict[str, Heard] = {}
    place = None if scanner is None else scanner_place(scanner, CALL_S)
    async with listening(place, click.echo) as ears:
        for number, code in enumerate(CHECK_CODES, 1):
            click.echo(f"{_title(number, code)} ({number} of {len(CHECK_CODES)}): scan {shown(code.barcode.encode())}")
            came = await ears.next_code()
            if came is None:
                break
            click.echo(f"    {shown(came.raw) if came.raw else 'left out'}")
            if came.raw:
                heard[code.name] = came
    return heard


def _tell(found: Diagnosis) -> None:
    click.echo()
    for finding in found.findings:
        click.echo(
            f"{'SET' if finding.advice else 'ok ':<4} {finding.subject}: {finding.found}. {finding.advice}".rstrip()
        )
    click.echo()


def _write(scanner: ScannerProfile | None, found: Diagnosis, profile_path: Path | None) -> None:
    marks = {name: value for name, value in (("prefix", found.prefix), ("suffix", found.suffix)) if value}
    header, part = "[wedge]", marks
    if scanner is not None:
        header = "[[scanners]]"
        told = msgspec.structs.asdict(msgspec.structs.replace(scanner, prefix="", suffix=""))
        usual = {field.name: field.default for field in msgspec.structs.fields(ScannerProfile)}
        part = {name: value for name, value in told.items() if value != usual[name]} | marks
    click.echo(part_text(header, part))
    if profile_path is None:
        click.echo("Put this into the profile of the terminal; with --profile FILE it is written there.")
        return
    try:
        write_part(profile_path, header, part)
    except BadProfile as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Written into {profile_path}.")
