"""Which terminals belong to the store, and how they know it: codes, revocation, certificates."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from sqlalchemy.engine import make_url

from sync.paths import data_dir
from sync.record.ids import TerminalId
from sync.store.access.auditing import audit
from sync.store.access.enrolling import CODE_MIN, RESCUE, NoSuchTerminal, make_code, revoke
from sync.store.commands.context import StoreContext, fail, pass_context, person, refuse
from sync.store.unit_of_work import PACK_STATIONS, UnitOfWork
from sync.wire.enrolling import Code
from sync.wire.messages import ID_PATTERN

if TYPE_CHECKING:
    from sync.store.access.tls import ServerCertificate, TlsFolder
    from sync.store.api.access import Admission

_by = click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def tls_folder(context: StoreContext) -> TlsFolder:
    """Beside an SQLite file; for other databases in the data directory."""
    from sync.store.access.tls import TlsFolder

    url = make_url(context.db_url)
    beside = url.get_backend_name() == "sqlite" and url.database
    return TlsFolder((Path(str(url.database)).absolute().parent if beside else data_dir()) / "tls")


@click.command("enrol")
@click.argument("terminal_id")
@click.option("--pack", is_flag=True, help="A pack station: it is told customers' addresses, for the labels.")
@click.option("--rescue", is_flag=True, help="A workstation that delivers what other terminals have recorded.")
@_by
@pass_context
def enrol_command(context: StoreContext, terminal_id: str, pack: bool, rescue: bool, by: str) -> None:
    """Make a one-time code that enrols a terminal. A terminal that had a key loses it when the code is used."""
    if not re.fullmatch(ID_PATTERN, terminal_id):
        refuse(
            f"{terminal_id!r} can be no terminal's name: letters, digits, dots, hyphens and underscores, at most 32."
        )
    scopes = [scope for scope, wanted in ((PACK_STATIONS, pack), (RESCUE, rescue)) if wanted]
    fingerprint = _fingerprint(tls_folder(context))

    def job(work: UnitOfWork) -> tuple[str, datetime]:
        context.need_site(work.conn)
        made = make_code(work, TerminalId(terminal_id), scopes, by)
        audit(work, by, "enrolment-code", terminal_id, scopes=scopes)
        return made

    with context.database() as database:
        secret, ends_at = database.run(context.site_id, job)
    code = str(Code(secret, fingerprint))
    what = f" for {', '.join(scopes)}" if scopes else ""
    context.answer(
        {"terminal": terminal_id, "code": code, "scopes": scopes, "expires_at": ends_at},
        f"{code}\n\nThis code enrols terminal {terminal_id}{what} once, within {CODE_MIN} minutes:\n"
        f"  floor terminal --id {terminal_id} --site {context.site_id} --store URL --enrol {code}",
    )


def _fingerprint(folder: TlsFolder) -> str | None:
    from sync.store.access.tls import TlsRefused, fingerprint

    try:
        pem = folder.authority_pem()
        return None if pem is None else fingerprint(pem)
    except (TlsRefused, OSError) as error:
        fail(f"{folder.authority} cannot be used: {error}")


@click.command("revoke")
@click.argument("terminal_id")
@_by
@pass_context
def revoke_command(context: StoreContext, terminal_id: str, by: str) -> None:
    """Shut a terminal out at once: it is told nothing, and what it still sends is kept apart for a person."""

    def job(work: UnitOfWork) -> bool:
        done = revoke(work, TerminalId(terminal_id), by)
        audit(work, by, "revoke", terminal_id)
        return done

    with context.database() as database:
        try:
            new = database.run(context.site_id, job)
        except NoSuchTerminal:
            refuse(
                f"No terminal {terminal_id} was ever enrolled at {context.site_id}: nothing was changed. "
                "floor store terminals names them."
            )
    text = f"{terminal_id} is shut out" if new else f"{terminal_id} was shut out before; unused codes of it are gone"
    context.answer({"revoked": terminal_id, "by": by, "new": new}, text)


@click.command("certificate")
@click.option("--host", "hosts", multiple=True, help="A name or address that terminals connect to. Repeatable.")
@click.option(
    "--adopt",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Instead: the certificate (PEM) behind that of a proxy before the store; terminals will believe it.",
)
@pass_context
def certificate_command(context: StoreContext, hosts: tuple[str, ...], adopt: Path | None) -> None:
    """Make the store's certificate, and the authority that terminals believe. Made again, they need no new codes."""
    from sync.store.access.tls import TlsRefused, adopt_authority, make_certificate
    from sync.store.database import utc_now

    if bool(hosts) == (adopt is not None):
        raise click.UsageError("give either --host NAME (several times for several names) or --adopt FILE")
    folder = tls_folder(context)
    try:
        if adopt is not None:
            adopt_authority(folder, adopt.read_bytes())
            context.answer(
                {"authority": str(folder.authority)},
                f"Terminals that are enrolled from now on believe what {adopt} vouches for, and nothing else.",
            )
            return
        ends_at = make_certificate(folder, hosts, utc_now())
    except TlsRefused as error:
        refuse(str(error))
    except OSError as error:
        fail(f"{folder.path} cannot be written: {error.strerror}. Give the store's folder back to its user.")
    context.answer(
        {"certificate": str(folder.server), "authority": str(folder.authority), "hosts": hosts, "expires_at": ends_at},
        f"{folder.server} is good for {', '.join(hosts)} until {ends_at:%Y-%m-%d}. Serve with it: "
        "floor store serve --tls\nKeep the folder with your backups, and its keys from everybody else.",
    )


