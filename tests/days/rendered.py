"""Printed labels, drawn by a renderer that is not ours and read back."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.zpl_rendering import decode, render

DRAWERS = 2
"""Processes that draw; each has a renderer of its own."""


def codes_on(zpl: bytes) -> list[str]:
    """What a scanner reads off the one label that this ZPL prints, from the top down."""
    [picture] = render(zpl)
    return [code.text for code in decode(picture)]


def codes_on_each(labels: Iterable[bytes]) -> list[list[str]]:
    """The same for many labels, in order."""
    # Not forked: this process has threads and perhaps a renderer that must not be shared.
    with ProcessPoolExecutor(DRAWERS, mp_context=get_context("spawn")) as pool:
        return list(pool.map(codes_on, labels, chunksize=4))
