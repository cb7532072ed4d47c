"""What could not be judged is kept, listed, and judged again once: its verdict on the wire never changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sync.record.facts import Undone
from sync.store import ledgers
from sync.store import tables as t
from sync.store.judging.judge import judge
from sync.store.keeping.quarantine import quarantined, replay
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, pick, push_bytes, row
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def breaks_on_picks(bench: Any, entry: Any) -> Any:
    if entry.fact.kind == "picked@1":
        raise ZeroDivisionError("a rule with a mistake")
    return judge(bench, entry)


def picked(site: SmallSite) -> int:
    return int(row(site, "pick_line", line_id=1)["picked"])


def waiting(site: SmallSite) -> list[str]:
    with site.database.read() as conn:
        return [one.reason for one in quarantined(conn, SITE)]


def test_a_rule_that_raises_is_mended_and_its_entries_count_once(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(site)
    monkeypatch.setattr(ledgers, "judge", breaks_on_picks)
    assert ledger.does(claim(), bind(), pick(2), pick(1)) == [
        "accepted", "accepted", "quarantined:rule-broke", "quarantined:rule-broke"
    ]  # fmt: skip
    assert (picked(site), waiting(site)) == (0, ["rule-broke", "rule-broke"])
    with site.database.read() as conn:
        listed = quarantined(conn, SITE)
    assert [(one.terminal_id, one.worker_id, one.kind, one.replayed) for one in listed] == [
        ("HH-07", "W1", "picked@1", None)
    ] * 2
    assert [one.replayed for one in replay(site.database, SITE)] == ["quarantined:rule-broke"] * 2, "not mended yet"
    monkeypatch.setattr(ledgers, "judge", judge)
    assert [one.replayed for one in replay(site.database, SITE)] == ["accepted", "accepted"]
    assert (picked(site), waiting(site)) == (3, [])
    assert replay(site.database, SITE) == []
    assert picked(site) == 3
    _, answered = ledger.push(1)
    assert [one.verdict for one in answered] == ["accepted", "accepted", "quarantined", "quarantined"]
    assert site.differences() == []


def test_what_was_judged_again_can_be_taken_back(site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(site)
    monkeypatch.setattr(ledgers, "judge", breaks_on_picks)
    ledger.does(claim(), bind(), pick(2))
    monkeypatch.setattr(ledgers, "judge", judge)
    replay(site.database, SITE)
    assert ledger.does_one(Undone(undoes=ledger.events[2])) == "accepted"
    assert picked(site) == 0


def test_a_fact_that_came_another_way_meanwhile_is_not_counted_twice(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a kind that was unknown: the store could not read its id, and took it from a copy of the device later."""
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    (body,) = Ledger(site, stream="copy").write(pick(2), event_id="same-event")
    with monkeypatch.context() as older:
        older.setattr("sync.wire.codec._fact_decoders", {})
        assert push_bytes(site, body, stream="first") == ["quarantined:unknown-kind"]
    assert push_bytes(site, body.replace(b"{", b"{ ", 1), stream="copy") == ["accepted"]
    assert picked(site) == 2
    assert [one.replayed for one in replay(site.database, SITE)] == ["duplicate:accepted"]
    assert picked(site) == 2


def test_what_was_judged_again_is_known_when_it_comes_another_way(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ledger(site).does(claim(), bind())
    (body,) = Ledger(site, stream="copy").write(pick(2), event_id="same-event")
    with monkeypatch.context() as older:
        older.setattr("sync.wire.codec._fact_decoders", {})
        push_bytes(site, body, stream="first")
    assert [one.replayed for one in replay(site.database, SITE)] == ["accepted"]
    assert push_bytes(site, body.replace(b"{", b"{ ", 1), stream="copy")[0].startswith("duplicate")
    assert picked(site) == 2


def test_what_a_person_must_decide_is_judged_again_only_by_its_reason(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    foreign = Ledger(site, "HH-08", stream="foreign")
    foreign.terminal_id = ledger.terminal_id
    (body,) = foreign.write(pick(1))
    push_bytes(site, body, stream="third")
    site.change(t.event, {"verdict": "quarantined", "reason": "revoked"}, event_id=foreign.events[0])
    before = picked(site)
    assert replay(site.database, SITE) == []
    assert picked(site) == before
    assert len(replay(site.database, SITE, ["revoked"])) == 1


def test_bytes_that_mean_nothing_stay_where_they_are(site: SmallSite) -> None:
    push_bytes(site, b"17", b'{"kind":"picked@9","a":1}', stream="odd")
    assert waiting(site) == ["malformed", "malformed"]
    assert all((one.replayed or "").startswith("quarantined") for one in replay(site.database, SITE))
    assert len(waiting(site)) == 2
