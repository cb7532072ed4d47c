"""Requests of every shape that the OpenAPI document allows or forbids, against the real server (Schemathesis)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests.auth import AuthBase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sync.record.rows import Role
from sync.store.access.api_keys import add_key
from sync.store.api.access import Admission
from sync.store.api.limits import Limits, Rate
from sync.store.api.terminals import MAX_WAIT_S
from sync.wire.signing import Target, content_digest, signature_headers
from tests.access.test_routes import DELIVERS, ROUTES, TERMINALS
from tests.store.floor_ledger import lay_out
from tests.store.serving import Signing, enrolled, served
from tests.store.small_site import SmallSite, small_site
from tests.store.test_changes import made_known

EXAMPLES = 2
LONGEST_WAIT_S = 0.1
"""A question for news that is kept open for longer is answered no otherwise."""
WHO = {(method, re.sub(r":\w+}", "}", path)): row.who for (method, path), row in ROUTES.items()}
NO_LIMITS = Limits(caller=Rate(1e6, 10**6), stranger=Rate(1e6, 10**6), enrolment=Rate(1e6, 10**6))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class SignedBy(AuthBase):
    """As `tests.store.serving.Signing`, for the library that Schemathesis sends with."""

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        path, _, query = request.path_url.partition("?")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        assert isinstance(body, bytes), "nothing here sends a body piece by piece"
        digest = content_digest(body) if body else None
        who, target = self._signing, Target(str(request.method), path, query)
        request.headers.update(signature_headers(who.private_key, who.site_id, who.terminal_id, target, digest))
        return request


class HeldBy(AuthBase):
    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallSite]:
    folder: Path = tmp_path_factory.mktemp("store")
    with small_site(f"sqlite:///{folder / 'store.db'}") as made:
        made_known(made)
        lay_out(made)
        yield made


@pytest.fixture(scope="module")
def url(site: SmallSite) -> Iterator[str]:
    with served(site, Admission(limits=NO_LIMITS)) as address:
        yield address


@pytest.fixture(scope="module")
def proofs(site: SmallSite) -> dict[str, AuthBase]:
    with site.write() as work:
        key = add_key(work, "a test", list(Role), days=1, by="a test")[1]
    return {"terminal": SignedBy(enrolled(site, "HH-07", ("pack",))), "key": HeldBy(key)}


@pytest.fixture(scope="module")
def document(url: str) -> Any:
    return schemathesis.openapi.from_url(f"{url}/v1/docs/openapi.json")


every_operation = schemathesis.pytest.from_fixture("document")


@every_operation.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_is_answered_as_documented(case: Any, proofs: dict[str, AuthBase]) -> None:
    if isinstance(case.query.get("wait"), (int, float)) and case.query["wait"] > LONGEST_WAIT_S:
        case.query["wait"] = LONGEST_WAIT_S if case.query["wait"] <= MAX_WAIT_S else case.query["wait"]
    who = "terminal" if WHO.get((case.method, case.path)) in (TERMINALS, DELIVERS, None) else "key"
    response = case.call(auth=proofs[who], timeout=60)
    case.validate_response(response, checks=CHECKS)
