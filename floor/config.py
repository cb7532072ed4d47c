"""A terminal's profile: a TOML file, overridden by the command line.

site = "DEMO"
terminal = "HH-07"
store = "http://10.0.0.5:8440"
scopes = ["pack"]            # a pack station
station = "/run/floorhand/station.sock"   # the station's print service; or printers of this terminal's own:
[[printers]]
name = "pack-1"
host = "10.0.0.20"
[[scanners]]
name = "left"
serial = "/dev/serial/by-id/usb-..."
[scale]
protocol = "mt-sics"
serial = "/dev/serial/by-id/usb-..."
[keys]
problem = ["f4", "f12"]
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from drivers.scanners.framing import Framing
from drivers.scanners.wedge import WedgeSettings

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
    suffix: str = ""
    """The characters of which each ends a code; empty: Enter, Tab and ETX."""

    def __post_init__(self) -> None:
        _ = self.settings

    @property
    def settings(self) -> WedgeSettings:
        usual = WedgeSettings()
        return WedgeSettings(self.prefix or None, frozenset(self.suffix) or usual.suffixes)


class ScannerProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scanner with a line of its own: ``serial``, or ``host`` with ``port`` (we connect) or ``listen`` (it does)."""

    name: str
    """What the worker reads when it is gone or reads badly."""
    serial: str = ""
    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    host: str = ""
    port: int = 0
    listen: int = 0
    """A port here to which ``host`` connects; nobody else may."""
    prefix: str = ""
    suffix: str = ""
    """As of the wedge."""

    def __post_init__(self) -> None:
        ways = (bool(self.serial), bool(self.host and self.port), bool(self.host and self.listen))
        if sum(ways) != 1 or bool(self.serial) == bool(self.host):
            raise ValueError("a scanner stands at `serial`, at `host` and `port`, or at `host` and `listen`: give one")
        _ = self.framing

    @property
    def framing(self) -> Framing:
        try:
            prefix, suffix = self.prefix.encode("latin-1"), self.suffix.encode("latin-1")
        except UnicodeEncodeError as error:
            raise ValueError("`prefix` and `suffix` of a scanner are single bytes") from error
        return Framing(prefix or None, suffix or Framing().suffixes)


class ScaleProfile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scale of a pack station, at one of ``serial`` (a line), ``host`` with ``port`` (TCP) and ``hid`` (a path)."""

    protocol: Literal[
        "mt-sics",
        "toledo-8217",
        "nci",
        "a-and-d",
        "a-and-d-stream",
        "toledo-continuous",
        "toledo-continuous-checksum",
        "hid",
    ]
    name: str = "scale"
    serial: str = ""
    baud: int = 0
    """0: what scales of this protocol leave the factory with."""
    host: str = ""
    port: int = 0
    hid: str = ""
    unit: Literal["", "g", "kg", "oz", "lb"] = ""
    """What it is set to: weights in another unit do not count. Toledo 8217 must have one, for it sends none."""

    def __post_init__(self) -> None:
        if sum((bool(self.serial), bool(self.host and self.port), bool(self.hid))) != 1:
            raise ValueError("a scale stands at `serial`, at `host` and `port`, or at `hid`: give one")
        if bool(self.hid) != (self.protocol == "hid"):
            raise ValueError("the protocol `hid` and a path in `hid` belong together")
        if self.protocol == "toledo-8217" and not self.unit:
            raise ValueError("toledo-8217 sends weights without a unit: say in `unit` which one the scale is set to")


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    site: str = "DEMO"
    terminal: str = "T-1"
    store: str = "http://127.0.0.1:8440"
    data: str = ""
    """The terminal's own file; empty: under the data directory."""
    scopes: tuple[str, ...] = ()
    """``pack``: this terminal packs, and is told what waits for packing."""
    scanners: tuple[ScannerProfile, ...] = ()
    """Those with lines of their own; each is told apart by its name."""
    printer: PrinterProfile | None = None
    """The one printer of a terminal that has no more."""
    printers: tuple[PrinterProfile, ...] = ()
    station: str = ""
    """The socket of the station's print service; then the printers stand in the service's own profile."""
    scale: ScaleProfile | None = None
    """Cartons are weighed before their label is printed."""
    wedge: WedgeProfile = WedgeProfile()
    formats: str = ""
    """Folder of the site's own label formats; empty: ``formats`` in the data directory."""
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
        if len({scanner.name for scanner in self.scanners}) < len(self.scanners):
            raise ValueError("two scanners have the same `name`: give each its own")

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
