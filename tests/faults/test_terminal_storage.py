"""A terminal's disk fails: what was confirmed stays, what was refused is nowhere, and it goes on when it can."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync.record.delivery import StorageFailed
from sync.record.ids import SiteId, TerminalId
from sync.terminal.session import TerminalSession, open_session
from tests.faults.file_layer import FULL, IO_ERROR_SYNC, IO_ERROR_WRITE, READ_ONLY
from tests.faults.sometimes import Sometimes
from tests.house.tree import REPOSITORY
from tests.sync.warehouse import WORKER, picked

PROGRAM = [sys.executable, "-m", "tests.faults.starving_program"]
SEED = 7


def ran(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def is_as_promised(said: dict[str, Any]) -> None:
    assert said["struck"]
    assert said["errors"]
    assert all("Nothing was recorded" in text for text in said["errors"])
    assert said["ledger"] == said["confirmed"], "what was refused must not surface later"
    assert not set(said["refused"]) & set(said["ledger"])


@pytest.mark.parametrize(
    "code",
    [FULL, READ_ONLY, IO_ERROR_WRITE, IO_ERROR_SYNC],
    ids=["disk full", "read-only", "EIO at a write", "EIO at a sync"],
)
def test_a_failure_at_any_step_of_a_commit_refuses_the_fact_or_keeps_it(code: int, tmp_path: Path) -> None:
    is_as_promised(ran([*PROGRAM, str(tmp_path / "terminal"), "steps", str(code)]))


def test_a_disk_that_is_full_refuses_facts_and_takes_them_again_when_there_is_room(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path / "disk", "until-full")
    is_as_promised(said)
    assert "disk is full" in said["errors"][0]


def test_a_disk_that_came_up_read_only_is_said_in_words_and_nothing_on_it_is_lost(tmp_path: Path) -> None:
    said = on_a_small_disk(tmp_path / "disk", "read-only")
    assert said["struck"] == 1
    assert "cannot" in said["errors"][0]
    assert len(said["ledger"]) == 2
    assert said["ledger"] == said["confirmed"]


def on_a_small_disk(disk: Path, mode: str) -> dict[str, Any]:
    """Run the program on a small file system of its own, in a mount namespace that ends with the program."""
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=600k floorhand "{disk}" && exec "$@"'
    namespace = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small file system")
    return ran([*namespace, "sh", "-c", mount, "sh", *PROGRAM, str(disk), mode])


def terminal_at(folder: Path) -> TerminalSession:
    return open_session(folder, site_id=SiteId("main"), terminal_id=TerminalId("HH-1"), store_url=None)


def written(folder: Path, facts: int) -> list[str]:
    """A ledger that was closed well."""
    session = terminal_at(folder)
    events = [str(session.record([picked()], worker_id=WORKER)[0]) for _ in range(facts)]
    session.close()
    return events


def test_a_second_instance_on_one_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    first = terminal_at(tmp_path)
    first.record([picked()], worker_id=WORKER)
    with pytest.raises(StorageFailed, match="Another terminal program uses"):
        terminal_at(tmp_path)
    first.record([picked()], worker_id=WORKER)
    assert first._record.ledger.verify().seq == 2
    first.close()


def test_flipped_bits_are_named_or_harmless_and_never_a_crash(tmp_path: Path) -> None:
    sometimes, chance = Sometimes(), random.Random(SEED)
    events = written(tmp_path, 60)
    whole = (tmp_path / "ledger.sqlite").read_bytes()
    for _ in range(60):
        damaged = bytearray(whole)
        place = chance.randrange(len(damaged))
        damaged[place] ^= 1 << chance.randrange(8)
        (tmp_path / "ledger.sqlite").write_bytes(damaged)
        sometimes.strike(what_a_damaged_ledger_does(tmp_path, events))
        for left in tmp_path.glob("ledger.sqlite-*"):
            left.unlink()
    sometimes.require(["named", "harmless"])


def what_a_damaged_ledger_does(folder: Path, events: list[str]) -> str:
    try:
        session = terminal_at(folder)
    except StorageFailed:
        return "named"
    try:
        session.record([picked()], worker_id=WORKER)
        session._record.ledger.verify()
        found = [
            event_id for (event_id,) in session._record.ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")
        ]
    except StorageFailed:
        return "named"
    finally:
        session.close()
    return "harmless" if found[:-1] == events else "found when it is delivered"


def test_a_log_that_is_torn_off_leaves_a_ledger_that_is_whole_up_to_there(tmp_path: Path) -> None:
    """More than a power cut does: the end of the log, which was synced, is gone. What is left must be a beginning."""
    events = killed_while_recording(tmp_path)
    log = (tmp_path / "ledger.sqlite-wal").read_bytes()
    main = (tmp_path / "ledger.sqlite").read_bytes()
    chance, lengths = random.Random(SEED), set()
    for length in [0, 31, 32, *sorted(chance.randrange(len(log)) for _ in range(25)), len(log)]:
        for left in tmp_path.glob("ledger.sqlite*"):
            left.unlink()
        (tmp_path / "ledger.sqlite").write_bytes(main)
        (tmp_path / "ledger.sqlite-wal").write_bytes(log[:length])
        session = terminal_at(tmp_path)
        rows = session._record.ledger.file.rows("SELECT event_id FROM entry ORDER BY seq")
        assert session._record.ledger.verify().seq == len(rows)
        session.close()
        found = [event_id for (event_id,) in rows]
        assert found == events[: len(found)]
        lengths.add(len(found))
    assert len(lengths) > 5
    assert max(lengths) == len(events)


def killed_while_recording(folder: Path) -> list[str]:
    """The events of a ledger whose process was killed, so that its log stands beside it."""
    program = (
        "import os, signal, sys; from pathlib import Path; "
        "from tests.faults.test_terminal_storage import terminal_at; from tests.sync.warehouse import WORKER, picked; "
        "session = terminal_at(Path(sys.argv[1])); "
        "[session.record([picked()], worker_id=WORKER) for _ in range(40)]; os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], cwd=REPOSITORY, check=False, timeout=60)
    with sqlite3.connect(f"file:{folder / 'ledger.sqlite'}?mode=ro", uri=True) as conn:
        rows = conn.execute("SELECT event_id FROM entry ORDER BY seq").fetchall()
    conn.close()
    assert len(rows) == 40
    return [event_id for (event_id,) in rows]
