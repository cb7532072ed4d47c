"""What was measured, as rows with their limits, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FSYNCS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure: what was measured, how often, and what it may be at most (None: no limit)."""

    what: str
    unit: str
    repetitions: int
    median: float
    p99: float | None = None
    median_limit: float | None = None
    p99_limit: float | None = None

    @property
    def holds(self) -> bool:
        median_holds = self.median_limit is None or self.median <= self.median_limit
        return median_holds and (self.p99_limit is None or (self.p99 is not None and self.p99 <= self.p99_limit))


def row_of(
    what: str,
    unit: str,
    values: Sequence[float],
    *,
    median_limit: float | None = None,
    p99_limit: float | None = None,
    with_p99: bool = True,
) -> Row:
    return Row(
        what=what,
        unit=unit,
        repetitions=len(values),
        median=round(statistics.median(values), 3),
        p99=round(statistics.quantiles(values, n=100)[98], 3) if with_p99 else None,
        median_limit=median_limit,
        p99_limit=p99_limit,
    )


def machine() -> dict[str, Any]:
    """Processor, system, Python, and what a durable write costs here; ``load`` says who else was at work."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory_kib = next(line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory_kib) / 1024 / 1024, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "fsync_ms": row_of("fsync", "ms", fsyncs_ms()).median,
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def fsyncs_ms() -> list[float]:
    """4 KiB appended and made durable, on the disk that the rows below use."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(FSYNCS):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    return took


def table(rows: Sequence[Row], on: dict[str, Any]) -> str:
    load = " ".join(map(str, on["load"]))
    lines = [
        f"{on['processor']}, {on['cores']} cores, {on['memory_gib']} GiB, {on['system']}, Python {on['python']}",
        f"a durable 4 KiB takes {on['fsync_ms']} ms; load at the beginning {load}",
        "",
        f"{'what':<72}{'n':>6}{'median':>10}{'at most':>10}{'p99':>10}{'at most':>10}",
    ]
    for row in rows:
        figures = (row.median, row.median_limit, row.p99, row.p99_limit)
        shown = "".join(f"{'' if figure is None else f'{figure:g}':>10}" for figure in figures)
        lines.append(f"{f'{row.what}, {row.unit}':<72}{row.repetitions:>6}{shown}{'' if row.holds else '  MISSED'}")
    return "\n".join(lines)


def as_json(rows: Sequence[Row], on: dict[str, Any]) -> dict[str, Any]:
    return {"machine": on, "rows": [asdict(row) | {"holds": row.holds} for row in rows]}
