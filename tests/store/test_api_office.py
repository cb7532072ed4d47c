"""What leads, administrators and shops' programs do over the network with their keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from sync.record.facts import ShortReason
from sync.record.permissions import Action, may
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.access.api_keys import add_key
from sync.store.api.integrators import integrators
from sync.store.api.leads import leads
from sync.store.leading.verifying import differences
from tests.store import floor_ledger as say
from tests.store.floor_ledger import Ledger, lay_out, row
from tests.store.serving import Client, served
from tests.store.small_site import SITE, SmallSite, small_site

ADDRESS = {"name": "Ann Smith", "lines": ["1 High St"], "postcode": "SW1A 1AA", "city": "London", "country": "GB"}
LINES = [{"item_id": "MUG", "quantity": 2}, {"item_id": "TEA", "quantity": 1}]


@dataclass
class Office:
    """A served site, and everybody's keys."""

    site: SmallSite
    url: str

    def key(self, *roles: Role, name: str = "somebody", days: int = 1) -> str:
        with self.site.write() as work:
            return add_key(work, name, roles, days=days, by="a test")[1]

    @contextmanager
    def of(self, *roles: Role, name: str = "somebody") -> Iterator[Asker]:
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30) as http:
            http.headers["Authorization"] = f"Bearer {self.key(*roles, name=name)}"
            yield Asker(http)


@dataclass
class Asker:
    http: httpx.Client

    def get(self, path: str, **params: Any) -> tuple[int, Any]:
        answer = self.http.get(f"/v1{path}", params=params)
        return answer.status_code, answer.json()

    def post(self, path: str, **body: Any) -> tuple[int, Any]:
        return self.send("POST", path, body)

    def send(self, method: str, path: str, body: object) -> tuple[int, Any]:
        answer = self.http.request(method, f"/v1{path}", json=body)
        return answer.status_code, answer.json()


@pytest.fixture
def office(any_database: str) -> Iterator[Office]:
    with small_site(any_database) as site:
        with site.write() as work:
            work.conn.execute(t.store.insert(), {"one": 1, "incarnation": "test", "created_at": work.now})
        lay_out(site)
        with served(site) as url:
            yield Office(site, url)


def order(ref: str = "S-1", **changed: Any) -> dict[str, Any]:
    said = {"order_ref": ref, "ordered_at": "2010-12-01T08:00:00Z", "ship_to": ADDRESS, "lines": LINES}
    return said | {"service": "NEXTDAY", "customer": "C-1"} | changed


def audited(office: Office) -> list[tuple[str, str, str]]:
    return [(one["who"].partition(" (")[0], one["what"], one["about"]) for one in office.site.rows(t.audit)]


ROUTES: dict[tuple[str, str], Action] = {
    ("GET", "/report"): Action.READ_REPORT,
    ("GET", "/terminals"): Action.READ_TERMINALS,
    ("GET", "/discrepancies"): Action.READ_DISCREPANCIES,
    ("GET", "/orders/first"): Action.READ_ORDERS,
    ("GET", "/audit"): Action.READ_AUDIT,
    ("POST", "/orders"): Action.CAPTURE_ORDERS,
    ("PUT", "/orders/none/carrier-labels/1"): Action.CAPTURE_ORDERS,
    ("POST", "/orders/none/hold"): Action.HOLD_ORDER,
    ("POST", "/orders/none/cancel"): Action.CANCEL_ORDER,
    ("POST", "/orders/none/release-hold"): Action.RELEASE_HOLD,
    ("POST", "/release"): Action.RELEASE_WORK,
    ("POST", "/lists/77/move"): Action.MOVE_LIST,
    ("POST", "/discrepancies/none/settlement"): Action.SETTLE,
    ("GET", "/confirmations"): Action.CONFIRM,
    ("POST", "/confirmations/NOCODE"): Action.CONFIRM,
}


def test_every_route_says_which_action_it_is() -> None:
    handlers = {id(handler): handler for router in (leads, integrators) for handler in _handlers(router)}
    actions = [handler.opt.get("action") for handler in handlers.values()]
    assert sorted(map(str, actions)) == sorted(map(str, ROUTES.values()))


