"""A store behind a real socket, in this process, and what a terminal sends it."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from sync.record.ids import SiteId, TerminalId
from sync.store.access.enrolling import enrol_key
from sync.store.access.tls import ServerCertificate
from sync.store.api.access import BY_CODE, Admission
from sync.store.api.server import StoreServer
from sync.wire.signing import Target, content_digest, public_key_of, signature_headers
from tests.store.floor_ledger import Ledger
from tests.store.small_site import SITE, SmallSite

PROTOCOL = 1


class Signing(httpx.Auth):
    """Signs as a terminal of the site."""

    requires_request_body = True

    def __init__(self, private_key: str, terminal_id: str, site_id: str = SITE) -> None:
        self.private_key = private_key
        self.terminal_id = TerminalId(terminal_id)
        self.site_id = SiteId(site_id)

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        path, _, query = request.url.raw_path.decode().partition("?")
        target = Target(request.method, path, query)
        digest = request.headers.get("content-digest", content_digest(request.content)) if request.content else None
        request.headers.update(signature_headers(self.private_key, self.site_id, self.terminal_id, target, digest))
        yield request


def enrolled(site: SmallSite, terminal_id: str, scopes: Sequence[str] = (), *, site_id: SiteId = SITE) -> Signing:
    """A terminal of the site; its key is always the same, so that it may be asked for twice."""
    private_key = hashlib.sha256(f"{site_id}/{terminal_id}".encode()).hexdigest()
    with site.database.write(site_id) as work:
        enrol_key(work, TerminalId(terminal_id), public_key_of(private_key), scopes, "a test")
    return Signing(private_key, terminal_id, site_id)


class Client:
    """One terminal's requests; answers come as (status, decoded JSON)."""

    def __init__(
        self,
        site: SmallSite,
        url: str,
        terminal_id: str = "HH-07",
        stream_id: str = "0" * 32,
        *,
        scopes: Sequence[str] = (),
    ) -> None:
        auth = enrolled(site, terminal_id, scopes)
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=40, auth=auth)
        self.terminal_id = terminal_id
        self.stream_id = stream_id

    def get(self, path: str, **params: Any) -> tuple[int, Any]:
        answer = self.http.get(path, params=params)
        assert answer.headers["content-type"].split(";")[0] in ("application/json", "application/vnd.oai.openapi+json")
        return answer.status_code, answer.json()

    def pull(self, cursor: str | None = None, **params: Any) -> tuple[int, Any]:
        asked = {"site_id": "main", "terminal_id": self.terminal_id, "stream_id": self.stream_id, **params}
        return self.get("/v1/changes", **asked, **({} if cursor is None else {"cursor": cursor}))

    def post(self, body: bytes, *, digest: str | None = None, stream_id: str | None = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"} | ({} if digest is None else {"Content-Digest": digest})
        answer = self.http.post(f"/v1/streams/{stream_id or self.stream_id}/events", content=body, headers=headers)
        assert answer.headers["content-type"].split(";")[0] == "application/json"
        return answer.status_code, answer.json()


def push_body(ledger: Ledger, first: int = 1, last: int | None = None, **changed: Any) -> bytes:
    """The request that offers a piece of a ledger, with the entries byte for byte as written."""
    head = {
        "protocol": PROTOCOL,
        "site_id": "main",
        "terminal_id": ledger.terminal_id,
        "nonce": "n-1",
        "from_seq": first,
        "prev_h": ledger.h(first - 1),
        **changed,
    }
    return json.dumps(head)[:-1].encode() + b', "entries": [' + b", ".join(ledger.bodies[first - 1 : last]) + b"]}"


def digest_of(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


@contextmanager
def served(
    site: SmallSite, admission: Admission = BY_CODE, certificate: ServerCertificate | None = None
) -> Iterator[str]:
    """Serve the site's database on a free port; gives the address."""
    server = StoreServer(site.database, admission, certificate)
    scheme = "http" if certificate is None else "https"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.handle_exit(signal.SIGTERM, None)
            thread.join(timeout=20)
    assert not thread.is_alive()
