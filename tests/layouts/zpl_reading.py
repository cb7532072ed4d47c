"""What a printer would make of a job: its commands and the text in its fields, read without the builder's help."""

import re

_FIELD_DATA = rb"\^FH_\^FD((?:[^\x00-\x1f\x7f-\xff^~\\_]|_[0-9A-F]{2})+)\^FS"
_ORIGIN = rb"\^FO\d+,\d+"
_SETUP = rb"\^XA\n\^CI28\n\^PW\d+\n\^LL\d+\n\^LH0,0\n\^PON\n"
_ELEMENTS = (
    _ORIGIN + rb"\^A0N,\d+,\d+" + _FIELD_DATA,
    _ORIGIN + rb"\^GB\d+,\d+,\d+,B,0\^FS",
    _ORIGIN + rb"\^GFA,\d+,\d+,\d+,[0-9A-F]+\^FS",
    _ORIGIN + rb"\^BXN,\d+,200,,,6,[|@#$`{}],1" + _FIELD_DATA,
    rb"\^BY\d+,3\.0" + _ORIGIN + rb"\^BCN,\d+,N,N,N,[NA]" + _FIELD_DATA,
    rb"\^BY1,2\.0,10",
    rb"\^BY1,2\.0" + _ORIGIN + rb"\^BQN,2,\d+,Q,7" + _FIELD_DATA,
)
_ONE_LABEL = re.compile(
    _SETUP + rb"(?:(?:" + rb"|".join(re.sub(rb"\((?!\?)", b"(?:", form) for form in _ELEMENTS) + rb")\n)+"
    rb"\^PQ1,0,1,Y\n\^XZ"
)


def is_one_label(job: bytes) -> bool:
    """True when `job` is one label made of known commands only, with nothing in any field that a printer could obey."""
    return _ONE_LABEL.fullmatch(job) is not None and job.count(b"^XA") == job.count(b"^XZ") == 1 and b"~" not in job


def texts(job: bytes) -> list[str]:
    """The data of every field in order, escapes undone. Raises UnicodeDecodeError when a field is not UTF-8."""
    return [
        re.sub(rb"_([0-9A-F]{2})", lambda code: bytes([int(code[1], 16)]), data).decode("utf-8")
        for data in re.findall(_FIELD_DATA, job)
    ]
