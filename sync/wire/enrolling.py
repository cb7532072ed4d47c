"""How a terminal is enrolled: the one-time code that a person carries over, and the request that uses it up.

A code is 13 characters (65 random bits), in Crockford's base 32, which has no I, L, O and U. Where the store has a
certificate 20 more follow: the fingerprint of the authority behind it, so that the terminal knows its store before it
has said anything.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from sync.wire.messages import Id

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_LENGTH: Final = 13
FINGERPRINT_LENGTH: Final = 20
"""100 bits of a SHA-256: nobody makes a second certificate with the same ones."""
_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0", " ": "", "-": ""})


class BadCode(ValueError):
    """What was typed is no enrolment code; the text says what one looks like."""


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/enrolments, signed with the key that is to be enrolled.

    ``code`` is the secret part alone; empty asks a store on the same machine that allows it (``scopes`` then says for
    what; with a code the code says it).
    """

    site_id: Id
    terminal_id: Id
    public_key: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    scopes: Annotated[list[Id], msgspec.Meta(max_length=4)] = []


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What the store has written down of the terminal."""

    site_id: str
    terminal_id: str
    scopes: list[str]
    pin_pepper: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An enrolment code, taken apart."""

    secret: str
    fingerprint: str | None

    def __str__(self) -> str:
        """As it is shown: in groups of four, one of five where the secret ends."""
        further = self.fingerprint or ""
        groups = [self.secret[:4], self.secret[4:8], self.secret[8:]]
        groups += [further[start : start + 4] for start in range(0, len(further), 4)]
        return "-".join(groups)


def new_secret() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))


def read_code(typed: str) -> Code:
    """The code that somebody typed or scanned; case, spaces and hyphens do not matter. Raises `BadCode`."""
    text = typed.strip().upper().translate(_MEANT)
    if len(text) not in (SECRET_LENGTH, SECRET_LENGTH + FINGERPRINT_LENGTH) or not set(text) <= set(ALPHABET):
        raise BadCode(
            f"An enrolment code has {SECRET_LENGTH} letters and digits, or {SECRET_LENGTH + FINGERPRINT_LENGTH} where "
            f"the store has a certificate; this has {len(text)}. Type it again as `floor store enrol` shows it."
        )
    return Code(text[:SECRET_LENGTH], text[SECRET_LENGTH:] or None)


def fingerprint_of(certificate_der: bytes) -> str:
    """The fingerprint of an authority's certificate, as codes carry it."""
    number = int.from_bytes(hashlib.sha256(certificate_der).digest()[:13], "big") >> 4
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * FINGERPRINT_LENGTH - 5, -1, -5))
