"""The bitmap of a `^GFA` field: ASCII hex, plain or with repeat counts, and Z64. Pure but for the picture it makes.

Source: ZPL II programming guide, "^GF" and "Alternative data compression scheme".
"""

import base64
import binascii
import zlib

from PIL import Image

_MAX_BYTES = 4_000_000


class BadGraphic(ValueError):
    """The field's data does not make the bitmap that it announces. The text says why, in plain words."""


def graphic(content: bytes) -> Image.Image:
    """Return the bitmap, ink as 1, from the content of a `^GF` command (`A,bytes,bytes,bytes in a row,data`)."""
    parts = content.split(b",", 4)
    if len(parts) < 5 or parts[0].strip().upper() != b"A":
        raise BadGraphic("only ^GFA with all its parameters is known")
    try:
        total, row_bytes = int(parts[2]), int(parts[3])
    except ValueError as fault:
        raise BadGraphic("the sizes in ^GFA are no numbers") from fault
    if not 0 < row_bytes <= total <= _MAX_BYTES or total % row_bytes:
        raise BadGraphic("the sizes in ^GFA do not fit together")
    data = parts[4].strip()
    bitmap = _from_z64(data) if data.startswith(b":") else _from_hex(data, row_bytes)
    if len(bitmap) != total:
        raise BadGraphic(f"^GFA announces {total} bytes and holds {len(bitmap)}")
    return Image.frombytes("1", (row_bytes * 8, total // row_bytes), bitmap)


def _from_z64(data: bytes) -> bytes:
    kind, encoded, check = [*data.split(b":"), b"", b"", b""][1:4]
    if kind not in (b"Z64", b"B64"):
        raise BadGraphic("the encoding in ^GFA is neither Z64 nor B64")
    try:
        if int(check, 16) != binascii.crc_hqx(encoded, 0):
            raise BadGraphic("the checksum in ^GFA is wrong")
        raw = base64.b64decode(encoded, validate=True)
        return zlib.decompressobj().decompress(raw, _MAX_BYTES) if kind == b"Z64" else raw
    except (ValueError, zlib.error) as fault:
        raise fault if isinstance(fault, BadGraphic) else BadGraphic("the data in ^GFA is damaged") from fault


def _from_hex(data: bytes, row_bytes: int) -> bytes:
    digits_in_row = row_bytes * 2
    rows: list[str] = []
    row, count = "", 0
    for sign in data.decode("ascii", "replace"):
        if "G" <= sign <= "Y":
            count += ord(sign) - ord("F")
        elif "g" <= sign <= "z":
            count += (ord(sign) - ord("f")) * 20
        elif sign in ",!":
            row = row.ljust(digits_in_row, "0" if sign == "," else "F")
        elif sign == ":":
            row = rows[-1] if rows else "0" * digits_in_row
        elif sign in "0123456789ABCDEFabcdef":
            row += sign * (count or 1)
            count = 0
        elif not sign.isspace():
            raise BadGraphic("the data in ^GFA holds signs that are no hex digits")
        while len(row) >= digits_in_row:
            rows.append(row[:digits_in_row])
            row = row[digits_in_row:]
        if len(rows) * row_bytes > _MAX_BYTES:
            raise BadGraphic("the data in ^GFA is too long")
    return bytes.fromhex("".join(rows))
