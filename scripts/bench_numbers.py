"""Measures every number that has a limit and prints them beside it. Started by scripts/bench."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench_cart import cart_rows
from bench_label import label_rows
from bench_printers import printer_rows
from bench_rows import as_json, machine, table
from bench_scanners import scanner_rows
from bench_snapshot import snapshot_rows
from bench_store import day_rows
from bench_terminal import scan_rows, start_rows

PARTS = {
    "scan": scan_rows,
    "cart": cart_rows,
    "start": start_rows,
    "days": day_rows,
    "label": label_rows,
    "printers": printer_rows,
    "scanners": scanner_rows,
    "snapshot": snapshot_rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures what has a limit. Exit code 1: a limit does not hold.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part; may be given several times")
    chosen = parser.parse_args()
    on = machine()
    rows = []
    for name in chosen.only or PARTS:
        print(f"measuring: {name}", file=sys.stderr)
        rows += PARTS[name]()
    print(table(rows, on))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(as_json(rows, on), indent=2) + "\n", "utf-8")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
