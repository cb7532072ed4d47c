"""Whatever the order of picks, shorts, counts and undos: stock is the sum of its moves, and reservations are those of
the lines, after every one of them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.record.facts import ClaimedCount, Fact
from sync.record.ids import WorkerId
from sync.store.leading.verifying import differences
from tests.store.floor_ledger import Ledger, bind, claim, lay_out, locate, pick, put, short
from tests.store.small_site import SITE, small_site
from tests.store.test_judging_counts import ended, zero

PLACES = st.sampled_from(["A1", "A2"])
FINDS = st.dictionaries(st.sampled_from(["MUG", "TEA"]), st.integers(1, 9), max_size=2)
ACTS: st.SearchStrategy[Fact | str] = st.one_of(
    st.builds(lambda n: pick(n), st.integers(1, 3)),
    st.builds(lambda n: put(n), st.integers(1, 3)),
    st.builds(lambda n: short(n), st.integers(1, 2)),
    st.builds(lambda at, finds: ended(finds, at), PLACES, FINDS),
    st.builds(lambda at, finds, task_id: ended(finds, at, task_id), PLACES, FINDS, st.integers(1, 3)),
    st.builds(lambda found: zero(found), st.integers(0, 3)),
    st.just(ClaimedCount(task_id=None)),
    st.just("undo"),
)


@settings(max_examples=8)
@given(st.lists(st.tuples(st.booleans(), ACTS), max_size=8))
def test_stock_is_the_sum_of_its_moves_in_any_order_of_picks_and_counts(acts: list[tuple[bool, Fact | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder, small_site(f"sqlite:///{Path(folder) / 'store.sqlite'}") as site:
        lay_out(site)
        site.worker("W2")
        picker, counter = Ledger(site), Ledger(site, "HH-08")
        counter.worker_id = WorkerId("W2")
        picker.does(claim(), bind(), locate())
        for by_the_other, act in acts:
            ledger = counter if by_the_other else picker
            if not isinstance(act, str):
                ledger.does_one(act)  # it sees that the books balance
            elif ledger.events:
                ledger.undoes()
        with site.database.read() as conn:
            assert list(differences(conn, SITE)) == []
