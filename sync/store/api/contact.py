"""What a terminal says of itself with every question: its protocol, its release, what it owes."""

from __future__ import annotations

from typing import Annotated

from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from sync.store.contacts import Contact
from sync.wire.messages import OLDEST_TERMINAL, PROTOCOL

MOST = 2**31 - 1

TheContact = NamedDependency[Contact]
"""A handler's parameter ``contact: TheContact``, provided by `said`."""


class TooOld(HTTPException):
    """The terminal would misunderstand the answer; its ledger is taken in all the same."""

    status_code = 426
    error = "upgrade"

    def __init__(self, protocol: int) -> None:
        super().__init__(
            f"This terminal is older than the store (it speaks protocol {protocol}, the store {OLDEST_TERMINAL} at "
            "least). What it records is delivered all the same. Update this terminal.",
            status_code=426,
        )


def said(
    protocol: Annotated[int, Parameter(ge=1, le=9999)] = PROTOCOL,
    release: Annotated[str | None, Parameter(max_length=32, pattern=r"^[0-9A-Za-z.+-]*$")] = None,
    owed: Annotated[int, Parameter(ge=0, le=MOST)] = 0,
    owed_for_s: Annotated[int, Parameter(ge=0, le=MOST)] = 0,
) -> Contact:
    """For handlers of pulls. Raises `TooOld`."""
    if protocol < OLDEST_TERMINAL:
        raise TooOld(protocol)
    return Contact(release=release, owed=owed, owed_for_s=owed_for_s)
