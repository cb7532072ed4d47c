"""What terminals and their station's print service say to each other: one line of JSON each way. Pure.

A request is {"form": 1, "ask": "print", "job": {...}} or {"form": 1, "ask": "printers"} or {... "conditions"}; the
answer is the fate, or a list. The socket is of one machine and one user: whoever may open it may print.
"""

import base64
import binascii
import json
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from drivers.printers.print_jobs import Condition, JobFate, JobId, PrinterInfo, PrinterName, PrintJob, Reprint
from drivers.readings import PrintReason, PrintStatus

FORM = 1
LONGEST_LINE_BYTES = 8 * 1024 * 1024


class Ask(StrEnum):
    PRINT = "print"
    PRINTERS = "printers"
    CONDITIONS = "conditions"


class BadLine(Exception):
    """A line that is none of these. The text names what is wrong with it."""


def request_line(ask: Ask, job: PrintJob | None = None) -> bytes:
    said: dict[str, Any] = {"form": FORM, "ask": ask}
    if job is not None:
        reprint = None if job.reprint is None else asdict(job.reprint)
        zpl = base64.b64encode(job.zpl).decode("ascii")
        said["job"] = {"job_id": job.job_id, "printer": job.printer, "zpl": zpl, "reprint": reprint}
    return _line(said)


def read_request(line: bytes) -> tuple[Ask, PrintJob | None]:
    """Raises `BadLine`."""
    said = _read(line)
    try:
        if said["form"] != FORM:
            raise BadLine(f"form {said['form']!r} is not known here, only {FORM}")
        ask = Ask(said["ask"])
        return ask, _job(said["job"]) if ask is Ask.PRINT else None
    except (KeyError, TypeError, ValueError, binascii.Error) as fault:
        raise BadLine(f"no request: {fault!r}") from fault


def fate_line(fate: JobFate) -> bytes:
    return _line({"fate": {**asdict(fate), "status": fate.status.name, "reason": fate.reason.name}})


def read_fate(line: bytes) -> JobFate:
    """Raises `BadLine`."""
    try:
        said = _read(line)["fate"]
        status, reason = PrintStatus[said["status"]], PrintReason[said["reason"]]
        return JobFate(JobId(said["job_id"]), PrinterName(said["printer"]), status, reason, str(said["sentence"]))
    except (KeyError, TypeError) as fault:
        raise BadLine(f"no fate: {fault!r}") from fault


def list_line(items: tuple[PrinterInfo, ...] | tuple[Condition, ...]) -> bytes:
    return _line({"list": [asdict(item) for item in items]})


def read_printers(line: bytes) -> tuple[PrinterInfo, ...]:
    """Raises `BadLine`."""
    return tuple(PrinterInfo(**item) for item in _items(line, PrinterInfo))


def read_conditions(line: bytes) -> tuple[Condition, ...]:
    """Raises `BadLine`."""
    return tuple(Condition(**item) for item in _items(line, Condition))


def _items(line: bytes, kind: type[PrinterInfo | Condition]) -> list[dict[str, Any]]:
    said = _read(line)
    items = said.get("list")
    names = set(kind.__dataclass_fields__)
    if not isinstance(items, list) or not all(isinstance(item, dict) and set(item) == names for item in items):
        raise BadLine(f"no list: {said!r:.200}")
    return items


def _job(said: dict[str, Any]) -> PrintJob:
    reprint = said["reprint"]
    return PrintJob(
        JobId(str(said["job_id"])),
        PrinterName(str(said["printer"])),
        base64.b64decode(said["zpl"], validate=True),
        None if reprint is None else Reprint(JobId(str(reprint["of"])), str(reprint["reason"])),
    )


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _read(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise BadLine(f"no JSON: {fault}") from fault
    if not isinstance(said, dict) or not line.endswith(b"\n"):
        raise BadLine("no whole line")
    return said
