"""A program that records facts and says so on stdout, to be killed or starved by a test. Usage: FOLDER [MODE]."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from sync.record.delivery import StorageFailed
from sync.record.ids import TerminalId
from sync.terminal.session import TerminalSession, open_session
from tests.sync.warehouse import SITE, WORKER, picked


def open_here(folder: Path) -> TerminalSession:
    return open_session(folder, site_id=SITE, terminal_id=TerminalId("HH-01"), store_url=None)


def say(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def record_until_killed(folder: Path) -> None:
    session = open_here(folder)
    while True:
        scan = session.take_in("4006381333931", "]E0")
        say(event_ids=session.record([picked(), picked(quantity=2)], worker_id=WORKER, answers=scan), scan=scan)


def record_under_a_file_limit(folder: Path) -> None:
    """Until no file may grow any more, then some more in vain, then with the limit lifted."""
    session = open_here(folder)
    say(event_ids=session.record([picked()], worker_id=WORKER))
    largest = max(path.stat().st_size for path in folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 20_000, resource.RLIM_INFINITY))
    failures = 0
    while failures < 5:
        try:
            say(event_ids=session.record([picked()], worker_id=WORKER))
        except StorageFailed as failed:
            failures += 1
            say(failed=str(failed))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    say(after=session.record([picked()], worker_id=WORKER))
    session.close()


if __name__ == "__main__":
    mode = {"limited": record_under_a_file_limit}.get(sys.argv[2] if len(sys.argv) > 2 else "", record_until_killed)
    mode(Path(sys.argv[1]))
