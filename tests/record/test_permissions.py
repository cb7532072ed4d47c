"""The table of who may do what is whole, and says what the floor was promised."""

from __future__ import annotations

import pytest

from sync.record.facts import FACT_KINDS, INTENTS
from sync.record.permissions import ACTION_OF_KIND, ALLOWED, Action, may, may_write
from sync.record.rows import Role


def test_every_action_and_every_kind_of_entry_has_its_row() -> None:
    assert set(ALLOWED) == set(Action)
    assert set(ACTION_OF_KIND) == set(FACT_KINDS)


def test_every_action_has_somebody_who_may_do_it_and_nobody_may_do_all() -> None:
    assert all(ALLOWED.values())
    for role in Role:
        assert any(role not in roles for roles in ALLOWED.values()), role


def test_one_of_several_roles_is_enough_and_none_is_not() -> None:
    assert may({Role.PICKER, Role.STOCK}, Action.PICK)
    assert not may({Role.STOCK}, Action.PICK)
    assert not any(may((), action) for action in Action)


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.PICKER, {"claimed_list@1", "picked@1", "reported_empty@1", "signed_in@1"}),
        (Role.PACKER, {"claimed_ssccs@1", "carton_closed@1", "piece_verified@1", "signed_in@1"}),
        (Role.STOCK, {"reported_empty@1", "signed_in@1"}),
        (Role.ADMINISTRATOR, {"signed_in@1"}),
        (Role.INTEGRATOR, set()),
    ],
)
def test_each_role_writes_its_own_kinds(role: Role, kinds: set[str]) -> None:
    asked = {"claimed_list@1", "picked@1", "reported_empty@1", "signed_in@1"}
    asked |= {"claimed_ssccs@1", "carton_closed@1", "piece_verified@1"}
    assert {kind for kind in asked if may_write({role}, kind)} == kinds


def test_ending_something_asks_for_no_role() -> None:
    assert all(may_write((), kind) for kind in ("signed_out@1", "released_list@1", "label_sent@1"))


def test_addresses_are_for_those_who_print_them_or_brought_them() -> None:
    assert ALLOWED[Action.READ_ADDRESSES] == {Role.INTEGRATOR, Role.ADMINISTRATOR}


def test_what_an_integrator_may_do_is_with_orders_alone() -> None:
    mine = {action for action in Action if may({Role.INTEGRATOR}, action)}
    assert mine == {
        Action.READ_REPORT,
        Action.READ_ORDERS,
        Action.READ_ADDRESSES,
        Action.CAPTURE_ORDERS,
        Action.HOLD_ORDER,
        Action.CANCEL_ORDER,
    }


def test_every_intent_but_giving_work_back_asks_for_a_role() -> None:
    released = {"released_list@1", "released_sort@1", "released_count@1"}
    assert {kind for kind in INTENTS if ACTION_OF_KIND[kind] is None} == released
