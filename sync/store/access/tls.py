"""The store's own certificate authority: one certificate that terminals believe, and the server's under it."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.wire.enrolling import fingerprint_of

AUTHORITY_YEARS: Final = 10
SERVER_DAYS: Final = 800
_CLOCKS_DIFFER = timedelta(days=1)


class TlsRefused(Exception):
    """No certificate was made or taken; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class TlsFolder:
    """Where a store keeps its certificates. Private keys are for the owner's eyes only."""

    path: Path

    @property
    def authority(self) -> Path:
        return self.path / "authority.pem"

    @property
    def authority_key(self) -> Path:
        return self.path / "authority-key.pem"

    @property
    def server(self) -> Path:
        return self.path / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.path / "server-key.pem"

    def authority_pem(self) -> str | None:
        """The certificate that terminals are to believe; None where there is none."""
        try:
            return self.authority.read_text("ascii")
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files (PEM) to serve with."""

    certificate: Path
    key: Path


def fingerprint(authority_pem: str) -> str:
    """As enrolment codes carry it. Raises `TlsRefused` where it is no certificate."""
    return fingerprint_of(_read(authority_pem.encode()).public_bytes(serialization.Encoding.DER))


def make_certificate(folder: TlsFolder, hosts: Sequence[str], now: datetime) -> datetime:
    """Make the server's certificate for these names and addresses, and the authority unless it is there.

    Made again, terminals need not be enrolled again: they believe the authority. Returns when it ends. Raises
    `TlsRefused`.
    """
    names = [_name(host) for host in hosts]
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, authority_key = _authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    ends_at = min(now + timedelta(days=SERVER_DAYS), authority.not_valid_after_utc)
    certificate = (
        _begun(hosts[0][:64], authority.subject, key.public_key(), now, ends_at)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write(folder.server_key, _pem_of_key(key), 0o600)
    _write(folder.server, _pem(certificate) + _pem(authority), 0o644)
    return ends_at


def adopt_authority(folder: TlsFolder, pem: bytes) -> None:
    """Let terminals believe what this certificate vouches for: the one behind a proxy's. Raises `TlsRefused`."""
    certificate = _read(pem)
    if folder.authority_key.exists():
        raise TlsRefused(
            f"This store has an authority of its own ({folder.authority}), and terminals believe it. "
            "Move its folder away first if they are all to be enrolled again."
        )
    folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder.authority, _pem(certificate), 0o644)


def server_certificate(certificate: Path, key: Path) -> ServerCertificate:
    """Files to serve with, looked at first. Raises `TlsRefused`."""
    try:
        found = _read(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        mode = key.stat().st_mode & 0o777
    except OSError as error:
        raise TlsRefused(
            f"{error.filename} cannot be read: {error.strerror}. "
            "Make a certificate: floor store certificate --host NAME"
        ) from error
    except (ValueError, TypeError) as error:
        raise TlsRefused(f"{key} is no private key without a password, in PEM. Give another with --key.") from error
    if mode & 0o077:
        raise TlsRefused(f"Others on this machine may read {key} (mode {mode:o}). Close it: chmod 600 {key}")
    if private.public_key() != found.public_key():
        raise TlsRefused(f"{key} does not belong to {certificate}. Give the two that were made together.")
    return ServerCertificate(certificate, key)


def _authority(folder: TlsFolder, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if folder.authority_key.exists():
        key = serialization.load_pem_private_key(folder.authority_key.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TlsRefused(f"{folder.authority_key} was not made by Floorhand. Move its folder away and begin anew.")
        return _read(folder.authority.read_bytes()), key
    if folder.authority.exists():
        raise TlsRefused(
            f"Terminals believe {folder.authority}, whose key is elsewhere. Have the certificate made there, and serve "
            "it with --certificate and --key."
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Floorhand store authority")])
    certificate = (
        _begun("Floorhand store authority", subject, key.public_key(), now, now + timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder.authority_key, _pem_of_key(key), 0o600)
    _write(folder.authority, _pem(certificate), 0o644)
    return certificate, key


def _begun(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, ends_at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(ends_at)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError) as error:
        raise TlsRefused(
            f"{host!r} is neither a host's name nor an address. Give what terminals connect to."
        ) from error


def _read(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise TlsRefused("That is no certificate in PEM (-----BEGIN CERTIFICATE-----). Give another file.") from error


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and closed to others from its first byte on."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
