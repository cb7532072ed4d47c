"""The store over a real socket: pushes, pulls, refusals in words, and a document that says it all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from sync.record.facts import SignedIn, SignedOut
from sync.record.rows import ROW_KINDS
from sync.store import ledgers
from sync.store import tables as t
from sync.store.judging.judge import judge
from sync.wire.messages import OLDEST_TERMINAL, PROTOCOL
from tests.store.floor_ledger import Ledger, bind, claim, hand_over, lay_out, pick, row
from tests.store.serving import Client, digest_of, push_body, served
from tests.store.small_site import SmallSite, small_site
from tests.store.test_changes import made_known


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        made_known(made)
        lay_out(made)
        yield made


@pytest.fixture
def client(site: SmallSite) -> Iterator[Client]:
    with served(site) as url:
        client = Client(site, url, stream_id=Ledger(site).stream_id)
        yield client
        client.http.close()


def test_a_push_is_answered_with_verdicts_and_the_mark(site: SmallSite, client: Client) -> None:
    ledger = Ledger(site)
    ledger.write(claim(), bind(), pick(5))
    body = push_body(ledger)
    answer = client.post(body, digest=digest_of(body))
    assert answer == (
        200,
        {
            "nonce": "n-1",
            "incarnation": "first",
            "hwm": 3,
            "head_h": ledger.h(3),
            "safe_seq": 0,
            "verdicts": [
                {"seq": 1, "event_id": ledger.events[0], "verdict": "accepted", "reason": None},
                {"seq": 2, "event_id": ledger.events[1], "verdict": "accepted", "reason": None},
                {"seq": 3, "event_id": ledger.events[2], "verdict": "discrepancy", "reason": "overpick"},
            ],
        },
    )
    assert client.post(body) == answer
    assert [bytes(one["body"]) for one in site.rows(t.event)] == ledger.bodies
    status, page = client.pull()
    assert (status, page["hwm"], page["head_h"], page["reset"], page["more"]) == (200, 3, ledger.h(3), True, False)


def test_fork_and_gap_are_told_apart(site: SmallSite, client: Client) -> None:
    ledger, clone = Ledger(site), Ledger(site)
    ledger.write(SignedIn(), SignedOut(), SignedIn())
    clone.write(SignedOut())
    assert client.post(push_body(ledger, 1, 1))[0] == 200
    status, gap = client.post(push_body(ledger, 3))
    assert (status, gap["error"], gap["hwm"]) == (409, "gap", 1)
    status, fork = client.post(push_body(clone))
    assert (status, fork["error"]) == (409, "fork")


def test_requests_that_cannot_be_understood_are_refused_in_words(site: SmallSite, client: Client) -> None:
    ledger = Ledger(site)
    ledger.write(SignedIn())
    good = push_body(ledger)
    refused: dict[str, tuple[bytes, dict[str, str], int, str]] = {
        "cut": (good[:-9], {}, 400, "bad_request"),
        "changed on the way": (good.replace(b"n-1", b"n-2"), {"digest": digest_of(good)}, 400, "bad_request"),
        "no JSON": (b"<html>", {}, 400, "bad_request"),
        "nothing": (b"", {}, 400, "bad_request"),
        "brackets without end": (b"[" * 90_000, {}, 400, "bad_request"),
        "no entries": (push_body(ledger, 2, 1, from_seq=1, prev_h="0" * 64), {}, 400, "bad_request"),
        "too many entries": (good.replace(b'"entries": [', b'"entries": [' + b"0," * 200), {}, 400, "bad_request"),
        "no such sequence number": (push_body(ledger, from_seq=0), {}, 400, "bad_request"),
        "no hash": (push_body(ledger, prev_h="z" * 64), {}, 400, "bad_request"),
        "a terminal with a zero in its name": (push_body(ledger, terminal_id="HH\0"), {}, 400, "bad_request"),
        "a terminal with a comma in its name": (push_body(ledger, terminal_id="HH,*"), {}, 400, "bad_request"),
        "an endless site": (push_body(ledger, site_id="s" * 33), {}, 400, "bad_request"),
        "another site": (push_body(ledger, site_id="elsewhere"), {}, 403, "not_yours"),
        "no stream id": (good, {"stream_id": "ABC"}, 400, "bad_request"),
        "more than a push may hold": (good + b" " * 256 * 1024, {}, 413, "too_large"),
        "more than any body may hold": (good + b" " * 1024 * 1024, {}, 413, "too_large"),
    }
    for name, (body, how, status, error) in refused.items():
        got, problem = client.post(body, **how)
        assert (name, got, problem["error"]) == (name, status, error)
        assert (name, len(problem["text"]) > 15) == (name, True)
    assert site.rows(t.event) == []
    assert client.post(good)[0] == 200


def test_questions_that_make_no_sense_are_refused_in_words(client: Client) -> None:
    for params, status, error in (
        ({"site_id": "elsewhere"}, 403, "not_yours"),
        ({"cursor": "nonsense"}, 400, "bad_cursor"),
        ({"cursor": "x" * 65}, 400, "bad_request"),
        ({"terminal_id": "a b"}, 403, "not_yours"),
        ({"stream_id": "1"}, 400, "bad_request"),
        ({"wait": 31}, 400, "bad_request"),
        ({"wait": "nan"}, 400, "bad_request"),
        ({"limit": 0}, 400, "bad_request"),
        ({"limit": "many"}, 400, "bad_request"),
    ):
        got, problem = client.pull(**params)
        assert (params, got, problem["error"]) == (params, status, error)
    named = client.pull(limit=0)[1]["text"]
    assert "limit" in named
    assert client.get("/v1/nowhere")[1]["error"] == "not_found"
    answer = client.http.delete("/v1/hello")
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")


def test_what_a_terminal_is_told_hangs_on_what_it_was_enrolled_for_and_not_on_what_it_asks(
    site: SmallSite, client: Client
) -> None:
    Ledger(site, "HH-08").does(claim(), bind(), pick(1), hand_over())
    assert [one["kind"] for one in client.pull(scope="pack")[1]["changes"]].count("packing") == 0
    packer = Client(site, str(client.http.base_url), "PACK-1", scopes=("pack",))
    assert [one["kind"] for one in packer.pull()[1]["changes"]].count("packing") == 1
    packer.http.close()


def test_hello_and_health_are_answered(client: Client) -> None:
    status, hello = client.get("/v1/hello")
    assert (status, hello["product"], hello["incarnation"]) == (200, "floorhand", "first")
    assert "sites" not in hello
    assert (hello["protocol_min"], hello["protocol_max"]) == (OLDEST_TERMINAL, PROTOCOL)
    assert client.get("/v1/health") == (200, {"status": "ok"})


def test_a_database_that_breaks_off_is_answered_with_503_and_nothing_is_recorded(
    site: SmallSite, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks_off(*_: Any) -> Any:
        raise OperationalError("UPDATE secret_table", {}, Exception("connection lost"))

    ledger = Ledger(site)
    ledger.write(claim())
    monkeypatch.setattr(ledgers, "judge", breaks_off)
    status, problem = client.post(push_body(ledger))
    assert (status, problem["error"]) == (503, "database")
    assert "secret_table" not in json.dumps(problem)
    assert problem["reference"] in caplog.text
    assert (site.rows(t.event), row(site, "pick_list", list_id=1)["status"]) == ([], "open")
    monkeypatch.setattr(ledgers, "judge", judge)
    assert client.post(push_body(ledger))[0] == 200


def test_a_mistake_of_the_store_is_told_without_its_insides(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: Any) -> Any:
        raise ZeroDivisionError("insides")

    monkeypatch.setattr("sync.store.api.tail.changes", breaks)
    status, problem = client.pull()
    assert (status, problem["error"]) == (500, "internal")
    assert "insides" not in json.dumps(problem)
    assert problem["reference"] in caplog.text
    assert "insides" in caplog.text


def test_the_document_names_every_address_with_its_refusals_and_every_row(client: Client) -> None:
    status, document = client.get("/v1/docs/openapi.json")
    assert (status, document["openapi"][:2]) == (200, "3.")
    routes = {
        (path, method): set(one["responses"]) for path, of in document["paths"].items() for method, one in of.items()
    }
    open_to_all = {"/v1/hello", "/v1/health", "/v1/authority", "/v1/enrolments"}
    assert {path for path, _ in routes} >= {*open_to_all, "/v1/changes", "/v1/streams/{stream_id}/events"}
    for (path, _), statuses in routes.items():
        always = {"429", "500", "503"} if path in open_to_all else {"401", "403", "429", "500", "503"}
        assert (path, always - statuses) == (path, set())
    assert {"409", "413"} <= routes["/v1/streams/{stream_id}/events", "post"]
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            for code, response in operation["responses"].items():
                schema = next(iter(response["content"].values()))["schema"]
                assert code[0] == "2" or schema == {"$ref": "#/components/schemas/Problem"}
    assert {row_type.__name__ for row_type in ROW_KINDS.values()} <= set(schemas)
    assert set(schemas["Problem"]["properties"]) == {"error", "text", "hwm", "reference"}
    body = document["paths"]["/v1/streams/{stream_id}/events"]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["schema"]["required"]) < set(body["schema"]["properties"])
    names = [one["name"] for one in document["paths"]["/v1/changes"]["get"]["parameters"]]
    assert {"stream_id", "cursor", "reflected", "wait", "limit"} <= set(names)
    assert names.count("scope") == 0
    assert unresolved(document) == []


def unresolved(document: dict[str, Any]) -> list[str]:
    """References that lead nowhere."""
    found: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(target := node.get("$ref"), str):
                at: Any = document
                for part in target.removeprefix("#/").split("/"):
                    at = at.get(part, {})
                if not at:
                    found.append(target)
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(document)
    return found
