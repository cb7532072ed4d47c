"""Poison, broken rules and a failing database: each costs what it must, and never the facts behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.record.facts import Entry, SignedIn, SignedOut, Stamp, Undone, Verdict
from sync.record.ids import EventId, SiteId, TerminalId, WorkerId
from sync.store import ledgers
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.judge import judge
from sync.store.ledgers import receive
from sync.wire.codec import encode_entry
from tests.store.floor_ledger import BELIEVED, GENESIS, Ledger, bind, claim, lay_out, locate, pick, push_bytes, put, row
from tests.store.small_site import NOW, SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def stamped(event_id: str, terminal_id: str = "HH-07", worker_id: str | None = None, site_id: str = SITE) -> bytes:
    stamp = Stamp(
        event_id=EventId(event_id),
        site_id=SiteId(site_id),
        terminal_id=TerminalId(terminal_id),
        worker_id=None if worker_id is None else WorkerId(worker_id),
        at=NOW,
        boot_id="boot",
        since_boot_ms=0,
    )
    return encode_entry(Entry(stamp=stamp, fact=SignedIn()))


POISON: dict[str, tuple[bytes, str]] = {
    "no JSON object": (b"17", "malformed"),
    "null": (b"null", "malformed"),
    "no fields": (b"{}", "malformed"),
    "invalid UTF-8": (stamped("a").replace(b"boot", b"\xff\xfe"), "malformed"),
    "half a character": (stamped("a").replace(b"boot", b"\\ud800"), "malformed"),
    "a number beyond all numbers": (stamped("a").replace(b'_ms":0', b'_ms":1e308'), "malformed"),
    "brackets without end": (b"[" * 50_000 + b"]" * 50_000, "malformed"),
    "a newer kind": (stamped("a").replace(b"signed_in@1", b"signed_in@2"), "unknown-kind"),
    "a kind with a zero in it": (stamped("a").replace(b"signed_in@1", b"a\\u0000b"), "unknown-kind"),
    "a kind without end": (stamped("a").replace(b"signed_in@1", b"k" * 500), "unknown-kind"),
    "an event without a name": (stamped(""), "malformed"),
    "an event with too long a name": (stamped("e" * 33), "malformed"),
    "an event with a zero in its name": (stamped("a\0b"), "malformed"),
    "a terminal with too long a name": (stamped("a", "T" * 65), "malformed"),
    "a worker with too long a name": (stamped("a", worker_id="W" * 65), "malformed"),
    "a worker with a zero in the name": (stamped("a", worker_id="W\0"), "malformed"),
    "another site": (stamped("a", site_id="elsewhere"), "other-site"),
}


def test_what_cannot_be_understood_is_kept_aside_and_the_next_fact_goes_on(site: SmallSite) -> None:
    bodies = []
    for number, (body, _) in enumerate(POISON.values()):
        bodies += [body, stamped(f"good-{number}", worker_id="W1")]
    verdicts = push_bytes(site, *bodies)
    assert dict(zip(POISON, verdicts[::2], strict=True)) == {
        name: f"quarantined:{reason}" for name, (_, reason) in POISON.items()
    }
    assert set(verdicts[1::2]) == {"accepted"}
    assert [bytes(one["body"]) for one in site.rows(t.event)] == bodies


def test_a_text_with_a_zero_in_it_is_malformed_but_a_barcode_as_read_may_have_one(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    (read,) = ledger.write(pick())
    odd_code = read.replace(b'"code":""', b'"code":"\\u0000]d2"').replace(ledger.events[-1].encode(), b"read")
    odd_item = read.replace(b'"MUG"', b'"M\\u0000"').replace(ledger.events[-1].encode(), b"item")
    assert push_bytes(site, odd_code, odd_item) == ["accepted", "quarantined:malformed"]


def test_values_that_no_column_holds_cost_their_own_entry_on_both_databases(site: SmallSite) -> None:
    ledger = Ledger(site)
    verdicts = ledger.does(claim(), bind(), pick(lot="L" * 33), bind("T" * 33), pick(2), pick(line_id=-(2**80)))
    assert verdicts == [
        "accepted",
        "accepted",
        "quarantined:rule-broke",
        "quarantined:rule-broke",
        "accepted",
        "quarantined:unknown-line",
    ]
    assert row(site, "pick_line", line_id=1)["picked"] == 2


def test_a_rule_that_breaks_costs_only_its_own_entry(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(bench: Bench, entry: Entry) -> Verdict:
        verdict = judge(bench, entry)
        if getattr(entry.fact, "quantity", 0) == 2:
            bench.flush()
            raise ZeroDivisionError("a rule with a mistake")
        return verdict

    monkeypatch.setattr(ledgers, "judge", breaks)
    ledger = Ledger(site)
    ledger.write(claim(), bind(), locate(), pick(1))
    picked = ledger.events[-1]
    ledger.write(pick(2), put(1))
    assert [one.verdict for one in ledger.push(1)[1]] == ["accepted"] * 4 + ["quarantined", "accepted"]
    assert [one["reason"] for one in site.rows(t.event, seq=5)] == ["rule-broke"]
    assert "a rule with a mistake" in caplog.text
    assert row(site, "pick_line", line_id=1)["picked"] == 1
    assert site.differences() == []
    assert ledger.does(pick(2), Undone(undoes=picked), Undone(undoes=picked), pick(3)) == [
        "quarantined:rule-broke",
        "accepted",
        "discrepancy:undone-already",
        "accepted",
    ]


def test_an_undo_finds_its_fact_although_a_rule_broke_in_the_same_batch(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    ledger.write(bind("T" * 33), pick(3))
    undone = Undone(undoes=ledger.events[-1])
    ledger.write(undone, undone)
    _, judged = ledger.push(3)
    assert [one.reason for one in judged] == ["rule-broke", None, None, "undone-already"]
    assert row(site, "pick_line", line_id=1)["picked"] == 0
    assert site.differences() == []


def test_an_integrity_error_of_the_database_costs_only_its_own_entry(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inserts_a_tote_twice(bench: Bench, entry: Entry) -> Verdict:
        if isinstance(entry.fact, SignedOut):
            bench.flush()
            bench.work.conn.execute(insert(t.tote).from_select(list(t.tote.c.keys()), select(t.tote)))
        return judge(bench, entry)

    monkeypatch.setattr(ledgers, "judge", inserts_a_tote_twice)
    verdicts = Ledger(site).does(claim(), bind(), SignedOut(), pick(1))
    assert verdicts == ["accepted", "accepted", "quarantined:rule-broke", "accepted"]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("UPDATE", {}, Exception("connection lost")),
        InterfaceError("UPDATE", {}, Exception("connection closed")),
        PoolTimeout("no connection was free"),
    ],
)
def test_a_database_that_breaks_off_takes_the_whole_push_with_it(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks_off(bench: Bench, entry: Entry) -> Verdict:
        if isinstance(entry.fact, SignedOut):
            bench.flush()
            raise error
        return judge(bench, entry)

    ledger = Ledger(site)
    ledger.write(claim(), bind(), SignedOut(), pick(1))
    with monkeypatch.context() as broken:
        broken.setattr(ledgers, "judge", breaks_off)
        with pytest.raises(type(error)):
            ledger.push(1)
    assert [site.rows(table) for table in (t.event, t.stream, t.tote, t.terminal)] == [[], [], [], []]
    assert row(site, "pick_list", list_id=1)["status"] == "open"
    mark, judged = ledger.push(1)
    assert (mark.hwm, {one.verdict for one in judged}) == (4, {"accepted"})


def test_an_event_that_comes_under_another_stream_is_a_duplicate_with_its_first_verdict(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind(), pick(5), put(-1))
    renumbered = Ledger(site, stream="after the fork")
    renumbered.bodies = list(reversed(ledger.bodies))
    _, judged = renumbered.push(1)
    assert {one.verdict for one in judged} == {"duplicate"}
    assert [one.reason for one in judged] == [
        "quarantined:quantity",
        "discrepancy:overpick",
        "accepted",
        "accepted",
    ]
    assert row(site, "pick_line", line_id=1)["picked"] == 4
    assert site.differences() == []


def test_an_event_twice_in_one_batch_counts_once(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    ledger.write(pick(1), pick(1), pick(1), event_id="same")
    _, judged = ledger.push(3)
    assert [(one.verdict, one.reason) for one in judged] == [("accepted", None)] + [("duplicate", "accepted")] * 2
    assert row(site, "pick_line", line_id=1)["picked"] == 1


def test_a_fact_whose_writing_failed_is_told_the_same_when_it_comes_again(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    ledger.write(pick(lot="L" * 33), pick(lot="L" * 33), event_id="same")
    _, judged = ledger.push(3)
    assert [(one.verdict, one.reason) for one in judged] == [
        ("quarantined", "rule-broke"),
        ("duplicate", "quarantined:rule-broke"),
    ]


def test_a_ledger_that_another_device_delivers_is_judged_under_its_writers_name(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(SignedIn(), claim())
    with site.write() as work:
        receive(work, ledger.stream_id, TerminalId("WS-1"), 1, GENESIS, ledger.bodies, BELIEVED)
    assert {one["terminal_id"]: one["worker_id"] for one in site.rows(t.terminal)} == {"HH-07": "W1", "WS-1": None}
    assert row(site, "pick_list", list_id=1)["terminal_id"] == "HH-07"
