"""Code 128 as `^BC` prints it, in modules. Pure.

Sources: ISO/IEC 15417 for the symbol, ZPL II programming guide "^BC" for the invocation codes (`>:`, `>;`, `>8` ...).
"""

import re
from collections.abc import Sequence

_WIDTHS = re.findall(
    r"\d+",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 "
    "122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 "
    "322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 "
    "112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 "
    "331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 "
    "112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 "
    "411311 113141 114131 311141 411131 211412 211214 211232 2331112",
)

_SWITCH = {"C": 99, "B": 100, "A": 101}
_START = {"A": 103, "B": 104, "C": 105}
_STOP = 106
_FNC1 = 102

_INVOKED_STARTS = {"9": "A", ":": "B", ";": "C"}
_INVOKED_SWITCHES = {"5": "C", "6": "B", "7": "A"}
_INVOKED_VALUES = {"<": 62, "0": 30, "=": 94, "1": 95, "2": 96, "3": 97, "4": 98, "8": _FNC1}


class BadCode128(ValueError):
    """The data cannot stand in a Code 128. The text says why, in plain words."""


def symbol_values(data: str, mode: str) -> list[int]:
    """The symbol's values from start to stop, check value included.

    Mode "N" follows the invocation codes in `data` and starts in subset B; "D" (GS1-128) and "A" choose subsets by
    themselves, "D" after a leading FNC1 and without parentheses and blanks.
    """
    values = _as_written(data) if mode == "N" else _automatic(_tokens(data, mode))
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return [*values, check, _STOP]


def modules(values: Sequence[int]) -> list[bool]:
    """Bars (True) and spaces, one entry for each module."""
    run: list[bool] = []
    for value in values:
        for place, width in enumerate(_WIDTHS[value]):
            run += [place % 2 == 0] * int(width)
    return run


def readable_text(data: str) -> str:
    """The line that stands below the bars: the data without invocation codes."""
    text = ""
    signs = iter(data)
    for sign in signs:
        text += _sign_of(_INVOKED_VALUES.get(next(signs, ""), _FNC1)) if sign == ">" else sign
    return text


def _sign_of(value: int) -> str:
    return chr(value + 32) if value < 95 else ""


def _as_written(data: str) -> list[int]:
    subset = "B"
    if data[:1] == ">" and data[1:2] in _INVOKED_STARTS:
        subset, data = _INVOKED_STARTS[data[1:2]], data[2:]
    values = [_START[subset]]
    place = 0
    while place < len(data):
        if data[place] == ">":
            code = data[place + 1 : place + 2]
            if code in _INVOKED_SWITCHES:
                if _INVOKED_SWITCHES[code] != subset:
                    subset = _INVOKED_SWITCHES[code]
                    values.append(_SWITCH[subset])
            elif code in _INVOKED_VALUES:
                values.append(_INVOKED_VALUES[code])
            else:
                raise BadCode128(f"the invocation code '>{code}' in a Code 128 is not known")
            place += 2
            continue
        size = 2 if subset == "C" else 1
        values.append(_value(data[place : place + size], subset))
        place += size
    return values


def _value(signs: str, subset: str) -> int:
    if subset == "C":
        if len(signs) != 2 or not (signs.isascii() and signs.isdigit()):
            raise BadCode128("subset C of a Code 128 holds pairs of digits only")
        return int(signs)
    code = ord(signs)
    if subset == "A" and code < 32:
        return code + 64
    if 32 <= code < (96 if subset == "A" else 128):
        return code - 32
    raise BadCode128(f"a Code 128 cannot hold {signs!r} in subset {subset}")


def _tokens(data: str, mode: str) -> list[str | None]:
    """The signs to encode, None for FNC1."""
    tokens: list[str | None] = [None] if mode == "D" else []
    signs = iter(data)
    for sign in signs:
        if sign == ">":
            value = _INVOKED_VALUES.get(code := next(signs, ""))
            if value is None or 95 <= value < _FNC1:
                raise BadCode128(f"the invocation code '>{code}' has no place in this mode of a Code 128")
            tokens.append(None if value == _FNC1 else _sign_of(value))
        elif not (mode == "D" and sign in "() "):
            tokens.append(sign)
    return tokens


def _automatic(tokens: list[str | None]) -> list[int]:
    subset = ""
    values: list[int] = []
    place = 0
    while place < len(tokens):
        wanted = _wanted_subset(tokens, place, subset)
        if wanted != subset:
            values.append(_SWITCH[wanted] if subset else _START[wanted])
            subset = wanted
        token = tokens[place]
        if token is None:
            values.append(_FNC1)
            place += 1
            continue
        size = 2 if subset == "C" else 1
        values.append(_value("".join(sign or "" for sign in tokens[place : place + size]), subset))
        place += size
    if not values:
        raise BadCode128("a Code 128 needs at least one sign")
    return values


def _wanted_subset(tokens: list[str | None], place: int, subset: str) -> str:
    token = tokens[place]
    if token is None and subset:
        return subset
    digits = _digits_from(tokens, place + 1 if token is None else place)
    if subset == "C" and digits >= 2:
        return "C"
    # An odd run begins with one sign in the old subset, so that its end comes out in pairs.
    if digits >= 4 and (digits % 2 == 0 or not subset):
        return "C"
    if token is not None and ord(token) < 32:
        return "A"
    return "A" if subset == "A" and (token is None or ord(token) < 96) else "B"


def _digits_from(tokens: list[str | None], place: int) -> int:
    count = 0
    while place < len(tokens) and (token := tokens[place]) is not None and token.isascii() and token.isdigit():
        count += 1
        place += 1
    return count
