"""What a CSV file of orders looks like: a mapping profile, read from TOML (docs/import-profiles.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import translate
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ENCODINGS = ("utf-8", "utf-16", "iso-8859-1", "iso-8859-15", "windows-1250", "windows-1252")
DELIMITERS = (",", ";", "\t", "|")
REQUIRED_COLUMNS = ("ref", "item", "quantity")
OPTIONAL_COLUMNS = (
    "description",
    "ordered_at",
    "unit_price",
    "customer",
    "ship_name",
    "ship_postcode",
    "ship_city",
    "ship_country",
    "service",
    "priority",
)
DEFAULTS = ("ship_name", "ship_postcode", "ship_city", "ship_country")

_T = TypeVar("_T")


class ProfileRefused(Exception):
    """The profile is not there or says something that means nothing; the text names the key and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NonGoods:
    """Item codes that name no goods, and what they stand for: ``POST`` is postage."""

    codes: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]

    def meaning(self, code: str) -> str | None:
        """What ``code`` stands for, in any case of letters; None: it is goods."""
        upper = code.upper()
        if upper in self.codes:
            return self.codes[upper]
        return next((meaning for pattern, meaning in self.patterns if pattern.match(upper)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How the rows of one kind of file become orders."""

    name: str
    """Also the source of the orders: an order reference is unique within it."""
    encoding: str
    delimiter: str
    addresses: bool
    """The file has full addresses, so that an order whose address is not fit for a label goes on hold."""
    columns: Mapping[str, str]
    """Our field -> the file's column."""
    ship_line_columns: tuple[str, ...]
    cut_suffix: Mapping[str, str]
    """The file's column -> an ending that is taken off its values."""
    time_format: str
    time_zone: ZoneInfo
    upper_case_items: bool
    cancellation_prefix: str | None
    negative_without_price: bool
    """A negative quantity at price 0 on an ordinary reference is a stock adjustment."""
    non_goods: NonGoods
    default_service: str
    service_by_country: Mapping[str, str]
    default_priority: int
    defaults: Mapping[str, str]
    """Our field of the ship-to -> what stands there when the file leaves it empty."""

    def service_for(self, country: str) -> str:
        country = country or self.defaults["ship_country"]
        return self.service_by_country.get(country.casefold(), self.default_service)

    def wanted_columns(self) -> tuple[str, ...]:
        """Every column of the file that the profile reads, each once."""
        return tuple(dict.fromkeys((*self.columns.values(), *self.ship_line_columns)))


def load_profile(name_or_path: str) -> Profile:
    """The profile that ships under this name, or the one in the ``.toml`` file at this path.

    Raises:
        ProfileRefused: no such profile, no TOML, a key that means nothing or a value that cannot be.
    """
    if name_or_path.endswith(".toml"):
        try:
            text = Path(name_or_path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileRefused(f"The profile {name_or_path} cannot be read: {error}.") from error
        return parse_profile(text, name_or_path)
    shipped = {
        entry.name.removesuffix(".toml"): entry
        for entry in files("sync.store.importers.profiles").iterdir()
        if entry.name.endswith(".toml")
    }
    if name_or_path not in shipped:
        raise ProfileRefused(
            f"There is no profile {name_or_path!r}. Give one of {', '.join(sorted(shipped))}, "
            "or the path of a .toml file."
        )
    return parse_profile(shipped[name_or_path].read_text(encoding="utf-8"), name_or_path)


def parse_profile(text: str, origin: str) -> Profile:
    """Read a profile from TOML; ``origin`` is how errors name it.

    Raises:
        ProfileRefused: see `load_profile`.
    """
    try:
        top = _Keys(tomllib.loads(text), origin, "")
    except tomllib.TOMLDecodeError as error:
        raise ProfileRefused(f"The profile {origin} is no TOML: {error}.") from error
    columns, ship_lines = _columns(top.table("columns"))
    cut_suffix = top.table("cut_suffix").words()
    unknown = set(cut_suffix) - set(columns.values()) - set(ship_lines)
    if unknown:
        raise top.wrong(f"[cut_suffix] names the column {min(unknown)!r}, which [columns] does not read")
    times, service, defaults = top.table("ordered_at"), top.table("service"), top.table("defaults")
    items, cancellations, adjustments = top.table("items"), top.table("cancellations"), top.table("stock_adjustments")
    profile = Profile(
        name=_name(top),
        encoding=top.one_of("encoding", ENCODINGS, "utf-8"),
        delimiter=top.one_of("delimiter", DELIMITERS, ","),
        addresses=top.take("addresses", bool, default=False),
        columns=columns,
        ship_line_columns=ship_lines,
        cut_suffix=cut_suffix,
        time_format=_time_format(times),
        time_zone=_time_zone(times),
        upper_case_items=items.take("upper_case", bool, default=True),
        cancellation_prefix=cancellations.take("ref_prefix", str, default="") or None,
        negative_without_price=adjustments.take("negative_without_price", bool, default=False),
        non_goods=_non_goods(top.table("non_goods").words()),
        default_service=_service(service, service.take("default", str)),
        service_by_country={
            country.casefold(): _service(service, name) for country, name in service.table("countries").words().items()
        },
        default_priority=_priority(defaults),
        defaults={key: defaults.take(key, str, default="") for key in DEFAULTS},
    )
    for keys in (top, times, service, defaults, items, cancellations, adjustments):
        keys.nothing_left()
    _agrees(profile, top)
    return profile


class _Keys:
    """One table of a profile. What is not taken from it is a mistake."""

    def __init__(self, data: Mapping[str, Any], origin: str, name: str) -> None:
        self._left = dict(data)
        self._known: list[str] = []
        self._origin = origin
        self._place = f"[{name}]" if name else "the top of the file"
        self._name = name

    def wrong(self, text: str) -> ProfileRefused:
        return ProfileRefused(f"The profile {self._origin} cannot be used: {text}. See docs/import-profiles.md.")

    def take(self, key: str, kind: type[_T], *, default: _T | None = None) -> _T:
        self._known.append(key)
        value = self._left.pop(key, default)
        if value is None:
            raise self.wrong(f"{self._place} needs the key {key!r}")
        if type(value) is not kind:
            raise self.wrong(f"{key!r} in {self._place} must be {_KIND_NAMES[kind]}, and it is {value!r}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.take(key, str, default=default)
        if value not in choices:
            raise self.wrong(f"{key!r} in {self._place} is {value!r}; it may be {', '.join(map(repr, choices))}")
        return value

    def table(self, key: str) -> _Keys:
        name = f"{self._name}.{key}" if self._name else key
        return _Keys(self.take(key, dict, default={}), self._origin, name)

    def words(self) -> dict[str, str]:
        """The whole table, whose keys are the file's own words and whose values are strings."""
        return {key: self.take(key, str) for key in list(self._left)}

    def nothing_left(self) -> None:
        if self._left:
            unknown, known = min(self._left), ", ".join(sorted(self._known))
            raise self.wrong(f"{self._place} has the key {unknown!r}, which means nothing. Known are: {known}")


_KIND_NAMES: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    dict: "a table",
    list: "a list",
}


def _name(top: _Keys) -> str:
    name = top.take("name", str)
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise top.wrong("'name' must have 1 to 64 characters")
    return name


def _columns(keys: _Keys) -> tuple[dict[str, str], tuple[str, ...]]:
    columns = {key: keys.take(key, str) for key in REQUIRED_COLUMNS}
    columns |= {key: name for key in OPTIONAL_COLUMNS if (name := keys.take(key, str, default=""))}
    lines = keys.take("ship_lines", list, default=[])
    if not all(isinstance(line, str) and line for line in lines):
        raise keys.wrong("'ship_lines' in [columns] must be a list of column names")
    keys.nothing_left()
    return columns, tuple(lines)


def _time_format(keys: _Keys) -> str:
    form = keys.take("format", str, default="%Y-%m-%d %H:%M:%S")
    example = datetime(2010, 12, 31, 23, 59, tzinfo=UTC)
    try:
        read = datetime.strptime(example.strftime(form), form).date()  # noqa: DTZ007 - only the form is tried
    except ValueError as error:
        raise keys.wrong(f"'format' is {form!r}, which is no form of a time ({error})") from error
    if read != example.date():
        raise keys.wrong(f"'format' is {form!r}, which tells no day; give one such as '%Y-%m-%d %H:%M:%S'")
    return form


def _time_zone(keys: _Keys) -> ZoneInfo:
    name = keys.take("time_zone", str, default="UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise keys.wrong(f"'time_zone' is {name!r}, which is no time zone; give one such as 'Europe/London'") from error


def _non_goods(words: Mapping[str, str]) -> NonGoods:
    upper = {key.upper(): meaning for key, meaning in words.items()}
    wild = {key: meaning for key, meaning in upper.items() if "*" in key or "?" in key}
    return NonGoods(
        codes={key: meaning for key, meaning in upper.items() if key not in wild},
        patterns=tuple((re.compile(translate(key)), meaning) for key, meaning in wild.items()),
    )


def _service(keys: _Keys, name: str) -> str:
    if not 1 <= len(name) <= 32:
        raise keys.wrong(f"the service {name!r} must have 1 to 32 characters")
    return name


def _priority(keys: _Keys) -> int:
    priority = keys.take("priority", int, default=5)
    if not 0 <= priority <= 9:
        raise keys.wrong(f"'priority' in [defaults] is {priority}; it may be 0 (most urgent) to 9")
    return priority


def _agrees(profile: Profile, keys: _Keys) -> None:
    if profile.negative_without_price and "unit_price" not in profile.columns:
        raise keys.wrong("[stock_adjustments] needs the column 'unit_price' in [columns]")
    needed = {"ship_name", "ship_city", "ship_country"} - set(profile.columns)
    needed -= {key for key, value in profile.defaults.items() if value}
    if profile.addresses and (needed or not profile.ship_line_columns):
        missing = min(needed) if needed else "ship_lines"
        raise keys.wrong(f"'addresses' is true, and [columns] has no {missing!r}")
