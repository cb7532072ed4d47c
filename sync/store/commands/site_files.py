"""The site's own files: reasons, waves, carts, walls."""

from __future__ import annotations

from pathlib import Path

import click

from sync.store.commands.auditing import person_or_operator
from sync.store.commands.context import StoreContext, fail, pass_context, refuse
from sync.store.site_files.files import SiteFile, SiteFileRefused, example, is_own, text_of
from sync.store.site_files.setting import set_file


@click.command("file")
@click.argument("name", type=click.Choice([str(name) for name in SiteFile]))
@click.option("--set", "path", type=click.Path(path_type=Path), help="Put this file in the place of the present one.")
@click.option("--reset", is_flag=True, help="Let the shipped file count again.")
@click.option("--example", "as_example", is_flag=True, help="Of waves and walls: show more than is shipped.")
@click.option(
    "--by", callback=person_or_operator, help="Who decides: it stands in the record. Default: the machine's user."
)
@pass_context
def file_command(context: StoreContext, name: str, path: Path | None, reset: bool, as_example: bool, by: str) -> None:
    """Show a file by which the site sets its own rules, or set it. What is set counts at once."""
    which = SiteFile(name)
    if sum((path is not None, reset, as_example)) > 1:
        raise click.UsageError("give one of --set, --reset and --example")
    if as_example:
        _show_example(context, which)
        return
    with context.database() as database:
        if path is None and not reset:
            with database.read() as conn:
                context.need_site(conn)
                text, own = text_of(conn, context.site_id, which), is_own(conn, context.site_id, which)
            context.answer({"name": name, "own": own, "text": text}, text.rstrip("\n"))
            return
        new = None if path is None else _read(path)
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn)
                set_file(work, which, new, by=by)
        except SiteFileRefused as error:
            refuse(str(error))
    told = "the shipped file counts again" if new is None else f"the site's own file, from {path}, counts now"
    context.answer({"name": name, "own": new is not None}, f"{name}: {told}")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}. Nothing was changed; check the path.")
    except UnicodeDecodeError:
        refuse(f"{path} is no text in UTF-8. Nothing was changed; save it as UTF-8.")


def _show_example(context: StoreContext, name: SiteFile) -> None:
    text = example(name)
    if text is None:
        raise click.UsageError(f"there is no example of {name}: the shipped file shows all that there is")
    context.answer({"name": str(name), "text": text}, text.rstrip("\n"))
