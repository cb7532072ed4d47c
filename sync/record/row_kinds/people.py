"""A site, its rules, its zones and who works there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.record.ids import BadgeCode, SiteId, WorkerId, ZoneId


class Role(StrEnum):
    PICKER = "picker"
    PACKER = "packer"
    LEAD = "lead"
    STOCK = "stock"
    ADMINISTRATOR = "administrator"
    INTEGRATOR = "integrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRow:
    """A site and the rules it sets for the floor."""

    site_id: SiteId
    name: str
    company_prefix: str
    """GS1 company prefix, 7 to 10 digits; SSCCs and our own item numbers begin with it."""
    sender: tuple[str, ...]
    """Name and address that stand as sender on labels."""
    confirm_tote: bool = True
    """After each line the tote is scanned."""
    typed_quantity: bool = True
    """After the first scan of an item the rest may be typed as a number."""
    max_typed_quantity: int = 9999
    lists_ahead: int = 0
    """How many pick lists a terminal takes beyond the one that is walked, to go on with where there is no network."""
    lease_min: int = 15
    """Minutes without contact after which a terminal's work may be given to another one."""
    offline_sign_in_h: int = 14
    """Hours since the last contact during which workers of the roster may still sign in."""
    ssccs_ahead: int = 50
    """Carton numbers that a pack station leases at a time, to go on printing where there is no network."""
    zone_choice: bool = True
    """Workers choose their zone at sign-in; else the lead says it."""
    zero_check: bool = True
    """After a pick that should have emptied its location the picker is asked."""
    count_tolerance_pct: int = 0
    """By how much a count may differ from the record, per cent of the record, before another worker counts again."""
    carton_tare_g: int = 0
    """What an empty carton with its filling weighs; 0 where packers take it as tare on the scale."""
    weight_tolerance_g: int = 50
    """By how much a carton may differ from its expected weight: the larger one of this and the per cent counts."""
    weight_tolerance_pct: int = 3
    ship_format: str = ""
    """Name of the format that cartons are labelled by; empty: the ship label that is built in."""
    carton_paper: str = ""
    """``carton-content`` or ``packing-slip``: printed behind the first label of each carton. Empty: nothing is."""
    carrier_label: str = "beside"
    """Where there is a carrier's label: ``instead`` of the ship label, if it can be scanned back, or ``beside`` it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    worker_id: WorkerId
    badge: BadgeCode
    name: str
    roles: tuple[Role, ...]
    language: str
    pin_hash: str | None
    """argon2id; None: this worker signs in by badge alone."""
    active: bool = True
    zone_id: ZoneId | None = None
    """Where they pick: as they chose at a terminal or as a lead has said, whichever came last; None: anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRow:
    zone_id: ZoneId
    name: str
