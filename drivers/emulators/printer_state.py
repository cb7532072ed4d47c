"""The inside of an emulated ZPL printer: what it holds, what is wrong with it, what it answers. No input or output."""

from collections import deque
from dataclasses import dataclass, field

_PAPER_OUT_BIT, _HEAD_OPEN_BIT, _RIBBON_OUT_BIT, _PAUSED_BIT = 0x1, 0x4, 0x2, 0x10000

ODOMETER = "odometer.total_label_count"


@dataclass(slots=True)
class Waiting:
    """A format in the buffer: its bytes from ^XA to ^XZ and how many copies are still to be printed."""

    zpl: bytes
    copies: int


@dataclass(slots=True)
class PrinterInside:
    """`odometer` survives a power loss, everything else in here that was received does not."""

    odometer: int
    paper_out: bool = False
    head_open: bool = False
    ribbon_out: bool = False
    paused: bool = False
    silent: bool = False
    silent_when_faulted: bool = False
    buffer: deque[Waiting] = field(default_factory=deque)
    has_partial_format: bool = False

    @property
    def prints(self) -> bool:
        return not (self._has_fault or self.paused)

    @property
    def answers_host_status(self) -> bool:
        """Real printers do not answer `~HS` while they are out of paper or ribbon or have their head open."""
        return not (self.silent_when_faulted and self._has_fault)

    @property
    def _has_fault(self) -> bool:
        return self.paper_out or self.head_open or self.ribbon_out

    def host_status(self) -> bytes:
        """The three lines of `~HS`."""
        remaining = self.buffer[0].copies if self.buffer else 0
        lines = (
            f"030,{self.paper_out:d},{self.paused:d},1218,{len(self.buffer):03d},0,0,{self.has_partial_format:d},000,0,0,0",
            f"000,0,{self.head_open:d},{self.ribbon_out:d},1,2,6,0,{remaining:08d},1,000",
            "0000,0",
        )
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)

    def error_status(self) -> bytes:
        """The block of `~HQES`."""
        bits = (
            _PAPER_OUT_BIT * self.paper_out
            | _RIBBON_OUT_BIT * self.ribbon_out
            | _HEAD_OPEN_BIT * self.head_open
            | _PAUSED_BIT * self.paused
        )
        return (
            "\x02\r\n\r\n  PRINTER STATUS                             \r\n"
            f"   ERRORS:         {bool(bits):d} 00000000 {bits:08X} \r\n"
            "   WARNINGS:       0 00000000 00000000 \r\n\x03"
        ).encode()

    def variable(self, name: str) -> bytes:
        """The answer to an SGD `getvar`: the value in quotes, "?" for a variable that there is not."""
        return f'"{self.odometer}"'.encode() if name == ODOMETER else b'"?"'
