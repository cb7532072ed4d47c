"""`floor labels`: labels and documents as pictures, as text and as PDF, and a carrier's file looked through."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from drivers.emulators.label_picture import render as drawn
from floor.commands.label_preview import picture_for, text_rows
from layouts.documents.on_paper import document_pdf, document_shortfalls
from layouts.label_format import read_format
from layouts.labels.from_json import from_json
from layouts.labels.kinds import DOCUMENTS, LABELS
from layouts.zpl import Dpi, LabelBuilder, Shortfall
from sync.record.codes.carrier_zpl import checked_carrier_zpl

_FORMAT = re.compile(rb"\^XA.*?\^XZ", re.DOTALL | re.IGNORECASE)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the arguments ask for: a ZPL file, or data for a label that ships, a document or a site's own format."""

    zpl_file: Path | None
    label: str | None
    site_format: Path | None
    data: Path | None
    dpi: Dpi

    def labels(self) -> list[bytes]:
        """Each label's ZPL, at least one. What does not fit on them is said on standard error."""
        if self.zpl_file is not None:
            found = _FORMAT.findall(self.zpl_file.read_bytes())
            if not found:
                raise ValueError(f"{self.zpl_file.name} holds no label: nothing stands between ^XA and ^XZ")
            return found
        builders = self._builders()
        _say([shortfall for builder in builders for shortfall in builder.shortfalls])
        return [builder.job() for builder in builders]

    def pdf(self) -> bytes:
        """The document as PDF; labels have none."""
        kind = DOCUMENTS.get(self.label or "")
        if kind is None:
            raise ValueError(f"only {', '.join(DOCUMENTS)} can be a PDF; write labels to a .png file")
        document = kind.document(from_json(self._data(), kind.fields))
        _say(document_shortfalls(document))
        return document_pdf(document)

    def _builders(self) -> tuple[LabelBuilder, ...]:
        if self.site_format is not None:
            site_format = read_format(self.site_format)
            return (site_format.lay_out(from_json(self._data(), site_format.kind.fields), self.dpi),)
        if self.label is None:
            raise click.UsageError("name a ZPL file, or --label KIND, or --format FILE.toml; the last two with --data.")
        kind = LABELS.get(self.label) or DOCUMENTS[self.label]
        return kind.lay_out(from_json(self._data(), kind.fields), self.dpi)

    def _data(self) -> bytes:
        if self.data is None:
            raise click.UsageError("--data FILE.json is missing: it holds the label's fields.")
        return self.data.read_bytes()


def _source(command: Callable[..., None]) -> Callable[..., None]:
    """The arguments that say which label."""
    options = (
        click.argument("zpl_file", required=False, type=_FILE),
        click.option("--label", type=click.Choice([*LABELS, *DOCUMENTS]), help="A label or document that ships."),
        click.option("--format", "site_format", type=_FILE, help="A site's own format (TOML)."),
        click.option("--data", type=_FILE, help="The label's fields (JSON)."),
        click.option("--dpi", type=click.Choice(["203", "300"]), default="203", show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group("labels")
def labels() -> None:
    """Labels and documents: draw them, look at them, look a carrier's file through."""


@labels.command("render")
@_source
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PNG, ZPL or PDF.")
def render(output: Path, **source: Any) -> None:
    """Write labels as pictures (.png) or for a printer (.zpl), or a document for an office printer (.pdf).

    Several labels are written as NAME-1.png, NAME-2.png and so on.
    """
    asked = _asked(source)
    _with_plain_words(lambda: _render(asked, output))


@labels.command("preview")
@_source
def preview(**source: Any) -> None:
    """Show what stands on labels as text, and as a picture where the terminal can show one."""
    asked = _asked(source)
    _with_plain_words(lambda: _preview(asked))


@labels.command("check")
@click.argument("zpl_file", type=_FILE)
def check(zpl_file: Path) -> None:
    """Look a carrier's ZPL file through for commands that do more than print."""

    def looked_through() -> None:
        count = checked_carrier_zpl(zpl_file.read_bytes()).labels
        click.echo(f"{zpl_file.name}: prints {count} label{'' if count == 1 else 's'} and does nothing else")

    _with_plain_words(looked_through)


def _with_plain_words(work: Callable[[], None]) -> None:
    """Do it; what the layouts refuse and what the disk refuses is said in one line."""
    try:
        work()
    except (OSError, ValueError) as fault:
        raise click.ClickException(str(fault)) from fault


def _asked(source: dict[str, Any]) -> _Asked:
    given = [name for name in ("zpl_file", "label", "site_format") if source[name] is not None]
    if len(given) > 1:
        raise click.UsageError("name one of them: a ZPL file, --label or --format.")
    return _Asked(**{**source, "dpi": Dpi(int(source["dpi"]))})


def _render(asked: _Asked, output: Path) -> None:
    if output.suffix.lower() == ".pdf":
        output.write_bytes(asked.pdf())
        click.echo(f"written: {output}")
        return
    found = asked.labels()
    if output.suffix.lower() == ".zpl":
        output.write_bytes(b"\n".join(found) + b"\n")
        click.echo(f"written: {output}")
        return
    for number, zpl in enumerate(found, start=1):
        path = output if len(found) == 1 else output.with_name(f"{output.stem}-{number}{output.suffix}")
        picture = drawn(zpl, asked.dpi.dots_per_mm)
        path.write_bytes(picture.png())
        click.echo(f"written: {path}")
        for problem in picture.problems:
            click.echo(f"not drawn: {problem}", err=True)


def _preview(asked: _Asked) -> None:
    found = asked.labels()
    for number, zpl in enumerate(found, start=1):
        if len(found) > 1:
            click.echo(f"--- label {number} of {len(found)}")
        for row in text_rows(zpl, asked.dpi.dots_per_mm):
            click.echo(row)
        if sys.stdout.isatty():
            click.echo(picture_for(drawn(zpl, asked.dpi.dots_per_mm).image, os.environ))


def _say(shortfalls: tuple[Shortfall, ...] | list[Shortfall]) -> None:
    for short in shortfalls:
        why = "no font here can draw all of it" if short.is_undrawable else "too long for its place"
        printed = short.printed.replace("\n", " / ")
        click.echo(f"{short.field}: {why}; printed as: {printed}", err=True)
