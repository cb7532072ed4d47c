"""From the bytes of a CSV file to its records; what is wrong with the file as a whole refuses it as a whole."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sync.store.importers.profile import Profile


class FileRefused(Exception):
    """Nothing of the file was imported; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record after the header."""

    row_no: int
    """Counts records: 1 is the first after the header. Blank lines are no records."""
    line: int
    """Where it begins in the file; the header stands in line 1."""
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file, its form proven."""

    width: int
    """How many fields a record must have."""
    places: Mapping[str, int]
    """The file's column -> its place in a record."""
    records: tuple[Record, ...]


def read_sheet(profile: Profile, name: str, data: bytes) -> Sheet:
    """Decode and split a file. A byte order mark, CRLF, line breaks inside quotes and no final line break are fine.

    Raises:
        FileRefused: empty, wrong encoding, NUL characters, broken quotes, wrong header, or cut off at its end.
    """
    lines = _split(profile, name, _decode(profile, name, data))
    header_line, header = next(lines, (0, []))
    if not header_line:
        raise FileRefused(f"{name} is empty. Export it again.")
    header = [title.strip() for title in header]
    _check_header(profile, name, header)
    records = tuple(Record(no, line, tuple(fields)) for no, (line, fields) in enumerate(lines, start=1))
    if not records:
        raise FileRefused(f"{name} has a header and no rows. Export it again.")
    last = records[-1]
    if len(last.fields) != len(header):
        raise FileRefused(
            f"{name} is cut off: its last row, in line {last.line}, has {len(last.fields)} of {len(header)} fields. "
            "Nothing was imported. Fetch the whole file and import it again."
        )
    return Sheet(len(header), {title: place for place, title in enumerate(header)}, records)


def _decode(profile: Profile, name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig" if profile.encoding == "utf-8" else profile.encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"{name} is not {profile.encoding}: byte {error.start + 1}, in line {line}, cannot be read "
            f"(0x{data[error.start]:02X}). Nothing was imported. Export the file as {profile.encoding}, or name its "
            "encoding in the profile."
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FileRefused(f"{name} has a NUL character in line {line}: it is damaged or no text. Nothing was imported.")
    return text


def _split(profile: Profile, name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank with the line of the file where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True)
    begins = 1
    try:
        for fields in reader:
            if fields:
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        fault = "is cut off inside quotes" if "unexpected end" in str(error) else "has broken quotes"
        raise FileRefused(
            f"{name} {fault}: the row that begins in line {begins} cannot be read ({error}). Nothing was imported. "
            "Fetch the whole file and import it again."
        ) from error


def _check_header(profile: Profile, name: str, header: list[str]) -> None:
    found = ", ".join(repr(title[:40]) for title in header[:40])
    missing = [title for title in profile.wanted_columns() if title not in header]
    if missing:
        raise FileRefused(
            f"{name} is no file for the profile {profile.name}: its header lacks {', '.join(map(repr, missing))}; "
            f"found were {found}. Nothing was imported. Choose another profile, or check the file's first line and "
            "delimiter."
        )
    twice = [title for title, count in Counter(header).items() if count > 1 and title in profile.wanted_columns()]
    if twice:
        raise FileRefused(
            f"{name} has the column {twice[0]!r} more than once, found were {found}. Nothing was imported."
        )
