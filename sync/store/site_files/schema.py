"""Reading a site's file into plain dataclasses: what it does not know it names, with the place where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from sync.store.site_files.files import SiteFile, SiteFileRefused

_T = TypeVar("_T")


def read_as(name: SiteFile, text: str, shape: type[_T]) -> _T:
    """The file as a dataclass. Raises `SiteFileRefused` for what is no TOML, is of another type or is not known."""
    try:
        document = msgspec.toml.decode(text)
        for unknown in _unknown(document, shape, "$"):
            raise SiteFileRefused(refusal(name, unknown))
        return msgspec.convert(document, shape)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise SiteFileRefused(refusal(name, str(error))) from error


def refusal(name: SiteFile, why: str) -> str:
    return f"The file of {name} cannot be used: {why.rstrip('.')}. Nothing was changed; mend it and give it again."


def once(name: SiteFile, what: str, values: Iterable[str]) -> None:
    """Raises `SiteFileRefused` where one of the names stands there twice."""
    for value, times in Counter(values).items():
        if times > 1:
            raise SiteFileRefused(refusal(name, f"the {what} {value!r} stands there {times} times"))


def _unknown(value: Any, shape: Any, at: str) -> Iterator[str]:
    """Keys that a dataclass does not have, which decoding would pass over in silence."""
    if is_dataclass(shape) and isinstance(value, dict):
        hints = get_type_hints(shape)
        known = [one.name for one in fields(shape)]
        for key, inner in value.items():
            if key not in known:
                yield f"nothing is called {key!r} at {at}; known there: {', '.join(known)}"
            else:
                yield from _unknown(inner, hints[key], f"{at}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            for one in get_args(shape)[:1]:
                yield from _unknown(inner, one, f"{at}[{number}]")
