"""The labels that an emulated printer puts out, as files: the ZPL as it came and a picture of it."""

import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from drivers.emulators.label_picture import render

_NUMBERED = re.compile(r"(\d{4,})\.zpl")


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One label that came out. `picture_path` is written a moment later than `zpl_path`."""

    number: int
    zpl: bytes
    zpl_path: Path
    picture_path: Path


class LabelFiles:
    """Writes into one directory, which is made when it is not there. A file is there whole or not at all.

    Pictures are drawn in one thread beside the caller's, as drawing takes tens of milliseconds.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._artist = ThreadPoolExecutor(max_workers=1, thread_name_prefix="label-picture")
        self._pictures: list[Future[None]] = []
        self._problems: list[str] = []

    @property
    def last_number(self) -> int:
        """The highest number in the directory, 0 when it holds no label."""
        matches = (_NUMBERED.fullmatch(path.name) for path in self._directory.iterdir())
        return max((int(match[1]) for match in matches if match), default=0)

    @property
    def problems(self) -> tuple[str, ...]:
        """What the pictures drawn so far could not show."""
        return tuple(self._problems)

    def write(self, number: int, zpl: bytes) -> PrintedLabel:
        """Write one label; its picture follows."""
        stem = self._directory / f"{number:04d}"
        label = PrintedLabel(number, zpl, stem.with_suffix(".zpl"), stem.with_suffix(".png"))
        _write_whole(label.zpl_path, zpl)
        self._pictures = [picture for picture in self._pictures if not picture.done() or picture.exception()]
        self._pictures.append(self._artist.submit(self._draw, label))
        return label

    def close(self) -> None:
        """Wait until every picture is written. Raises what drawing raised, which is a defect of the drawing."""
        self._artist.shutdown(wait=True)
        for picture in self._pictures:
            picture.result()

    def _draw(self, label: PrintedLabel) -> None:
        picture = render(label.zpl)
        _write_whole(label.picture_path, picture.png())
        self._problems += [f"{label.zpl_path.name}: {problem}" for problem in picture.problems]


def _write_whole(path: Path, content: bytes) -> None:
    # One name for each target and one thread for each kind of file: no two writers share a temporary file.
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
