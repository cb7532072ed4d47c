"""The `floor` command. Each subcommand loads only what it needs: a terminal starts in half a second."""

from __future__ import annotations

import importlib
from typing import Any

import click

_COMMANDS = {
    "terminal": ("floor.commands.terminal", "terminal", "Work at a terminal: pick and pack."),
    "store": ("sync.store.commands.group", "store", "The central order store: orders in, stock, pick lists, server."),
    "demo": ("floor.commands.demo", "demo", "A warehouse, a store, a printer and a terminal in one go."),
    "work-day": ("floor.commands.work_day", "work_day", "Work all released orders with simulated pickers and packers."),
    "station": ("floor.commands.station", "station", "The print service of a station: its terminals share printers."),
    "doctor": (
        "floor.commands.doctor",
        "doctor",
        "Test devices, store, clock, disk and terminal, and say what to do.",
    ),
    "printer": ("floor.commands.printer", "printer", "An emulated label printer on TCP."),
    "labels": ("floor.commands.labels", "labels", "Labels and documents: draw them, look at them, check a carrier's."),
    "devices": ("floor.commands.devices", "devices", "Devices of a terminal: how its scanner is set."),
    "sheets": ("floor.commands.sheets", "sheets", "Barcode sheets of badges, totes, locations and items."),
}


class _Lazy(click.Group):
    """Imports a subcommand when it is called; the list of commands needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = _COMMANDS.get(cmd_name)
        if found is None:
            return None
        module, name, _ = found
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


@click.command(cls=_Lazy)
@click.version_option(package_name="floorhand", prog_name="floor")
def floor(**_options: Any) -> None:
    """Floorhand: pick and pack on scanner terminals, with a central order store."""


def main() -> None:
    floor(prog_name="floor")
