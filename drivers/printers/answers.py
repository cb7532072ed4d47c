"""What a ZPL printer answers, out of a byte stream. Pure.

`~HS` gives three lines, each STX ... ETX CR LF; `~HQES` one block STX ... ETX with the words PRINTER STATUS; an SGD
`getvar` a value in quotes, perhaps without a line end. Source: ZPL II programming guide, "~HS" and "~HQ".
"""

import re
from dataclasses import dataclass

from drivers.faults import BadFrame
from drivers.readings import PrinterFault, PrinterState

_MAX_ANSWER_BYTES = 4096
_COUNT = re.compile(rb'"([^"\r\n]*)"')
_HQES_ROW = re.compile(r"(ERRORS|WARNINGS):\s+([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})")

_HQES_FAULTS = {
    0x00000001: PrinterFault.PAPER_OUT,
    0x00000002: PrinterFault.RIBBON_OUT,
    0x00000004: PrinterFault.HEAD_OPEN,
    0x00000008: PrinterFault.CUTTER,
    0x00000010: PrinterFault.TOO_HOT,
    0x00000020: PrinterFault.TOO_HOT,
    0x00010000: PrinterFault.PAUSED,
}


@dataclass(frozen=True, slots=True)
class Count:
    """The odometer's answer: labels printed since the printer was made, or None from a printer that has no odometer."""

    labels: int | None


Answer = PrinterState | Count


def parse_host_status(lines: tuple[str, str, str], device: str) -> PrinterState:
    """Read the three lines of `~HS` (without STX and ETX). Raises `BadFrame` when they are not of that shape."""
    raw = "\n".join(lines).encode()
    first, second, third = (line.split(",") for line in lines)
    if (len(first), len(second), len(third)) != (12, 11, 2):
        raise BadFrame(device, raw)
    flags = {
        PrinterFault.PAPER_OUT: first[1],
        PrinterFault.PAUSED: first[2],
        PrinterFault.BUFFER_FULL: first[5],
        PrinterFault.MEMORY_LOST: first[9],
        PrinterFault.TOO_COLD: first[10],
        PrinterFault.TOO_HOT: first[11],
        PrinterFault.HEAD_OPEN: second[2],
        PrinterFault.RIBBON_OUT: second[3],
    }
    partial = first[7]
    counts = (first[4], second[8])
    if any(flag not in ("0", "1") for flag in (*flags.values(), partial)):
        raise BadFrame(device, raw)
    if not all(count.isascii() and count.isdigit() for count in counts):
        raise BadFrame(device, raw)
    faults = frozenset(fault for fault, flag in flags.items() if flag == "1")
    return PrinterState(faults, partial == "1", int(counts[0]), int(counts[1]))


def parse_error_status(block: str, device: str) -> PrinterState:
    """Read the block of `~HQES`. A bit that is not known still is a fault. Raises `BadFrame` for another shape."""
    rows = {row[1]: row for row in _HQES_ROW.finditer(block)}
    if "ERRORS" not in rows:
        raise BadFrame(device, block.encode())
    errors = rows["ERRORS"]
    bits, high_bits = int(errors[4], 16), int(errors[3], 16)
    faults = {fault for bit, fault in _HQES_FAULTS.items() if bits & bit}
    if high_bits or bits & ~sum(_HQES_FAULTS) or (errors[2] == "1" and not faults):
        faults.add(PrinterFault.OTHER)
    return PrinterState(frozenset(faults), False, None, None)


class AnswerReader:
    """Collects bytes into answers; any split of the same bytes gives the same answers. `device` names the sender."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._pending = b""
        self._lines: list[str] = []

    def feed(self, data: bytes) -> list[Answer]:
        """Return the answers that these bytes complete. Raises `BadFrame` for what no printer of this kind says."""
        self._pending += data
        answers: list[Answer] = []
        while True:
            stx, quote = self._pending.find(b"\x02"), self._pending.find(b'"')
            if stx >= 0 and (quote < 0 or stx < quote):
                end = self._pending.find(b"\x03", stx)
                if end < 0:
                    break
                block, self._pending = self._pending[stx + 1 : end], self._pending[end + 1 :]
                answers += self._take_block(block.decode("ascii", "replace"))
            elif match := _COUNT.search(self._pending):
                self._pending = self._pending[match.end() :]
                answers.append(self._take_count(match[1]))
            else:
                break
        if len(self._pending) > _MAX_ANSWER_BYTES:
            raise BadFrame(self._device, self._pending)
        return answers

    def _take_block(self, block: str) -> list[Answer]:
        if "PRINTER STATUS" in block:
            return [parse_error_status(block, self._device)]
        self._lines.append(block)
        if len(self._lines) < 3:
            return []
        first, second, third = self._lines
        self._lines = []
        return [parse_host_status((first, second, third), self._device)]

    def _take_count(self, value: bytes) -> Count:
        if value == b"?":
            return Count(None)
        if not value.isdigit():
            raise BadFrame(self._device, value)
        return Count(int(value))
