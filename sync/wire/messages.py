"""The messages between a terminal and the store, as they stand in JSON."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

PROTOCOL = 2
"""Grows when one side would misunderstand the other. 1: unsigned, without snapshot, checksums and what is owed."""
OLDEST_TERMINAL = 2
"""The oldest protocol that a store of this release answers a pull in. It takes in ledgers of every one."""
OLDEST_STORE = 1
"""The oldest protocol that a terminal of this release speaks."""

MAX_PUSH_ENTRIES = 200
MAX_PUSH_BYTES = 256 * 1024
MAX_PAGE = 1000
FAR_BEHIND = 5000
"""With more changes than this still to come, a terminal takes a snapshot instead."""

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
"""What a site, a terminal or an event may be called."""

Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Release = Annotated[str, msgspec.Meta(max_length=32, pattern=r"^[0-9A-Za-z.+-]*$")]
Amount = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
GENESIS: str = "0" * 64
"""The hash before the first entry of a stream."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/hello: what the store is and speaks."""

    product: str
    protocol_min: int
    protocol_max: int
    incarnation: str
    server_time: str


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/streams/{stream_id}/events. ``entries`` are canonical bodies, byte for byte as hashed.

    ``owed``: how many entries the store is not known to hold, those sent included; ``owed_for_s``: since how many
    seconds the oldest of them waits. ``cursor``: how far the terminal's rows are, so that a store that was put back to
    an older picture finds out before it goes on. A terminal of protocol 1 says none of it.
    """

    protocol: int
    site_id: Id
    terminal_id: Id
    nonce: Annotated[str, msgspec.Meta(max_length=128)]
    from_seq: Annotated[int, msgspec.Meta(ge=1)]
    prev_h: Hash
    entries: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_PUSH_ENTRIES)]
    release: Release | None = None
    owed: Amount = 0
    owed_for_s: Amount = 0
    cursor: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The stored verdict of one entry."""

    seq: int
    event_id: str
    verdict: str
    reason: str | None = None


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a push. It counts only if ``nonce`` fits and ``head_h`` is the terminal's own hash at ``hwm``.

    ``safe_seq``: up to here the stream is in a backup that was read again, too.
    """

    nonce: str
    incarnation: str
    hwm: int
    head_h: Hash
    safe_seq: int
    verdicts: list[Judged]


NO_ROW = msgspec.Raw()
"""Stands for an absent row: false, unlike every row. (A union of Raw with None cannot be decoded.)"""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest state of one row; ``row`` is absent when it was deleted or left the terminal's scope."""

    kind: str
    key: str
    row: msgspec.Raw = NO_ROW


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/changes: one page. ``hwm`` and ``head_h`` are the asking stream's in the same picture of the store.

    They may be taken as reflected only on the page with ``more`` false: earlier pages do not hold every row yet.
    ``reset``: the cursor means nothing here (another incarnation, ahead of the store, or so old that deletions behind
    it are forgotten): start again from nothing. ``behind``: how many changes, at most, come after this page.
    """

    incarnation: str
    cursor: str
    more: bool
    reset: bool
    hwm: int
    head_h: Hash
    changes: list[Change]
    behind: int = 0


class SnapshotEnd(msgspec.Struct, frozen=True, kw_only=True):
    """The last line of GET /v1/snapshot; the lines before it are a `Change` each. Without it nothing counts.

    ``count``: of the lines before this one. `/v1/changes` goes on from ``cursor``; ``hwm`` and ``head_h`` are the
    asking stream's in the same picture. ``sha256`` (hex) is over those lines, line feeds included, then over `said`.
    """

    count: int
    incarnation: str
    cursor: str
    hwm: int
    head_h: Hash
    sha256: str = ""

    def said(self) -> bytes:
        """All that the end says besides its proof."""
        return f"{self.count} {self.incarnation} {self.cursor} {self.hwm} {self.head_h}\n".encode()


class SnapshotLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a snapshot: a row (``kind``, ``key``, ``row``), or the end."""

    kind: str = ""
    key: str = ""
    row: msgspec.Raw = NO_ROW
    end: SnapshotEnd | None = None


class Checksums(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/checksums: what a terminal's rows add up to at its cursor, by part (see `sync.wire.digests`).

    ``left_out``: what has changed since that cursor, each as ``kind/key``, and counts in no sum. ``comparable`` is
    false where the cursor is no longer one to compare at: follow the changes first.
    """

    incarnation: str
    cursor: str
    comparable: bool
    sums: dict[str, str]
    left_out: list[str]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Any refusal of a request: what happened, what it means and what to do now."""

    error: str
    """A stable code: ``fork``, ``gap``, ``upgrade``, ``bad_request``, ``unknown_site`` ..."""
    text: str
    hwm: int | None = None
    """With ``gap``: the last sequence number that the store holds."""
    reference: str | None = None


def encode(message: Any) -> bytes:
    return msgspec.json.encode(message)
