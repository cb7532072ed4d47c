"""A terminal's profile: a TOML file, overridden by the command line.

site = "DEMO"
terminal = "HH-07"
store = "http://10.0.0.5:8440"
scopes = ["pack"]            # a pack station
serial = ["/dev/serial/by-id/usb-..."]
station = "/run/floorhand/station.sock"   # the station's print service; or printers of this terminal's own:
[[printers]]
name = "pack-1"
host = "10.0.0.20"
[keys]
problem = ["f4", "f12"]
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

MOST_PRINTERS = 9


class BadProfile(Exception):
    """The profile cannot be used; the text says which entry and what to write instead."""


class PrinterProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label printer, at one of ``host`` (TCP), ``serial`` (a line) and ``device`` (a character device)."""

    host: str = ""
    port: int = 9100
    dpi: Literal[203, 300] = 203
    timeout_s: float = 3.0
    name: str = ""
    """What the worker reads; empty: where it is."""
    serial: str = ""
    baud: int = 9600
    flow: Literal["none", "xonxoff", "rtscts"] = "xonxoff"
    device: str = ""
    media: str = ""
    """What lies in it, in the site's own words."""
    answers: bool = True
    """False: nothing can be read from it, so that only scanning a label proves it."""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.host, self.serial, self.device))) != 1:
            raise ValueError("a printer stands at one of `host`, `serial` and `device`: give one of them")
        if not 0.1 <= self.timeout_s <= 60:
            raise ValueError("the `timeout_s` of a printer is 0.1 to 60 seconds")

    @property
    def called(self) -> str:
        return self.name or self.serial or self.device or f"{self.host}:{self.port}"


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
    """The one printer of a terminal that has no more."""
    printers: tuple[PrinterProfile, ...] = ()
    station: str = ""
    """The socket of the station's print service; then the printers stand in the service's own profile."""
    wedge: WedgeProfile = WedgeProfile()
    keys: dict[str, list[str]] = {}
    ascii: bool = False
    light: bool = False

    def __post_init__(self) -> None:
        printers = self.all_printers()
        if self.station and printers:
            raise ValueError("with `station` the printers stand in the profile of `floor station`, not here")
        if len({printer.called for printer in printers}) < len(printers):
            raise ValueError("two printers have the same `name`: give each its own")
        if len(printers) > MOST_PRINTERS:
            raise ValueError(f"there are more than {MOST_PRINTERS} printers: a digit chooses one")

    def all_printers(self) -> tuple[PrinterProfile, ...]:
        """The first is where labels go unless a person chose another."""
        return (*(() if self.printer is None else (self.printer,)), *self.printers)


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
        raise BadProfile(f"The profile does not fit: {error}. docs/terminals.md lists every entry.") from error
