"""What keeps the store: backups, restores, chores, and what waits in quarantine."""

from __future__ import annotations

from pathlib import Path

import click

from sync.store.access.auditing import audit
from sync.store.access.two_persons import Danger
from sync.store.changes import incarnation
from sync.store.commands.auditing import operator
from sync.store.commands.context import StoreContext, as_url, fail, pass_context, person, refuse, shown_url
from sync.store.commands.two_persons import alone_option, ask_another
from sync.store.database import Database
from sync.store.keeping.backing_up import BackupRefused, SafeUpTo, copy_file, is_file, note_backup
from sync.store.keeping.purging import keep
from sync.store.keeping.quarantine import NOT_UNDERSTOOD, Quarantined, quarantined, replay
from sync.store.keeping.restoring import restored
from sync.store.leading.two_persons import agreed
from sync.store.schema import Standing, schema_state


@click.command("keep")
@pass_context
def keep_command(context: StoreContext) -> None:
    """Forget deletions that are older than 30 days. The server does it once an hour by itself."""
    with context.database() as database:
        done = keep(database)
    lines = [f"site {one.site_id}: {one.dropped + one.settled} old changes forgotten" for one in done]
    context.answer(done, "\n".join(lines) or "There is no site yet.")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--verified-in", "copy", help="URL of a database that the dump was restored into: it is read and noted.")
@pass_context
def backup_command(context: StoreContext, file: Path, copy: str | None) -> None:
    """Copy the store into FILE and read the copy again. Terminals then know what they need not keep for 14 days.

    On PostgreSQL it says how to dump, and notes what is in the dump once it was restored somewhere to try it.
    """
    with context.database() as database:
        if not is_file(database) and copy is None:
            context.answer({"dump": _dump(context, file)}, _how_to_dump(context, file))
            return
        try:
            if copy is None:
                copy_file(database, file)
            safe = _noted(database, copy or f"sqlite:///{file.absolute()}")
        except BackupRefused as refused:
            refuse(str(refused))
        with database.write(context.site_id) as work:
            audit(work, operator(), "backup", str(file.name), streams=safe.streams, entries=safe.entries)
    text = f"{file} holds {safe.entries} entries of {safe.streams} ledgers; it was read again and is whole"
    context.answer({"file": str(file), "streams": safe.streams, "entries": safe.entries}, text)


def _noted(database: Database, url: str) -> SafeUpTo:
    standing = schema_state(as_url(url)).standing
    if standing is not Standing.CURRENT:
        fail(f"The database of --verified-in is {standing}, and no copy of this store. Restore the dump into it first.")
    copy = Database(as_url(url))
    try:
        return note_backup(database, copy)
    finally:
        copy.close()


def _dump(context: StoreContext, file: Path) -> str:
    url = shown_url(context.db_url).replace("+psycopg", "", 1)
    return f"pg_dump --format=custom --file={file} {url}"


def _how_to_dump(context: StoreContext, file: Path) -> str:
    return (
        f"PostgreSQL copies itself:\n    {_dump(context, file)}\n"
        "A dump counts once it was tried: restore it into an empty database of its own\n"
        f"    createdb tried && pg_restore --dbname=tried {file}\n"
        f"    floor store backup {file} --verified-in postgresql:///tried\n"
        "Then terminals know what is in it, and the database tried can be dropped."
    )


@click.command("restored")
@click.option("--by", required=True, callback=person, help="Who put the backup back: it stands in the record.")
@alone_option
@pass_context
def restored_command(context: StoreContext, by: str, alone: str | None) -> None:
    """Say that a backup was put back or a standby promoted, before the store is served again.

    Terminals then send again what the backup lacks, and no number that was given out meanwhile is given out twice.
    """
    with context.database() as database:
        with database.read() as conn:
            context.need_site(conn, built=False)
            now = incarnation(conn)
        text = "After a restore everything that terminals know is fetched anew, and all numbers jump by a million."
        danger = Danger(what="restored", about=now, detail={}, text=text)
        asked = database.run(context.site_id, lambda work: agreed(work, danger, by, alone))
        if asked is not None:
            ask_another(asked)
        done = restored(database, by=by)
    sites = ", ".join(done.sites) or "none"
    context.answer(
        done, f"the store has a new incarnation; numbers have jumped at: {sites}. Start it: floor store serve"
    )


@click.command("quarantine")
@click.option("--all", "everything", is_flag=True, help="Those too that were judged again since.")
@click.option("--replay", "again", is_flag=True, help="Judge again what a newer program may understand.")
@click.option(
    "--reason", "reasons", multiple=True, help="With --replay: only these, e.g. revoked after a look at them."
)
@pass_context
def quarantine_command(context: StoreContext, everything: bool, again: bool, reasons: tuple[str, ...]) -> None:
    """What terminals recorded and the store could not judge, with the reason; --replay judges it again.

    The verdict that the terminal was told stays; the record counts what was judged later.
    """
    if reasons and not again:
        raise click.UsageError("--reason says what is judged again: give --replay too")
    with context.database() as database:
        with database.read() as conn:
            context.need_site(conn, built=False)
        if again:
            found = replay(database, context.site_id, reasons or NOT_UNDERSTOOD)
            with database.write(context.site_id) as work:
                audit(work, operator(), "quarantine-replay", f"{len(found)} entries", reasons=sorted(reasons))
        else:
            with database.read() as conn:
                found = quarantined(conn, context.site_id, settled=everything)
    nothing = "Nothing was judged again." if again else "Nothing is in quarantine."
    context.answer(found, "\n".join(map(_text, found)) or nothing)


def _text(one: Quarantined) -> str:
    who = " ".join(filter(None, (one.worker_id, one.terminal_id))) or "?"
    now = "" if one.replayed is None else f"  now {one.replayed}"
    return f"{one.received_at:%Y-%m-%d %H:%M} UTC  {who}  {one.kind}  {one.reason}{now}  ({one.event_id})"
