"""Whatever two terminals write about a cart, beside two other lists: the books balance, and totes are of one order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from sync.record.facts import CartToteBound, ClaimedTote, Fact, How, OrderHandedOver
from sync.record.ids import LocationCode, OrderId, PickListId, ToteCode
from sync.store import tables as t
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.site_files.files import SiteFile
from sync.store.site_files.setting import set_file
from tests.store import floor_ledger as say
from tests.store.test_judging_any_sequence import LINES, LISTS, PICKING, PIECES, TOKENS, TOTES, AnySequence
from tests.store.test_judging_carts import ON_A_CART

ORDERS = st.integers(1, 5)
CART = 3
"""The list of the orders 3 and 4, with the lines 4 to 6."""

AT_CART: st.SearchStrategy[Fact] = st.one_of(
    st.builds(
        CartToteBound,
        list_id=(st.just(CART) | LISTS).map(PickListId),
        token=TOKENS,
        order_id=ORDERS.map(OrderId),
        position=st.integers(0, 3),
        tote=TOTES.map(ToteCode),
        how=st.just(How.SCANNED),
    ),
    st.builds(
        OrderHandedOver,
        list_id=st.just(PickListId(CART)),
        token=TOKENS,
        order_id=ORDERS.map(OrderId),
        place=st.just(LocationCode("PACK01")),
        how=st.just(How.SCANNED),
    ),
    st.builds(ClaimedTote, tote=TOTES.map(ToteCode)),
    st.builds(say.put, PIECES, LINES, TOTES, TOKENS),
)


class AnyCart(AnySequence):
    @initialize()
    def a_cart_begins(self) -> None:
        self.site.stock("A3", "MUG", 20, position=25)
        order_ids = [self.site.order(f"on cart {number}", [("MUG", 2), ("TEA", 1)]) for number in (1, 2)]
        with self.site.write() as work:
            set_file(work, SiteFile.WAVES, ON_A_CART, by="Lea")
            allocate(work, order_ids)
            release(work, order_ids)
        (cart,) = self.site.rows(t.pick_list, kind="batch")
        assert cart["list_id"] == CART

    @rule(who=st.integers(0, 1), facts=st.lists(AT_CART | PICKING, min_size=1, max_size=6))
    def something_happens_at_the_cart(self, who: int, facts: list[Fact]) -> None:
        self.push(self.ledgers[who], *facts)

    @rule(who=st.integers(0, 1), first=ORDERS, tote=TOTES)
    def the_holder_binds_a_tote(self, who: int, first: int, tote: str) -> None:
        (cart,) = self.site.rows(t.pick_list, list_id=CART)
        bound = CartToteBound(
            list_id=PickListId(CART),
            token=cart["token"],
            order_id=OrderId(first),
            position=first,
            tote=ToteCode(tote),
            how=How.SCANNED,
        )
        self.push(self.ledgers[who], bound)

    @invariant()
    def every_tote_of_the_cart_is_among_those_of_its_list(self) -> None:
        for cart in self.site.rows(t.pick_list, kind="batch"):
            of_orders = {code for one in self.site.rows(t.list_order, list_id=cart["list_id"]) for code in one["totes"]}
            assert of_orders <= set(cart["totes"])
            positions = [one["position"] for one in self.site.rows(t.list_order, list_id=cart["list_id"])]
            assert all(position > 0 for position in positions)


AnyCart.TestCase.settings = settings(max_examples=10, stateful_step_count=25)
TestAnyCart = AnyCart.TestCase
