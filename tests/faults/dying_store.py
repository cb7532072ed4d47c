"""The store's own program, which dies before its n-th writing statement after SIGUSR1. Usage: N ARGUMENTS ..."""

from __future__ import annotations

import runpy
import signal
import sys
from types import FrameType

from tests.faults.dying_statements import die_at_statement


def main(number: int) -> None:
    armed: list[int] = []

    def arm(sig: int, _frame: FrameType | None) -> None:
        armed.append(sig)

    signal.signal(signal.SIGUSR1, arm)
    die_at_statement(number, lambda: bool(armed))
    runpy.run_module("sync.store", run_name="__main__")


if __name__ == "__main__":
    number = int(sys.argv.pop(1))
    main(number)
