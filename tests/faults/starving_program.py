"""A terminal whose disk fails under it, and that goes on when it can. Usage: FOLDER MODE [CODE].

`steps` fails one step of its files after the other with SQLite's result CODE; `until-full` writes until the disk is
full and frees some room then; `read-only` starts on a disk that was mounted read-only, and again when it is not.
It says as JSON which events were confirmed, which refused, and what is in the ledger.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sync.record.delivery import StorageFailed
from sync.record.facts import Stamp
from sync.record.ids import SiteId, TerminalId, WorkerId
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.stamper import Stamper, boot_id
from tests.faults.file_layer import FileLayer, Step
from tests.sync.warehouse import WORKER, picked

STEPS = 14
"""More than a scan and its facts take."""
BALLAST_BYTES = 200_000


class Remembering(Stamper):
    """Keeps the last stamp, because a fact that was refused comes back with no id."""

    last: Stamp | None = None

    def stamp(self, worker_id: WorkerId | None) -> Stamp:
        made = Stamper.stamp(self, worker_id)
        object.__setattr__(self, "last", made)
        return made


class Starving:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fail_at = 0
        self.code = 0
        self.struck = 0
        self._count = 0
        FileLayer(self._before)
        site, terminal = SiteId("main"), TerminalId("HH-1")
        self._stamper = Remembering(site_id=site, terminal_id=terminal, boot_id=boot_id())
        self.session = self._opened()
        self.confirmed: list[str] = []
        self.refused: list[str] = []
        self.errors: list[str] = []

    def _opened(self) -> TerminalSession:
        site, terminal = self._stamper.site_id, self._stamper.terminal_id
        return open_session(self.folder, site_id=site, terminal_id=terminal, store_url=None, stamper=self._stamper)

    def start_again(self) -> bool:
        """Whether it came up."""
        self.session.close()
        try:
            self.session = self._opened()
        except StorageFailed as failed:
            self.errors.append(str(failed))
            return False
        return True

    def _before(self, step: Step) -> int:
        if not self.fail_at or not step.file.startswith("ledger"):
            return 0
        self._count += 1
        if self._count != self.fail_at or step.what == "delete":
            return 0
        self.struck += 1
        return self.code

    def scan(self, fail_at: int = 0) -> bool:
        """One scan and its fact, of which one step may fail; whether it was confirmed."""
        self.fail_at, self._count = fail_at, 0
        before = self._stamper.last
        try:
            self.confirmed += self.session.record(
                [picked()], worker_id=WORKER, answers=self.session.take_in("4006381333931", "]E0")
            )
        except StorageFailed as failed:
            self.errors.append(str(failed))
            stamp = self._stamper.last
            self.refused += [stamp.event_id] if stamp is not None and stamp is not before else []
            return False
        finally:
            self.fail_at = 0
        return True

    def report(self) -> None:
        self.session._record.ledger.verify()
        rows = self.session._record.ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")
        self.session.close()
        said = {"confirmed": self.confirmed, "refused": self.refused, "errors": self.errors, "struck": self.struck}
        sys.stdout.write(json.dumps({**said, "ledger": [event_id for (event_id,) in rows]}))


def fail_each_step(terminal: Starving, code: int) -> None:
    terminal.code = code
    for step in range(1, STEPS + 1):
        terminal.scan(fail_at=step)
        terminal.scan()


def fill_the_disk(terminal: Starving) -> None:
    ballast = terminal.folder / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    terminal.scan()
    failures = 0
    while failures < 5:
        failures += not terminal.scan()
    terminal.struck = failures
    ballast.unlink()
    for _ in range(5):
        terminal.scan()


def lose_the_right_to_write(terminal: Starving) -> None:
    terminal.scan()
    terminal.session.close()
    mounted("ro", terminal.folder)
    terminal.struck += not terminal.start_again()
    mounted("rw", terminal.folder)
    assert terminal.start_again()
    terminal.scan()


def mounted(how: str, folder: Path) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def main(folder: Path, mode: str, *code: str) -> None:
    starving = Starving(folder)
    match mode:
        case "steps":
            fail_each_step(starving, int(code[0]))
        case "until-full":
            fill_the_disk(starving)
        case _:
            lose_the_right_to_write(starving)
    starving.report()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
