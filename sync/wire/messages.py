"""The messages between a terminal and the store, as they stand in JSON."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

PROTOCOL = 1
"""Grows when a terminal of the release before would misunderstand a message."""

MAX_PUSH_ENTRIES = 200
MAX_PUSH_BYTES = 256 * 1024
MAX_PAGE = 1000

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
"""What a site, a terminal or an event may be called."""

Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
GENESIS: str = "0" * 64
"""The hash before the first entry of a stream."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """GET /v1/hello: what the store is and speaks."""

    product: str
    protocol_min: int
    protocol_max: int
    incarnation: str
    sites: list[str]
    server_time: str


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """POST /v1/streams/{stream_id}/events. ``entries`` are canonical bodies, byte for byte as hashed."""

    protocol: int
    site_id: Id
    terminal_id: Id
    nonce: Annotated[str, msgspec.Meta(max_length=128)]
    from_seq: Annotated[int, msgspec.Meta(ge=1)]
    prev_h: Hash
    entries: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_PUSH_ENTRIES)]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The stored verdict of one entry."""

    seq: int
    event_id: str
    verdict: str
    reason: str | None = None


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a push. It counts only if ``nonce`` fits and ``head_h`` is the terminal's own hash at ``hwm``."""

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
    ``reset``: the cursor means nothing here (another incarnation, or ahead of the store): start again from nothing.
    """

    incarnation: str
    cursor: str
    more: bool
    reset: bool
    hwm: int
    head_h: Hash
    changes: list[Change]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Any refusal of a request: what happened, what it means and what to do now."""

    error: str
    """A stable code: ``fork``, ``gap``, ``bad_request``, ``unknown_site`` ..."""
    text: str
    hwm: int | None = None
    """With ``gap``: the last sequence number that the store holds."""
    reference: str | None = None


def encode(message: Any) -> bytes:
    return msgspec.json.encode(message)
