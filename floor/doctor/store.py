"""The doctor's looks at the link to the store: each makes its own request, as the terminal would."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from drivers.faults import DeviceGone
from drivers.transport.tcp import TcpAddress, TcpStream
from floor.config import Profile
from floor.doctor.findings import Told, fail, ok, warn
from floor.wiring import terminal_folder
from sync.record.ids import SiteId, TerminalId
from sync.terminal.client import Refused, StoreClient
from sync.terminal.connection import Answer, Connection, Interrupted, Question, Unknown
from sync.terminal.health import read_health
from sync.terminal.identity import BadIdentity, Identity, identity_of
from sync.terminal.stamper import utc_now
from sync.terminal.trust import tls_context, why_not_trusted
from sync.terminal.versions import agree
from sync.wire.messages import Changes, Hello

CONNECT_S = 2.0
ANSWER_S = 2.0
SKEW_S = 5.0
WRONG_CLOCK_S = 300.0
RENEW_DAYS = 30
_HERE = ("localhost", "127.0.0.1", "::1")
_ADMINISTRATOR = "Tell the administrator."
_SET_CLOCK = "Set this device's clock, best by the network: timedatectl set-ntp true."


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the store said of itself, when it was half way here by this device's clock, and how long it took."""

    hello: Hello
    at: datetime
    took_s: float


def look_at_store(profile: Profile) -> Told:
    met = _met(profile)
    if isinstance(met, Told):
        return met
    trouble = agree(met.hello).trouble
    if trouble is not None:
        return fail(trouble)
    health = read_health(terminal_folder(profile))
    if health is not None and health.incarnation not in (None, met.hello.incarnation):
        return warn(
            f"{profile.store} answers, and is another store than the one that this terminal's rows are of, or was "
            "restored from a backup.",
            "If the address is right, nothing: the terminal fetches all rows anew.",
        )
    return ok(f"{profile.store} answered within {met.took_s * 1000:.0f} ms.")


def look_at_certificate(profile: Profile) -> Told:
    host, port, is_tls = _address(profile)
    if not is_tls and host in _HERE:
        return ok("There is none, and none is needed: the store is on this machine.")
    if not is_tls:
        return warn(
            f"{profile.store} is not encrypted: anybody in the network can read along.",
            "On a network that is not yours alone, set up certificates (docs/store.md).",
        )
    identity = _identity(profile)
    context = tls_context(None if identity is None else identity.authority)
    try:
        with (
            socket.create_connection((host, port), CONNECT_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as line,
        ):
            shown = line.getpeercert()
    except OSError as error:
        return fail(why_not_trusted(error, profile.store) or f"{host}:{port} shows none ({error}).", _ADMINISTRATOR)
    if not shown:
        return fail("It was not looked at: this terminal knows no authority to believe.", "Enrol it with a long code.")
    return judged_certificate(datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC), utc_now())


def judged_certificate(ends_at: datetime, now: datetime) -> Told:
    days = (ends_at - now).days
    how = f"It is the store's own and holds {days} more days, until {ends_at:%Y-%m-%d}."
    return ok(how) if days >= RENEW_DAYS else warn(how, "Tell the administrator to renew it.")


def look_at_enrolment(profile: Profile) -> Told:
    folder = terminal_folder(profile)
    try:
        identity = identity_of(folder, SiteId(profile.site), TerminalId(profile.terminal))
    except BadIdentity as error:
        return fail(str(error))
    if identity is None:
        return fail(
            f"There is no key in {folder}: no store knows this terminal.",
            f"Have a code made with `floor store enrol {profile.terminal}` and start the terminal with --enrol CODE.",
        )
    health = read_health(folder)
    if health is None:
        return warn("This terminal has a key and has never worked.", "Start it once: floor terminal.")
    met = _met(profile)
    if isinstance(met, Told):
        return fail("Whether the store knows this terminal was not to be asked.", "See the line of the store.")
    client = StoreClient(profile.store, SiteId(profile.site), TerminalId(profile.terminal), identity)
    try:
        answer = client.changes(
            health.asker(identity.scopes), health.cursor, reflected_seq=health.reflected_seq, wait_s=0
        )
    finally:
        client.close()
    match answer:
        case Changes():
            kinds = ", ".join(identity.scopes) or "picking"
            return ok(f"{profile.terminal} of site {profile.site} is known there, for {kinds}.")
        case Refused(_, reason):
            return fail(reason)
        case Unknown(reason):
            return fail(f"The store did not answer this terminal: {reason}.", _ADMINISTRATOR)
        case Interrupted():
            return fail("The question to the store was broken off.", "Ask again.")


