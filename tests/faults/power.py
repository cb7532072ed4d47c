"""What a power cut leaves on a disk: images of files, made from the steps that SQLite took.

What was synced is there. Of what was written since, a disk may have kept all, nothing, a beginning with a torn last
write, or any of the sectors in any order; a file that was made and never synced may be missing. Metadata of one file is
taken to follow its sync (as ext4 and XFS do it); a disk that lies about its cache is not covered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.faults.file_layer import Step

SECTOR = 512
Kept = Literal["all", "nothing", "a torn beginning", "some sectors"]
KEPT: tuple[Kept, ...] = ("all", "nothing", "a torn beginning", "some sectors")


@dataclass(frozen=True, slots=True)
class Moment:
    """Before ``step`` was done; ``promised`` are the events that were confirmed by then."""

    step: Step
    promised: int


class Disk:
    """Files by name: what is on the platter, and the steps since the last sync of each."""

    def __init__(self) -> None:
        self.safe: dict[str, bytearray] = {}
        self.unsafe: list[Step] = []

    def take(self, step: Step) -> None:
        """One more step was done."""
        match step.what:
            case "sync":
                if step.file not in self.safe and step.file.endswith(("-wal", "-journal")):
                    self._sync_folder()
                self._make_safe(lambda earlier: earlier.file == step.file and earlier.what != "delete")
                self.safe.setdefault(step.file, bytearray())
            case _:
                self.unsafe.append(step)

    def _sync_folder(self) -> None:
        """SQLite does it with the first sync of a log that it has made: which files there are is safe from then on."""
        self._make_safe(lambda earlier: earlier.what == "delete")
        for step in self.unsafe:
            self.safe.setdefault(step.file, bytearray())

    def _make_safe(self, is_meant: Callable[[Step], bool]) -> None:
        for step in self.unsafe:
            if is_meant(step):
                apply(self.safe, step)
        self.unsafe = [step for step in self.unsafe if not is_meant(step)]

    def after_a_cut(self, kept: Kept, chance: random.Random) -> dict[str, bytes]:
        """The files as they are found when the power is back."""
        files = {name: bytearray(data) for name, data in self.safe.items()}
        for step in self._survivors(kept, chance):
            apply(files, step)
        return {name: bytes(data) for name, data in files.items()}

    def _survivors(self, kept: Kept, chance: random.Random) -> Sequence[Step]:
        if kept == "all":
            return self.unsafe
        if kept == "nothing" or not self.unsafe:
            return ()
        if kept == "some sectors":
            return [part for step in self.unsafe for part in _sectors(step) if chance.random() < 0.5]
        beginning = self.unsafe[: chance.randrange(len(self.unsafe) + 1)]
        if beginning and beginning[-1].what == "write":
            last = beginning[-1]
            torn = Step("write", last.file, last.at, last.data[: chance.randrange(len(last.data))])
            return [*beginning[:-1], torn]
        return beginning


def _sectors(step: Step) -> list[Step]:
    if step.what != "write":
        return [step]
    return [
        Step("write", step.file, step.at + place, step.data[place : place + SECTOR])
        for place in range(0, len(step.data), SECTOR)
    ]


def apply(files: dict[str, bytearray], step: Step) -> None:
    match step.what:
        case "write":
            data = files.setdefault(step.file, bytearray())
            if len(data) < step.at:
                data.extend(bytes(step.at - len(data)))
            data[step.at : step.at + len(step.data)] = step.data
        case "truncate":
            data = files.setdefault(step.file, bytearray())
            del data[step.at :]
        case "delete":
            files.pop(step.file, None)
        case "sync":
            pass


def write_image(files: dict[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
