"""Who a terminal is to the store: its own key, made here, and what it was told when it was enrolled."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from sync.record.ids import SiteId, TerminalId
from sync.wire.signing import Target, content_digest, public_key_of, signature_headers

FILE = "identity.json"
_OWNER_ONLY = 0o600


class BadIdentity(Exception):
    """The identity cannot be used; the text says what to do."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """``private_key``: Ed25519, hex. It never leaves the device."""

    site_id: str
    terminal_id: str
    private_key: str
    scopes: tuple[str, ...] = ()
    """What the store enrolled it for: ``pack``, ``rescue``."""
    authority: str | None = None
    """The certificate (PEM) of the only authority whose stores are believed; None: enrolled without TLS."""
    pin_pepper: str | None = None
    """What the site's PINs are mixed with; None: with nothing."""

    def __repr__(self) -> str:
        return f"Identity({self.site_id}/{self.terminal_id})"

    @property
    def public_key(self) -> str:
        return public_key_of(self.private_key)

    def sign(self, target: Target, body: bytes) -> dict[str, str]:
        """The headers that prove who asks."""
        digest = content_digest(body) if body else None
        return signature_headers(self.private_key, SiteId(self.site_id), TerminalId(self.terminal_id), target, digest)


def load_identity(folder: Path) -> Identity | None:
    """The identity in a terminal's folder; None where it was never enrolled. Raises `BadIdentity`."""
    path = folder / FILE
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadIdentity(
            f"{path} cannot be read ({error.strerror}). The terminal cannot prove who it is. "
            "Start it as the user who enrolled it, or enrol it anew."
        ) from error
    if mode & 0o077:
        raise BadIdentity(
            f"Others on this device may read the terminal's key ({path}, mode {mode:o}). "
            f"If nobody has, close it again: chmod 600 {path}. Otherwise enrol this terminal anew."
        )
    try:
        return msgspec.json.decode(data, type=Identity)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadIdentity(f"{path} is damaged. Nothing recorded is lost by it. Enrol this terminal anew.") from error


def identity_of(folder: Path, site_id: SiteId, terminal_id: TerminalId) -> Identity | None:
    """As `load_identity`; raises `BadIdentity`, too, where the folder is another terminal's."""
    identity = load_identity(folder)
    if identity is not None and (identity.site_id, identity.terminal_id) != (site_id, terminal_id):
        raise BadIdentity(
            f"{folder} belongs to terminal {identity.terminal_id} of site {identity.site_id}, and this is "
            f"{terminal_id} of {site_id}. Start it under its own name, give this one its own folder, or enrol it anew."
        )
    return identity


def save_identity(folder: Path, identity: Identity) -> None:
    """Put the identity into its file, whole or not at all, for the owner's eyes only. Raises `BadIdentity`."""
    path = folder / FILE
    new = path.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, _OWNER_ONLY)
            file.write(msgspec.json.encode(identity))
            file.flush()
            os.fsync(handle)
        new.replace(path)
        _sync_folder(folder)
    except OSError as error:
        raise BadIdentity(
            f"The terminal's key cannot be kept in {folder} ({error.strerror}). It is not enrolled. "
            "Free space there, or give another folder with --data."
        ) from error


def _sync_folder(folder: Path) -> None:
    """Without it a power cut could undo the renaming."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
