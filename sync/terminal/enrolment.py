"""Becoming a terminal of a store: a key is made here, and the store writes it down in exchange for a one-time code."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sync.record.ids import SiteId, TerminalId
from sync.terminal.connection import http_library
from sync.terminal.identity import BadIdentity, Identity, load_identity, save_identity
from sync.terminal.trust import tls_context, why_not_trusted
from sync.wire.codec import UNREADABLE
from sync.wire.enrolling import BadCode, Code, Enrol, Enrolled, fingerprint_of, read_code
from sync.wire.messages import Problem, encode
from sync.wire.signing import Target, make_key

TIMEOUT_S = 10.0
TRIES = 3
"""An answer may be lost; the same key may come again with its code."""
_ENROLMENTS = "/v1/enrolments"
_AUTHORITY = "/v1/authority"


class NotEnrolled(Exception):
    """It was not done; ``error`` is the store's code for it, or ``bad_code``, ``unreachable``, ``not_the_store``."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


def enrol(
    folder: Path,
    store_url: str,
    site_id: SiteId,
    terminal_id: TerminalId,
    code: str | None = None,
    scopes: tuple[str, ...] = (),
) -> Identity:
    """Make a key, have it enrolled and keep it in ``folder``. An earlier one goes only when the new one stands.

    With ``code`` None the store is asked to do without: one on this machine that was told to allow it does, and then
    ``scopes`` says what the terminal is for. Raises `NotEnrolled`, `BadIdentity`.
    """
    url = store_url.rstrip("/")
    try:
        parts = None if code is None else read_code(code)
    except BadCode as error:
        raise NotEnrolled("bad_code", str(error)) from error
    authority = _authority(url, parts)
    new = Identity(site_id=site_id, terminal_id=terminal_id, private_key=make_key(), authority=authority)
    wanted = Enrol(
        site_id=site_id,
        terminal_id=terminal_id,
        public_key=new.public_key,
        code="" if parts is None else parts.secret,
        scopes=list(scopes) if parts is None else [],
    )
    enrolled = _enrolled(_ask_for_it(url, new, encode(wanted)))
    identity = msgspec.structs.replace(new, scopes=tuple(enrolled.scopes), pin_pepper=enrolled.pin_pepper)
    _forget_rows_of_others(folder, identity)
    save_identity(folder, identity)
    return identity


def _forget_rows_of_others(folder: Path, identity: Identity) -> None:
    """What was told for other scopes is too much or too little: the store tells it anew. The ledger stays.

    Raises `BadIdentity` where another program uses the folder.
    """
    try:
        before = load_identity(folder)
    except BadIdentity:
        before = None
    if before is not None and (before.site_id, before.scopes) == (identity.site_id, identity.scopes):
        return
    for file in folder.glob("replica.sqlite*"):
        file.unlink(missing_ok=True)


def _authority(url: str, code: Code | None) -> str | None:
    """The authority (PEM) to believe from now on: the one whose fingerprint a person carried over."""
    fingerprint = None if code is None else code.fingerprint
    if not url.lower().startswith("https:"):
        if fingerprint is not None:
            raise NotEnrolled(
                "not_encrypted",
                f"This code belongs to a store with a certificate, and {url} is not encrypted. Nothing was sent. "
                "Write https:// in the terminal's profile or with --store.",
            )
        return None
    if fingerprint is None:
        raise NotEnrolled(
            "code_needed",
            f"{url} is encrypted, so this terminal needs the long code that `floor store enrol` shows there: "
            "it says whom to believe. Nothing was sent.",
        )
    answer = _exchange(url, "GET", _AUTHORITY, {}, b"", tls_context(None))
    pem = answer.body.decode("ascii", "replace") if answer.status == 200 else ""
    if fingerprint != _fingerprint(pem):
        raise NotEnrolled(
            "not_the_store",
            f"{url} is not the store that made this code: its certificate is foreign. Nothing was sent. "
            "Check the address; if it is right, tell the administrator.",
        )
    return pem


def _fingerprint(pem: str) -> str | None:
    try:
        return fingerprint_of(ssl.PEM_cert_to_DER_cert(pem))
    except ValueError:
        return None


def _ask_for_it(url: str, new: Identity, body: bytes) -> _Answer:
    headers = {"Content-Type": "application/json", **new.sign(Target("POST", _ENROLMENTS, ""), body)}
    context = tls_context(new.authority) if url.lower().startswith("https:") else None
    for tries_left in reversed(range(TRIES)):
        try:
            return _exchange(url, "POST", _ENROLMENTS, headers, body, context)
        except NotEnrolled:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _enrolled(answer: _Answer) -> Enrolled:
    try:
        if answer.status == 201:
            return msgspec.json.decode(answer.body, type=Enrolled)
        problem = msgspec.json.decode(answer.body, type=Problem)
    except UNREADABLE as error:
        raise NotEnrolled(
            "unreachable",
            f"Something that is not the store answered ({answer.status}; a login page of the network?). "
            "Check the address with --store.",
        ) from error
    raise NotEnrolled(problem.error, problem.text)


def _exchange(
    url: str, method: str, path: str, headers: dict[str, str], body: bytes, context: ssl.SSLContext | None
) -> _Answer:
    library = http_library()  # an enrolled terminal does not need it before its first screen
    try:
        with library.Client(verify=context or False, trust_env=False, timeout=TIMEOUT_S) as client:
            answer = client.request(method, url + path, headers=headers, content=body or None)
            return _Answer(answer.status_code, answer.content)
    except (library.HTTPError, library.InvalidURL, OSError) as error:
        reason = why_not_trusted(error, url)
        raise NotEnrolled(
            "unreachable" if reason is None else "not_the_store",
            reason or f"The store at {url} does not answer ({error}). Check its address and the network.",
        ) from error
