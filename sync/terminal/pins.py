"""Is this the worker's PIN? Checked against the argon2id hash that came with the worker's row."""

from __future__ import annotations

from sync.record.rows import WorkerRow

_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdC1vZi1ub2JvZHktMQ$XhG9UWCx76rU41I5XeM3GJEpc/jbsDF4NRwuHEgMkPU"
"""A well-formed hash that no PIN is known for: an unknown worker costs the same time as a wrong PIN."""


def check_pin(worker: WorkerRow | None, pin: str) -> bool:
    """True for the right PIN of an active worker, and for one who signs in by badge alone."""
    # A terminal must stand before the first PIN is typed: the library loads only then.
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    if worker is not None and worker.active and worker.pin_hash is None:
        return True
    known = worker is not None and worker.active
    expected = worker.pin_hash if worker is not None and worker.active and worker.pin_hash is not None else _NOBODY
    try:
        PasswordHasher().verify(expected, pin)
    except (VerificationError, InvalidHashError):
        return False
    return known
