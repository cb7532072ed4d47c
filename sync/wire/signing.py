"""Signatures on requests: HTTP message signatures (RFC 9421) with Ed25519, in the one form that terminals use.

Method, path, query and, where there is a body, its digest (RFC 9530) are covered; ``keyid`` is ``SITE/TERMINAL``. No
time is covered: a push that comes again is answered with the verdicts that it got, and a pull only reads.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sync.record.ids import SiteId, TerminalId
from sync.wire.messages import ID_PATTERN

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LABEL: Final = "fh"
SIGNING: Final = ("signature-input", "signature", "content-digest")
"""The headers that `read_signature` looks at."""
_NAME = ID_PATTERN.strip("^$")
_INPUT = re.compile(
    rf'{LABEL}=(?P<params>\("@method" "@path" "@query"(?P<digest> "content-digest")?\)'
    rf';alg="ed25519";keyid="(?P<site>{_NAME})/(?P<terminal>{_NAME})")'
)
_SIGNATURE = re.compile(rf"{LABEL}=:(?P<bytes>[A-Za-z0-9+/]{{86}}==):")


class Unsigned(ValueError):
    """A request carries no signature of the form that is used here."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request asks for, byte for byte as it travels: ``query`` without its question mark."""

    method: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it came: whose it says to be, and what it covers. Nothing of it is proven yet."""

    site_id: SiteId
    terminal_id: TerminalId
    params: str
    digest: str | None
    signature: bytes

    def is_by(self, public_key: str, target: Target) -> bool:
        """Whether the holder of ``public_key`` (hex) signed ``target`` with this digest."""
        from cryptography.exceptions import InvalidSignature

        try:
            _public_key(public_key).verify(self.signature, _base(target, self.digest, self.params))
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(maxsize=4096)
def _public_key(public_key: str) -> Ed25519PublicKey:
    """Raises ValueError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))


def make_key() -> str:
    """A new private key: its 32 bytes as hex."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key_of(private_key: str) -> str:
    """The public key, hex, that belongs to a private one. Raises ValueError where that is no key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key)).public_key().public_bytes_raw().hex()


def content_digest(body: bytes) -> str:
    """The header of RFC 9530."""
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii") + ":"


def signature_headers(
    private_key: str, site_id: SiteId, terminal_id: TerminalId, target: Target, digest: str | None
) -> dict[str, str]:
    """What a request carries as proof of its sender; ``digest`` (`content_digest`): of its body, where it has one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    covered = '"@method" "@path" "@query"' + (' "content-digest"' if digest else "")
    params = f'({covered});alg="ed25519";keyid="{site_id}/{terminal_id}"'
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
    signature = base64.b64encode(key.sign(_base(target, digest, params))).decode("ascii")
    headers = {"Signature-Input": f"{LABEL}={params}", "Signature": f"{LABEL}=:{signature}:"}
    return headers | ({"Content-Digest": digest} if digest else {})


def read_signature(headers: Mapping[str, str]) -> Signed:
    """The signature among the headers (names in lower case). Raises `Unsigned`."""
    described = _INPUT.fullmatch(headers.get("signature-input", ""))
    given = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if described is None or given is None:
        raise Unsigned
    digest = headers.get("content-digest") if described["digest"] else None
    if described["digest"] and digest is None:
        raise Unsigned
    try:
        signature = binascii.a2b_base64(given["bytes"], strict_mode=True)
    except binascii.Error as error:
        raise Unsigned from error
    return Signed(SiteId(described["site"]), TerminalId(described["terminal"]), described["params"], digest, signature)


def _base(target: Target, digest: str | None, params: str) -> bytes:
    """The signature base of RFC 9421, section 2.5."""
    lines = [f'"@method": {target.method}', f'"@path": {target.path}', f'"@query": ?{target.query}']
    if digest is not None:
        lines.append(f'"content-digest": {digest}')
    return "\n".join([*lines, f'"@signature-params": {params}']).encode("utf-8", "surrogateescape")
