"""The one codec: ledger entries and feed rows to JSON and back, and the hash chain over entries."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from sync.record.facts import FACT_KINDS, Entry, Fact, Stamp
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId
from sync.record.rows import ROW_KINDS, Row

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding of hostile bytes raises; the last where brackets stand in brackets without end."""


class UnknownKind(Exception):
    """A kind of entry that this release does not know: newer than it, or nonsense."""


class MalformedEntry(Exception):
    """An entry that is no JSON or whose fields do not fit its kind."""


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    event_id: str
    site_id: str
    terminal_id: str
    worker_id: str | None
    at: datetime
    boot_id: str
    since_boot_ms: int
    data: msgspec.Raw


_encoder = msgspec.json.Encoder(order="sorted")
_body_decoder = msgspec.json.Decoder(_Body)
_fact_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(fact_type) for kind, fact_type in FACT_KINDS.items()
}
_row_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(row_type) for kind, row_type in ROW_KINDS.items()
}


def encode_entry(entry: Entry) -> bytes:
    """The canonical body of an entry: JSON with sorted keys. It is hashed and sent byte for byte."""
    stamp = entry.stamp
    return _encoder.encode(
        _Body(
            kind=entry.fact.kind,
            event_id=stamp.event_id,
            site_id=stamp.site_id,
            terminal_id=stamp.terminal_id,
            worker_id=stamp.worker_id,
            at=stamp.at,
            boot_id=stamp.boot_id,
            since_boot_ms=stamp.since_boot_ms,
            data=msgspec.Raw(_encoder.encode(entry.fact)),
        )
    )


def decode_entry(body: bytes) -> Entry:
    """The entry of a canonical body.

    Raises `MalformedEntry` or `UnknownKind`; the caller keeps the raw body either way.
    """
    try:
        head = _body_decoder.decode(body)
    except UNREADABLE as error:
        raise MalformedEntry(str(error)) from error
    decoder = _fact_decoders.get(head.kind)
    if decoder is None:
        raise UnknownKind(head.kind)
    try:
        fact: Fact = decoder.decode(head.data)
    except UNREADABLE as error:
        raise MalformedEntry(f"{head.kind}: {error}") from error
    stamp = Stamp(
        event_id=EventId(head.event_id),
        site_id=SiteId(head.site_id),
        terminal_id=TerminalId(head.terminal_id),
        worker_id=None if head.worker_id is None else WorkerId(head.worker_id),
        at=head.at,
        boot_id=head.boot_id,
        since_boot_ms=head.since_boot_ms,
    )
    return Entry(stamp=stamp, fact=fact)


def chain(previous_h: str, body: bytes) -> str:
    """The hash of an entry: SHA-256 over the hash before it (64 hex digits) and its canonical body."""
    return hashlib.sha256(bytes.fromhex(previous_h) + body).hexdigest()


def encode_row(row: Row) -> bytes:
    return _encoder.encode(row)


def decode_row(kind: str, data: bytes | msgspec.Raw) -> Row | None:
    """The row of a change; None for a kind that this release does not know."""
    decoder = _row_decoders.get(kind)
    if decoder is None:
        return None
    row: Row = decoder.decode(data)
    return row
