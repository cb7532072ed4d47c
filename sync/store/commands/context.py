"""What every store command shares: which database, which site, how it answers."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from sync.paths import data_dir
from sync.record.ids import SiteId
from sync.store.database import Database, UnusableDatabase
from sync.store.schema import Standing, schema_state
from sync.store.tables import orders, site
from sync.wire.messages import ID_PATTERN

DEFAULT_SITE = "DEMO"
EXIT_REFUSED = 1
"""The command did its work, and something in it was refused or does not add up."""
EXIT_UNUSABLE = 3
"""The database, a file or a port could not be used."""
WANTS_JSON = "floorhand.store.json"
"""In the command's `click.Context.meta`: answers and errors are JSON. It is known before the options are."""


@dataclass(frozen=True, slots=True)
class StoreContext:
    """``db_url`` is an SQLAlchemy URL; ``as_json``: answers are one JSON document on standard output."""

    db_url: str
    site_id: SiteId
    as_json: bool

    @contextmanager
    def database(self, *, serving: bool = False) -> Iterator[Database]:
        """The store's database, made by `init` before. Ends the command in words where it cannot be used."""
        try:
            if not _is_there(self.db_url):
                fail(f"There is no store in {shown_url(self.db_url)} yet. Make one: floor store init")
            state = schema_state(self.db_url)
            if state.standing is Standing.EMPTY:
                fail(f"There is no store in {shown_url(self.db_url)} yet. Make one: floor store init")
            if state.standing is Standing.BEHIND:
                fail(f"The store in {shown_url(self.db_url)} is of an older version. Mend it: floor store init")
            if state.standing is not Standing.CURRENT:
                fail(
                    f"{shown_url(self.db_url)} is {state.standing}: this version of Floorhand cannot use it. "
                    "Give another with --db, or install the version it belongs to."
                )
            database = Database(self.db_url, serving=serving)
        except UnusableDatabase as error:
            fail(str(error))
        except DBAPIError as error:
            fail(does_not_open(self.db_url, error))
        try:
            yield database
        except DBAPIError as error:
            fail(
                f"The database broke off: {first_line(error)}. Nothing half-done was written; start the command again."
            )
        finally:
            database.close()

    def need_site(self, conn: Connection, *, built: bool = True) -> None:
        """End the command where the site is none: a mistyped name must not look like an empty warehouse.

        Orders may come before the warehouse; ``built`` False is content with them.
        """
        known = [site] if built else [site, orders]
        if not any(conn.execute(select(t.c.site_id).where(t.c.site_id == self.site_id)).first() for t in known):
            there = ", ".join(conn.scalars(select(site.c.site_id).order_by(site.c.site_id))) or "none yet"
            fail(f"There is no site {self.site_id} here (sites: {there}). Make one: floor store demo-warehouse")

    def answer(self, value: Any, text: str) -> None:
        """``value`` as JSON, or ``text`` for people."""
        if self.as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
        else:
            click.echo(text)


def does_not_open(url: str, error: DBAPIError | OSError) -> str:
    return f"{shown_url(url)} does not open: {first_line(error)}. Check that it is there and may be written."


def usable_folder(folder: Path) -> None:
    """Make a folder to write into, or end the command."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        fail(f"Nothing can be written into {folder}: {error.strerror}. Give another directory.")


def first_line(error: DBAPIError | OSError) -> str:
    """The database's or the system's own words, without their stacks and hints."""
    return str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0].rstrip(".")


def _is_there(url: str) -> bool:
    """Whether an SQLite file exists: opening it would make an empty one. Other databases answer for themselves."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).exists()


def fail(text: str) -> NoReturn:
    """The database, a file or a port cannot be used: end the command and say so."""
    end("unusable", text, EXIT_UNUSABLE)


def refuse(text: str) -> NoReturn:
    """What the command was asked for is refused: end it and say why."""
    end("refused", text, EXIT_REFUSED)


def end(error: str, text: str, exit_code: int) -> NoReturn:
    """End the command with one line on standard error or, where JSON is wanted, one document on standard output."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(WANTS_JSON):
        click.echo(msgspec.json.encode({"error": error, "text": text}).decode())
    else:
        click.echo(f"floor store: {text}", err=True)
    raise SystemExit(exit_code)


def shown_url(url: str) -> str:
    """A database URL without its password, wherever it was written."""
    return make_url(url).set(query={}).render_as_string(hide_password=True)


def site_named(given: str) -> SiteId:
    """A site's name as terminals can say it."""
    if not re.fullmatch(ID_PATTERN, given):
        fail(f"{given!r} can be no site's name: letters, digits, dots, hyphens and underscores, at most 32")
    return SiteId(given)


def default_url() -> str:
    """``$FLOORHAND_DB``, else an SQLite file in the data directory."""
    given = os.environ.get("FLOORHAND_DB")
    return as_url(given) if given else f"sqlite:///{data_dir() / 'store.db'}"


def default_site() -> str:
    return os.environ.get("FLOORHAND_SITE") or DEFAULT_SITE


def as_url(given: str) -> str:
    """A URL, or the path of an SQLite file. Ends the command where it is neither; never shows a password."""
    if "://" not in given and not re.match(r"(postgres|mysql|sqlite)[a-z+]*:", given):
        return f"sqlite:///{Path(given).absolute()}"
    try:
        make_url(given)
    except (ArgumentError, ValueError):
        scheme = given.partition(":")[0]
        fail(
            f"That is no database URL ({scheme}:...). Give a path, sqlite:////path/to/file or postgresql://user@host/name"
        )
    return given


def person(_context: click.Context, option: click.Parameter, value: str) -> str:
    """A name or a text that goes into the record: something, and nothing that a terminal would obey."""
    if not value.strip() or not value.isprintable():
        raise click.BadParameter("give some plain text: it stands in the record for ever", param=option)
    return value.strip()


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while something long runs; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


pass_context = click.make_pass_decorator(StoreContext)
