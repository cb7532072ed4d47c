"""Messages as they travel are a contract: recorded ones are read, and today's are written as recorded.

A file of an earlier protocol (``-1``) stays as it is for ever: it is what a terminal or store of that release sends.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sync.wire.codec import chain, encode_entry, encode_row
from sync.wire.messages import (
    GENESIS,
    PROTOCOL,
    Change,
    Changes,
    Checksums,
    Hello,
    Judged,
    Problem,
    Push,
    Pushed,
    SnapshotEnd,
    SnapshotLine,
    encode,
)
from tests.wire.samples import FACTS, ROWS, entry

GOLDEN = Path(__file__).parent / "golden" / "messages"
BODY = encode_entry(entry(1, FACTS[0]))
H = chain(GENESIS, BODY)
END = SnapshotEnd(count=1, incarnation="i", cursor="i:17", hwm=1, head_h=H, sha256="ab" * 32)

MESSAGES: dict[str, msgspec.Struct] = {
    "hello-2": Hello(
        product="floorhand", protocol_min=2, protocol_max=2, incarnation="i", server_time="2010-12-01T09:30:00+00:00"
    ),
    "push-2": Push(
        protocol=PROTOCOL,
        site_id="main",
        terminal_id="HH-07",
        nonce="n",
        from_seq=1,
        prev_h=GENESIS,
        entries=[msgspec.Raw(BODY)],
        release="0.2.0",
        owed=3,
        owed_for_s=60,
        cursor="i:17",
    ),
    "pushed-2": Pushed(
        nonce="n",
        incarnation="i",
        hwm=1,
        head_h=H,
        safe_seq=1,
        verdicts=[Judged(seq=1, event_id="e", verdict="discrepancy", reason="overpick")],
    ),
    "changes-2": Changes(
        incarnation="i",
        cursor="i:17",
        more=False,
        reset=False,
        hwm=1,
        head_h=H,
        changes=[
            Change(kind="tote", key="T-000193", row=msgspec.Raw(encode_row(ROWS["tote"]))),
            Change(kind="item", key="gone"),
        ],
        behind=0,
    ),
    "checksums-2": Checksums(
        incarnation="i", cursor="i:17", comparable=True, sums={"item": f"1:{'0' * 64}"}, left_out=["tote/T-000193"]
    ),
    "snapshot-end-2": END,
    "problem-2": Problem(error="gap", text="Entries are missing.", hwm=7, reference=None),
}
EARLIER: dict[str, type[msgspec.Struct]] = {"hello-1": Hello, "push-1": Push, "changes-1": Changes}


def recorded(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


def test_every_message_has_a_recorded_sample() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*MESSAGES, *EARLIER}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_written_and_read_as_recorded(name: str) -> None:
    message = MESSAGES[name]
    assert encode(message) == recorded(name)
    assert encode(msgspec.json.decode(recorded(name), type=type(message))) == recorded(name)


@pytest.mark.parametrize("name", EARLIER)
def test_a_message_of_an_earlier_protocol_is_still_read(name: str) -> None:
    message = msgspec.json.decode(recorded(name), type=EARLIER[name])
    if isinstance(message, Push):
        assert (message.protocol, message.release, message.owed) == (1, None, 0)
        assert bytes(message.entries[0]) == BODY
    if isinstance(message, Changes):
        assert message.behind == 0


@pytest.mark.parametrize("name", MESSAGES)
def test_what_a_newer_release_adds_is_passed_over(name: str) -> None:
    newer = recorded(name)[:-1] + b',"added_later":{"a":[1,2]}}'
    assert encode(msgspec.json.decode(newer, type=type(MESSAGES[name]))) == recorded(name)


def test_a_line_of_a_snapshot_is_a_row_or_the_end() -> None:
    line = msgspec.json.decode(b'{"kind":"tote","key":"T","row":{"a":1}}', type=SnapshotLine)
    assert (line.kind, line.key, bytes(line.row), line.end) == ("tote", "T", b'{"a":1}', None)
    assert msgspec.json.decode(b'{"end":' + recorded("snapshot-end-2") + b"}", type=SnapshotLine).end == END
