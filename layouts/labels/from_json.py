"""The fields of a label or document out of JSON, as a person writes them for a trial or another program sends them."""

from typing import Any, TypeVar

import msgspec

Fields = TypeVar("Fields")


def from_json(text: bytes, of: type[Fields]) -> Fields:
    """The dataclass `of` from a JSON object with its field names.

    Raises ValueError, which says what is wrong and where, for what is no JSON, for missing, unknown and mistyped
    fields, and for what the dataclass itself refuses.
    """
    try:
        raw: Any = msgspec.json.decode(text)
        value = msgspec.convert(raw, of)
    except msgspec.MsgspecError as fault:
        raise ValueError(f"the data are no {of.__name__}: {fault}") from fault
    unknown = _unknown(raw, msgspec.to_builtins(value), "$")
    if unknown is not None:
        raise ValueError(f"the data are no {of.__name__}: it has no field {unknown}")
    return value


def _unknown(raw: object, known: object, place: str) -> str | None:
    """The first key of `raw` that did not get into `known`."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key, inner in raw.items():
            if key not in known:
                return f"{place}.{key}"
            found = _unknown(inner, known[key], f"{place}.{key}")
            if found is not None:
                return found
    if isinstance(raw, list) and isinstance(known, list | tuple):
        for number, (inner, inner_known) in enumerate(zip(raw, known, strict=True)):
            found = _unknown(inner, inner_known, f"{place}[{number}]")
            if found is not None:
                return found
    return None