def look_at_store_clock(profile: Profile) -> Told:
    met = _met(profile)
    if isinstance(met, Told):
        return warn("It was not compared with the store's: no answer came.", "See the line of the store.")
    try:
        theirs = datetime.fromisoformat(met.hello.server_time)
        return judged_skew(met.at - theirs, met.took_s)
    except (ValueError, TypeError):
        return fail(f"The store tells a time that cannot be read ({met.hello.server_time[:40]!r}).", _ADMINISTRATOR)


def judged_skew(ahead: timedelta, took_s: float) -> Told:
    """``ahead``: by how much this device is ahead of the store; known to half of ``took_s``."""
    off_s = abs(ahead.total_seconds())
    if off_s <= SKEW_S + took_s / 2:
        return ok(f"It is within {max(off_s, took_s / 2):.1f} s of the store's.")
    side = "ahead of" if ahead > timedelta(0) else "behind"
    how = f"It is {off_s:.0f} s {side} the store's."
    todo = f"{_SET_CLOCK} If the store's is the wrong one, tell the administrator."
    return warn(how, todo) if off_s <= WRONG_CLOCK_S else fail(f"{how} Times in the record are wrong.", todo)


def _met(profile: Profile) -> Meeting | Told:
    """Ask the store what it is, or say why it was not met."""
    host, port, _ = _address(profile)
    try:
        TcpStream(TcpAddress(host, port), CONNECT_S).close()
    except DeviceGone as gone:
        return fail(
            f"Nobody answers at {host}:{port} ({gone.cause}). What is done is kept and delivered later.",
            "Look whether this device is in the network and the store runs, and at `store` in the profile.",
        )
    asked = Question(method="GET", path="/v1/hello", headers={"Cache-Control": "no-store"}, answer_timeout_s=ANSWER_S)
    connection = Connection(profile.store, _identity(profile))
    before = utc_now()
    try:
        answer = connection.ask(asked)
    finally:
        connection.close()
    took = utc_now() - before
    hello = _hello(answer, profile.store)
    return hello if isinstance(hello, Told) else Meeting(hello, before + took / 2, abs(took.total_seconds()))


def _hello(answer: Answer | Unknown | Interrupted, url: str) -> Hello | Told:
    if isinstance(answer, Unknown):
        return fail(answer.reason if answer.reason.endswith(".") else f"{url} did not answer: {answer.reason}.")
    if isinstance(answer, Answer) and answer.status == 200 and answer.content_type == "application/json":
        try:
            hello = msgspec.json.decode(answer.body, type=Hello)
        except (msgspec.DecodeError, UnicodeDecodeError):
            hello = None
        if hello is not None and hello.product == "floorhand":
            return hello
    return fail(
        f"What answers at {url} is not an order store (a login page of the network?). Nothing was told to it.",
        "Log in to the network, or correct `store` in the profile.",
    )


def _identity(profile: Profile) -> Identity | None:
    """A key that cannot be used is told by the line of the enrolment."""
    try:
        return identity_of(terminal_folder(profile), SiteId(profile.site), TerminalId(profile.terminal))
    except BadIdentity:
        return None


def _address(profile: Profile) -> tuple[str, int, bool]:
    """Host, port, and whether it is encrypted."""
    parts = urlsplit(profile.store)
    try:
        port = parts.port
    except ValueError:
        port = None
    is_tls = parts.scheme.lower() == "https"
    return parts.hostname or "", port or (443 if is_tls else 80), is_tls