@dataclass(frozen=True, slots=True)
class Served:
    """How the store is to be served."""

    admission: Admission
    certificate: ServerCertificate | None

    @property
    def scheme(self) -> str:
        return "http" if self.certificate is None else "https"


def serve_options(command: _Command) -> _Command:
    """The options of `serve` that `served` reads."""
    path = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option(
            "--plain-http",
            is_flag=True,
            help="Serve the network without encryption: whoever listens there can read everything, addresses too.",
        ),
        click.option("--key", type=path, help="The private key that belongs to --certificate (PEM)."),
        click.option("--certificate", type=path, help="Encrypt with this certificate chain (PEM) instead."),
        click.option("--tls", is_flag=True, help="Encrypt, with what `floor store certificate` has made."),
        click.option(
            "--enrol-loopback",
            is_flag=True,
            help="For trials: terminals of this machine are enrolled without a code.",
        ),
    ):
        command = option(command)
    return command


def served(context: StoreContext, host: str, options: dict[str, Any]) -> Served:
    """What was asked for with `serve_options`; ends the command where it is not to be had, or not safe."""
    from sync.store.access.tls import TlsRefused, server_certificate
    from sync.store.api.access import Admission

    folder, certificate = tls_folder(context), None
    if (options["certificate"] is None) != (options["key"] is None):
        raise click.UsageError("--certificate and --key belong together")
    try:
        if options["certificate"] is not None:
            certificate = server_certificate(options["certificate"], options["key"])
        elif options["tls"]:
            certificate = server_certificate(folder.server, folder.server_key)
        authority = folder.authority_pem()
    except TlsRefused as error:
        fail(str(error))
    except OSError as error:
        fail(f"{folder.authority} cannot be read: {error.strerror}.")
    if options["enrol_loopback"] and not _is_loopback(host):
        raise click.UsageError("--enrol-loopback is for a store that only this machine can reach: leave --host out")
    if certificate is None and not _is_loopback(host) and not options["plain_http"]:
        fail(
            f"On {host} the whole network could read what the store says, customers' addresses and the site's secrets "
            "too. Encrypt: floor store certificate --host NAME, then --tls. Or put a proxy that does before it and "
            "listen on 127.0.0.1. Or say with --plain-http that nobody else can listen on that network."
        )
    return Served(Admission(enrol_loopback=options["enrol_loopback"], authority=authority), certificate)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
