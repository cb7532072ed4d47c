"""The central order store as a process of its own, on a free port of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sync.record.ids import SiteId

STOP_S = 10.0


class StoreProcess:
    """Started on entry, stopped on exit. ``url`` is where it serves."""

    def __init__(self, db_url: str, site_id: SiteId, log: Path | None = None, *, enrol_loopback: bool = False) -> None:
        """``log``: a file for what the store says besides; None: standard error.

        ``enrol_loopback``: terminals of this machine are enrolled without a code.
        """
        self._log = log
        self._command = [
            sys.executable, "-m", "sync.store", "--db", db_url, "--site", site_id, "--json", "serve", "--port", "0"
        ]  # fmt: skip
        if enrol_loopback:
            self._command.append("--enrol-loopback")
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            log = None if self._log is None else stack.enter_context(self._log.open("ab"))
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, text=True)
        lines = list(_first_document(self._process.stdout or ()))
        if not lines:
            self._process.communicate()  # it has closed its output, so it is ending
            raise RuntimeError("the store did not start; its reason stands above")
        self.url = json.loads("".join(lines))["url"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()


def _first_document(lines: Iterable[str]) -> Iterator[str]:
    """The lines up to the brace that ends the command's answer; the process goes on."""
    for line in lines:
        yield line
        if line.startswith("}"):
            return
