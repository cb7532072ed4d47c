"""What a terminal asks of the store, and the judgement of what came back: only what must be the store's is believed."""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import msgspec

from sync.record.ids import SiteId, StreamId, TerminalId
from sync.terminal.connection import ANSWER_TIMEOUT_S, Answer, Connection, Interrupted, Question, Unknown
from sync.terminal.identity import Identity
from sync.terminal.ledger import Batch
from sync.terminal.versions import WITH_SNAPSHOTS, Agreed, agree
from sync.wire.messages import Changes, Checksums, Hello, Problem, Push, Pushed, encode
from sync.wire.signing import content_digest

PAGE_ROWS = 200
"""Few enough that taking a page over does not hold up a scan."""
_PIECE_BYTES = 256 * 1024
_INCARNATION = re.compile(r"[0-9A-Za-z_-]{1,64}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Forked:
    """Somebody else writes under this stream's id."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The store lacks entries before those sent: it holds up to ``hwm``."""

    hwm: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The store understood the request and will not have it."""

    code: str
    reason: str

    @property
    def is_for_the_sender(self) -> bool:
        """It is the terminal that is refused, and not what it sent: the same would be said to anything it sends."""
        return self.code in ("not_enrolled", "revoked", "not_yours", "upgrade", "unknown_site")


@dataclass(frozen=True, slots=True)
class Owing:
    """How many entries the store is not known to hold, and since how many seconds the oldest waits."""

    count: int = 0
    for_s: int = 0
    cursor: str | None = None
    """How far the rows are that the store has told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for rows: its ledger, what it may be told, and what it owes."""

    stream_id: StreamId
    scopes: Sequence[str] = ()
    owing: Owing = Owing()


class BrokenOff(Exception):
    """What takes a snapshot's pieces cannot go on: they are not the store's, or not whole."""


class StoreClient:
    """For one thread; `interrupt` and `close` may be called from another.

    It asks the store which protocol it speaks before its first request, and again after one that failed.
    """

    def __init__(self, url: str, site_id: SiteId, terminal_id: TerminalId, identity: Identity | None = None) -> None:
        self._connection = Connection(url, identity)
        self._site_id = site_id
        self._terminal_id = terminal_id
        self._agreed: Agreed | None = None
        self.interrupt = self._connection.interrupt
        self.close = self._connection.close

    @property
    def has_snapshots(self) -> bool:
        """As far as the last exchange has shown."""
        return self._agreed is not None and self._agreed.protocol >= WITH_SNAPSHOTS

    def push(self, batch: Batch, owing: Owing) -> Pushed | Forked | Gap | Refused | Unknown | Interrupted:
        """Offer entries. The caller compares ``head_h`` of a `Pushed` with its own chain."""
        agreed = self._agree()
        if not isinstance(agreed, Agreed):
            return agreed
        nonce = secrets.token_hex(16)
        body = encode(
            Push(
                protocol=agreed.protocol,
                site_id=self._site_id,
                terminal_id=self._terminal_id,
                nonce=nonce,
                from_seq=batch.from_seq,
                prev_h=batch.prev_h,
                entries=[msgspec.Raw(entry) for entry in batch.bodies],
                release=release(),
                owed=owing.count,
                owed_for_s=owing.for_s,
                cursor=owing.cursor,
            )
        )
        headers = {"Content-Type": "application/json", "Content-Digest": content_digest(body)}
        path = f"/v1/streams/{batch.stream_id}/events"
        answer = self._ask(Question(method="POST", path=path, headers=headers, content=body))
        if not isinstance(answer, Answer):
            return answer
        if answer.status != 200:
            return _refusal(answer)
        pushed = _decoded(answer, Pushed)
        if isinstance(pushed, Unknown):
            return pushed
        if pushed.nonce != nonce or not _INCARNATION.fullmatch(pushed.incarnation) or pushed.hwm < 0:
            return Unknown("an answer came that was not made for this request")
        return pushed

    def changes(
        self, asker: Asker, cursor: str | None, *, reflected_seq: int, wait_s: int
    ) -> Changes | Refused | Unknown | Interrupted:
        """Ask for what has changed since ``cursor``; the store may take ``wait_s`` until something has.

        It also answers once it holds entries of the stream beyond ``reflected_seq``: they may have changed no row.
        """
        more = [("reflected", str(reflected_seq)), ("wait", str(wait_s)), ("limit", str(PAGE_ROWS))]
        more += [] if cursor is None else [("cursor", cursor)]
        page = self._pull("/v1/changes", asker, more, Changes, wait_s=wait_s)
        if not isinstance(page, Changes):
            return page
        now = position(page.cursor, page.incarnation)
        before = None if cursor is None or page.reset else position(cursor, page.incarnation)
        if now is None or (cursor is not None and not page.reset and (before is None or now < before)):
            return Unknown("a page came that does not follow what is known here")
        return page

    def checksums(self, asker: Asker, cursor: str) -> Checksums | Refused | Unknown | Interrupted:
        """What the rows here must add up to at ``cursor``."""
        return self._pull("/v1/checksums", asker, [("cursor", cursor)], Checksums, wait_s=0)

    def snapshot(self, asker: Asker, take: Callable[[bytes], None]) -> Refused | Unknown | Interrupted | None:
        """Fetch all rows at once; their lines go to ``take`` in pieces. None: the answer has come to its end.

        Refused with ``no_snapshots`` by a store that is older than they are.
        """
        agreed = self._agree()
        if not isinstance(agreed, Agreed):
            return agreed
        if agreed.protocol < WITH_SNAPSHOTS or agreed.trouble is not None:
            return Refused("no_snapshots", "This store has no snapshots.")
        question = Question(
            method="GET",
            path="/v1/snapshot",
            params=self._about(asker, agreed),
            headers={"Cache-Control": "no-store", "Accept-Encoding": "gzip"},
            take=_Inflating(take).take,
        )
        try:
            answer = self._ask(question)
        except (BrokenOff, zlib.error) as error:
            return Unknown(f"the snapshot is not whole: {error}")
        if not isinstance(answer, Answer):
            return answer
        return None if answer.status == 200 else _pull_refusal(answer)

    def _pull(
        self, path: str, asker: Asker, more: Sequence[tuple[str, str]], kind: type[_T], *, wait_s: int
    ) -> _T | Refused | Unknown | Interrupted:
        agreed = self._agree()
        if not isinstance(agreed, Agreed):
            return agreed
        if agreed.trouble is not None:
            self._agreed = None
            return Refused("upgrade", agreed.trouble)
        answer = self._ask(
            Question(
                method="GET",
                path=path,
                params=[*self._about(asker, agreed), *more],
                headers={"Cache-Control": "no-store"},
                answer_timeout_s=ANSWER_TIMEOUT_S + wait_s,
                waits=wait_s > 0,
            )
        )
        if not isinstance(answer, Answer):
            return answer
        return _decoded(answer, kind) if answer.status == 200 else _pull_refusal(answer)

    def _about(self, asker: Asker, agreed: Agreed) -> list[tuple[str, str]]:
        about = [("site_id", self._site_id), ("terminal_id", self._terminal_id), ("stream_id", asker.stream_id)]
        about += [("scope", scope) for scope in asker.scopes]
        about += [("protocol", str(agreed.protocol)), ("release", release())]
        about += [("owed", str(asker.owing.count)), ("owed_for_s", str(asker.owing.for_s))]
        return about

    def _agree(self) -> Agreed | Refused | Unknown | Interrupted:
        if self._agreed is None:
            answer = self._ask(Question(method="GET", path="/v1/hello", headers={"Cache-Control": "no-store"}))
            if not isinstance(answer, Answer):
                return answer
            if answer.status != 200:
                return _pull_refusal(answer)
            hello = _decoded(answer, Hello)
            if isinstance(hello, Unknown):
                return hello
            if hello.product != "floorhand":
                return Unknown("something that is not the order store answered")
            self._agreed = agree(hello)
        return self._agreed

    def _ask(self, question: Question) -> Answer | Unknown | Interrupted:
        answer = self._connection.ask(question)
        if isinstance(answer, Unknown) or (isinstance(answer, Answer) and answer.status != 200):
            # The store may be another one when it is back, or have said no because of the protocol.
            self._agreed = None
        return answer


class _Inflating:
    """Takes what was sent and gives on what it says, never more than a piece of some hundred kilobytes at once."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._unpacker = zlib.decompressobj(wbits=31)

    def take(self, sent: bytes, encoding: str) -> None:
        if encoding in ("", "identity"):
            self._take(sent)
            return
        if encoding != "gzip":
            raise BrokenOff(f"it is packed in a way that was not asked for ({encoding[:20]})")
        while sent:
            self._take(self._unpacker.decompress(sent, _PIECE_BYTES))
            sent = self._unpacker.unconsumed_tail


@cache
def release() -> str:
    """The release of the program that runs here."""
    from importlib.metadata import PackageNotFoundError, version  # takes its time, and only the sync threads ask

    try:
        return version("floorhand")
    except PackageNotFoundError:
        return "0"


def position(cursor: str, incarnation: str) -> int | None:
    """The number in ``<incarnation>:<n>``; None where the cursor is not of this incarnation."""
    named, _, number = cursor.rpartition(":")
    valid = named == incarnation and _INCARNATION.fullmatch(named) and number.isascii() and number.isdigit()
    return int(number) if valid else None


def _refusal(answer: Answer) -> Forked | Gap | Refused | Unknown:
    if not 400 <= answer.status < 500 or answer.status in (408, 429):
        return Unknown(f"the store answered {answer.status}", answer.retry_after_s)
    problem = _decoded(answer, Problem)
    if isinstance(problem, Unknown):
        return problem
    if answer.status == 409 and problem.error == "fork":
        return Forked()
    if answer.status == 409 and problem.error == "gap" and problem.hwm is not None and problem.hwm >= 0:
        return Gap(problem.hwm)
    return Refused(problem.error, problem.text)


def _pull_refusal(answer: Answer) -> Refused | Unknown:
    refusal = _refusal(answer)
    return refusal if isinstance(refusal, Refused | Unknown) else Unknown(f"the store answered {answer.status}")


def _decoded(answer: Answer, kind: type[_T]) -> _T | Unknown:
    if answer.content_type != "application/json":
        return Unknown("something that is not the store answered (a login page of the network?)")
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unknown("the answer cannot be read")
