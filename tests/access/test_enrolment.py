"""How a terminal comes to its key: by a code that is good once and not for long, or on the store's own machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from sync.record.ids import SiteId, TerminalId
from sync.store import tables as t
from sync.store.access.enrolling import make_code, revoke
from sync.store.api.access import Admission
from sync.store.api.limits import Limits, Rate
from sync.terminal.enrolment import NotEnrolled, enrol
from sync.terminal.identity import Identity, load_identity
from sync.wire.enrolling import BadCode, Code, Enrol, new_secret, read_code
from sync.wire.messages import encode
from sync.wire.signing import make_key, public_key_of
from tests.store.clock import Clock
from tests.store.serving import Signing, served
from tests.store.small_site import SITE, SmallSite

HH_01 = TerminalId("HH-01")


def code_for(site: SmallSite, terminal_id: str = HH_01, *scopes: str) -> str:
    with site.write() as work:
        return make_code(work, TerminalId(terminal_id), scopes, "Lea")[0]


def pull(url: str, identity: Identity) -> httpx.Response:
    signing = Signing(identity.private_key, identity.terminal_id, identity.site_id)
    return httpx.get(f"{url}/v1/changes", params={"stream_id": "0" * 32}, auth=signing, trust_env=False)


def why_not(folder: Path, url: str, code: str | None, terminal_id: str = HH_01, site_id: SiteId = SITE) -> NotEnrolled:
    with pytest.raises(NotEnrolled) as refused:
        enrol(folder, url, site_id, TerminalId(terminal_id), code)
    assert load_identity(folder) is None
    return refused.value


def test_a_code_enrols_its_terminal_and_says_what_it_is_for(site: SmallSite, tmp_path: Path) -> None:
    code = code_for(site, HH_01, "pack")
    with served(site) as url:
        identity = enrol(tmp_path, url, SITE, HH_01, code.lower())
        assert pull(url, identity).status_code == 200
    assert load_identity(tmp_path) == identity
    assert identity.scopes == ("pack",)
    [row] = [one for one in site.rows(t.terminal) if one["terminal_id"] == HH_01]
    assert (row["public_key"], row["enrolled_by"], row["scopes"]) == (identity.public_key, "Lea", ["pack"])
    assert (identity.pin_pepper,) == tuple(one["value"] for one in site.rows(t.site_secret))


def test_of_a_code_only_its_hash_is_kept(site: SmallSite) -> None:
    code = code_for(site)
    [row] = site.rows(t.enrolment)
    assert row["code_hash"] == hashlib.sha256(code.encode()).hexdigest()
    assert code not in json.dumps(row, default=str)


def test_a_code_that_is_wrong_or_another_terminals_or_used_or_too_old_is_refused_in_words(
    site: SmallSite, tmp_path: Path
) -> None:
    clock = Clock(site)
    used, others = code_for(site), code_for(site, "HH-02")
    with served(site) as url:
        enrol(tmp_path / "first", url, SITE, HH_01, used)
        old = code_for(site, "HH-03")
        told = {"used": why_not(tmp_path / "second", url, used)}
        clock.passes(minutes=16)
        told |= {
            "wrong": why_not(tmp_path / "second", url, new_secret()),
            "not of a code's form": why_not(tmp_path / "second", url, "1234"),
            "another's": why_not(tmp_path / "second", url, others),
            "old": why_not(tmp_path / "second", url, old, "HH-03"),
        }
    assert {refused.error for refused in told.values()} == {"bad_code"}
    for name, part in (
        ("wrong", "no such enrolment code"),
        ("not of a code's form", "has 13 letters and digits"),
        ("used", "used already"),
        ("another's", "made for terminal HH-02"),
        ("old", "expired"),
    ):
        assert part in str(told[name])


def test_a_code_of_another_site_and_a_site_that_is_not_here_are_refused(site: SmallSite, tmp_path: Path) -> None:
    code = code_for(site)
    with served(site) as url:
        assert why_not(tmp_path, url, code, site_id=SiteId("elsewhere")).error == "unknown_site"
        enrol(tmp_path, url, SITE, HH_01, code)


def test_a_new_code_ends_the_one_before(site: SmallSite, tmp_path: Path) -> None:
    first, second = code_for(site), code_for(site)
    with served(site) as url:
        assert why_not(tmp_path, url, first).error == "bad_code"
        enrol(tmp_path, url, SITE, HH_01, second)


def test_the_same_key_may_come_again_with_its_code_because_the_answer_may_have_been_lost(site: SmallSite) -> None:
    code, key = code_for(site), make_key()
    body = encode(Enrol(site_id=SITE, terminal_id=HH_01, public_key=public_key_of(key), code=code))
    other = encode(Enrol(site_id=SITE, terminal_id=HH_01, public_key=public_key_of("01" * 32), code=code))
    with served(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        first, again = (client.post("/v1/enrolments", content=body, auth=Signing(key, HH_01)) for _ in range(2))
        stolen = client.post("/v1/enrolments", content=other, auth=Signing("01" * 32, HH_01))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (stolen.status_code, stolen.json()["error"]) == (403, "bad_code")
    assert first.headers["cache-control"] == "no-store"


def test_who_does_not_hold_the_key_cannot_have_it_enrolled(site: SmallSite) -> None:
    code = code_for(site)
    body = encode(Enrol(site_id=SITE, terminal_id=HH_01, public_key=public_key_of("01" * 32), code=code))
    with served(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        other_key = client.post("/v1/enrolments", content=body, auth=Signing("02" * 32, HH_01))
        other_name = client.post("/v1/enrolments", content=body, auth=Signing("01" * 32, "HH-02"))
        unsigned = client.post("/v1/enrolments", content=body)
        assert client.post("/v1/enrolments", content=body, auth=Signing("01" * 32, HH_01)).status_code == 201
    assert [one.status_code for one in (other_key, other_name, unsigned)] == [401, 403, 401]


def test_enrolled_anew_the_old_key_opens_nothing_any_more(site: SmallSite, tmp_path: Path) -> None:
    with served(site) as url:
        old = enrol(tmp_path / "old", url, SITE, HH_01, code_for(site))
        new = enrol(tmp_path / "new", url, SITE, HH_01, code_for(site))
        assert [pull(url, one).status_code for one in (old, new)] == [401, 200]
        with site.write() as work:
            assert revoke(work, HH_01, "Lea")
        assert pull(url, new).json()["error"] == "revoked"
        again = enrol(tmp_path / "again", url, SITE, HH_01, code_for(site))
        assert [pull(url, one).status_code for one in (old, new, again)] == [401, 401, 200]


def test_wrong_codes_are_counted_and_then_there_is_a_pause_for_that_address(site: SmallSite, tmp_path: Path) -> None:
    limits = Limits(enrolment=Rate(per_s=0.001, burst=3))
    good = code_for(site)
    with served(site, Admission(limits=limits)) as url:
        errors = [why_not(tmp_path, url, new_secret()).error for _ in range(5)]
        assert errors == ["bad_code"] * 3 + ["too_often"] * 2
        assert why_not(tmp_path, url, good).error == "too_often"
    assert [one["used_at"] for one in site.rows(t.enrolment)] == [None]


def test_a_store_that_was_told_to_enrols_terminals_of_its_own_machine_and_nobody_who_was_forwarded(
    site: SmallSite, tmp_path: Path
) -> None:
    body = encode(Enrol(site_id=SITE, terminal_id=HH_01, public_key=public_key_of("01" * 32), scopes=["pack", "root"]))
    with served(site) as url:
        assert why_not(tmp_path, url, None).error == "code_needed"
    with served(site, Admission(enrol_loopback=True)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for forwarded in ({"X-Forwarded-For": "10.0.0.9"}, {"Forwarded": "for=10.0.0.9"}, {"Via": "1.1 proxy"}):
            answer = client.post("/v1/enrolments", content=body, auth=Signing("01" * 32, HH_01), headers=forwarded)
            assert (forwarded, answer.status_code, answer.json()["error"]) == (forwarded, 403, "code_needed")
        rebound = client.post(
            "/v1/enrolments", content=body, auth=Signing("01" * 32, HH_01), headers={"Host": "evil.example:80"}
        )
        assert rebound.json()["error"] == "code_needed"
        here = client.post("/v1/enrolments", content=body, auth=Signing("01" * 32, HH_01))
        assert (here.status_code, here.json()["scopes"]) == (201, ["pack"])


def test_a_code_is_read_however_it_is_typed() -> None:
    code = Code("0123456789ABC", None)
    assert (str(code), read_code(" 0123-4567-89abc ")) == ("0123-4567-89ABC", code)
    assert read_code("O1Z3 4567 89ABC").secret == "01Z3456789ABC"
    assert read_code("OIL3456789ABC").secret == "0113456789ABC"
    long = Code("0123456789ABC", "DEFGHJKMNPQRSTVWXYZ0")
    assert (str(long), read_code(str(long))) == ("0123-4567-89ABC-DEFG-HJKM-NPQR-STVW-XYZ0", long)
    for wrong in ("", "0123456789AB", "0123456789ABCD", "0123456789AB!", "U123456789ABC"):
        with pytest.raises(BadCode, match="13 letters and digits"):
            read_code(wrong)
