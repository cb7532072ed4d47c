"""What a request may be: large, slow, deep and odd ones are refused in words, and never shake the store."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync.record.facts import SignedIn
from sync.store import tables as t
from sync.store.api import connections
from sync.store.api.access import Admission
from sync.store.api.limits import Buckets, Limits, Rate
from sync.wire.signing import Target, content_digest, signature_headers
from tests.store.floor_ledger import Ledger
from tests.store.serving import Client, Signing, enrolled, push_body, served
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.test_changes import made_known

PATIENCE_S = 20.0


@pytest.fixture
def site(tmp_path: Any) -> Iterator[SmallSite]:
    with small_site(f"sqlite:///{tmp_path / 'store.db'}") as made:
        made_known(made)
        yield made


def host_of(url: str) -> tuple[str, int]:
    name, _, port = url.removeprefix("http://").partition(":")
    return name, int(port)


def heard(line: socket.socket) -> bytes:
    """Everything until the store closes."""
    line.settimeout(PATIENCE_S)
    whole = b""
    while part := line.recv(65536):
        whole += part
    return whole


def head_of_push(signing: Signing, ledger: Ledger, body: bytes, *, length: int | None = None) -> bytes:
    """A signed request up to its body."""
    path = f"/v1/streams/{ledger.stream_id}/events"
    signed = signature_headers(
        signing.private_key, signing.site_id, signing.terminal_id, Target("POST", path, ""), content_digest(body)
    )
    headers = {"Host": "store", "Content-Length": str(len(body) if length is None else length), **signed}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def written(site: SmallSite) -> Ledger:
    ledger = Ledger(site)
    ledger.write(SignedIn())
    return ledger


def test_a_compressed_body_is_refused_before_it_is_opened(site: SmallSite) -> None:
    ledger = written(site)
    bomb = gzip.compress(push_body(ledger) + b" " * 2**24)
    with served(site) as url:
        client = Client(site, url, stream_id=ledger.stream_id)
        answer = client.http.post(
            f"/v1/streams/{ledger.stream_id}/events", content=bomb, headers={"Content-Encoding": "gzip"}
        )
        client.http.close()
    assert (answer.status_code, answer.json()["error"]) == (415, "bad_encoding")


def test_a_body_that_makes_no_progress_is_given_up_and_nothing_of_it_is_taken(site: SmallSite) -> None:
    ledger = written(site)
    body = push_body(ledger)
    signing = enrolled(site, "HH-07")
    with (
        served(site, Admission(limits=Limits(body_pause_s=0.2))) as url,
        socket.create_connection(host_of(url), PATIENCE_S) as line,
    ):
        line.sendall(head_of_push(signing, ledger, body) + body[:10])
        said = line.recv(65536)
    assert b" 408 " in said.split(b"\r\n")[0]
    assert json.loads(said.split(b"\r\n\r\n")[1])["error"] == "too_slow"
    assert site.rows(t.event) == []


def test_a_body_that_drips_is_given_up_in_the_end(site: SmallSite) -> None:
    ledger = written(site)
    body = push_body(ledger)
    signing = enrolled(site, "HH-07")
    with (
        served(site, Admission(limits=Limits(body_pause_s=PATIENCE_S, body_s=0.5))) as url,
        socket.create_connection(host_of(url), PATIENCE_S) as line,
    ):
        line.sendall(head_of_push(signing, ledger, body))
        line.settimeout(0.05)
        said = b""
        for byte in body * 3:
            line.sendall(bytes([byte]))
            try:
                said = line.recv(65536)
                break
            except TimeoutError:
                continue
    assert b" 408 " in said.split(b"\r\n")[0]


def test_a_head_that_does_not_end_in_time_or_is_too_large_ends_the_connection(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    large = b"GET /v1/hello HTTP/1.1\r\nHost: store\r\nX-Large: " + b"x" * connections.MAX_HEAD_BYTES
    many = b"GET /v1/hello HTTP/1.1\r\nHost: store\r\n" + b"X: y\r\n" * connections.MAX_HEAD_BYTES
    with served(site) as url:
        for sent, status in (
            (b"", b""),
            (b"GET /v1/hello HTTP/1.1\r\nHost: store\r\n", b""),
            (large, b"HTTP/1.1 400"),
            (large + b"\r\n\r\n", b"HTTP/1.1 400"),
            (many + b"\r\n", b"HTTP/1.1 400"),
            (b"GET /" + b"x" * connections.MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: store\r\n\r\n", b"HTTP/1.1 400"),
        ):
            with socket.create_connection(host_of(url), PATIENCE_S) as line:
                line.sendall(sent)
                assert heard(line)[:12] == status
        assert httpx.get(f"{url}/v1/health", trust_env=False).status_code == 200


def test_more_connections_than_there_is_room_for_are_closed_and_the_others_go_on(
    site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    with served(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/v1/health").status_code == 200
        others = [socket.create_connection(host_of(url), PATIENCE_S) for _ in range(3)]
        assert heard(others[-1]) == b""
        assert client.get("/v1/health").status_code == 200
        for line in others:
            line.close()


def test_a_body_that_was_not_signed_or_is_another_one_is_not_taken(site: SmallSite) -> None:
    ledger = written(site)
    body = push_body(ledger)
    signing = enrolled(site, "HH-07")
    other = body.replace(b"n-1", b"n-2")
    unsigned = signature_headers(
        signing.private_key,
        signing.site_id,
        signing.terminal_id,
        Target("POST", f"/v1/streams/{ledger.stream_id}/events", ""),
        None,
    )
    with served(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        path = f"/v1/streams/{ledger.stream_id}/events"
        not_covered = client.post(path, content=body, headers=unsigned)
        in_pieces = client.post(path, content=iter([body]), headers=unsigned)
        with socket.create_connection(host_of(url), PATIENCE_S) as line:
            line.sendall(head_of_push(signing, ledger, body) + other)
            exchanged = line.recv(65536)
    assert [one.status_code for one in (not_covered, in_pieces)] == [401, 401]
    assert b" 400 " in exchanged.split(b"\r\n")[0]
    assert b"cut or changed on the way" in exchanged
    assert site.rows(t.event) == []


def test_who_asks_too_often_is_told_when_to_go_on_and_nobody_else_is_kept(site: SmallSite) -> None:
    limits = Limits(caller=Rate(per_s=0.5, burst=5))
    with served(site, Admission(limits=limits)) as url:
        busy, calm = Client(site, url, "HH-01"), Client(site, url, "HH-02")
        answers = [busy.http.get("/v1/changes", params={"stream_id": "0" * 32}) for _ in range(7)]
        assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
        assert answers[-1].json()["error"] == "too_often"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 2
        assert calm.pull()[0] == 200
        busy.http.close()
        calm.http.close()


def test_strangers_are_counted_by_address_and_do_not_keep_terminals_out(site: SmallSite) -> None:
    limits = Limits(stranger=Rate(per_s=0.001, burst=4))
    with served(site, Admission(limits=limits)) as url, httpx.Client(base_url=url, trust_env=False) as nobody:
        client = Client(site, url)
        statuses = [nobody.get("/v1/changes", params={"stream_id": "0" * 32}).status_code for _ in range(6)]
        assert statuses == [401] * 4 + [429] * 2
        assert nobody.get("/v1/hello").status_code == 429
        assert client.pull()[0] == 200
        client.http.close()


def test_a_bucket_forgets_the_one_who_was_silent_longest() -> None:
    buckets = Buckets(Rate(per_s=0.001, burst=1))
    assert (buckets.take("first"), buckets.take("first")) == (None, 1000)
    for number in range(10_000):
        assert buckets.take(number) is None
    assert buckets.take("first") is None


def test_odd_requests_are_refused_in_words_and_never_with_a_fault(site: SmallSite) -> None:
    ledger = written(site)
    good = push_body(ledger)
    bodies = {
        "deep": b"[" * 200_000,
        "deep in an entry": good.replace(b'"entries": [', b'"entries": [' + b"[" * 100_000 + b"]" * 100_000 + b", "),
        "huge number": good.replace(b'"from_seq": 1', b'"from_seq": 1e308'),
        "endless digits": good.replace(b'"from_seq": 1', b'"from_seq": ' + b"9" * 5000),
        "a number that no database holds": good.replace(b'"from_seq": 1', b'"from_seq": 9223372036854775808'),
        "invalid UTF-8": good.replace(b"n-1", b"\xff\xfe"),
        "lone surrogate": good.replace(b"n-1", rb"\ud800"),
        "zeros": b"\0" * 100,
    }
    questions = {
        "invalid UTF-8": "cursor=%ff%fe",
        "zero": "cursor=first%3A0%00",
        "huge number": "reflected=1e308",
        "endless digits": "reflected=" + "9" * 5000,
        "twice": "wait=0&wait=1",
        "not a number": "wait=nan",
        "no end": "wait=inf",
        "lone surrogate": "cursor=%ed%a0%80",
    }
    with served(site) as url:
        client = Client(site, url, stream_id=ledger.stream_id)
        for name, body in bodies.items():
            status, problem = client.post(body)
            assert (name, status in (400, 409, 413), problem["error"][:3]) == (name, True, problem["error"][:3])
        for name, query in questions.items():
            answer = client.http.get(f"/v1/changes?stream_id={ledger.stream_id}&{query}")
            assert (name, answer.status_code < 500) == (name, True), answer.text
        for path in ("/v1/streams/%ff/events", "/v1/streams/%00/events", "/v1/%2e%2e/hello", "/v1/hello%00"):
            assert client.http.post(path, content=good).status_code in (400, 401, 404, 405)
        assert client.post(good)[0] == 200
        client.http.close()
    assert len(site.rows(t.event)) == 1


def test_no_secret_stands_in_an_answer_or_in_the_log(site: SmallSite, caplog: pytest.LogCaptureFixture) -> None:
    with served(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        key = "fh_0123456789abcdef_" + "S3cr3t" * 8
        said = client.get("/v1/changes", headers={"Authorization": f"Bearer {key}"}).text
        body = json.dumps({"site_id": SITE, "terminal_id": "HH-1", "public_key": "00" * 32, "code": "S3cr3tS3cr3t"})
        said += client.post("/v1/enrolments", content=body, auth=Signing("01" * 32, "HH-1")).text
    assert "S3cr3t" not in said + caplog.text
