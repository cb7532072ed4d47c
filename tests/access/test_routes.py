"""Who may do what over the network: every route of the store against everybody who may come."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from sync.record.permissions import ALLOWED, Action
from sync.record.rows import Role
from sync.store.api.app import create_app
from sync.store.database import Database
from tests.access.callers import SITE, Proof, Sample, answer, asks_as, callers
from tests.store.serving import served
from tests.store.small_site import SmallSite

EVERYBODY = "everybody"
TERMINALS = "terminals"
"""Those of the site; a revoked one is told nothing."""
DELIVERS = "delivers"
"""The same, and a revoked one may bring what it has."""


@dataclass(frozen=True, slots=True)
class Row:
    """A route, a request that it understands, and who may make it: a class of callers, or the roles of an action."""

    sample: Sample
    who: str | Action


STREAM = "0" * 32
PUSH = {
    "protocol": 2,
    "site_id": SITE,
    "terminal_id": "HH-07",
    "nonce": "n",
    "from_seq": 1,
    "prev_h": "0" * 64,
    "entries": [{}],
}
AT_SITE = {"site_id": SITE}
"""Whoever is of another site is turned away for it, instead of being answered for its own."""

ROUTES: dict[tuple[str, str], Row] = {
    ("GET", "/v1/hello"): Row(Sample("/v1/hello"), EVERYBODY),
    ("GET", "/v1/health"): Row(Sample("/v1/health"), EVERYBODY),
    ("GET", "/v1/authority"): Row(Sample("/v1/authority"), EVERYBODY),
    ("GET", "/v1/changes"): Row(Sample("/v1/changes", AT_SITE | {"stream_id": STREAM}), TERMINALS),
    ("GET", "/v1/snapshot"): Row(Sample("/v1/snapshot", AT_SITE | {"stream_id": STREAM}), TERMINALS),
    ("GET", "/v1/checksums"): Row(
        Sample("/v1/checksums", AT_SITE | {"stream_id": STREAM, "cursor": "first:0"}), TERMINALS
    ),
    ("POST", "/v1/streams/{stream_id:str}/events"): Row(Sample(f"/v1/streams/{STREAM}/events", body=PUSH), DELIVERS),
    ("GET", "/v1/report"): Row(Sample("/v1/report", AT_SITE), Action.READ_REPORT),
    ("GET", "/v1/terminals"): Row(Sample("/v1/terminals", AT_SITE), Action.READ_TERMINALS),
    ("GET", "/v1/discrepancies"): Row(Sample("/v1/discrepancies", AT_SITE), Action.READ_DISCREPANCIES),
    ("POST", "/v1/discrepancies/{discrepancy_id:str}/settlement"): Row(
        Sample("/v1/discrepancies/1/settlement", AT_SITE, {}), Action.SETTLE
    ),
    ("POST", "/v1/lists/{list_id:int}/move"): Row(Sample("/v1/lists/1/move", AT_SITE, {"to": "?"}), Action.MOVE_LIST),
    ("GET", "/v1/counts"): Row(Sample("/v1/counts", AT_SITE), Action.READ_COUNTS),
    ("GET", "/v1/adjustments"): Row(Sample("/v1/adjustments", AT_SITE), Action.READ_COUNTS),
    ("POST", "/v1/counts"): Row(Sample("/v1/counts", AT_SITE, {}), Action.ASK_COUNT),
    ("GET", "/v1/zones"): Row(Sample("/v1/zones", AT_SITE), Action.READ_TERMINALS),
    ("POST", "/v1/workers/{worker_id:str}/zone"): Row(Sample("/v1/workers/W1/zone", AT_SITE, {}), Action.ASSIGN_ZONE),
    ("POST", "/v1/zones/{zone_id:str}/end"): Row(Sample("/v1/zones/A/end", AT_SITE, {}), Action.MOVE_LIST),
    ("POST", "/v1/release"): Row(Sample("/v1/release", AT_SITE, {"limit": 0}), Action.RELEASE_WORK),
    ("GET", "/v1/confirmations"): Row(Sample("/v1/confirmations", AT_SITE), Action.CONFIRM),
    ("POST", "/v1/confirmations/{code:str}"): Row(Sample("/v1/confirmations/NOCODE", AT_SITE), Action.CONFIRM),
    ("GET", "/v1/audit"): Row(Sample("/v1/audit", AT_SITE), Action.READ_AUDIT),
    ("POST", "/v1/orders"): Row(Sample("/v1/orders", AT_SITE, {}), Action.CAPTURE_ORDERS),
    ("GET", "/v1/orders/{order_ref:str}"): Row(Sample("/v1/orders/O-1", AT_SITE), Action.READ_ORDERS),
    ("POST", "/v1/orders/{order_ref:str}/hold"): Row(Sample("/v1/orders/O-1/hold", AT_SITE, {}), Action.HOLD_ORDER),
    ("POST", "/v1/orders/{order_ref:str}/cancel"): Row(
        Sample("/v1/orders/O-1/cancel", AT_SITE, {"line_no": 0}), Action.CANCEL_ORDER
    ),
    ("PUT", "/v1/orders/{order_ref:str}/carrier-labels/{carton_no:int}"): Row(
        Sample("/v1/orders/O-1/carrier-labels/1", AT_SITE, {}), Action.CAPTURE_ORDERS
    ),
    ("POST", "/v1/orders/{order_ref:str}/release-hold"): Row(
        Sample("/v1/orders/O-1/release-hold", AT_SITE, {}), Action.RELEASE_HOLD
    ),
}
NEEDS_A_CODE = ("POST", "/v1/enrolments")
"""Open to everybody, and told apart by its code: see test_enrolment.py."""


def routes_of(database: Database) -> set[tuple[str, str]]:
    """Every route that the application has, but for its documentation and what the framework answers itself."""
    return {
        (method, route.path)
        for route in create_app(database).routes
        if not route.path.startswith("/v1/docs")
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }


def may(row: Row, name: str) -> bool:
    match row.who:
        case Action() as action:
            return any(name == f"{role} key" for role in ALLOWED[action])
        case "everybody":
            return True
        case "terminals":
            return name in ("picker terminal", "pack terminal")
        case _:
            return name in ("picker terminal", "pack terminal", "revoked terminal")


def test_every_route_has_its_row(site: SmallSite) -> None:
    assert routes_of(site.database) == {*ROUTES, NEEDS_A_CODE}


def test_every_route_is_open_to_those_who_may_and_shut_to_everybody_else(site: SmallSite) -> None:
    known = callers(site)
    assert len(known) == 10 + len(Role)
    seen: dict[str, int] = {"in": 0, "out": 0}
    with served(site) as url, httpx.Client(base_url=url, trust_env=False, timeout=40) as client:
        for (method, path), row in ROUTES.items():
            for name, proof in known.items():
                is_in = let_in(client, method, row.sample, proof)
                assert (method, path, name, is_in) == (method, path, name, may(row, name))
                seen["in" if is_in else "out"] += 1
    assert min(seen.values()) > 10


def let_in(client: httpx.Client, method: str, sample: Sample, proof: Proof) -> bool:
    """Whether it was understood who asks and that they may: the request itself may still be refused for its content."""
    given = answer(client, method, asks_as(proof, sample), proof)
    if given.status_code in (401, 403):
        problem = given.json()
        assert set(problem) == {"error", "text", "hwm", "reference"}
        assert len(problem["text"]) > 30
        return False
    assert given.status_code < 500, given.text
    return True
