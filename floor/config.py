"""A terminal's profile: a TOML file, overridden by the command line.

site = "DEMO"
terminal = "HH-07"
store = "http://10.0.0.5:8440"
scopes = ["pack"]            # a pack station
serial = ["/dev/serial/by-id/usb-..."]
[printer]
host = "10.0.0.20"
[keys]
problem = ["f4", "f12"]
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec


class BadProfile(Exception):
    """The profile cannot be used; the text says which entry and what to write instead."""


class PrinterProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str
    port: int = 9100
    dpi: int = 203
    timeout_s: float = 3.0


class WedgeProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefix: str = ""
    """What the scanner sends before each code, e.g. "\\u001e"; empty: scans are told from typing by their speed."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    site: str = "DEMO"
    terminal: str = "T-1"
    store: str = "http://127.0.0.1:8440"
    data: str = ""
    """The terminal's own file; empty: under the data directory."""
    scopes: tuple[str, ...] = ()
    """``pack``: this terminal packs, and is told what waits for packing."""
    serial: tuple[str, ...] = ()
    baud: int = 9600
    printer: PrinterProfile | None = None
    wedge: WedgeProfile = WedgeProfile()
    keys: dict[str, list[str]] = {}
    ascii: bool = False
    light: bool = False


def load_profile(path: Path | None, overrides: dict[str, Any]) -> Profile:
    """The profile of a file with ``overrides`` (None: not given) on top. Raises `BadProfile`."""
    table: dict[str, Any] = {}
    if path is not None:
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise BadProfile(f"The profile {path} cannot be read: {error.strerror}. Check the path.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadProfile(f"The profile {path} is no TOML: {error}. Mend that line.") from error
    table.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return msgspec.convert(table, Profile)
    except msgspec.ValidationError as error:
        raise BadProfile(f"The profile does not fit: {error}. docs/terminal-profile.md lists every entry.") from error
