"""The codec takes nothing for an entry that is none, and takes what newer releases add."""

from __future__ import annotations

import json

import pytest

from sync.record.facts import FACT_KINDS
from sync.wire.codec import MalformedEntry, UnknownKind, decode_entry, decode_row, encode_entry, encode_row
from tests.wire.samples import FACTS, ROWS, entry

BODIES = [encode_entry(entry(number, fact)) for number, fact in enumerate(FACTS, start=1)]


def body_with(**changed: object) -> bytes:
    return json.dumps({**json.loads(BODIES[6]), **changed}).encode()


@pytest.mark.parametrize("body", BODIES, ids=list(FACT_KINDS))
def test_no_cut_body_is_an_entry(body: bytes) -> None:
    for length in range(len(body)):
        with pytest.raises(MalformedEntry):
            decode_entry(body[:length])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\xff",
        body_with(event_id=None),
        body_with(event_id=7),
        body_with(at="yesterday"),
        body_with(since_boot_ms=1.5),
        body_with(since_boot_ms=1e308),
        body_with(data=None),
        body_with(data={}),
        body_with(data=[]),
        body_with(data={**json.loads(BODIES[6])["data"], "quantity": "3"}),
        body_with(data={**json.loads(BODIES[6])["data"], "how": "guessed"}),
    ],
)
def test_what_does_not_fit_its_kind_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEntry):
        decode_entry(body)


@pytest.mark.parametrize("kind", ["picked@2", "", "signed_in", "a" * 1000])
def test_a_kind_that_is_not_known_is_named(kind: str) -> None:
    with pytest.raises(UnknownKind) as unknown:
        decode_entry(body_with(kind=kind))
    assert str(unknown.value) == kind


def test_fields_that_a_newer_release_adds_are_passed_over() -> None:
    assert decode_entry(body_with(colour="red")) == decode_entry(BODIES[6])
    newer = json.dumps({**json.loads(encode_row(ROWS["tote"])), "colour": "red"}).encode()
    assert decode_row("tote", newer) == ROWS["tote"]
    assert decode_row("pallet", b"{}") is None
