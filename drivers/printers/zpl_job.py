"""What a print job asks of a printer, read from its bytes. Pure."""

import re

_FORMAT = re.compile(rb"\s*\^XA(.*?)\^XZ\s*(?:\^XZ\s*)*", re.DOTALL | re.IGNORECASE)
"""Printers pass over a second end, which some carriers write."""
_COPIES = re.compile(rb"\^PQ\s*(\d+)", re.IGNORECASE)
_PRINTS = re.compile(rb"\^(?:FD|FV|G[A-Z]|XG|IM)", re.IGNORECASE)


def labels_in_format(content: bytes) -> int:
    """How many labels one format (`^XA` to `^XZ`) prints: its last `^PQ`, or none when it only sets the printer up."""
    if not _PRINTS.search(content):
        return 0
    copies = _COPIES.findall(content)
    return int(copies[-1]) if copies else 1


def labels_in_job(job: bytes) -> int | None:
    """How many labels a job prints, or None when it is not made of whole formats and nothing else."""
    job = job.translate(None, b"\r\n")  # to a printer line ends are nothing, in the middle of a command too
    labels = 0
    position = 0
    while match := _FORMAT.match(job, position):
        labels += labels_in_format(match[1])
        position = match.end()
    return labels if position == len(job) > 0 else None