def _handlers(router: Router) -> Iterator[HTTPRouteHandler]:
    for route in router.routes:
        assert isinstance(route, HTTPRoute)
        yield from (handler for handler in route.route_handlers if handler.http_methods != {"OPTIONS"})


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_the_table_allows_and_nothing_else(office: Office, role: Role) -> None:
    with office.of(role) as asker:
        for (method, path), action in ROUTES.items():
            status, said = asker.get(path) if method == "GET" else asker.send(method, path, {})
            assert (status == 403) is not may({role}, action), (role, path, status, said)
            assert status != 500
            if status == 403:
                assert said["error"] == "not_allowed"


def test_a_lead_reads_where_everything_stands(office: Office) -> None:
    Ledger(office.site).does(say.claim(), say.bind(), say.locate(), say.short(1, reason=ShortReason.DAMAGED))
    with office.of(Role.LEAD) as lead:
        assert lead.get("/report")[1]["lists"]["held"] == 1
        (terminal,) = lead.get("/terminals")[1]
        assert terminal["terminal_id"] == "HH-07"
        (one,) = lead.get("/discrepancies")[1]
        assert one["kind"] == "short-damaged"


def test_a_lead_settles_a_discrepancy_once(office: Office) -> None:
    Ledger(office.site).does(say.claim(), say.bind(), say.locate(), say.short(1, reason=ShortReason.DAMAGED))
    with office.of(Role.LEAD, name="Ruth") as lead:
        ((one,), about) = (lead.get("/discrepancies")[1], {"way": "accept", "note": "seen"})
        path = f"/discrepancies/{one['discrepancy_id']}/settlement"
        assert lead.post(path, **about)[0] == 200
        status, said = lead.post(path, **about)
        assert (status, said["error"]) == (409, "refused")
        assert "settled by Ruth (key " in said["text"]
        assert lead.get("/discrepancies")[1] == []
        assert len(lead.get("/discrepancies", settled=True)[1]) == 1
    assert audited(office) == [("Ruth", "settle", one["discrepancy_id"])]


def test_a_lead_moves_a_list_and_releases_work(office: Office) -> None:
    Ledger(office.site).does(say.claim())
    Ledger(office.site, "HH-08").does(say.claim())
    with office.of(Role.LEAD, name="Ruth") as lead, office.of(Role.LEAD, name="Lea") as other:
        status, said = lead.post("/lists/1/move", to="HH-08", hard=True)
        assert (status, said["error"]) == (409, "refused")
        status, said = lead.post("/lists/1/move", to="HH-08", hard=True, confirmed=True)
        assert (status, said["error"]) == (409, "second_person")
        (asked,) = other.get("/confirmations")[1]
        assert asked["code"] in said["text"]
        assert lead.post(f"/confirmations/{asked['code']}")[1]["error"] == "refused"
        assert other.post(f"/confirmations/{asked['code']}")[1]["asked_by"].startswith("Ruth (key ")
        assert lead.post("/lists/1/move", to="HH-08", hard=True, confirmed=True)[1]["effect"] == "now"
        office.site.order("third", [("TEA", 2)])
        assert lead.post("/release", limit=5)[1] == {"lists": 1, "orders": 1, "lines": 1, "pieces": 2}
    assert row(office.site, "pick_list", list_id=1)["terminal_id"] == "HH-08"
    assert [what for _, what, _ in audited(office)] == ["ask-second", "agree", "move-list", "release"]


def test_an_order_is_captured_once_however_often_it_is_sent(office: Office) -> None:
    with office.of(Role.INTEGRATOR, name="shop") as shop:
        status, said = shop.post("/orders", **order())
        assert (status, said) == (201, {"order_ref": "S-1", "new": True, "status": "open", "holds": []})
        again = shop.post("/orders", **order())
        assert again == (200, said | {"new": False})
        status, refused = shop.post("/orders", **order(lines=[{"item_id": "MUG", "quantity": 9}]))
        assert (status, refused["error"]) == (409, "conflict")
        (kept,) = shop.get("/orders/S-1")[1]
    assert [(line["item_id"], line["ordered"]) for line in kept["lines"]] == [("MUG", 2), ("TEA", 1)]
    assert (kept["source"], kept["ship_to"]["name"]) == ("shop", "Ann Smith")
    assert audited(office) == [("shop", "import", "S-1.json")]
    with office.site.database.read() as conn:
        assert list(differences(conn, SITE)) == []


