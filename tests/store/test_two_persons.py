"""What is dangerous takes two persons: who agrees to what, how long it holds, and that it holds once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sync.record.ids import LocationCode, PickListId, TerminalId
from sync.store import tables as t
from sync.store.access.two_persons import Asked, ConfirmationRefused, confirm, waiting
from sync.store.leading.discrepancies import Way
from sync.store.leading.moving import Moved, MoveRefused
from sync.store.leading.settling import Settling
from sync.store.leading.two_persons import MOST_ALONE, move_by_two, settle_by_two
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, locate, pick, short
from tests.store.small_site import SITE, SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        Ledger(made).does(claim(), bind(), pick(2))
        Ledger(made, "HH-08").does(claim())
        yield made


def taken(site: SmallSite, by: str = "Lea", to: str | None = "HH-08", **more: Any) -> Moved | Asked:
    words: dict[str, Any] = {"to": to and TerminalId(to), "by": by, "hard": True, "confirmed": True} | more
    return site.database.run(SITE, lambda work: move_by_two(work, PickListId(1), **words))


def asked(outcome: object) -> Asked:
    assert isinstance(outcome, Asked), outcome
    return outcome


def agree(site: SmallSite, code: str, by: str = "Ben") -> Asked:
    return site.database.run(SITE, lambda work: confirm(work, code, by))


def later(site: SmallSite, minutes: int) -> None:
    now = site.database.now() + timedelta(minutes=minutes)
    site.database.now = lambda: now


def holder(site: SmallSite) -> str | None:
    (row,) = site.rows(t.pick_list, list_id=1)
    return None if row["terminal_id"] is None else str(row["terminal_id"])


def test_a_walked_list_is_taken_when_another_person_has_agreed_and_only_once(site: SmallSite) -> None:
    request = asked(taken(site))
    assert "may be walked twice" in request.text
    assert asked(taken(site)).code == request.code  # asked again it is the same request
    assert holder(site) == "HH-07"
    assert agree(site, request.code).asked_by == "Lea"
    assert isinstance(taken(site), Moved)
    assert holder(site) == "HH-08"
    assert asked(taken(site, to="HH-07")).code != request.code
    with pytest.raises(ConfirmationRefused, match="it was done"):
        agree(site, request.code)
    said = [(row["who"], row["what"]) for row in site.rows(t.audit)]
    assert said[:3] == [("Lea", "ask-second"), ("Ben", "agree"), ("Lea", "move-list")]


@pytest.mark.parametrize("name", ["Lea", " lea ", "LEA", "Lea (key 0123abcd)"])
def test_nobody_agrees_with_themselves_however_they_write_their_name(site: SmallSite, name: str) -> None:
    request = asked(taken(site))
    with pytest.raises(ConfirmationRefused, match="another person"):
        agree(site, request.code, name)
    assert isinstance(taken(site), Asked)


def test_what_was_agreed_to_is_no_leave_for_anything_else(site: SmallSite) -> None:
    agree(site, asked(taken(site)).code)
    assert isinstance(taken(site, by="Max"), Asked)
    assert isinstance(taken(site, to=None), Asked)
    assert isinstance(taken(site), Moved)


def test_a_request_and_an_agreement_are_over_after_half_an_hour(site: SmallSite) -> None:
    old = asked(taken(site))
    later(site, 31)
    with pytest.raises(ConfirmationRefused, match="30 minutes are over"):
        agree(site, old.code)
    agreed_to = asked(taken(site))
    assert agreed_to.code != old.code
    agree(site, agreed_to.code)
    later(site, 31)
    assert isinstance(taken(site), Asked)


def test_who_is_alone_says_why_and_it_stands_in_the_trail(site: SmallSite) -> None:
    assert isinstance(taken(site, alone="Sunday"), Moved)
    (row,) = site.rows(t.audit, what="alone")
    assert (row["who"], row["about"], row["detail"]["why"], row["detail"]["of"]) == ("Lea", "1", "Sunday", "move-list")


def test_what_is_not_dangerous_needs_nobody_else(site: SmallSite) -> None:
    with pytest.raises(MoveRefused, match="Say --yes"):
        taken(site, confirmed=False)
    assert isinstance(taken(site, hard=False), Moved)
    with site.database.read() as conn:
        assert waiting(conn, SITE, site.database.now()) == []


def test_a_large_correction_takes_two(site: SmallSite) -> None:
    Ledger(site, "HH-09").does(claim(), bind("T-9"), locate(1), short(1))
    (one,) = [row for row in site.rows(t.discrepancy) if row["kind"].startswith("short")]

    def counted(found: int) -> str | Asked:
        how = Settling(way=Way.COUNT, at=LocationCode(place), found=found)
        return site.database.run(SITE, lambda work: settle_by_two(work, one["discrepancy_id"], "Lea", how))

    place = str(one["place"]).partition(":")[2]
    before = sum(row["on_hand"] for row in site.rows(t.stock, location=place))
    request = asked(counted(before + MOST_ALONE + 1))
    assert f"by {MOST_ALONE + 1} pieces" in request.text
    assert sum(row["on_hand"] for row in site.rows(t.stock, location=place)) == before
    agree(site, request.code)
    assert isinstance(counted(before + MOST_ALONE + 1), str)
    assert sum(row["on_hand"] for row in site.rows(t.stock, location=place)) == before + MOST_ALONE + 1
    assert site.differences() == []


def test_a_small_correction_is_one_persons(site: SmallSite) -> None:
    Ledger(site, "HH-09").does(claim(), bind("T-9"), locate(1), short(1))
    (one,) = [row for row in site.rows(t.discrepancy) if row["kind"].startswith("short")]
    place = str(one["place"]).partition(":")[2]
    before = sum(row["on_hand"] for row in site.rows(t.stock, location=place))
    how = Settling(way=Way.COUNT, at=LocationCode(place), found=before + MOST_ALONE)
    assert isinstance(site.database.run(SITE, lambda work: settle_by_two(work, one["discrepancy_id"], "Lea", how)), str)
