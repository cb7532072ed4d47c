"""One table of a terminal's profile written anew; everything else of the file stays as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from floor.config import BadProfile

_TABLE = re.compile(r"(?m)^(?=[ \t]*\[)")
_TAIL = re.compile(r"(?m)^(?:[ \t]*(?:#[^\n]*)?\n)*\Z")
"""Comments and empty lines at the end of a table speak of the next one."""


def part_text(header: str, part: Mapping[str, str | int]) -> str:
    """The table as TOML; ``header`` is ``[wedge]`` or ``[[scanners]]``."""
    return "\n".join(
        (header, *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in part.items()), "")
    )


def write_part(path: Path, header: str, part: Mapping[str, str | int]) -> None:
    """Put the table into the file, in place of the one of the same name; the file may not exist yet.

    Raises `BadProfile`, and then nothing was written: the file cannot be read or written, or is written in a way that
    this cannot change (an inline table).
    """
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        before = tomllib.loads(text)
        written = _with_part(text, header, part)
        if tomllib.loads(written) != _expected(before, header, part):
            raise tomllib.TOMLDecodeError("it is written as an inline table")
        part_file = path.with_name(f"{path.name}.new")
        part_file.write_text(written, "utf-8")
        part_file.replace(path)
    except OSError as error:
        raise BadProfile(f"The profile {path} cannot be written: {error.strerror}. Nothing was changed.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProfile(f"The profile {path} was not changed: {error}. Put the part above into it by hand.") from error


def _with_part(text: str, header: str, part: Mapping[str, str | int]) -> str:
    tables = _TABLE.split(text)
    for place, table in enumerate(tables):
        if table.lstrip().startswith(header) and _is_same(table, part):
            tail = _TAIL.search(table)
            tables[place] = part_text(header, part) + (tail[0] if tail else "")
            return "".join(tables)
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return text + gap + part_text(header, part)


def _is_same(table: str, part: Mapping[str, str | int]) -> bool:
    """There is one wedge; scanners are told apart by their names."""
    if "name" not in part:
        return True
    said: dict[str, list[dict[str, Any]]] = tomllib.loads(table)
    return any(one.get("name") == part["name"] for one in said["scanners"])


def _expected(before: Mapping[str, Any], header: str, part: Mapping[str, str | int]) -> dict[str, Any]:
    if header == "[wedge]":
        return {**before, "wedge": dict(part)}
    scanners = [dict(part) if one.get("name") == part["name"] else one for one in before.get("scanners", [])]
    return {**before, "scanners": scanners if dict(part) in scanners else [*scanners, dict(part)]}