def test_what_is_not_right_about_an_order_puts_it_on_hold(office: Office) -> None:
    with office.of(Role.INTEGRATOR, name="shop") as shop:
        lines = [{"item_id": "MUG", "quantity": 1, "unit_price": "2.50"}, *[{"item_id": "SOAP", "quantity": 1}]]
        assert "or none" in shop.post("/orders", **order(lines=lines))[1]["text"]
        wrong = order("S-2", ship_to=ADDRESS | {"postcode": "nowhere"}, lines=[{"item_id": "SOAP", "quantity": 1}])
        status, said = shop.post("/orders", **wrong)
    assert (status, said["status"], said["holds"]) == (201, "held", ["address", "item-unknown"])
    with office.of(Role.LEAD) as lead:
        assert lead.post("/orders/S-2/release-hold", reason="address")[0] == 200
        (held,) = lead.get("/orders/S-2")[1]
    assert [hold["reason"] for hold in held["holds"]] == ["item-unknown"]


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": []},
        {"lines": [{"item_id": "MUG", "quantity": 0}]},
        {"lines": [{"item_id": "MUG", "quantity": 1.5}]},
        {"lines": [{"item_id": "MUG\x1b[31m", "quantity": 1}]},
        {"ordered_at": "2010-12-01T08:00:00"},
        {"order_ref": ""},
        {"order_ref": "x" * 65},
        {"ship_to": ADDRESS | {"lines": ["1"] * 5}},
        {"priority": 10},
        {"colour": "red"},
    ],
)
def test_an_order_that_cannot_be_understood_is_refused_whole(office: Office, changed: dict[str, Any]) -> None:
    before = len(office.site.rows(t.orders))
    with office.of(Role.INTEGRATOR) as shop:
        status, said = shop.post("/orders", **order(**changed))
    assert (status, said["error"]) == (400, "bad_request")
    assert len(office.site.rows(t.orders)) == before
    assert audited(office) == []


def test_a_program_holds_and_cancels_its_own_orders_alone(office: Office) -> None:
    with office.of(Role.INTEGRATOR, name="shop") as shop, office.of(Role.INTEGRATOR, name="other") as other:
        shop.post("/orders", **order())
        assert other.get("/orders/S-1")[0] == 404
        assert shop.get("/orders/first")[0] == 404
        for what, body in (("hold", {"reason": "the customer asked"}), ("cancel", {})):
            status, said = other.post(f"/orders/S-1/{what}", **body)
            assert (status, said["text"]) == (409, "There is no order S-1. Check its reference.")
            assert shop.post(f"/orders/S-1/{what}", **body)[0] == 200
    assert row(office.site, "orders", order_ref="S-1")["status"] == "cancelled"
    assert [what for _, what, _ in audited(office)] == ["import", "hold", "cancel"]


def test_a_lead_sees_an_order_without_its_address(office: Office) -> None:
    with office.of(Role.INTEGRATOR, name="shop") as shop, office.of(Role.LEAD) as lead:
        shop.post("/orders", **order(ship_to=ADDRESS | {"postcode": "Nowhere 1"}))
        (seen,) = lead.get("/orders/S-1")[1]
    assert (seen["ship_to"], seen["customer"]) == (None, None)
    said = str(seen) + str(lead)
    assert not any(word in said for word in ("Ann Smith", "High St", "Nowhere", "London"))


def test_the_trail_is_read_in_pages_by_administrators(office: Office) -> None:
    with office.of(Role.LEAD, name="Ruth") as lead, office.of(Role.ADMINISTRATOR) as administrator:
        for _ in range(3):
            lead.post("/release")
        rows = administrator.get("/audit")[1]
        assert [one["n"] for one in rows] == [1, 2, 3]
        assert [one["n"] for one in administrator.get("/audit", after=2)[1]] == [3]
        assert administrator.get("/audit", who="nobody")[1] == []


def test_a_terminal_asks_none_of_this(office: Office) -> None:
    with Client(office.site, office.url).http as http:
        for method, path in ROUTES:
            answer = http.request(method, f"/v1{path}", json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), path
