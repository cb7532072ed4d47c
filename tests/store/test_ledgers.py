"""A ledger comes up: each entry is judged once, in order, and its verdict stands for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.record.facts import SignedIn
from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.ledgers import Fork, Gap, receive
from sync.store.meeting import UnknownSite
from tests.store.floor_ledger import (
    BELIEVED,
    GENESIS,
    Ledger,
    bind,
    chained,
    claim,
    lay_out,
    pick,
    push_bytes,
    put,
    row,
    stream_of,
)
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


def test_entries_are_kept_byte_for_byte_in_a_chain_that_anybody_can_check(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.does(claim(), bind())
    ledger.does(pick(3), pick(3))
    spaced = ledger.bodies[0].replace(b"{", b"{ ", 1).replace(ledger.events[0].encode(), b"spaced")
    push_bytes(site, spaced, b"17", b'{"kind":"picked@9","a":"\xc3\xa9"}', stream="odd")
    for stream_id, bodies in ((ledger.stream_id, ledger.bodies), (stream_of("odd"), None)):
        events = site.rows(t.event, stream_id=stream_id)
        kept = [bytes(one["body"]) for one in events]
        assert kept == (bodies or [spaced, b"17", b'{"kind":"picked@9","a":"\xc3\xa9"}'])
        assert [one["h"] for one in events] == chained(GENESIS, kept)
        stream = row(site, "stream", stream_id=stream_id)
        assert (stream["hwm"], stream["head_h"]) == (len(kept), events[-1]["h"])


def test_the_same_push_twice_gets_the_same_verdicts_and_changes_nothing(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(claim(), bind(), pick(5))
    first = ledger.push(1)
    before = [site.rows(table) for table in t.metadata.tables.values() if table.name not in ("store", "terminal")]
    assert ledger.push(1) == first
    after = [site.rows(table) for table in t.metadata.tables.values() if table.name not in ("store", "terminal")]
    assert after == before


def test_overlapping_pushes_are_judged_from_the_first_new_entry_on(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(claim(), bind(), pick(1), pick(1), put(2))
    _, first = ledger.push(1, 3)
    mark, second = ledger.push(2, 5)
    assert second[:2] == first[1:]
    assert (mark.hwm, mark.head_h) == (5, ledger.h(5))
    assert row(site, "pick_line", line_id=1)["picked"] == 2
    mark, old = ledger.push(1, 2)
    assert (mark.hwm, old) == (5, first[:2])


def test_entries_after_a_gap_are_not_taken(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(claim(), bind(), pick(1))
    with pytest.raises(Gap) as unknown_stream:
        ledger.push(2)
    assert unknown_stream.value.hwm == 0
    ledger.push(1, 1)
    with pytest.raises(Gap) as gap:
        ledger.push(3)
    assert gap.value.hwm == 1
    assert len(site.rows(t.event)) == 1


def test_a_fork_is_told_and_changes_nothing(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(claim(), bind(), pick(1))
    ledger.push(1)
    clone = Ledger(site)
    clone.write(claim(), SignedIn())
    with pytest.raises(Fork):  # other bytes at a number that is taken
        clone.push(1)
    with pytest.raises(Fork):  # the same, from in between
        clone.push(2)
    clone.write(SignedIn(), SignedIn())
    with pytest.raises(Fork):  # a new entry behind another chain
        clone.push(4)
    with pytest.raises(Fork):  # a first entry does not follow anything
        push_bytes(site, ledger.bodies[0], stream="elsewhere", prev_h="1" * 64)
    assert [bytes(one["body"]) for one in site.rows(t.event)] == ledger.bodies


def test_a_site_that_is_not_here_is_said_to_be_unknown(site: SmallSite) -> None:
    ledger = Ledger(site)
    ledger.write(SignedIn())
    with pytest.raises(UnknownSite), site.database.write(SiteId("elsewhere")) as work:
        receive(work, ledger.stream_id, ledger.terminal_id, 1, GENESIS, ledger.bodies, BELIEVED)
