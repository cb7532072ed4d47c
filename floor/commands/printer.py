"""`floor printer`: an emulated label printer, for demos, training and trials."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("printer")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9100, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--labels", required=True, type=click.Path(path_type=Path), help="Directory for labels and pictures.")
def printer(host: str, port: int, labels: Path) -> None:
    """An emulated ZPL printer: writes each label as it came (.zpl) and as a picture (.png). Ctrl+C ends it."""
    from drivers.emulators.printer import main
    from sync.store.commands.context import usable_folder

    usable_folder(labels)
    raise SystemExit(main(["--host", host, "--port", str(port), "--labels", str(labels)]))
