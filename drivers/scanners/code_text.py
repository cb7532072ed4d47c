"""From the characters between prefix and suffix to a reading. Pure, and the same for every kind of scanner."""

import re

from drivers.readings import BadRead, BadReason, ScanFrame

MAX_CODE_CHARS = 4096
"""More than the largest QR code holds in bytes (2,953); what is longer is noise."""

CONTENT_CONTROLS = "\x04\x1c\x1d\x1e\x1f"
"""Control characters that real codes hold: FS, GS, RS, US, and the EOT that ends an ISO/IEC 15434 message."""

NO_READS = frozenset({"NR", "NOREAD", "NO READ", "NO_READ", "NO-READ", "ERROR", "?"})
"""What fixed scanners send as they come from the factory when they found no code; capital letters or not."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_NOISE = re.compile(r"[\x00-\x03\x05-\x1b\x7f-\x9f]")
_UNDECODABLE = "\ufffd"


def split_symbology(raw: str) -> tuple[str | None, str]:
    """Split a leading AIM symbology identifier off: "]C10012" is ("]C1", "0012")."""
    if _AIM.match(raw):
        return raw[:3], raw[3:]
    return None, raw


def judge(raw: str, source: str, read_at_s: float, no_reads: frozenset[str] = NO_READS) -> ScanFrame | BadRead:
    """Turn what stood between prefix and suffix into a frame, or into a bad read when it cannot be a whole code.

    A character that could not be decoded, or a control character no code holds, makes the whole code a bad read: to
    drop it would turn the code into another one. Behind a symbology identifier stands what a code really holds, so that
    only a text without one can say that there was no code.
    """
    symbology, text = split_symbology(raw)
    if len(raw) > MAX_CODE_CHARS:
        return BadRead(BadReason.TOO_LONG, raw[:MAX_CODE_CHARS], source, read_at_s)
    if _UNDECODABLE in raw:
        return BadRead(BadReason.NOT_TEXT, raw, source, read_at_s)
    if _NOISE.search(raw):
        return BadRead(BadReason.CONTROL_CHARACTER, raw, source, read_at_s)
    if not text:
        return BadRead(BadReason.EMPTY, raw, source, read_at_s)
    if symbology is None and text.upper() in no_reads:
        return BadRead(BadReason.NO_READ, raw, source, read_at_s)
    return ScanFrame(text, symbology, source, typed=False, read_at_s=read_at_s)
