"""The words for every prompt and notice: one catalogue for each language, in `floor/locale`.

A text may be given in several lengths, longest first; whoever paints takes the first that fits. Values come from the
record and are data: nothing in them is markup, and control characters are taken out.
"""

from __future__ import annotations

import string
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from floor.work.prompt import Key, Notice, Prompt

Text = tuple[str, ...]
"""The same thing said at falling lengths."""

_LOCALE = Path(__file__).parent / "locale"
_FALLBACK = "en"
_NAMED_BY_WORD = frozenset({"kind", "reason", "what", "expected"})
"""Values that may be a key of the table ``word`` instead of something from the record."""
_SHORTENED = frozenset({"name", "scanned", "detail", "codes"})
"""Values of any length: only these may end in an ellipsis."""
NO_VALUE = "??"
"""Painted where a conversation has not given a value that the words need."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


class MissingWords(LookupError):
    """The catalogue has no entry of this name."""

    def __init__(self, language: str, name: str) -> None:
        super().__init__(
            f"The catalogue floor/locale/{language}.toml has no {name}. The screen cannot be painted. Add the entry."
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row from the record. ``shortened``: it may be cut with an ellipsis (item names, raw barcodes)."""

    text: Text
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class PaintedWords:
    """The words of one prompt. An empty ``headline`` or ``title`` means that there is none."""

    title: Text
    headline: str
    request: Text
    details: tuple[Row, ...]
    choices: tuple[tuple[str, Text], ...]
    count: str
    is_location: bool
    """The headline is a location, to be split for reading."""


@dataclass(frozen=True, slots=True)
class PaintedNotice:
    """The words of one notice: what happened, what was scanned and expected (None: says nothing), what to do now."""

    what: Text
    scanned: Row | None
    expected: Row | None
    now: Text


def visible(value: str) -> str:
    """``value`` on one row: control, format and unassigned characters gone, every run of white space one space.

    Gone are variation selectors, too: how wide they make what stands before them, each terminal decides in its own way.
    """
    spaced = (" " if c.isspace() or c == "\x1d" else c for c in value)
    return " ".join("".join(c for c in spaced if _is_visible(c)).split())


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in VARIATION_SELECTORS


def languages() -> tuple[str, ...]:
    """The codes of the languages that there are catalogues for."""
    return tuple(sorted(path.stem for path in _LOCALE.glob("*.toml")))


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; English when there is none for it."""
    path = _LOCALE / f"{language}.toml"
    if language not in languages():
        return catalogue(_FALLBACK)
    with path.open("rb") as file:
        return Catalogue(language, tomllib.load(file))


def words(prompt: Prompt, language: str) -> PaintedWords:
    """The words of a prompt. Raises `MissingWords`."""
    return catalogue(language).words(prompt)


def notice_words(notice: Notice, language: str) -> PaintedNotice:
    """The words of a notice. Raises `MissingWords`."""
    return catalogue(language).notice(notice)


class Catalogue:
    """One language. Every lookup raises `MissingWords` for a name that it does not have."""

    def __init__(self, language: str, tables: Mapping[str, object]) -> None:
        self.language = language
        self._tables = tables

    def words(self, prompt: Prompt) -> PaintedWords:
        entry = self._table(f"step.{prompt.step}")
        values = self._values(prompt.values)
        headline, details = _filled(entry.get("headline", ""), values), entry.get("details")
        return PaintedWords(
            title=_filled(entry.get("title", ""), values),
            headline=headline[0],
            request=_filled(self._entry(f"step.{prompt.step}", "request"), values),
            details=tuple(_rows(details if isinstance(details, list) else [], values)),
            choices=tuple((choice.digit, self._choice(choice.key, choice.values)) for choice in prompt.choices),
            count=self.label("count", done=str(prompt.count[0]), asked=str(prompt.count[1]))[0] if prompt.count else "",
            is_location=entry.get("headline") == "{location}",
        )

    def notice(self, notice: Notice) -> PaintedNotice:
        name = f"notice.{notice.key}"
        entry = self._table(name)
        values = self._values(notice.values)
        rows = {part: next(iter(_rows([entry[part]] if part in entry else [], values)), None) for part in _PARTS}
        return PaintedNotice(
            what=_filled(self._entry(name, "what"), values), now=_filled(self._entry(name, "now"), values), **rows
        )

    def help(self, step: str) -> Text:
        return _filled(self._entry("help", step), {})

    def key(self, key: Key) -> Text:
        return _filled(self._entry("key", key), {})

    def label(self, name: str, **values: str) -> Text:
        return _filled(self._entry("label", name), _seen(values))

    def names(self, table: str) -> frozenset[str]:
        """What a table (``step``, ``notice``, ``choice``, ``help`` ...) has entries for."""
        return frozenset(self._table(table))

    def _choice(self, key: str, values: Mapping[str, str]) -> Text:
        return _filled(self._entry("choice", key), self._values(values))

    def _values(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: self._named(value) if name in _NAMED_BY_WORD else value for name, value in _seen(values).items()}

    def _named(self, value: str) -> str:
        """A code of ours in words; what stands behind its colon stays (``held-by:HH-07``)."""
        code, _, rest = value.partition(":")
        word = self._table("word").get(code)
        return value if word is None else f"{word} {rest}".strip()

    def _entry(self, table: str, name: str) -> object:
        entries = self._table(table)
        if name not in entries:
            raise MissingWords(self.language, f"{table}.{name}")
        return entries[name]

    def _table(self, name: str) -> Mapping[str, object]:
        found: object = self._tables
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise MissingWords(self.language, name)
        return found


_PARTS = ("scanned", "expected")


def _seen(values: Mapping[str, str]) -> dict[str, str]:
    return {name: visible(value) for name, value in values.items()}


def _alternatives(template: object) -> tuple[str, ...]:
    return tuple(map(str, template)) if isinstance(template, list) else (str(template),)


def _fields(template: object) -> frozenset[str]:
    parsed = string.Formatter().parse(_alternatives(template)[0])
    return frozenset(field for _, field, _, _ in parsed if field)


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return NO_VALUE


def _filled(template: object, values: Mapping[str, str]) -> Text:
    return tuple(text.format_map(_Values(values)) for text in _alternatives(template))


def _rows(templates: Sequence[object], values: Mapping[str, str]) -> list[Row]:
    """A row whose value is empty or was not given is left out."""
    return [
        Row(_filled(template, values), shortened=not _fields(template).isdisjoint(_SHORTENED))
        for template in templates
        if all(values.get(field) for field in _fields(template))
    ]
