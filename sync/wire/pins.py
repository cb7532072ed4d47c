"""PINs: what is kept of one, and whether a typed one fits. The store makes the hashes, terminals check off-line."""

from __future__ import annotations

import hashlib
import hmac
import itertools

MIN_PIN_DIGITS = 6
MAX_PIN_DIGITS = 12
_PEPPERED = "peppered:"
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
"""OWASP's parameters of argon2id for small memories: a hand-held checks it, too."""
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdC1vZi1ub2JvZHktMQ$XhG9UWCx76rU41I5XeM3GJEpc/jbsDF4NRwuHEgMkPU"
"""A well-formed hash that no PIN is known for: for a worker that there is not, it costs the same time."""


class PepperMissing(Exception):
    """The hash was made with the site's pepper, and it is not known here."""


def hash_pin(pin: str, pepper: str | None = None) -> str:
    """What is kept of a PIN: argon2id, with the site's ``pepper`` (hex) over HMAC-SHA-256 of it (None: without)."""
    from argon2 import PasswordHasher

    made = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES).hash(
        pin if pepper is None else _mixed(pin, pepper)
    )
    return made if pepper is None else _PEPPERED + made


def pin_fits(pin_hash: str | None, pin: str, pepper: str | None = None) -> bool:
    """Whether the PIN is the one of the hash; with None it never is, and it takes as long to say so.

    Raises `PepperMissing`.
    """
    # A terminal must stand before the first PIN is typed: the library loads only then.
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    kept = pin_hash or _NOBODY
    if kept.startswith(_PEPPERED):
        if pepper is None:
            raise PepperMissing
        kept, pin = kept.removeprefix(_PEPPERED), _mixed(pin, pepper)
    try:
        PasswordHasher().verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
    return pin_hash is not None


def pin_problem(pin: str) -> str | None:
    """Why this may be nobody's PIN, in words; None: it may."""
    if not (pin.isascii() and pin.isdigit()) or not MIN_PIN_DIGITS <= len(pin) <= MAX_PIN_DIGITS:
        return f"A PIN has {MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits and nothing else. Take another one."
    steps = {int(after) - int(before) for before, after in itertools.pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        return "That PIN is among the first that anybody would try. Take another one."
    return None


def _mixed(pin: str, pepper: str) -> str:
    return hmac.new(bytes.fromhex(pepper), pin.encode(), hashlib.sha256).hexdigest()
