"""What workers wrote who may not: intents are refused, facts count, and a lead hears who it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from sync.record.facts import ClaimedSsccs, SignedIn, SignedOut
from sync.record.ids import WorkerId
from sync.store import tables as t
from sync.store.pipeline import Pipeline
from tests.store import floor_ledger as say
from tests.store.floor_ledger import Ledger, lay_out, row
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        made.worker("P1", "picker")
        made.worker("K1", "packer")
        made.worker("X1", "picker", active=False)
        yield made


def of(site: SmallSite, worker_id: str | None, terminal_id: str = "HH-07") -> Ledger:
    ledger = Ledger(site, terminal_id)
    ledger.worker_id = None if worker_id is None else WorkerId(worker_id)
    return ledger


def told(site: SmallSite) -> list[tuple[str, str | None, str | None]]:
    opened = [one for one in site.rows(t.discrepancy) if one["kind"] == "not-allowed"]
    return [(one["terminal_id"], one["worker_id"], one["text"]) for one in opened]


def test_a_picker_picks_and_is_not_told_of(site: SmallSite) -> None:
    assert (
        of(site, "P1").does(SignedIn(), say.claim(), say.bind(), say.locate(), say.pick(4), say.put(4))
        == ["accepted"] * 6
    )
    assert told(site) == []


@pytest.mark.parametrize(
    ("worker_id", "why"),
    [
        ("K1", "Worker K1 (K1) has no role for it"),
        ("X1", "Worker X1 (X1) was deactivated"),
        ("Z9", "the site knows no worker Z9"),
        (None, "nobody was signed in"),
    ],
)
def test_work_is_not_given_to_one_who_may_not_do_it(site: SmallSite, worker_id: str | None, why: str) -> None:
    assert of(site, worker_id).does_one(say.claim()) == "refused:not-allowed"
    assert row(site, "pick_list", list_id=1)["status"] == "open"
    ((terminal_id, who, text),) = told(site)
    assert (terminal_id, who) == ("HH-07", worker_id)
    assert why in str(text)


@pytest.mark.parametrize("worker_id", ["K1", "X1", "Z9", None])
def test_what_was_picked_counts_whoever_did_it(site: SmallSite, worker_id: str | None) -> None:
    of(site, "P1").does(say.claim(), say.bind())
    late = Ledger(site, stream="late")
    late.worker_id = None if worker_id is None else WorkerId(worker_id)
    assert late.does(say.locate(), say.pick(4), say.put(4)) == ["discrepancy:not-allowed"] * 3
    assert row(site, "order_line", order_line_id=1)["picked"] == 4
    assert [who for _, who, _ in told(site)] == [worker_id]


def test_a_worker_deactivated_while_off_line_loses_nothing_that_was_done(site: SmallSite) -> None:
    ledger = of(site, "P1")
    ledger.does(SignedIn(), say.claim(), say.bind())
    site.change(t.worker, {"active": False}, worker_id="P1")
    verdicts = ledger.does(say.locate(), say.pick(4), say.put(4), say.hand_over(), SignedOut())
    assert verdicts == ["discrepancy:not-allowed"] * 3 + ["discrepancy:handed-over-open", "accepted"]
    assert row(site, "tote", tote="T-1")["status"] == "to_pack"


def test_the_next_badge_at_the_terminal_is_judged_by_its_own_roles(site: SmallSite) -> None:
    ledger = of(site, "P1")
    ledger.does(say.claim(), say.bind(), say.locate(), say.pick(2))
    ledger.worker_id = WorkerId("K1")
    ledger.write(SignedIn(), say.pick(1))
    ledger.worker_id = WorkerId("P1")
    ledger.write(say.pick(1))
    _, judged = ledger.push(5)
    assert [(one.verdict, one.reason) for one in judged] == [
        ("accepted", None),
        ("discrepancy", "not-allowed"),
        ("accepted", None),
    ]


def test_what_is_wrong_besides_keeps_its_own_verdict(site: SmallSite) -> None:
    of(site, "P1").does(say.claim(), say.bind())
    late = Ledger(site, stream="late")
    late.worker_id = WorkerId("K1")
    assert late.does(say.pick(6)) == ["discrepancy:overpick"]
    kinds = {one["kind"] for one in site.rows(t.discrepancy)}
    assert kinds == {"overpick", "not-allowed"}


def test_an_undo_of_one_who_may_not_takes_effect_once(site: SmallSite) -> None:
    of(site, "P1").does(say.claim(), say.bind())
    late = Ledger(site, stream="late")
    late.worker_id = WorkerId("X1")
    late.does(say.locate(), say.pick(2))
    picked = late.events[-1]
    assert late.undoes(picked) == "discrepancy:not-allowed"
    assert row(site, "order_line", order_line_id=1)["picked"] == 0
    assert late.undoes(picked) == "discrepancy:undone-already"


def test_giving_back_and_signing_off_ask_for_no_role(site: SmallSite) -> None:
    ledger = of(site, "P1")
    ledger.does(say.claim())
    site.change(t.worker, {"active": False}, worker_id="P1")
    assert ledger.does(say.let_go(), SignedOut()) == ["accepted", "accepted"]
    assert told(site) == []


def test_carton_numbers_are_for_packers(site: SmallSite) -> None:
    assert of(site, "P1").does_one(ClaimedSsccs(count=10)) == "refused:not-allowed"
    assert of(site, "K1", "HH-08").does_one(ClaimedSsccs(count=10)) == "accepted"


def test_a_lead_is_told_once_of_a_batch(site: SmallSite) -> None:
    of(site, "P1").does(say.claim(), say.bind())
    late = Ledger(site, stream="late")
    late.worker_id = WorkerId("K1")
    late.does(say.locate(), *[say.pick(1)] * 4, say.put(4))
    assert len(told(site)) == 1


@contextmanager
def statements_told(engine: Engine, tell: Callable[[str], None]) -> Iterator[None]:
    """Every statement: of PostgreSQL those that go past SQLAlchemy, too."""
    if engine.dialect.name == "sqlite":
        listener = lambda _c, _cursor, statement, *_: tell(statement)  # noqa: E731 - taken off again below
        event.listen(engine, "before_cursor_execute", listener)
        yield
        event.remove(engine, "before_cursor_execute", listener)
        return

    def told(way: Any) -> Any:
        def also_told(teller: Any, statement: Any, *given: Any, **named: Any) -> Any:
            tell(str(statement))
            return way(teller, statement, *given, **named)

        return also_told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", told(psycopg.Cursor.execute))
        patch.setattr(Pipeline, "say", told(Pipeline.say))
        yield


def test_workers_are_read_in_one_statement_for_a_batch(site: SmallSite) -> None:
    first = of(site, "P1")
    first.does(say.claim(), say.bind())
    for worker_id in ("P1", "K1", "W1", "X1"):
        first.worker_id = WorkerId(worker_id)
        first.write(say.locate(), say.pick(1))
    asked: list[str] = []
    with statements_told(site.database.engine, asked.append):
        first.push(3)
    assert len([statement for statement in asked if "FROM worker" in statement]) == 1
