"""Setting a site's files: read by their schemas first, then in force at once, at the terminals too."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete

from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.site_files.carts import parse_carts
from sync.store.site_files.equipment import check_waves, equipment_of
from sync.store.site_files.files import SiteFile, shipped, text_of, write
from sync.store.site_files.reasons import parse_reasons, reasons_of
from sync.store.site_files.rules import apply_rules, parse_rules
from sync.store.site_files.walls import build_walls, parse_walls
from sync.store.site_files.waves import parse_waves, waves_of
from sync.store.unit_of_work import UnitOfWork


def set_file(work: UnitOfWork, name: SiteFile, text: str | None, *, by: str) -> None:
    """Put the site's own ``text`` in the place of the shipped file; None: the shipped one counts again.

    Raises:
        SiteFileRefused: it cannot be read, or another file of the site needs what it leaves out.
    """
    _read(name, shipped(name) if text is None else text)
    codes = {reason.code for reason in reasons_of(work.conn, work.site_id)}
    if text is None:
        f = t.site_file.c
        work.conn.execute(delete(t.site_file).where(f.site_id == work.site_id, f.name == str(name)))
    else:
        write(work, name, text, by)
    _check_together(work.conn, work.site_id)
    if name is SiteFile.RULES:
        apply_rules(work)
    if name is SiteFile.WALLS:
        build_walls(work)
    if name is SiteFile.REASONS:
        now = {reason.code for reason in reasons_of(work.conn, work.site_id)}
        for code in sorted(codes | now):
            work.touch("reason", code, deleted=code not in now)
    digest = hashlib.sha256(text_of(work.conn, work.site_id, name).encode()).hexdigest()
    audit(work, by, "file", str(name), set="shipped" if text is None else "own", sha256=digest)


def _read(name: SiteFile, text: str) -> None:
    match name:
        case SiteFile.RULES:
            parse_rules(text)
        case SiteFile.REASONS:
            parse_reasons(text)
        case SiteFile.WAVES:
            parse_waves(text)
        case SiteFile.CARTS:
            parse_carts(text)
        case SiteFile.WALLS:
            parse_walls(text)


def _check_together(conn: Connection, site_id: SiteId) -> None:
    """The rules of the waves name carts and walls of other files, whichever of them was set."""
    check_waves(waves_of(conn, site_id), equipment_of(conn, site_id))
