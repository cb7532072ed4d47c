"""Work stays with its holder while there is contact; a lease that has ended gives away only what nobody started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sync.record.facts import Fact
from sync.record.ids import PickListId
from sync.store import tables as t
from sync.store.contacts import Contact, note_contacts, note_pulls
from sync.store.leading.leases import has_ended, lease_ends_at
from sync.store.leading.moving import Effect, move
from sync.store.leading.terminals import Lease, terminals
from tests.store.clock import Clock
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, let_go, locate, pick, row, short, skip
from tests.store.small_site import NOW, SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


@pytest.fixture
def clock(site: SmallSite) -> Clock:
    return Clock(site)


def held(site: SmallSite) -> dict[int, str | None]:
    return {one["list_id"]: one["terminal_id"] for one in site.rows(t.pick_list)}


def test_a_lease_ends_after_its_last_minute_and_not_with_it() -> None:
    assert lease_ends_at(NOW, 15) == NOW + timedelta(minutes=15)
    assert not has_ended(NOW + timedelta(minutes=15), NOW, 15)
    assert has_ended(NOW + timedelta(minutes=15, microseconds=1), NOW, 15)


def test_what_nobody_started_goes_to_who_asks_when_the_lease_has_ended(site: SmallSite, clock: Clock) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(1))
    Ledger(site, "HH-09").does(claim(2))
    clock.passes(minutes=15)
    assert second.does_one(claim(None)) == "refused:no-work"  # to the last moment it is theirs
    clock.passes(seconds=1)
    assert second.does_one(claim(None)) == "accepted"
    assert held(site)[1] == "HH-08"
    assert row(site, "pick_list", list_id=1)["token"] == 4  # back to the pool, and out of it again
    assert site.audiences("pick_line")["1"] == "t:HH-08"


def test_a_list_asked_for_by_its_number_is_given_too(site: SmallSite, clock: Clock) -> None:
    Ledger(site).does(claim(1))
    second = Ledger(site, "HH-08")
    assert second.does_one(claim(1)) == "refused:held-by:HH-07"
    clock.passes(minutes=16)
    assert second.does_one(claim(1)) == "accepted"


@pytest.mark.parametrize("begun", [[bind()], [bind(), locate()], [bind(), pick()], [bind(), short()], [skip()]])
def test_what_somebody_started_stays_with_them(site: SmallSite, clock: Clock, begun: list[Fact]) -> None:
    Ledger(site).does(claim(1), *begun)
    Ledger(site, "HH-09").does(claim(2), bind("T-9", 2))
    clock.passes(hours=9)
    assert Ledger(site, "HH-08").does_one(claim(None)) == "refused:no-work"
    assert held(site) == {1: "HH-07", 2: "HH-09"}


def test_every_contact_renews_the_lease(site: SmallSite, clock: Clock) -> None:
    first, second = Ledger(site), Ledger(site, "HH-08")
    first.does(claim(1), claim(2))
    clock.passes(minutes=14)
    first.does(skip(3))  # a push
    clock.passes(minutes=14)
    with site.write() as work:
        note_contacts(work, {first.terminal_id: Contact()})  # a pull
    clock.passes(minutes=14)
    assert second.does(claim(1), claim(2)) == ["refused:held-by:HH-07"] * 2
    clock.passes(minutes=2)
    assert second.does(claim(1), claim(2)) == ["accepted", "refused:held-by:HH-07"]  # 2 was started


def test_a_site_says_how_long_its_leases_last(site: SmallSite, clock: Clock) -> None:
    site.change(t.site, {"rules": {"lease_min": 60}})
    Ledger(site).does(claim(1))
    clock.passes(minutes=59)
    second = Ledger(site, "HH-08")
    assert second.does_one(claim(1)) == "refused:held-by:HH-07"
    clock.passes(minutes=2)
    assert second.does_one(claim(1)) == "accepted"


def test_a_lease_that_ends_while_its_holder_delivers_counts_what_was_delivered(site: SmallSite, clock: Clock) -> None:
    """Both ways round: the holder is heard first and keeps the list, or the other is, and the facts come late."""
    for first_heard in ("holder", "other"):
        clock.passes(hours=1)
        list_id, line_id = (1, 1) if first_heard == "holder" else (2, 3)
        holder, other = Ledger(site, f"A-{list_id}"), Ledger(site, f"B-{list_id}")
        holder.does(claim(list_id))
        clock.passes(minutes=15, seconds=1)
        done = bind(f"T-{list_id}", list_id), locate(line_id), pick(2, line_id)
        if first_heard == "holder":
            assert holder.does(*done) == ["accepted"] * 3
            assert other.does_one(claim(list_id)) == f"refused:held-by:A-{list_id}"
        else:
            assert other.does_one(claim(list_id)) == "accepted"
            assert holder.does(*done) == ["accepted:stale-lease"] * 3
        assert row(site, "pick_line", line_id=line_id)["picked"] == 2


def test_as_many_lists_as_the_site_says_are_held_in_advance(site: SmallSite) -> None:
    ledger = Ledger(site)
    assert ledger.does(claim(None), claim(None)) == ["accepted", "accepted:already-held"]
    site.change(t.site, {"rules": {"lists_ahead": 1}})
    assert ledger.does(claim(None), claim(None)) == ["accepted", "accepted:already-held"]
    assert held(site) == {1: "HH-07", 2: "HH-07"}
    assert ledger.does(let_go(2)) == ["accepted"]
    assert held(site) == {1: "HH-07", 2: None}


def test_a_soft_move_waits_for_the_holder_and_then_for_the_lease_and_a_while(site: SmallSite, clock: Clock) -> None:
    holder, other = Ledger(site), Ledger(site, "HH-08")
    holder.does(claim(1), bind(), pick(2))
    other.does_one(claim(2))
    with site.write() as work:
        assert move(work, PickListId(1), to=other.terminal_id, by="Lea").effect is Effect.AT_CONTACT
    clock.passes(minutes=20)
    note_pulls(site.database, SITE, {other.terminal_id: Contact()})
    assert held(site)[1] == "HH-07"  # 15 minutes and 5 more
    clock.passes(seconds=20)
    note_pulls(site.database, SITE, {other.terminal_id: Contact()})
    head = row(site, "pick_list", list_id=1)
    assert (head["terminal_id"], head["token"], head["tote_gone"], head["move_at"]) == ("HH-08", 3, True, None)
    assert holder.does_one(pick(1)) == "accepted:stale-lease"
    assert row(site, "pick_line", line_id=1)["picked"] == 3


def test_each_terminal_is_shown_with_what_it_holds_and_owes(site: SmallSite, clock: Clock) -> None:
    ledger = Ledger(site)
    ledger.does(claim(1), bind(), pick(2))
    site.database.run(
        SITE, lambda work: note_contacts(work, {ledger.terminal_id: Contact(release="1.2", owed=7, owed_for_s=90)})
    )
    Ledger(site, "HH-08").does(claim(2))
    clock.passes(minutes=10)
    Ledger(site, "HH-09").does(claim(99))
    clock.passes(minutes=6)
    with site.database.read() as conn:
        seven, eight, nine = terminals(conn, SITE, clock.now)
    assert (seven.terminal_id, seven.lease, seven.owed, seven.release) == ("HH-07", Lease.ENDED, 7, "1.2")
    assert seven.owed_since == NOW - timedelta(seconds=90)
    assert seven.lease_ends_at == NOW + timedelta(minutes=15)
    (first,) = seven.lists
    assert (first.list_id, first.order_ref, first.started, first.pieces_picked, first.lines_open) == (
        1,
        "first",
        True,
        2,
        2,
    )
    assert [(one.list_id, one.started) for one in eight.lists] == [(2, False)]
    assert (nine.lists, nine.lease, nine.lease_ends_at) == ((), Lease.NONE, None)
