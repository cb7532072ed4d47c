"""Everybody who may come to a store's door, and a request of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from sync.record.ids import SiteId, TerminalId
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.access.api_keys import add_key, revoke_key
from sync.store.access.enrolling import revoke
from tests.store.serving import Signing, enrolled
from tests.store.small_site import SITE, SmallSite

ELSEWHERE = SiteId("elsewhere")


@dataclass(frozen=True, slots=True)
class Bearer:
    """The headers of a key's holder."""

    key: str


Proof = Signing | Bearer | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A request that its route understands."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


def found_elsewhere(site: SmallSite) -> None:
    """A second site in the same store."""
    with site.database.write(ELSEWHERE) as work:
        work.insert(t.feed_head, [{"n": 0}])
        row = {"name": "Other", "company_prefix": "9521234", "sender": ["Other"], "time_zone": "UTC", "rules": {}}
        work.insert(t.site, [row])


def callers(site: SmallSite) -> dict[str, Proof]:
    """By name. ``elsewhere`` is a site of the same store."""
    found_elsewhere(site)
    known: dict[str, Proof] = {
        "nobody": None,
        "unknown terminal": Signing("05" * 32, "HH-07"),
        "picker terminal": enrolled(site, "HH-07"),
        "pack terminal": enrolled(site, "PACK-1", ("pack",)),
        "revoked terminal": enrolled(site, "HH-08", ("pack",)),
        "terminal of another site": enrolled(site, "HH-07", ("pack",), site_id=ELSEWHERE),
        "broken key": Bearer("fh_0123456789abcdef_nothing"),
    }
    with site.write() as work:
        revoke(work, TerminalId("HH-08"), "a test")
        for role in Role:
            known[f"{role} key"] = Bearer(add_key(work, "a test", [role], days=1, by="a test")[1])
        every = list(Role)
        revoked_id, revoked_key, _ = add_key(work, "a test", every, days=1, by="a test")
        revoke_key(work, revoked_id)
        known["revoked key"] = Bearer(revoked_key)
        work.now -= timedelta(days=2)
        known["expired key"] = Bearer(add_key(work, "a test", every, days=1, by="a test")[1])
    with site.database.write(ELSEWHERE) as work:
        known["key of another site"] = Bearer(add_key(work, "a test", every, days=1, by="a test")[1])
    return known


def answer(client: httpx.Client, method: str, sample: Sample, proof: Proof) -> httpx.Response:
    headers = {"Authorization": f"Bearer {proof.key}"} if isinstance(proof, Bearer) else {}
    content = None if sample.body is None else json.dumps(sample.body).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"
    return client.request(
        method,
        sample.path,
        params=dict(sample.params),
        content=content,
        headers=headers,
        auth=proof if isinstance(proof, Signing) else None,
    )


def asks_as(proof: Proof, sample: Sample) -> Sample:
    """The sample with the caller's own name in it, where it names a terminal."""
    if not isinstance(proof, Signing) or sample.body is None or "terminal_id" not in sample.body:
        return sample
    return Sample(sample.path, sample.params, {**sample.body, "terminal_id": proof.terminal_id})


__all__ = ["ELSEWHERE", "SITE", "Bearer", "Proof", "Sample", "answer", "asks_as", "callers", "found_elsewhere"]
