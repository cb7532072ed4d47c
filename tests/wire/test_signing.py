"""Requests are signed in one form of RFC 9421, and whatever is changed on the way is seen."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.record.ids import SiteId, TerminalId
from sync.wire.signing import (
    Signed,
    Target,
    Unsigned,
    content_digest,
    make_key,
    public_key_of,
    read_signature,
    signature_headers,
)

KEY = "07" * 32
SITE, TERMINAL = SiteId("DEMO"), TerminalId("HH-07")
ASKED = Target("POST", "/v1/streams/00ff/events", "limit=5&wait=0")
BODY = b'{"nonce":"1"}'


def signed_request() -> dict[str, str]:
    headers = signature_headers(KEY, SITE, TERMINAL, ASKED, content_digest(BODY))
    return {name.lower(): value for name, value in headers.items()}


def test_the_signature_is_that_of_the_base_which_the_standard_prescribes() -> None:
    headers = signed_request()
    params = '("@method" "@path" "@query" "content-digest");alg="ed25519";keyid="DEMO/HH-07"'
    base = (
        '"@method": POST\n"@path": /v1/streams/00ff/events\n"@query": ?limit=5&wait=0\n'
        '"content-digest": sha-256=:C0z5i+4FZmMEtMCNEn72an+zWiIBzKqnTwTA2kbn0w4=:\n'
        f'"@signature-params": {params}'
    )
    assert headers["signature-input"] == f"fh={params}"
    signature = base64.b64decode(headers["signature"].removeprefix("fh=:").removesuffix(":"))
    Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEY)).public_key().verify(signature, base.encode())


def test_the_sender_is_named_and_proven() -> None:
    signed = read_signature(signed_request())
    assert (signed.site_id, signed.terminal_id, signed.digest) == (SITE, TERMINAL, content_digest(BODY))
    assert signed.is_by(public_key_of(KEY), ASKED)


@pytest.mark.parametrize(
    "changed",
    [
        Target("GET", ASKED.path, ASKED.query),
        Target("POST", "/v1/streams/00fe/events", ASKED.query),
        Target("POST", ASKED.path, "limit=6&wait=0"),
        Target("POST", ASKED.path, ""),
    ],
)
def test_another_request_than_the_signed_one_is_seen(changed: Target) -> None:
    assert not read_signature(signed_request()).is_by(public_key_of(KEY), changed)


def test_another_body_or_another_name_is_seen() -> None:
    headers = signed_request()
    other_body = read_signature({**headers, "content-digest": content_digest(b"other")})
    assert not other_body.is_by(public_key_of(KEY), ASKED)
    renamed = read_signature({**headers, "signature-input": headers["signature-input"].replace("HH-07", "HH-08")})
    assert renamed.terminal_id == "HH-08"
    assert not renamed.is_by(public_key_of(KEY), ASKED)


def test_another_key_is_seen_and_a_key_that_is_none_proves_nothing() -> None:
    signed = read_signature(signed_request())
    assert not signed.is_by(public_key_of(make_key()), ASKED)
    assert not signed.is_by("00", ASKED)
    assert not Signed(SITE, TERMINAL, signed.params, signed.digest, b"\0" * 64).is_by("00" * 32, ASKED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signature-input", None),
        ("signature", None),
        ("content-digest", None),
        ("signature-input", 'fh=("@method");alg="ed25519";keyid="DEMO/HH-07"'),
        ("signature-input", 'fh=("@method" "@path" "@query" "content-digest");alg="none";keyid="DEMO/HH-07"'),
        ("signature-input", 'fh=("@method" "@path" "@query" "content-digest");alg="ed25519";keyid="DEMO"'),
        ("signature-input", 'fh=("@method" "@path" "@query" "content-digest");alg="ed25519";keyid="DE\nMO/HH"'),
        ("signature", "fh=:AAAA:"),
        ("signature", "other=:" + "A" * 86 + "==:"),
        ("signature", "fh=:" + "A" * 86 + "==:, fh=:" + "B" * 86 + "==:"),
    ],
)
def test_what_is_not_of_the_one_form_is_unsigned(name: str, value: str | None) -> None:
    headers = {key: given for key, given in signed_request().items() if key != name}
    with pytest.raises(Unsigned):
        read_signature(headers | ({} if value is None else {name: value}))
