"""What the doctor says of a profile, line by line."""

from __future__ import annotations

from floor.config import Profile
from floor.doctor.checks import CHECKS
from floor.doctor.findings import Finding, Told, examine


def seen(profile: Profile, name: str) -> list[Finding]:
    """The lines of the checks of that name."""
    return examine([p for check in CHECKS if check.name.removesuffix(" NAME") == name for p in check.probes(profile)])


def told(profile: Profile, name: str) -> Told:
    """The one line of the check."""
    (finding,) = seen(profile, name)
    return finding.told


def said(found: Told) -> str:
    return f"{found.grade} {found.how} {found.todo}".rstrip()
